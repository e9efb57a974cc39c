"""Running studies: everything that may train."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from barograph.api.collected import ledger_of, level_of, panel_of, prices_of, records_of, test_of
from barograph.api.own_data import Columns, planned, settled
from barograph.api.own_table import OwnTable, own_table
from barograph.api.snapshots import keep as keep_table
from barograph.api.snapshots import recall
from barograph.core.contracts import Progress
from barograph.core.errors import SettingError
from barograph.core.ledger_study import LedgerStudy
from barograph.core.level_study import LevelStudy
from barograph.core.panel_study import PanelStudy
from barograph.core.recipe import AnyStudy
from barograph.core.results import ClaimResult, Score, Verdict
from barograph.core.scoring_study import ScoringStudy
from barograph.core.shortage import enough_memory
from barograph.pipeline.forecasting import check_models, run_forecasting
from barograph.pipeline.ledgers import check_ledgers, run_ledgers
from barograph.pipeline.levels import check_levels, run_levels
from barograph.pipeline.outcome import BUNDLE, REPORT, Outcome
from barograph.pipeline.panels import check_panels, run_panels
from barograph.pipeline.scorer_checks import check_scorers
from barograph.pipeline.scoring import run_scoring
from barograph.train.device import check_device

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
    def forecasts(self) -> list[dict[str, Any]]:
        """Level studies: the champion's densities at the newest origin, one per horizon."""
        return list(self.outcome.told.get("forecasts", ()))

    @property
    def coming(self) -> list[dict[str, Any]]:
        """Ledger studies: the champion's counts of the coming weeks and its total of the coming year."""
        return list(self.outcome.told.get("coming", ()))

    @property
    def newest(self) -> list[dict[str, Any]]:
        """Panel studies: the champion's densities at the newest origin, one per series and horizon."""
        return list(self.outcome.told.get("newest", ()))

    @property
    def falls(self) -> list[dict[str, Any]]:
        """Studies of falls: of every currency the champion's probability at its newest fixing."""
        return list(self.outcome.told.get("falls", ()))

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


@enough_memory()
def run(
    study: str | Path | AnyStudy,
    *,
    data: object | None = None,
    test: object | None = None,
    target: str | None = None,
    time: str | None = None,
    entity: str | None = None,
    protected: Sequence[str] = (),
    network: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
    contract: str | Path | None = None,
    quarantine: str | Path | None = None,
    snapshot: str | None = None,
    keep_snapshot: bool = False,
    budget: str | None = None,
    engine: str | None = None,
    device: str | None = None,
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
    test : str, Path or frame, optional
        A separate table that the finished bundle answers: records, or later days of rates. Nothing is fitted
        on it, and it is read as the training table was.
    target, time, entity : str, optional
        Columns of own data. Prices: the price, the day, the series' name. Records: the column to predict, the
        day a record was made, the customer. A level: the column to forecast, a day of each period. A ledger:
        the amount, the day, and (entity) what names each loss. Curves: a rate alone, the day, the country.
    protected : sequence of str
        Scoring: columns for the fairness table; they are never features.
    network : sequence of str
        Networks instead of the study's own.
    settings : mapping, optional
        Dotted key -> value, such as ``{"train.seeds": 4}``.
    contract : path, optional
        Own data: YAML file of what the table must keep (see `barograph.collect.contracts.terms`).
    quarantine : path, optional
        With a contract: file or folder for rows that break it; the run goes on with the others.
    snapshot : str, optional
        Digits of the hash of a kept table: the study runs on exactly that instead of `data`, with the columns
        it was kept with where none are named.
    keep_snapshot : bool
        Keep the own table as the study gets it, under the hash of its content, in BAROGRAPH_CACHE.
    budget : str, optional
        ``quick``, ``standard`` or ``full``.
    engine : str, optional
        Where tasks run: ``local``, or ``ray``, the cluster that RAY_ADDRESS names or one started here. The
        figures are the same.
    device : str, optional
        Where networks train: ``cpu``, ``cuda`` (a GPU) or ``auto``, which takes the GPU if there is one.
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
    asked = {"collect.contract": contract, "collect.quarantine": quarantine}
    asked |= {"train.engine": engine, "train.device": device}
    changes = {**(settings or {}), **{key: str(value) for key, value in asked.items() if value is not None}}
    recalled = None if snapshot is None else recall(snapshot, study, given, changes, data)
    if recalled is not None:
        data, changes = recalled.own.data, {**recalled.settings, **changes}
    plan = planned(study, data, network, changes, budget, given)
    made, start = _prepared(plan, data, None if recalled is None else recalled.own, keep=keep_snapshot)
    apart = {} if test is None else {"test": test_of(plan, made, test)}
    plan = settled(plan, made.provenance.assumed)
    folder = _folder(out, plan, resume=resume)
    heard = progress or Silent()
    return Run(start(plan, made, folder, resume=resume, lang=lang, progress=heard, **apart))


def _prepared(
    plan: AnyStudy, data: object | None, recalled: OwnTable | None, *, keep: bool
) -> tuple[Any, Callable[..., Outcome]]:
    """The data of a study whose settings can run, and what takes it through the six steps."""
    check, collect, start = _steps(plan)
    check(plan)
    check_device(plan.train.device, plan.train.engine)
    own = recalled or own_table(plan, data, keep=keep)
    made = collect(plan, own.data)
    if keep:
        own = keep_table(own, plan, made.provenance.content_hash)
    return own.marked(made), start


def _steps(plan: AnyStudy) -> tuple[Callable[..., None], Callable[..., Any], Callable[..., Outcome]]:
    """Of a kind of study: what checks its settings, what collects its data, and what runs it."""
    if isinstance(plan, ScoringStudy):
        return check_scorers, records_of, run_scoring
    if isinstance(plan, LevelStudy):
        return check_levels, level_of, run_levels
    if isinstance(plan, LedgerStudy):
        return check_ledgers, ledger_of, run_ledgers
    if isinstance(plan, PanelStudy):
        return check_panels, panel_of, run_panels
    return check_models, prices_of, run_forecasting


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
