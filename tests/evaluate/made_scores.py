"""Made records and scoring runs: the truth is known, and each candidate errs by a chosen amount."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from scipy.special import expit

from barograph.core.arrays import FloatArray
from barograph.core.record_table import Records
from barograph.core.scored import Protocol, ScoredRecords, ScoringRecord
from barograph.core.scoring_study import (
    FitSection,
    JudgeSection,
    ScorersSection,
    ScoringClaim,
    ScoringStudy,
    ShipSection,
)
from barograph.evaluate.records.plan import labels_of, planned_folds

NO_DAY = np.datetime64("NaT", "D")
ERRORS = {
    "ours": (0.1, 0.0),
    "net": (0.5, 0.0),
    "linear": (1.0, 0.3),
    "card": (1.5, 0.5),
    "trees": (1.0, 0.0),
}
"""How each candidate errs: noise on the log-odds, and a shift of them (see `made_scored`)."""


def made_study(
    *, claims: tuple[ScoringClaim, ...] = (), bag: int = 1, candidate: str = "ours", **judge: Any
) -> ScoringStudy:
    """A study of made records: small, seeded, with the sections that evaluation reads."""
    head = judge.pop("head", "bernoulli")
    champion = judge.pop("champion", "auto")
    return ScoringStudy(
        name="credit/made",
        question="Who defaults?",
        model=ScorersSection(networks=("net",), head=head),
        train=FitSection(bag=bag),
        evaluate=JudgeSection(claims=claims, **{"bootstrap": 200, **judge}),
        deploy=ShipSection(candidate=candidate, champion=champion),
    )


def made_records(
    n: int = 4000,
    *,
    years: tuple[int, int] | None = (2000, 2009),
    months: int = 12,
    customers: int | None = None,
    rate: float = -1.5,
    loss: bool = False,
    seed: int = 0,
) -> Records:
    """Records whose log-odds of default are ``rate + signal`` (column `signal`); the rest is noise.

    Vintages are calendar years, a label is known `months` months after the record, and data end with the
    last year, so that late labels are missing. `customers` spreads the records over so many customers.
    """
    random = np.random.default_rng(seed)
    signal, noise = random.normal(size=n), random.normal(size=n)
    p = expit(rate + signal)
    outcome = expit(0.8 * signal + random.normal(size=n)) if loss else (random.random(n) < p).astype(float)
    if years is None:
        time = label_time = event_time = np.full(n, NO_DAY)
        label = outcome.copy()
    else:
        first, end = np.datetime64(f"{years[0]}-01-01"), np.datetime64(f"{years[1]}-12-31")
        time = np.sort(first + random.integers(0, (end - first).astype(int) + 1, size=n))
        window = np.timedelta64(months * 365 // 12, "D")
        label_time = time + window
        label = np.where(label_time <= end, outcome, np.nan)
        event_time = np.where(
            outcome == 1.0, time + random.integers(30, max(months * 30, 31), size=n), NO_DAY
        )
    vintage = (
        np.zeros(n, dtype=np.int64) if years is None else time.astype("datetime64[Y]").astype(int) + 1970
    )
    table = pl.DataFrame(
        {"signal": signal, "noise": noise, "state": random.choice(["AA", "BB", "CC"], size=n)}
    )
    return Records(
        table=table,
        numeric=("signal", "noise"),
        categorical=("state",),
        record_id=np.arange(n).astype(str),
        time=time,
        vintage=vintage.astype(np.int64),
        label=label,
        label_time=label_time,
        outcome=outcome,
        event_time=event_time,
        group=np.arange(n) if customers is None else random.integers(0, customers, size=n),
        amount=np.full(n, 1000.0),
        sequence=np.zeros((n, 0, 0)),
        channels=(),
        protected={"sex": random.choice(["f", "m"], size=n)},
    )


ROLES: dict[str, tuple[str, ...]] = {
    "combinations": ("ours",),
    "networks": ("net",),
    "controls": ("linear",),
    "baselines": ("card", "trees"),
}


def made_scored(
    records: Records,
    study: ScoringStudy,
    errors: dict[str, tuple[float, float]],
    *,
    protocol: Protocol = "origin",
    rate: float = -1.5,
    seeds: int = 3,
    seed: int = 0,
) -> ScoredRecords:
    """Candidates whose log-odds are ``rate + signal`` plus a normal error (its size) and a shift.

    The fold plan is the study's own; a loss study's candidates predict the mean loss in the same way.
    """
    random = np.random.default_rng([seed, 7])
    folds = planned_folds(records, study)[protocol]
    rows = np.concatenate([fold.test_rows for fold in folds])
    signal = records.table["signal"].to_numpy()
    loss = study.model.head == "hurdle_beta"
    truth = (0.8 * signal if loss else rate + signal)[rows]

    def predicted(size: float, shift: float) -> FloatArray:
        return np.asarray(expit(truth + shift + size * random.normal(size=rows.size)))

    said = {name: predicted(*error) for name, error in errors.items()}
    size, shift = errors["net"]
    return ScoredRecords(
        protocol=protocol,
        rows=rows,
        fold=np.concatenate([np.full(fold.test_rows.size, fold.number) for fold in folds]),
        vintage=np.concatenate([np.full(fold.test_rows.size, fold.block) for fold in folds]),
        label=labels_of(records, protocol)[rows],
        predicted=said,
        uncalibrated=said,
        members={"net": np.stack([predicted(size, shift) for _ in range(seeds)])},
        controls=ROLES["controls"],
        baselines=ROLES["baselines"],
        networks=ROLES["networks"],
        combinations=ROLES["combinations"],
    )


def made_record(records: Records, *scored: ScoredRecords) -> ScoringRecord:
    """A run of some protocols, the headline first."""
    return ScoringRecord(records, scored)
