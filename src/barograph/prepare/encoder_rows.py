"""The views of `prepare.encoder` from plain arrays: numbers [n, n_numeric] with NaN, and codes of categories.

What is written here is what a table of records and a live row are both encoded by.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import BoolArray, FloatArray, IntArray
from barograph.core.fitted_records import EncoderParameters
from barograph.prepare.record_columns import numbered

Float32Array = npt.NDArray[np.float32]


def features(parameters: EncoderParameters, numbers: FloatArray, codes: IntArray) -> Float32Array:
    """Piecewise-linear bins, missing indicators and one-hot categories, [n, n_features]."""
    widths = feature_widths(parameters)
    one_hot = sum(one_hot_width(parameters, place) for place in range(len(parameters.categorical)))
    result = np.zeros((numbers.shape[0], sum(widths) + one_hot), dtype=np.float32)
    start = 0
    for place, width in enumerate(widths):
        filled, missing = _filled(parameters, numbers[:, place], place)
        edges = np.array(parameters.edges[place])
        block = result[:, start : start + width]
        block[:, : edges.size - 1] = _bins(filled, edges)
        block[:, edges.size - 1 :] = missing
        start += width
    _put_one_hot(parameters, codes, result[:, start:])
    return result


def plain(parameters: EncoderParameters, numbers: FloatArray, codes: IntArray) -> FloatArray:
    """Standard scores clipped to ± `limit`, missing indicators and one-hot categories, [n, n_plain]."""
    width = len(parameters.numeric) + sum(parameters.missing)
    one_hot = sum(one_hot_width(parameters, place) for place in range(len(parameters.categorical)))
    result = np.zeros((numbers.shape[0], width + one_hot))
    start = 0
    for place, edges in enumerate(parameters.edges):
        filled, missing = _filled(parameters, numbers[:, place], place)
        scores = _scores(filled, parameters.center[place], parameters.spread[place], parameters.limit)
        result[:, start] = scores if edges[0] < edges[-1] else 0.0
        result[:, start + 1 : start + 1 + missing.shape[1]] = missing
        start += 1 + missing.shape[1]
    _put_one_hot(parameters, codes, result[:, start:])
    return result


def coded(parameters: EncoderParameters, numbers: FloatArray, codes: IntArray) -> Float32Array:
    """The numbers as they are and categories by their place in the order of frequency, [n, columns]."""
    count = len(parameters.numeric)
    result = np.empty((numbers.shape[0], count + len(parameters.categorical)), dtype=np.float32)
    for place, has_missing in enumerate(parameters.missing):
        column = numbers[:, place]
        result[:, place] = column if has_missing else _filled(parameters, column, place)[0]
    for place, kept in enumerate(parameters.categories):
        result[:, count + place] = np.minimum(codes[:, place], len(kept))
    return result


def steps(parameters: EncoderParameters, sequence: npt.NDArray[Any]) -> Float32Array:
    """The history, standardised and clipped to ± `limit`, [n, T, C]; 0 where missing."""
    result = np.empty(sequence.shape, dtype=np.float32)
    for channel, (mean, scale) in enumerate(
        zip(parameters.channel_mean, parameters.channel_scale, strict=True)
    ):
        values = sequence[:, :, channel].astype(np.float64)
        result[:, :, channel] = np.nan_to_num(_scores(values, mean, scale, parameters.limit), nan=0.0)
    return result


def numbering(parameters: EncoderParameters, place: int) -> dict[str, int]:
    """Per category of a column its place among the K kept ones, K for a rarer one; a new one has K + 1."""
    kept = parameters.categories[place]
    return dict.fromkeys(parameters.seen[place], len(kept)) | {name: slot for slot, name in enumerate(kept)}


def codes_of(parameters: EncoderParameters, words: Sequence[Sequence[str]], *, n: int) -> IntArray:
    """Codes of categories (see `numbering`), [n, n_categorical]; `words` has the n texts of each column."""
    codes = np.empty((n, len(parameters.categorical)), dtype=np.int64)
    for place, column in enumerate(words):
        new = len(parameters.categories[place]) + 1
        codes[:, place] = numbered(column, numbering(parameters, place), otherwise=new)
    return codes


def feature_widths(parameters: EncoderParameters) -> list[int]:
    """Columns of `features` that each numeric column has."""
    return [
        len(edges) - 1 + missing for edges, missing in zip(parameters.edges, parameters.missing, strict=True)
    ]


def one_hot_width(parameters: EncoderParameters, place: int) -> int:
    """One-hot columns of a categorical column; the one for others only if training had any."""
    return len(parameters.categories[place]) + (parameters.shares[place][-1] > 0)


def one_hot_rows(parameters: EncoderParameters, place: int) -> FloatArray:
    """The one-hot columns of each code of a categorical column, [K + 2, width].

    A category that training never had counts with the rarer ones; where there were none, as the average
    record.
    """
    width, kept = one_hot_width(parameters, place), len(parameters.categories[place])
    rows: FloatArray = np.eye(kept + 2, width)
    rows[kept:] = np.eye(1, width, kept) if width > kept else parameters.shares[place][:width]
    return rows


def _filled(parameters: EncoderParameters, column: FloatArray, place: int) -> tuple[FloatArray, BoolArray]:
    """The column with the training mean where it is missing, and its indicator, [n, 1], or [n, 0] if none."""
    missing: BoolArray = np.isnan(column)
    indicator = missing[:, None] if parameters.missing[place] else missing[:, None][:, :0]
    return np.where(missing, parameters.center[place], column), indicator


def _bins(column: FloatArray, edges: FloatArray) -> FloatArray:
    """How far a value has come through each bin, [n, b] in [0, 1]; 0 throughout a bin without width."""
    low, high = edges[:-1, None], edges[1:, None]
    width = np.where(high > low, high - low, 1.0)
    result: FloatArray = np.maximum(column, low)  # bin by bin: rows lie side by side, which is twice as fast
    np.minimum(result, high, out=result)
    result -= low
    result /= width
    return result.T


def _scores(values: FloatArray, center: float, spread: float, limit: float) -> FloatArray:
    """Standard scores, clipped to ± limit; NaN stays."""
    with np.errstate(over="ignore"):  # the clip bounds what a tiny spread blows up
        scores: FloatArray = np.clip((values - center) / spread, -limit, limit)
    return scores


def _put_one_hot(parameters: EncoderParameters, codes: IntArray, target: npt.NDArray[Any]) -> None:
    """Write the one-hot columns of every categorical column into their place."""
    start = 0
    for place in range(len(parameters.categorical)):
        width = one_hot_width(parameters, place)
        target[:, start : start + width] = one_hot_rows(parameters, place)[codes[:, place]]
        start += width
