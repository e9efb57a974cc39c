"""Does the larger of two nested models predict better in population?"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from barograph.core.arrays import FloatArray
from barograph.core.results import TestResult
from barograph.measures.comparison.long_run import long_run_variance


def clark_west_adjusted(realised: FloatArray, small: FloatArray, large: FloatArray) -> FloatArray:
    r"""The adjusted difference of squared errors of two nested forecasts, elementwise.

    .. math:: f_t = e_{1t}^2 - \left[e_{2t}^2 - (\hat y_{1t} - \hat y_{2t})^2\right]

    The last term gives back what the larger model loses by estimating parameters that are zero under the
    null. Arguments and unit as in `clark_west`; the result is in the squared unit.
    """
    outcome = np.asarray(realised, dtype=np.float64)
    first, second = np.asarray(small, dtype=np.float64), np.asarray(large, dtype=np.float64)
    return np.asarray((outcome - first) ** 2 - (outcome - second) ** 2 + (first - second) ** 2)


def clark_west(
    realised: FloatArray, small: FloatArray, large: FloatArray, *, lags: int | None = None
) -> TestResult:
    r"""Clark-West test for nested models: is the larger one better in mean squared error?

    One-sided and referred to the normal; a large statistic favours the larger model. It judges the models
    in population, not the forecasts: a shrunk copy of the small model can pass. Report `diebold_mariano`
    beside it.

    Parameters
    ----------
    realised : FloatArray [n]
        Outcomes, in time order; rows with a NaN anywhere are left out.
    small, large : FloatArray [n]
        Forecasts of the nested and of the nesting model.
    lags : int, optional
        None: the ordinary t statistic of the mean (divisor n − 1). Else a Newey-West variance with this
        many Bartlett lags (divisor n), at least h − 1 for h-step forecasts.

    Returns
    -------
    TestResult
        NaN, with a note, for fewer than three rows or forecasts that never differ.

    References
    ----------
    Clark and West (2007), Approximately normal tests for equal predictive accuracy in nested models,
    J. Econometrics 138.
    """
    values = clark_west_adjusted(realised, small, large)
    values = values[np.isfinite(values)]
    n = int(values.size)
    if n < 3:
        return TestResult("clark_west", np.nan, np.nan, n, "too few observations")
    spread = float(values.var(ddof=1)) if lags is None else long_run_variance(values, lags=lags)
    if spread <= 0.0:
        return TestResult("clark_west", np.nan, np.nan, n, "the two forecasts never differ")
    statistic = float(values.mean() / np.sqrt(spread / n))
    return TestResult("clark_west", statistic, float(ndtr(-statistic)), n)
