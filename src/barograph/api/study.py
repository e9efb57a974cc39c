"""Running studies: everything that may train."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from barograph.collect.catalogue import open_source
from barograph.collect.frames import from_frame
from barograph.core.contracts import Progress
from barograph.core.errors import SettingError
from barograph.core.records import Snapshot
from barograph.core.results import ClaimResult, Score, Verdict
from barograph.core.study import Study
from barograph.pipeline import settings as reading
from barograph.pipeline.run import BUNDLE, REPORT, Outcome, as_json, check_models, next_day_rows, run_study

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
        """Per entity the champion's one-day volatility, VaR and ES at its newest day."""
        return next_day_rows(self.outcome.next_day)

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
        return as_json(self.outcome)


def run(
    study: str | Path | Study,
    *,
    data: object | None = None,
    target: str | None = None,
    time: str | None = None,
    entity: str | None = None,
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
        ``market/volatility``, a risk's name, a YAML file, or a `Study`.
    data : str, Path or frame, optional
        Own prices: a CSV or Parquet file, or a polars, pandas or Arrow table. The packaged sample otherwise.
    target, time, entity : str, optional
        Columns of own data: the price, the day, the series' name.
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
    plan = _study(
        study, data, network, settings or {}, budget, {"close": target, "time": time, "entity": entity}
    )
    check_models(plan)
    snapshot = _snapshot(plan, data)
    folder = Path(out) if out is not None else _default_folder(plan, resume=resume)
    heard = progress or Silent()
    return Run(run_study(plan, snapshot, folder, resume=resume, lang=lang, progress=heard))


def _study(
    study: str | Path | Study,
    data: object | None,
    network: Sequence[str],
    settings: Mapping[str, Any],
    budget: str | None,
    columns: Mapping[str, str | None],
) -> Study:
    plan = reading.load(study, budget=budget)
    changes: dict[str, Any] = dict(settings)
    if network:
        changes["model.networks"] = tuple(network)
    named = {key: value for key, value in columns.items() if value is not None}
    if data is not None:
        source = str(data) if isinstance(data, str | Path) else "frame"
        own = {"collect.source": source, "collect.entities": (), "collect.since": None, "collect.until": None}
        changes = {**own, **changes}
    if named:
        changes["collect.columns"] = {**plan.collect.columns, **named}
    return reading.with_overrides(plan, changes)


def _snapshot(plan: Study, data: object | None) -> Snapshot:
    if data is None or isinstance(data, str | Path):
        return open_source(plan.collect).read(plan.collect.since, plan.collect.until)
    return from_frame(data, plan.collect)


def _default_folder(plan: Study, *, resume: bool) -> Path:
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
