"""Precision against recall at every threshold."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.measures.classification import observation_weights
from barograph.measures.credit.checks import complete, defaulted


def precision_recall(
    label: npt.ArrayLike, score: npt.ArrayLike, *, weight: npt.ArrayLike | None = None
) -> tuple[FloatArray, FloatArray]:
    """Recall and precision of alerts from each distinct score upwards, the highest first.

    Average precision is the sum of precision times the growth of recall along this curve.

    Parameters
    ----------
    label, score : array_like [n]
    weight : array_like [n], optional
        How many events each stands for; at 0 it is left out.

    Returns
    -------
    recall, precision : FloatArray [n_scores]
        Recall ascends to 1; both are empty without a fraud.

    Examples
    --------
    >>> recall, precision = precision_recall([1, 0, 1], [0.9, 0.5, 0.2])
    >>> recall.tolist(), precision.round(3).tolist()
    ([0.5, 0.5, 1.0], [1.0, 0.5, 0.667])
    """
    fraud = defaulted(label)
    risk = complete("score", score, fraud.size)
    weights = observation_weights(weight, fraud.size)
    kept = weights > 0.0
    if not fraud[kept].any():
        return np.empty(0), np.empty(0)
    _, place = np.unique(-risk[kept], return_inverse=True)
    raised = np.cumsum(np.bincount(place, weights=weights[kept]))
    caught = np.cumsum(np.bincount(place, weights=(weights * fraud)[kept]))
    return np.asarray(caught / caught[-1]), np.asarray(caught / raised)
