"""Records that are a stream: instants within days, blocks of hours, and the last records before each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from barograph.core.arrays import DateArray, FloatArray, IntArray

HOUR, DAY = 3_600, 86_400


def blocks_of_hours(time: DateArray, hours: int) -> IntArray:
    """Block of each record, [n]: its first hour, counted from the midnight before the earliest record.

    Parameters
    ----------
    time : DateArray [n]
        Instants, in any order, none missing.
    hours : int
        Of a block, at least 1.

    Examples
    --------
    >>> moments = ["2024-05-01T13:00", "2024-05-01T07:59", "2024-05-02T01:00"]
    >>> blocks_of_hours(np.array(moments, dtype="datetime64[s]"), 6).tolist()
    [12, 6, 24]
    """
    if not time.size:
        return np.empty(0, dtype=np.int64)
    since = time.astype("datetime64[h]") - time.min().astype("datetime64[D]").astype("datetime64[h]")
    blocks: IntArray = since.astype(np.int64) // hours * hours
    return blocks


def last_records(channels: Mapping[str, pl.Series], steps: int) -> FloatArray:
    """The records up to each one, itself the last: [n, steps, channels]; NaN before the stream begins.

    Parameters
    ----------
    channels : mapping of str to Series [n]
        Numbers in the order of the stream, null where missing.
    steps : int
        At least 1.
    """
    values = np.stack([one.fill_null(np.nan).to_numpy() for one in channels.values()], axis=1)
    before = np.full((steps - 1, len(channels)), np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(np.concatenate([before, values]), steps, axis=0)
    return np.ascontiguousarray(windows.transpose(0, 2, 1))
