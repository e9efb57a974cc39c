"""A made stream of card payments and what models of different worth said of it; the truth is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from made_scores import ROLES, made_record
from scipy.special import expit

from barograph.core.fitted_events import EventPlan
from barograph.core.record_table import EventLink, Records, RecordSchema
from barograph.core.records import Provenance
from barograph.core.scored import ScoredRecords, ScoringRecord
from barograph.core.scoring_study import (
    AlertsSection,
    JudgeSection,
    ScorersSection,
    ScoringClaim,
    ScoringStudy,
    ShipSection,
)
from barograph.evaluate.records.claims import judge
from barograph.evaluate.records.comparing import comparisons
from barograph.evaluate.records.plan import planned_folds
from barograph.evaluate.records.scores import scores
from barograph.evaluate.report import ScoringContent, ScoringFacts
from barograph.evaluate.report.scoring.alerts_content import AlertCase
from barograph.evaluate.report.scoring.gather import Practice, scoring_content

START = np.datetime64("2024-04-01")
NOISE = {"ours": 0.6, "net": 0.8, "linear": 1.6, "card": 1.8, "trees": 1.2}
PATTERNS = ("large amounts", "terminal", "card")


def alert_study(*, claims: tuple[ScoringClaim, ...] = (), stated: AlertsSection | None = None, **judge: Any):
    """A study of made payments judged by its alerts."""
    stated = stated or AlertsSection(cards_per_day=5, budgets=(2, 5, 10))
    settings = {"bootstrap": 200, "train_blocks": 3, **judge}
    return ScoringStudy(
        name="operational/made",
        question="How likely is this payment to be fraudulent?",
        model=ScorersSection(networks=("net",)),
        evaluate=JudgeSection(claims=claims, alerts=stated, **settings),
        deploy=ShipSection(candidate="ours", policy="fraud"),
    )


def payments(
    n: int = 12_000, *, weeks: int = 8, rate: float = 0.06, seed: int = 0
) -> tuple[Records, EventLink]:
    """Payments of `n` / 40 cards over some weeks, frauds in runs of a few payments of one card."""
    random = np.random.default_rng(seed)
    seconds = np.sort(random.integers(0, weeks * 7 * 86_400, size=n))
    instant = (START + np.timedelta64(0, "s")).astype("datetime64[us]") + seconds * np.timedelta64(
        1_000_000, "us"
    )
    card = random.integers(0, n // 40, size=n)
    label = (random.random(n) < rate).astype(float)
    signal = np.where(label == 1.0, random.normal(2.5, 1.0, n), random.normal(0.0, 1.0, n))
    day = instant.astype("datetime64[D]")
    block = ((day - START).astype(int) // 7) * 7
    vintage = np.array([int(str(START + one).replace("-", "")) for one in np.unique(block)])
    records = Records(
        table=pl.DataFrame({"signal": signal, "hour": (seconds // 3600 % 24).astype(float)}),
        numeric=("signal", "hour"),
        categorical=(),
        record_id=np.array([f"pay-{row}" for row in range(n)], dtype=object),
        time=day,
        vintage=vintage[np.unique(block, return_inverse=True)[1]].astype(np.int64),
        label=label,
        label_time=day,
        outcome=label,
        event_time=np.full(n, np.datetime64("NaT", "D")),
        group=card,
        amount=random.lognormal(3.5, 0.8, n),
        sequence=np.zeros((n, 0, 0)),
        channels=(),
    )
    pattern = np.where(label == 1.0, random.choice(PATTERNS, size=n), "").astype(object)
    counterparty = np.array([f"T{one}" for one in random.integers(0, 60, size=n)], dtype=object)
    counterparty[::50] = ""
    actor = np.array([f"C{one}" for one in card], dtype=object)
    return records, EventLink(EventPlan(), None, {}, instant, actor, counterparty, pattern)


def scored_payments(
    records: Records, study: ScoringStudy, *, noise: dict[str, float] = NOISE
) -> ScoredRecords:
    """Candidates whose log-odds are the true ones plus a normal error of the size in `noise`."""
    random = np.random.default_rng(5)
    folds = planned_folds(records, study)["origin"]
    rows = np.concatenate([fold.test_rows for fold in folds])
    truth = records.table["signal"].to_numpy()[rows]

    def said(size: float) -> np.ndarray:
        return np.asarray(expit((2.5 * (truth + size * random.normal(size=rows.size)) / (1 + size**2)) - 6.5))

    predicted = {name: said(size) for name, size in noise.items()}
    return ScoredRecords(
        protocol="origin",
        rows=rows,
        fold=np.concatenate([np.full(fold.test_rows.size, fold.number) for fold in folds]),
        vintage=np.concatenate([np.full(fold.test_rows.size, fold.block) for fold in folds]),
        label=records.label[rows],
        predicted=predicted,
        uncalibrated=predicted,
        members={"net": np.stack([said(noise["net"]) for _ in range(2)])},
        **ROLES,
    )


def alert_run(
    study: ScoringStudy | None = None, *, weight: float | None = None, **settings: Any
) -> tuple[ScoringRecord, ScoringStudy, EventLink]:
    """A scored run; `weight` lets each legitimate payment stand for so many."""
    study = study or alert_study()
    records, link = payments(**settings)
    if weight is not None:
        records = replace(records, weight=np.where(records.label == 1.0, 1.0, weight))
    return made_record(records, scored_payments(records, study)), study, link


CASES = (
    AlertCase(
        "pay-11840",
        "2024-05-26 03:12",
        0.914,
        (
            "terminal T14: 6 confirmed frauds in 28 days",
            "amount 412.60 is 9.1 times the card's own median",
            "night, and this card has never paid at night",
        ),
        ("pay-9022, 2024-05-09: fraud, same terminal, 388.00", "pay-8711, 2024-05-06: fraud, same terminal"),
    ),
    AlertCase("pay-11702", "2024-05-25 17:40", 0.655, ("5 payments within one hour",)),
)
"""Two alerts as a pipeline would tell them."""


def alert_content(
    run: ScoringRecord, study: ScoringStudy, link: EventLink | None, *, lang: str = "en", cases=CASES
) -> ScoringContent:
    """The report of a judged run."""
    claims, verdict = judge(run, study, lang=lang)
    records = run.records
    return scoring_content(
        run,
        study,
        scores=scores(run, study, lang=lang),
        comparisons=comparisons(run, study, lang=lang),
        claims=claims,
        verdict=verdict,
        provenance=Provenance("made payments", "CC0", "ab" * 32, records.n, "2024-04-01", "2024-05-26"),
        schema=RecordSchema(records.numeric, records.categorical),
        reading=(),
        facts=ScoringFacts(seconds=1.0),
        practice=Practice(None, None, (), unlike_by_block=None, alerts=cases),
        lang=lang,
        events=link,
    )
