"""Fitting the encoder: edges, means and categories of a training window, and of nothing later."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray, IntArray
from barograph.core.errors import DataError, LeakError
from barograph.core.fitted_records import EncoderParameters
from barograph.core.record_table import Records
from barograph.core.scoring_study import EncodeSection
from barograph.prepare.record_columns import numbered, numbers, texts


def fit_encoder(
    records: Records,
    rows: IntArray | BoolArray,
    *,
    section: EncodeSection,
    until: np.datetime64,
) -> EncoderParameters:
    """How the records of a training window become numbers.

    Bin edges lie at quantiles of the known values, at the values themselves where there are no more than
    `section.bins` + 1 of them. Categories with at least `section.least_category` records are kept, the most
    frequent first, up to `section.most_categories`; missing counts as a category. No label is looked at.

    Parameters
    ----------
    records : Records
        All records of the study.
    rows : array of int, or [n] of bool
        The training window's.
    section : EncodeSection
    until : datetime64
        Last day (in a stream, second) of the training window; not looked at for records without time.

    Raises
    ------
    LeakError
        If a row was made later than `until`.
    DataError
        If there is no row, or a column is absent or of another type than `Records` promises.
    """
    chosen: IntArray = np.arange(records.n)[rows]
    _refuse_later(records, chosen, until)
    table = records.table[chosen.tolist()]
    values = numbers(table, records.numeric)
    known = np.isfinite(values)
    n_known = known.sum(axis=0)
    center, spread = _moments(values)
    columns = [_categories(texts(table, name), section) for name in records.categorical]
    mean, scale = _channel_moments(records, chosen)
    return EncoderParameters(
        numeric=records.numeric,
        edges=tuple(
            _edges(values[known[:, i], i], section.bins, section.tails) for i in range(values.shape[1])
        ),
        center=center,
        spread=spread,
        missing=tuple(bool(0 < count < chosen.size) for count in n_known),
        categorical=records.categorical,
        categories=tuple(column[0] for column in columns),
        shares=tuple(column[1] for column in columns),
        seen=tuple(column[2] for column in columns),
        channels=records.channels,
        channel_mean=mean,
        channel_scale=scale,
        limit=section.limit,
        until=str(until) if records.has_time else "",
    )


def _refuse_later(records: Records, rows: IntArray, until: np.datetime64) -> None:
    if not rows.size:
        raise DataError(
            "a training window must hold records",
            came="it holds none",
            do="Let training begin earlier, or take more records",
        )
    late = records.time[rows][~(records.time[rows] <= until)]
    if records.has_time and late.size:
        raise LeakError(
            f"an encoder fitted until {until} was given {rows.size} records, {late.size} of them later"
        )


def _edges(known: FloatArray, bins: int, tails: tuple[float, ...]) -> tuple[float, ...]:
    """Ascending bin edges at quantiles; two equal ones for a column that has one value or none."""
    if not known.size:
        return (0.0, 0.0)
    edges = np.unique(known)
    if edges.size > bins + 1:
        edges = np.unique(np.quantile(known, [*np.linspace(0.0, 1.0, bins + 1), *tails]))
    return tuple(edges.tolist()) if edges.size > 1 else (float(edges[0]), float(edges[0]))


def _moments(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of the known values along the first axis; 0 and 1 where there are none."""
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, values, 0.0).sum(axis=0) / count
    spread = np.sqrt(np.square(np.where(known, values - mean, 0.0)).sum(axis=0) / count)
    flat = spread <= 1e-12 * np.abs(mean)  # rounding of a constant column is no spread
    return mean, np.where(flat, 1.0, spread)


def _channel_moments(records: Records, rows: IntArray) -> tuple[FloatArray, FloatArray]:
    """Mean and scale of each channel over all steps of the rows, [C] each."""
    n_channels = len(records.channels)
    mean, scale = np.zeros(n_channels), np.ones(n_channels)
    for channel in range(n_channels):
        steps = records.sequence[rows, :, channel].astype(np.float64).reshape(-1, 1)
        center, spread = _moments(steps)
        mean[channel], scale[channel] = center[0], spread[0]
    return mean, scale


def _categories(
    words: list[str], section: EncodeSection
) -> tuple[tuple[str, ...], tuple[float, ...], tuple[str, ...]]:
    """Kept categories, their shares (others last), and every category seen."""
    seen = np.array(sorted(set(words)), dtype=object)
    code = numbered(words, {word: place for place, word in enumerate(seen)}, otherwise=-1)
    count = np.bincount(code, minlength=seen.size)
    order = np.argsort(-count, kind="stable")  # the most frequent first, then by name
    kept = order[count[order] >= section.least_category][: section.most_categories]
    slot = np.full(seen.size, kept.size)  # all others share the last
    slot[kept] = np.arange(kept.size)
    share = np.bincount(slot[code], minlength=kept.size + 1) / code.size
    return tuple(seen[kept].tolist()), tuple(share.tolist()), tuple(seen.tolist())
