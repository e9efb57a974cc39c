"""Does the sign of a forecast say anything about the sign of what came?"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from barograph.core.arrays import BoolArray, FloatArray
from barograph.core.results import TestResult
from barograph.measures.comparison.long_run import long_run_variance

NAME = "pesaran_timmermann"


def pesaran_timmermann(realised: FloatArray, forecast: FloatArray, *, lags: int | None = None) -> TestResult:
    r"""Pesaran-Timmermann test of direction: are the two signs independent?

    With the share of hits :math:`\hat P`, and :math:`\hat P_y, \hat P_x` the shares of rises that came and
    that were forecast, the hits that independence gives are
    :math:`\hat P_* = \hat P_y\hat P_x + (1-\hat P_y)(1-\hat P_x)`, and

    .. math:: S = \frac{\hat P - \hat P_*}{\sqrt{\hat V(\hat P) - \hat V(\hat P_*)}},\qquad
              \hat V(\hat P) = \hat P_*(1-\hat P_*)/n,

    .. math:: n\,\hat V(\hat P_*) = (2\hat P_y-1)^2\hat P_x(1-\hat P_x) + (2\hat P_x-1)^2\hat P_y(1-\hat P_y)
              + \tfrac4n\hat P_y\hat P_x(1-\hat P_y)(1-\hat P_x)

    One-sided, referred to the normal. Overlapping changes make hits dependent; `lags` then replaces S by the
    t statistic, with a Newey-West variance, of the covariance of the two indicators. A value of exactly zero
    is no rise.

    Parameters
    ----------
    realised, forecast : FloatArray [n]
        Changes that came and that were forecast, in time order; rows with a NaN are left out.
    lags : int, optional
        None: the statistic above. Else Bartlett lags, at least h − 1 for h-step changes.

    Returns
    -------
    TestResult
        NaN, with a note, for fewer than three rows or where one of the two never changes its sign: a forecast
        without a direction cannot be tested.

    References
    ----------
    Pesaran and Timmermann (1992), A simple nonparametric test of predictive performance, J. Business &
    Economic Statistics 10; (2009), Testing dependence among serially correlated multicategory variables,
    J. American Statistical Association 104, for why dependence matters.
    """
    came, said = np.asarray(realised, dtype=np.float64), np.asarray(forecast, dtype=np.float64)
    kept = np.isfinite(came) & np.isfinite(said)
    rise, call = came[kept] > 0.0, said[kept] > 0.0
    n = int(rise.size)
    if n < 3:
        return TestResult(NAME, np.nan, np.nan, n, "too few observations")
    if rise.all() or not rise.any() or call.all() or not call.any():
        return TestResult(NAME, np.nan, np.nan, n, "all signs are the same")
    statistic = _independent(rise, call) if lags is None else _dependent(rise, call, lags)
    if not np.isfinite(statistic):
        return TestResult(NAME, np.nan, np.nan, n, "the hits do not vary")
    return TestResult(NAME, statistic, float(ndtr(-statistic)), n)


def _independent(rise: BoolArray, call: BoolArray) -> float:
    n, up, said = rise.size, float(rise.mean()), float(call.mean())
    hits = float((rise == call).mean())
    expected = up * said + (1.0 - up) * (1.0 - said)
    of_hits = expected * (1.0 - expected) / n
    of_expected = (
        (2.0 * up - 1.0) ** 2 * said * (1.0 - said)
        + (2.0 * said - 1.0) ** 2 * up * (1.0 - up)
        + 4.0 * up * said * (1.0 - up) * (1.0 - said) / n
    ) / n
    spread = of_hits - of_expected
    return (hits - expected) / float(np.sqrt(spread)) if spread > 0.0 else np.nan


def _dependent(rise: BoolArray, call: BoolArray, lags: int) -> float:
    products = (rise - rise.mean()) * (call - call.mean())
    spread = long_run_variance(products, lags=lags)
    return float(products.mean() / np.sqrt(spread / products.size)) if spread > 0.0 else np.nan
