"""A separate test file, answered by the finished bundle: nothing of a run is fitted on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from barograph.collect.panels.serving import behind, new_rows
from barograph.collect.raw import RawTable
from barograph.collect.records.serving import check_columns, records_to_score
from barograph.collect.records.target import outcomes_of
from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.core.panel_study import PanelSection, PanelStudy
from barograph.core.panel_table import LevelPanel
from barograph.core.record_table import RecordSchema
from barograph.core.results import SeparateFigure, SeparateTest
from barograph.core.scoring_study import ScoringStudy
from barograph.core.seeds import generator
from barograph.engines.forecasting.panels.answer import PanelPredictor, table
from barograph.engines.scoring.answer import Predictor
from barograph.evaluate.separate import panel_figures, record_figures
from barograph.pipeline.workspace import Workspace, write_atomically
from barograph.prepare.panels import build_panel

PREDICTIONS = "test_predictions.csv"
PURPOSE = "separate test"


def check_records(raw: RawTable, schema: RecordSchema) -> None:
    """Refuse a test file that cannot be scored, before anything is trained; raises `DataError`."""
    check_columns(raw.frame.columns, schema, label=raw.label)
    if not raw.frame.height:
        raise DataError(f"{raw.label} must hold records", came="it has no row", do="Give records")
    records_to_score(raw, schema)


def check_panel(raw: RawTable, request: PanelSection, panel: LevelPanel) -> None:
    """Refuse a test file without a later day, or that cannot be read; raises `DataError`."""
    behind(panel, _later(raw, request, panel))


def tested_records(
    raw: RawTable,
    predictor: Predictor,
    study: ScoringStudy,
    space: Workspace,
    trained: tuple[frozenset[str], frozenset[str]] | None,
) -> SeparateTest:
    """A bundle's figures of a test file, written beside it, and what they are worth where labels are there.

    Raises
    ------
    DataError
        A label is none of training's.
    """
    told = predictor.table(records_to_score(raw, predictor.parts.schema))
    loss = study.model.head == "hurdle_beta"
    target = study.collect.target
    positive = study.collect.positive
    label, notes = (
        outcomes_of(raw, target, positive=positive, loss=loss, trained=trained) if target else (None, ())
    )
    said = told["loss" if loss else "probability"].to_numpy()
    out = told if label is None else told.with_columns(pl.Series("outcome", label).fill_nan(None))
    write_atomically(space.path(PREDICTIONS), out.write_csv().encode())
    stream = generator(study.train.seed, PURPOSE)
    figures: tuple[SeparateFigure, ...] = ()
    if label is not None:
        figures = record_figures(label, said, loss=loss, draws=study.evaluate.bootstrap, stream=stream)
    known = 0 if label is None else int(np.isfinite(label).sum())
    return SeparateTest(
        raw.label, raw.frame.height, told.height, known, figures, PREDICTIONS, (*raw.notes, *notes)
    )


def tested_panel(
    raw: RawTable, predictor: PanelPredictor, study: PanelStudy, space: Workspace
) -> SeparateTest:
    """A bundle's forecasts from the newest training day on and at every later day of a test file, written
    beside the bundle, and what they are worth where the file tells the outcome.
    """
    parts, before = predictor.parts, predictor.panel
    rows = _later(raw, parts.request, before)
    samples = build_panel(behind(before, rows), parts.prepare)
    first = int(np.searchsorted(samples.time, predictor.samples.time[-1]))
    origins = np.arange(first, samples.time.size)
    told = table(parts, samples, origins)
    place = {one.name: at for at, one in enumerate(samples.series)}
    came = [
        samples.outcome[
            first + int(np.searchsorted(samples.time[first:], np.datetime64(origin, "D"))),
            place[series],
            samples.horizons.index(horizon),
        ]
        for origin, series, horizon in told.select("origin", "series", "horizon").iter_rows()
    ]
    logs = [samples.series[place[name]].scale == "log" for name in told["series"]]
    outcome = np.where(logs, np.exp(np.asarray(came, dtype=np.float64)), came)
    told = told.with_columns(pl.Series("outcome", outcome, dtype=pl.Float64).fill_nan(None))
    write_atomically(space.path(PREDICTIONS), told.write_csv().encode())
    stream, draws = generator(study.train.seed, PURPOSE), study.evaluate.bootstrap
    names = [one.name for one in samples.series]
    figures = [
        one
        for horizon in samples.horizons
        for one in panel_figures(
            *_spread(told.filter(pl.col("horizon") == horizon), names),
            horizon=horizon,
            draws=draws,
            stream=stream,
        )
    ]
    known = int(told["outcome"].is_not_null().sum())
    return SeparateTest(raw.label, rows.height, told.height, known, tuple(figures), PREDICTIONS, raw.notes)


def told_of(separate: SeparateTest | None) -> dict[str, Any]:
    """What the JSON of a run says of its separate test; nothing without one."""
    return {} if separate is None else {"test": asdict(separate)}


def _later(raw: RawTable, request: PanelSection, panel: LevelPanel) -> pl.DataFrame:
    """The rows of a test file after the newest day of training: earlier ones were learnt from."""
    newest = panel.table["time"].item(-1)
    rows = new_rows(raw, request, panel)
    later = rows.filter(pl.col("time") > newest)
    if later.is_empty():
        raise DataError(
            f"--test {raw.label} must hold days after the newest one of training ({newest})",
            came=f"its last is {rows['time'].item(-1)}",
            do="Give later rows, or end training earlier: --set collect.until=DAY",
        )
    return later


def _spread(told: pl.DataFrame, names: Sequence[str]) -> tuple[dict[str, FloatArray], FloatArray]:
    """Errors of the forecasts and of the newest known value, and what lay inside, ``[origins, series]``."""
    held = told.with_columns(
        model=pl.col("outcome") - pl.col("forecast"),
        newest=pl.col("outcome") - pl.col("last"),
        inside=pl.col("outcome").is_between(pl.col("q_0.1"), pl.col("q_0.9")).cast(pl.Float64),
    )
    wide = {
        name: held.pivot(on="series", index="origin", values=name)
        .select(pl.col(one) if one in held["series"] else pl.lit(None).alias(one) for one in names)
        .cast(pl.Float64)
        .fill_null(float("nan"))
        .to_numpy()
        for name in ("model", "newest", "inside")
    }
    return {"model": wide["model"], "last": wide["newest"]}, wide["inside"]
