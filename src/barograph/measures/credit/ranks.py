"""Ranks with ties: midranks, and the placement of each record among those of the other class."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray


def midranks(values: FloatArray) -> FloatArray:
    """Rank from 1 of each value; tied values share the mean of their ranks. O(n log n).

    Examples
    --------
    >>> midranks(np.array([3.0, 1.0, 3.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    return share_below(values, values) * values.size + 0.5


def share_below(values: FloatArray, others: FloatArray) -> FloatArray:
    """Share of `others` below each value, ties counted by half; shape of `values`."""
    ranked = np.sort(others)
    below = np.searchsorted(ranked, values, side="left") + np.searchsorted(ranked, values, side="right")
    return np.asarray(below / (2.0 * others.size))


def placements(bad: BoolArray, score: FloatArray) -> FloatArray:
    """How well each record lies on its side of the other class.

    Of a bad record the share of goods scored below it, of a good one the share of bads scored above it, ties
    by half: both means are the area under the ROC curve (the structural components of DeLong, DeLong and
    Clarke-Pearson 1988). Sorting makes it O(n log n), as the midranks of Sun and Xu (2014) do.

    Parameters
    ----------
    bad : BoolArray [n_obs]
        At least one of each class.
    score : FloatArray [n_obs]
        Higher is riskier.

    Returns
    -------
    FloatArray [n_obs]
    """
    placed = np.empty(score.size)
    placed[bad] = share_below(score[bad], score[~bad])
    placed[~bad] = 1.0 - share_below(score[~bad], score[bad])
    return placed
