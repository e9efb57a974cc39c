"""Records made for the tests of this room."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from barograph.core.record_table import Records

NO_DAY = np.datetime64("NaT", "D")


def made_records(
    numeric: dict[str, Sequence[float | None]],
    categorical: dict[str, Sequence[str | None]],
    *,
    time: np.ndarray | None = None,
    event_time: np.ndarray | None = None,
    amount: np.ndarray | None = None,
    sequence: np.ndarray | None = None,
    channels: tuple[str, ...] = (),
) -> Records:
    """Records of the given columns; what is not given is as for records without it."""
    table = pl.DataFrame(
        [pl.Series(name, list(values), dtype=pl.Float64) for name, values in numeric.items()]
        + [pl.Series(name, list(values), dtype=pl.String) for name, values in categorical.items()]
    )
    n = table.height
    never = np.full(n, NO_DAY)
    days = never if time is None else time
    return Records(
        table=table,
        numeric=tuple(numeric),
        categorical=tuple(categorical),
        record_id=np.arange(n),
        time=days,
        vintage=np.zeros(n, dtype=np.int64),
        label=np.zeros(n),
        label_time=days,
        outcome=np.zeros(n),
        event_time=never if event_time is None else event_time,
        group=np.arange(n),
        amount=np.full(n, np.nan) if amount is None else amount,
        sequence=np.empty((n, 0, 0)) if sequence is None else sequence,
        channels=channels,
    )
