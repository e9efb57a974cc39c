"""Fixings as records, the part that fitting and serving share: from samples and variances to columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from barograph.core.arrays import DateArray, FloatArray, IntArray
from barograph.core.record_table import Records
from barograph.core.records import Samples
from barograph.measures.features import rolling_means
from barograph.prepare.own import LOOKBACK, MONTH, REFERENCE_WINDOW
from barograph.prepare.series import VARIANCE_FLOOR

IMPLIED, CLIMATOLOGY = "garch_implied", "climatology"
"""Columns of log-odds, and the conventional models that say nothing else."""

TRENDS = (MONTH, REFERENCE_WINDOW, LOOKBACK)
"""Days behind the trend columns."""


@dataclass(frozen=True, slots=True, eq=False)
class FixingRows:
    """Chosen origins, and what the two conventional models say at each."""

    samples: Samples
    rows: IntArray  # [n] into the samples, each with a full history
    implied: FloatArray  # [n] log-odds
    climatology: FloatArray  # [n] log-odds


def columns(made: FixingRows) -> pl.DataFrame:
    """The feature columns of the origins; without weekdays, for origins lie a fixed number of days apart."""
    samples, rows = made.samples, made.rows
    names = [name for name in samples.feature_names if not name.startswith("weekday_")]
    place = {name: number for number, name in enumerate(samples.feature_names)}
    found = {name: samples.features[rows, place[name]] for name in names}
    found |= {name: values[rows] for name, values in trends(samples).items()}
    return pl.DataFrame(found | {IMPLIED: made.implied, CLIMATOLOGY: made.climatology})


def trends(samples: Samples) -> dict[str, FloatArray]:
    """Log returns over a month, a quarter and a year in units of sigma, [n]; NaN without history."""
    found = {f"trend_{days}": np.full(samples.n, np.nan) for days in TRENDS}
    for entity in range(len(samples.entities)):
        block = samples.rows_of(entity)
        returns = samples.returns[block]
        if not returns.size:
            continue
        sigma = np.sqrt(np.maximum(rolling_means(returns**2, (LOOKBACK,))[LOOKBACK], VARIANCE_FLOOR))
        for days, mean in rolling_means(returns, TRENDS).items():
            found[f"trend_{days}"][block] = mean * np.sqrt(days) / sigma
    return found


def as_records(made: FixingRows, *, label: FloatArray, label_time: DateArray, steps: int) -> Records:
    """Records of the origins; `steps` days of history each, 0 for none."""
    samples, rows, n = made.samples, made.rows, made.rows.size
    table = columns(made)
    names = np.array(samples.entities, dtype=object)[samples.entity[rows]]
    time = samples.time[rows]
    before = rows[:, None] + np.arange(-steps + 1, 1)
    return Records(
        table=table,
        numeric=tuple(table.columns),
        categorical=(),
        record_id=np.array([f"{name} {day}" for name, day in zip(names, time, strict=True)], dtype=object),
        time=time,
        vintage=time.astype("datetime64[Y]").astype(np.int64) + 1970,
        label=label,
        label_time=label_time,
        outcome=label,
        event_time=np.full(n, np.datetime64("NaT", "D")),
        group=samples.entity[rows].astype(np.int64),
        amount=np.full(n, np.nan),
        sequence=samples.channels[before] if steps else np.full((n, 0, 0), np.nan),
        channels=samples.channel_names if steps else (),
    )
