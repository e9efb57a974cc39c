"""Can exceptions be predicted? Engle and Manganelli (2004), CAViaR, Journal of Business & Economic
Statistics 22.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.core.results import TestResult
from barograph.measures.backtests.common import as_hits, check_probability, chi_square, undefined


def dynamic_quantile(
    hits: npt.ArrayLike, *, alpha: float, lags: int = 4, regressors: npt.ArrayLike | None = None
) -> TestResult:
    """Wald statistic of a regression of today's hit on what was known, chi-square under the null.

    ``Hit_t = 1{exception} - alpha`` is regressed on a constant, `lags` own lags and, where given, further
    columns; ``DQ = Hit' X (X'X)^-1 X' Hit / (alpha (1 - alpha))``: the variance of the null, not that of
    the residuals. The first `lags` days are dropped. Degrees of freedom: the columns, or their rank where
    some are collinear (said in the note). In small samples or far tails the chi-square law is poor;
    `simulate.dynamic_quantile_p_value` draws it.

    Parameters
    ----------
    hits : array_like [n_obs]
        Exceptions, 0 or 1.
    lags : int
        Own lags.
    regressors : array_like [n_obs] or [n_obs, n_regressors], optional
        Known before each day, such as that day's VaR (either sign) or yesterday's squared return. The first
        `lags` rows may be NaN.

    Returns
    -------
    TestResult
        NaN, with a note, where there are fewer days than columns.

    Examples
    --------
    >>> dynamic_quantile([0, 1] * 100, alpha=0.5, lags=1).p_value < 1e-6
    True
    """
    check_probability(alpha)
    state = as_hits(hits).astype(np.float64)
    extra = _columns(regressors, state.shape[0])[lags:]
    days = state.shape[0] - lags
    n_columns = 1 + lags + extra.shape[1]
    if days <= n_columns:
        return undefined(
            "dynamic_quantile", n_obs=state.shape[0], note=f"fewer than {n_columns + 1} usable days"
        )
    lagged = [state[lags - k : -k] - alpha for k in range(1, lags + 1)]
    design = np.column_stack([np.ones(days), *lagged, extra])
    statistic, rank = projection_statistic(state[lags:] - alpha, design, alpha)
    note = (
        "" if rank == n_columns else f"collinear regressors: {rank} degrees of freedom instead of {n_columns}"
    )
    return chi_square("dynamic_quantile", statistic, degrees=rank, n_obs=state.shape[0], note=note)


def projection_statistic(hit: FloatArray, design: FloatArray, alpha: float) -> tuple[float, int]:
    """Squared length of the projection of the hits on the regressors over their null variance; and the
    rank.
    """
    norms = np.linalg.norm(design, axis=0)
    left, singular, _ = np.linalg.svd(design / np.where(norms > 0, norms, 1.0), full_matrices=False)
    basis = left[:, singular > 1e-9 * singular[0]]
    return float(((basis.T @ hit) ** 2).sum() / (alpha * (1.0 - alpha))), basis.shape[1]


def _columns(regressors: npt.ArrayLike | None, n_obs: int) -> FloatArray:
    if regressors is None:
        return np.empty((n_obs, 0))
    array = np.asarray(regressors, dtype=np.float64)
    table = array[:, None] if array.ndim == 1 else array
    if table.shape[0] != n_obs:
        raise DataError(
            f"regressors must have {n_obs} rows, one per hit",
            came=f"got {table.shape[0]}",
            do="Align them by day",
        )
    return table
