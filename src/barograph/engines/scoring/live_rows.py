"""A live row as the live graph reads it: numbers, then each word as its code and its one-hot columns."""

from __future__ import annotations

from itertools import accumulate, pairwise

import numpy as np

from barograph.core.arrays import AnyArray
from barograph.core.fitted_records import EncoderParameters
from barograph.core.record_table import Records
from barograph.prepare.encoder_rows import numbering, one_hot_rows, one_hot_width
from barograph.prepare.record_columns import numbers, texts

NUMBERS, STEPS, FIGURE = "numbers", "steps", "figure"
"""Inputs and output of the live graph."""
LIVE_TOLERANCE = 1e-6
"""Largest difference between the live graph's figure and the one that the parts make."""

WordRow = tuple[float, ...]
"""Of a word its code, as `encoder_rows.coded` has it, and its one-hot columns."""


def word_places(encoder: EncoderParameters) -> list[range]:
    """Where in a row each categorical column stands: its code, then its one-hot columns."""
    widths = [1 + one_hot_width(encoder, place) for place in range(len(encoder.categorical))]
    starts = accumulate(widths, initial=len(encoder.numeric))
    return [range(start, end) for start, end in pairwise(starts)]


def row_width(encoder: EncoderParameters) -> int:
    """Numbers of a row."""
    return len(encoder.numeric) + sum(len(where) for where in word_places(encoder))


def word_rows(encoder: EncoderParameters, place: int) -> tuple[dict[str, WordRow], WordRow]:
    """What every known word of a categorical column stands as in a row, and what a new one does."""
    kept, one_hot = len(encoder.categories[place]), one_hot_rows(encoder, place).tolist()
    rows = [(float(min(code, kept)), *columns) for code, columns in enumerate(one_hot)]
    return {word: rows[code] for word, code in numbering(encoder, place).items()}, rows[kept + 1]


def feeds_of(encoder: EncoderParameters, records: Records) -> dict[str, AnyArray]:
    """Records as the live graph reads them: numbers [n, W] and steps [n, T, channels]."""
    parts: list[AnyArray] = [numbers(records.table, encoder.numeric)]
    for place, name in enumerate(encoder.categorical):
        known, new = word_rows(encoder, place)
        parts.append(np.array([known.get(word, new) for word in texts(records.table, name)]))
    return {NUMBERS: np.concatenate(parts, axis=1), STEPS: records.sequence.astype(np.float64)}
