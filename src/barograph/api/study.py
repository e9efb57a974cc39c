"""Running studies: everything that may train."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from barograph.collect.catalogue import open_source
from barograph.collect.frames import from_frame
from barograph.collect.records.catalogue import PACKAGED_RECORDS, open_records, records_from_frame
from barograph.core.contracts import Progress
from barograph.core.errors import SettingError
from barograph.core.recipe import AnyStudy
from barograph.core.record_table import RecordSnapshot
from barograph.core.records import Snapshot
from barograph.core.results import ClaimResult, Score, Verdict
from barograph.core.scoring_study import ScoringStudy
from barograph.core.study import Study
from barograph.pipeline import settings as reading
from barograph.pipeline.forecasting import check_models, run_forecasting
from barograph.pipeline.outcome import BUNDLE, REPORT, Outcome
from barograph.pipeline.scoring import check_scorers, run_scoring

RUNS = Path("runs")
"""Where runs go that are given no folder."""


class Silent:
    """A `Progress` that says nothing."""

    def stage(self, name: str, total: int) -> None:
        """See `core.contracts.Progress`."""

    def advance(self, n: int = 1) -> None:
        """See `core.contracts.Progress`."""

    def close(self) -> None:
        """See `core.contracts.Progress`."""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A finished run: the verdict, and where report and bundle stand."""

    outcome: Outcome

    @property
    def verdict(self) -> Verdict:
        """The study's answer."""
        return self.outcome.verdict

    @property
    def claims(self) -> tuple[ClaimResult, ...]:
        """What the recipe promised, and what came of it."""
        return self.outcome.claims

    @property
    def scores(self) -> tuple[Score, ...]:
        """The score table."""
        return self.outcome.scores

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return self.outcome.folder

    @property
    def report(self) -> Path:
        """The report, one HTML file."""
        return self.folder / REPORT

    @property
    def bundle(self) -> Path:
        """The bundle; `barograph.load` makes it answer."""
        return self.folder / BUNDLE

    @property
    def next_day(self) -> list[dict[str, Any]]:
        """Forecasting studies: per entity the champion's one-day volatility, VaR and ES at its newest day."""
        return list(self.outcome.told.get("next_day", ()))

    @property
    def seconds(self) -> float:
        """Wall clock."""
        return self.outcome.seconds

    @property
    def peak_rss_mib(self) -> float:
        """Sum of the peak resident memory of every process, MiB: an upper bound."""
        return self.outcome.peak_rss_mib

    def to_json(self) -> dict[str, Any]:
        """One JSON-ready object with the fields of `barograph run --json`."""
        return self.outcome.to_json()


def run(
    study: str | Path | AnyStudy,
    *,
    data: object | None = None,
    target: str | None = None,
    time: str | None = None,
    entity: str | None = None,
    protected: Sequence[str] = (),
    network: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
    budget: str | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    lang: str = "en",
    progress: Progress | None = None,
) -> Run:
    """Take a study from data to verdict, report and bundle.

    Parameters
    ----------
    study : str, Path or Study
        ``market/volatility``, ``credit/default``, a risk's name, a YAML file, or a study.
    data : str, Path or frame, optional
        Own prices or records: a CSV or Parquet file, or a polars, pandas or Arrow table. The packaged sample
        otherwise.
    target, time, entity : str, optional
        Columns of own data. Forecasting: the price, the day, the series' name. Scoring: the column to
        predict, the day a record was made, the customer.
    protected : sequence of str
        Scoring: columns for the fairness table; they are never features.
    network : sequence of str
        Networks instead of the study's own.
    settings : mapping, optional
        Dotted key -> value, such as ``{"train.seeds": 4}``.
    budget : str, optional
        ``quick``, ``standard`` or ``full``.
    out : path, optional
        Folder of the run; ``runs/<study>-<moment>`` otherwise.
    resume : bool
        Go on with an unfinished run of the same settings and data.
    lang : str
        ``en`` or ``zh``.
    progress : Progress, optional
        Hears how far the run has come.

    Raises
    ------
    InputError
        What was given is not usable; the message says what to do. Nothing is left behind.
    """
    given = Columns(target, time, entity, tuple(protected))
    plan = _study(study, data, network, settings or {}, budget, given)
    heard = progress or Silent()
    if isinstance(plan, ScoringStudy):
        check_scorers(plan)
        records = _records(plan, data)
        folder = _folder(out, plan, resume=resume)
        return Run(run_scoring(plan, records, folder, resume=resume, lang=lang, progress=heard))
    check_models(plan)
    snapshot = _snapshot(plan, data)
    folder = _folder(out, plan, resume=resume)
    return Run(run_forecasting(plan, snapshot, folder, resume=resume, lang=lang, progress=heard))


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of own data that were named."""

    target: str | None
    time: str | None
    entity: str | None
    protected: tuple[str, ...]


def _study(
    study: str | Path | AnyStudy,
    data: object | None,
    network: Sequence[str],
    settings: Mapping[str, Any],
    budget: str | None,
    given: Columns,
) -> AnyStudy:
    plan = reading.load(study, budget=budget)
    changes: dict[str, Any] = dict(settings)
    if network:
        changes["model.networks"] = tuple(network)
    if isinstance(plan, ScoringStudy):
        own = _own_records(plan, data, given)
    else:
        own = _own_series(plan, data, given)
    return reading.with_overrides(plan, {**own, **changes})


def _source(data: object) -> str:
    return str(data) if isinstance(data, str | Path) else "frame"


def _own_series(plan: AnyStudy, data: object | None, given: Columns) -> dict[str, Any]:
    """What own series change in a forecasting study."""
    if given.protected:
        raise SettingError(
            "--protected belongs to a study of records",
            came=f"{plan.name} forecasts series",
            do="Leave it out",
        )
    own: dict[str, Any] = {}
    if data is not None:
        own = {"collect.entities": (), "collect.since": None, "collect.until": None}
        own["collect.source"] = _source(data)
    named = {"close": given.target, "time": given.time, "entity": given.entity}
    named = {key: value for key, value in named.items() if value is not None}
    if named and isinstance(plan, Study):
        own["collect.columns"] = {**plan.collect.columns, **named}
    return own


def _own_records(plan: ScoringStudy, data: object | None, given: Columns) -> dict[str, Any]:
    """What own records change in a scoring study: nothing of the packaged loans' calendar applies to them.

    A study whose source is already the user's own keeps everything but the source.
    """
    own: dict[str, Any] = {}
    if data is not None:
        own = {"collect.source": _source(data)}
        if plan.collect.source in PACKAGED_RECORDS:
            own |= OWN_RECORDS
            if given.time is None:
                own["evaluate.protocols"] = ("cross_validation",)
            own["evaluate.claims"] = _claims_on_own(plan, timed=given.time is not None)
    named = {"target": given.target, "time": given.time, "entity": given.entity}
    own |= {f"collect.{key}": value for key, value in named.items() if value is not None}
    if given.protected:
        own["collect.protected"] = given.protected
    return own


OWN_RECORDS: dict[str, Any] = {
    "collect.deny": {},
    "collect.since": None,
    "collect.until": None,
    "collect.share": 1.0,
    "collect.outcome_months": 12,
    "prepare.history_by": (),
    "evaluate.protocols": ("origin",),
    "evaluate.train_since": 0,
    "evaluate.origins": (),
    "evaluate.retrospective": (),
    "evaluate.development": (),
    "evaluate.leak_alone": 0.90,
    "model.hazard": "",
}
"""Settings of a recipe that speak of its packaged records only, and what own records have instead."""


def _claims_on_own(plan: ScoringStudy, *, timed: bool) -> tuple[dict[str, Any], ...]:
    """The recipe's claims, each once, on the protocol that own records are judged by."""
    protocol = "origin" if timed else "cross_validation"
    moved: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for claim in plan.evaluate.claims:
        if claim.kind == "at_least" or (claim.kind == "better_calibrated" and not timed):
            continue
        plain = claim.model_dump() | {"protocol": protocol, "block": ""}
        moved.setdefault((claim.kind, claim.model, claim.opponent, claim.metric), plain)
    return tuple(moved.values())


def _snapshot(plan: Study, data: object | None) -> Snapshot:
    if data is None or isinstance(data, str | Path):
        return open_source(plan.collect).read(plan.collect.since, plan.collect.until)
    return from_frame(data, plan.collect)


def _records(plan: ScoringStudy, data: object | None) -> RecordSnapshot:
    loss, seed = plan.model.head == "hurdle_beta", plan.train.seed
    if data is None or isinstance(data, str | Path):
        return open_records(plan.collect, loss=loss, seed=seed).read()
    return records_from_frame(data, plan.collect, loss=loss, seed=seed)


def _folder(out: str | Path | None, plan: AnyStudy, *, resume: bool) -> Path:
    return Path(out) if out is not None else _default_folder(plan, resume=resume)


def _default_folder(plan: AnyStudy, *, resume: bool) -> Path:
    stem = plan.name.replace("/", "-")
    if resume:
        unfinished = sorted(RUNS.glob(f"{stem}-*.part"))
        if not unfinished:
            raise SettingError(
                "--resume needs an unfinished run",
                came=f"there is none of {plan.name} in {RUNS}/",
                do="Name its folder with --out, or start without --resume",
            )
        return unfinished[-1].with_suffix("")
    moment = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    return RUNS / f"{stem}-{moment}"
