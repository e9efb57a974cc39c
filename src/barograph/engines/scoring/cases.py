"""Past frauds like an event: the nearest known ones, as the networks see them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted_records import EncoderParameters
from barograph.core.record_table import Records
from barograph.prepare import encoder

KEPT = 500
"""Known frauds looked through, the newest."""


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Known frauds and how the networks see them."""

    rows: IntArray  # [n] places in the records
    features: FloatArray  # [n, F]
    known: np.ndarray[tuple[int], np.dtype[np.datetime64]]  # [n] day on which each was confirmed


def known_cases(records: Records, parameters: EncoderParameters) -> Cases:
    """The newest known frauds of some records."""
    bad = np.flatnonzero(records.label == 1.0)
    rows = bad[np.argsort(records.label_time[bad], kind="stable")][-KEPT:]
    seen = encoder.features(parameters, records.take(rows)).astype(np.float64)
    return Cases(rows, seen, records.label_time[rows])


def nearest_cases(
    cases: Cases, features: FloatArray, *, before: np.datetime64, but: int = -1, most: int = 2
) -> IntArray:
    """Places in the records of the nearest frauds confirmed before a day, nearest first.

    Parameters
    ----------
    cases : Cases
    features : FloatArray [F]
        The event, as the networks see it.
    before : datetime64
        Day of the event.
    but : int
        The event's own place in the records, never its own case.
    most : int
    """
    usable = np.flatnonzero((cases.known < before) & (cases.rows != but))
    distance = np.sum((cases.features[usable] - features) ** 2, axis=1)
    return cases.rows[usable[np.argsort(distance, kind="stable")[:most]]]
