"""Names of the columns, and which indicator says whether a column's value is there.

A value that may be missing comes as two columns: the value (0 where missing) and an indicator that is 1 where
it is there. `marked` turns the zeros into NaN, so that a scaler is fitted on real values only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from barograph.core.arrays import FloatArray

HAS_RANGE = "has_range"
CLASS_KNOWN = "class_known"
INDICATOR_OF = {
    "range_news_1": HAS_RANGE,
    "range_news_5": HAS_RANGE,
    "parkinson_news_1": HAS_RANGE,
    "parkinson_news_5": HAS_RANGE,
    "class_median_5": CLASS_KNOWN,
    "class_median_22": CLASS_KNOWN,
}
"""Feature that may be missing -> the column that says so."""

_STATE, _KNOWN = "state:", "known:"


def cross_section_names(entities: Sequence[str]) -> tuple[str, ...]:
    """Column names of `Samples.cross_section`: the state of every entity, then whether it is known.

    Examples
    --------
    >>> cross_section_names(["a", "b"])
    ('state:a', 'state:b', 'known:a', 'known:b')
    """
    return (*(_STATE + name for name in entities), *(_KNOWN + name for name in entities))


def indicator_of(name: str) -> str | None:
    """The indicator column of a column, None for one that is always there.

    Examples
    --------
    >>> indicator_of("state:a"), indicator_of("weekday_friday")
    ('known:a', None)
    """
    if name.startswith(_STATE):
        return _KNOWN + name.removeprefix(_STATE)
    return INDICATOR_OF.get(name)


def marked(matrix: FloatArray, names: Sequence[str]) -> FloatArray:
    """The matrix with NaN where an indicator says that the value is missing.

    Parameters
    ----------
    matrix : array [..., n_columns]
    names : sequence of str
        Names of the columns. A column whose indicator is not among them is left as it is.

    Examples
    --------
    >>> marked(np.array([[5.0, 1.0], [0.0, 0.0]]), ["range_news_1", "has_range"]).tolist()
    [[5.0, 1.0], [nan, 0.0]]
    """
    result = np.array(matrix, dtype=np.float64)
    place = {name: column for column, name in enumerate(names)}
    for name, column in place.items():
        indicator = place.get(indicator_of(name) or "")
        if indicator is not None:
            result[..., column] = np.where(matrix[..., indicator] == 0.0, np.nan, matrix[..., column])
    return result
