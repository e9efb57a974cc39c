"""Answering from bundles: everything that never trains and never imports torch."""

from __future__ import annotations

import dataclasses
import datetime
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from barograph.api.live import EventScorer, FallForecaster
from barograph.api.loaded import Loaded, LoadedForecaster
from barograph.api.newest import LedgerForecaster, LevelForecaster
from barograph.api.output import like, write
from barograph.api.requests import panel_to_serve
from barograph.core.errors import BundleError, DataError, InputError, SettingError, unknown
from barograph.core.on_ray import on_ray
from barograph.deploy.bundle import engine_of
from barograph.engines.forecasting.answer import Predictor as Forecaster
from barograph.engines.forecasting.answer import load as load_forecaster
from barograph.engines.forecasting.ledgers.answer import load as load_ledger
from barograph.engines.forecasting.levels.answer import load as load_level
from barograph.engines.forecasting.panels.answer import PanelDraws, PanelPredictor
from barograph.engines.forecasting.panels.answer import load as load_panel
from barograph.engines.scoring.answer import Predictor as RecordPredictor
from barograph.engines.scoring.answer import load as load_scorer
from barograph.engines.scoring.live import LiveScorer
from barograph.engines.scoring.live_fixings import LiveFixings
from barograph.engines.scoring.quick import QuickAnswer, QuickScorer
from barograph.prepare.events.live import way as way_of_live_state


@dataclasses.dataclass(slots=True)
class Predictor:
    """A loaded bundle of a forecasting study; frames in, frames of the same kind out."""

    forecaster: Forecaster

    @property
    def manifest(self) -> dict[str, Any]:
        """What the bundle is and what it was made from."""
        return self.forecaster.manifest.model_dump(mode="json")

    def forecast(self) -> pl.DataFrame:
        """The forecast of every entity at its newest known day."""
        return self.forecaster.forecast()

    def predict(self, data: object) -> Any:
        """Forecast at every new day of a file or frame, leaving the live state as it is.

        A path or a polars frame answers with polars, a pandas frame with pandas, an Arrow table with Arrow.
        """
        answer = self.forecaster.predict(panel_to_serve(data))
        return like(data, answer)

    def update(self, one: dict[str, Any]) -> pl.DataFrame:
        """Take in one day of one entity (entity, time, close, open …) and forecast at it."""
        return self.forecaster.update(one)


@dataclasses.dataclass(slots=True)
class Scorer(Loaded[RecordPredictor]):
    """A loaded bundle of a scoring study; records in, figures and reasons out."""

    _quick: QuickScorer | None = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self._quick = QuickScorer.of(self.predictor)

    def quick(self, records: Sequence[Mapping[str, Any]]) -> list[QuickAnswer | None]:
        """Of each record the figures `QUICK`, to 1e-6 as `predict`, and the names it has beyond the model's.

        None where the record must be read as a table, or the bundle has no quick way. Not for use by several
        threads at once.
        """
        return [None] * len(records) if self._quick is None else self._quick.many(records)

    def explain(self, data: object, *, frozen: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Figures of a few records with reasons that add up to them, and what would change a decline."""
        return self.predictor.explain(data, frozen=frozen)

    def predict_one(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Probability, grade, reasons and alternatives of one record, in one call."""
        return self.predictor.predict_one(record)


@dataclasses.dataclass(slots=True)
class PanelForecaster(LoadedForecaster[PanelPredictor]):
    """A loaded bundle of a panel of levels; new curves in, densities of all levels to come out."""

    def update(self, one: Mapping[str, Any]) -> pl.DataFrame:
        """Take in one new day (its date and the levels, as in training) and forecast at it."""
        return self.predictor.update(one)

    def day_of(self, one: Mapping[str, Any]) -> datetime.date:
        """The day of what `update` would take in; `DataError` where it cannot be read."""
        return self.predictor.day_of(one)

    def draws(self, n: int, *, seed: int = 0) -> PanelDraws:
        """Joint scenarios of changes of all levels at the newest known day, for every horizon."""
        return self.predictor.draws(n, seed=seed)


AnyForecaster = Predictor | LevelForecaster | LedgerForecaster | PanelForecaster | FallForecaster
"""What `load` makes of a bundle that forecasts."""


def load(bundle: str | Path) -> AnyForecaster | Scorer | EventScorer:
    """Load a bundle: hashes and parity are checked first, and a bundle that fails is refused."""
    engine = engine_of(bundle)
    if engine == "scoring":
        predictor = load_scorer(bundle)
        if predictor.parts.fixings is not None:
            return FallForecaster(LiveFixings.of(predictor))
        if predictor.parts.events is None:
            return Scorer(predictor)
        return EventScorer(predictor, LiveScorer(predictor))
    if engine == "levels":
        return LevelForecaster(load_level(bundle))
    if engine == "ledgers":
        return LedgerForecaster(load_ledger(bundle))
    if engine == "panels":
        return PanelForecaster(load_panel(bundle))
    return Predictor(load_forecaster(bundle))


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What a bundle says to new data, and what the sender should know of it."""

    frame: Any  # the answers, one row each; None where they went to a file part by part
    rows: int
    extra: tuple[str, ...] = ()  # columns that the model does not know
    unseen: dict[str, int] = dataclasses.field(default_factory=dict)  # column -> records of a new category
    assumed: tuple[str, ...] = ()  # what was assumed while reading, one sentence each


def predict(bundle: str | Path, data: object, *, out: str | Path | None = None, engine: str = "local") -> Any:
    """Answers of a bundle for new data; written as CSV or Parquet where `out` names a file.

    Records of a file with `out` are read, scored and written part by part, so that neither need fit into
    memory; the answer is then the number of records. With `engine` ``ray`` the records of a Parquet file are
    scored by the workers of the cluster that RAY_ADDRESS names, or of one started here, into the same file.
    """
    answer = predict_told(bundle, data, out=out, engine=engine)
    return answer.rows if answer.frame is None else answer.frame


def predict_told(
    bundle: str | Path, data: object, *, out: str | Path | None = None, engine: str = "local"
) -> Answer:
    """As `predict`, with what of the data was not looked at or never seen in training."""
    loaded = load(bundle)
    if engine != "local":
        return _elsewhere(loaded, data, out, engine)
    if isinstance(loaded, Scorer):
        return _scored(loaded, data, out)
    if isinstance(loaded, EventScorer):
        frame, notes = loaded.predict_told(data)
        write(frame, out)
        return Answer(like(data, frame), frame.height, notes.extra, assumed=notes.assumed)
    answer = loaded.predict(data)
    write(answer, out)
    return Answer(answer, len(answer))


def _scored(loaded: Scorer, data: object, out: str | Path | None) -> Answer:
    if out is not None and isinstance(data, str | Path):
        told = loaded.predictor.predict_file(data, out)
        return Answer(None, told.records, told.extra, told.unseen)
    frame, told = loaded.predictor.predict_told(data)
    answer = like(data, frame)
    write(answer, out)
    return Answer(answer, told.records, told.extra, told.unseen)


def _elsewhere(loaded: object, data: object, out: str | Path | None, engine: str) -> Answer:
    """Records of a Parquet file scored by workers on Ray; `SettingError` where that is not what is asked."""
    if engine != "ray":
        raise unknown("--engine", engine, ("local", "ray"))
    if not isinstance(loaded, Scorer) or out is None or not isinstance(data, str | Path):
        raise SettingError(
            "--engine ray scores the records of a Parquet file into the file of --out",
            came="the bundle is of another kind" if not isinstance(loaded, Scorer) else "a file is not named",
            do="Leave --engine out, or name both files",
        )
    with on_ray(os.cpu_count() or 1) as executor:
        told = loaded.predictor.predict_file(data, out, executor=executor)
    return Answer(None, told.records, told.extra, told.unseen)


def explain(bundle: str | Path, data: object, *, most: int = 20, lang: str = "en") -> list[dict[str, Any]]:
    """Figures of the records of a scoring study with reasons and alternatives (see `Scorer.explain`).

    Of a bundle on events, at most `most` of a table's, with reasons in words (see `EventScorer.explain`).

    Raises
    ------
    BundleError
        The bundle is not of a scoring study.
    DataError
        There are more than `most` records: each takes a second or so.
    """
    loaded = load(bundle)
    if not isinstance(loaded, Scorer | EventScorer):
        raise BundleError(
            "reasons are given for records",
            came="the bundle forecasts series",
            do="Leave --reasons out, or give the bundle of a scoring study",
        )
    if isinstance(loaded, EventScorer):
        return loaded.explain(data, lang=lang, most=most)
    rows = loaded.predict(data).height if isinstance(data, str | Path) else 0
    if rows > most:
        raise DataError(
            f"reasons are worked out for {most} records at most",
            came=f"got {rows}",
            do="Give a file with fewer records, or call explain from Python",
        )
    return loaded.explain(data)


def verify(bundle: str | Path) -> list[dict[str, Any]]:
    """Every check of a bundle: name, passed, detail; of a damaged bundle the reason, not an error."""
    try:
        loaded = _LOADERS.get(engine_of(bundle), load_forecaster)(bundle)
    except InputError as error:
        return [{"name": "load", "passed": False, "detail": str(error)}]
    hashes = {"name": "hashes", "passed": True, "detail": f"{len(loaded.manifest.hashes)} files"}
    live = isinstance(loaded, RecordPredictor) and loaded.parts.events is not None
    way = [{"name": "live features", "passed": True, "detail": way_of_live_state()}] if live else []
    return [hashes, *way] + [
        {
            "name": check.name,
            "passed": check.passed,
            "detail": f"{check.difference:.1e} (allowed {check.allowed:.0e})",
        }
        for check in loaded.checks
    ]


_LOADERS: dict[str, Callable[[str | Path], Any]] = {
    "scoring": load_scorer,
    "levels": load_level,
    "ledgers": load_ledger,
    "panels": load_panel,
}
