r"""Scores that look at large losses first, and stay honest about it.

Picking only the large outcomes and scoring those rewards forecasts that exaggerate. Two honest ways: weigh
the score's integral over amounts (threshold-weighted) or over levels (quantile-weighted); for densities, keep
the log score beyond a threshold and, below it, score only the probability of being there. Smaller is better,
always; NaN gives NaN.

Gneiting and Ranjan (2011), Comparing density forecasts using threshold- and quantile-weighted scoring rules,
Journal of Business & Economic Statistics 29; Diks, Panchenko and van Dijk (2011), Likelihood-based scoring
rules for comparing density forecasts in tails, Journal of Econometrics 163.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError, unknown
from barograph.measures.losses.severity import Severity, cumulative
from barograph.measures.losses.warped import WarpedMixture
from barograph.measures.scores import pinball

Emphasis = Literal["none", "centre", "right"]
EMPHASES: tuple[Emphasis, ...] = ("none", "centre", "right")

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_EDGES = np.concatenate([np.linspace(1.0, 0.1, 10), 10.0 ** -np.arange(1.5, 12.25, 0.5)])


def log_score(severity: Severity, losses: npt.ArrayLike) -> FloatArray:
    """Minus the log density at the loss, natural logarithm; infinite where the loss was held impossible."""
    return -severity.log_density(losses)


def censored_log_score(severity: Severity, losses: npt.ArrayLike, *, threshold: float) -> FloatArray:
    r"""Censored likelihood score: the log score beyond a threshold, the probability of staying below it.

    .. math:: -\mathbb 1\{y > r\} \ln f(y) - \mathbb 1\{y \le r\} \ln F(r)

    References
    ----------
    Diks, Panchenko and van Dijk (2011), the censored likelihood for the region beyond r.
    """
    came = np.asarray(losses, dtype=np.float64)
    with np.errstate(divide="ignore"):
        below = -np.log(cumulative(severity, threshold))
    return np.where(came <= threshold, below, log_score(severity, came))


def threshold_weighted_crps(
    severity: Severity, losses: npt.ArrayLike, *, threshold: float = 0.0
) -> FloatArray:
    r"""CRPS of the amounts beyond a threshold r; with r = 0 the whole CRPS of a positive amount.

    .. math:: \int_r^\infty (F(z) - \mathbb 1\{y \le z\})^2 dz
        = m - r - 2 E[\min(X, m) - \min(X, r)] + \int_r^\infty \{1 - F(z)\}^2 dz, \quad m = \max(y, r)

    The middle term is in closed form; the last, free of the outcome, by Gauss-Legendre quadrature between
    quantiles of the forecast and the jumps of its density (12 digits and more for smooth parts).

    Parameters
    ----------
    severity : Severity
        One forecast for all, or a mixture with parameters ``[n, k]``.
    losses : array_like [n]
        Outcomes.
    threshold : float
        Not negative; chosen before the outcomes are seen. An ensemble is scored by `scores.crps_ensemble` of
        the maximum with the threshold of outcome and members.

    Returns
    -------
    FloatArray [n]
        In the unit of the losses; infinite where the tail is too heavy (Pareto shapes from 2 on).
    """
    came = np.asarray(losses, dtype=np.float64)
    capped = np.maximum(came, threshold)
    limited = severity.limited_mean(capped) - severity.limited_mean(threshold)
    return np.asarray(capped - threshold - 2.0 * limited + squared_tail(severity, threshold))


def squared_tail(severity: Severity, threshold: float) -> FloatArray:
    r""":math:`\int_r^\infty \Pr(X > z)^2 dz`, one per record of the severity."""
    if isinstance(severity, WarpedMixture):  # its records share the quantiles of one base
        bent, end, factor = severity.squared_part(threshold)
        return np.asarray(bent + factor**2 * squared_tail(severity.base, end))
    beyond = severity.survival(threshold)
    levels = _EDGES.reshape(-1, *(1,) * beyond.ndim) * beyond
    edges = np.maximum(severity.tail_quantile(levels), threshold)
    knots = [np.clip(np.full_like(edges[0], knot), threshold, edges[-1]) for knot in severity.knots]
    edges = np.sort(np.stack([np.full_like(edges[0], threshold), *edges, *knots]), axis=0)
    half, middle = 0.5 * np.diff(edges, axis=0), 0.5 * (edges[1:] + edges[:-1])
    total = np.zeros_like(beyond)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        total = total + weight * (half * severity.survival(middle + half * node) ** 2).sum(axis=0)
    return np.asarray(total)


def quantile_weighted_crps(
    losses: npt.ArrayLike, quantiles: npt.ArrayLike, levels: npt.ArrayLike, *, emphasis: Emphasis = "right"
) -> FloatArray:
    r"""CRPS as an integral of quantile losses, weighted over the levels.

    .. math:: 2 \int_0^1 v(\tau) L_\tau(y, q_\tau) d\tau

    with v = 1 (``none``: the CRPS), τ (1 - τ) (``centre``) or τ² (``right``), by the trapezoidal rule over
    the levels given, with nothing beyond the outermost: the same levels for all forecasts compared.

    Parameters
    ----------
    losses : array_like [n]
        Outcomes.
    quantiles : array_like [n, n_levels] or [n_levels]
        Of the forecast, ascending.
    levels : array_like [n_levels]
        Ascending, in (0, 1).
    emphasis : str

    References
    ----------
    Gneiting and Ranjan (2011), the quantile-weighted score and its weight functions.
    """
    if emphasis not in EMPHASES:
        raise unknown("emphasis", emphasis, EMPHASES)
    tau = np.asarray(levels, dtype=np.float64)
    if tau.ndim != 1 or tau.size < 2 or tau[0] <= 0.0 or tau[-1] >= 1.0 or (np.diff(tau) <= 0.0).any():
        raise DataError(
            "levels must ascend strictly between 0 and 1, at least two",
            came=f"got {tau.tolist()[:5]}",
            do="Pass the levels of the quantiles",
        )
    weight = {"none": np.ones_like(tau), "centre": tau * (1.0 - tau), "right": tau**2}[emphasis]
    came = np.asarray(losses, dtype=np.float64)[..., None]
    loss = pinball(came, np.asarray(quantiles, dtype=np.float64), tau)
    return np.asarray(2.0 * np.trapezoid(weight * loss, tau, axis=-1))
