"""The linear control: a stacked linear network, and the Gamma regression that networks start from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from torch import Tensor

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.core.fitted import LogLinearParameters
from barograph.models.layers import Draws, StackedLinear
from barograph.models.network import Network, NetworkConfig, NetworkShape

MAX_ITERATIONS = 200
TOLERANCE = 1e-8
"""Largest entry of the gradient of the mean loss at which the regression counts as converged."""


class LinearConfig(NetworkConfig):
    """Settings of `LinearNetwork`: none."""


class LinearNetwork(Network):
    """One linear layer on the features, starting at zero."""

    reads: ClassVar[frozenset[str]] = frozenset({"features"})

    def __init__(self, shape: NetworkShape, config: LinearConfig, draws: Draws) -> None:
        super().__init__(shape)
        n_out = shape.n_horizons * shape.n_outputs
        self.last = StackedLinear(draws, shape.n_features, n_out, zero=True)

    def forward(self, features: Tensor, sequence: Tensor, cross_section: Tensor) -> Tensor:
        """``[M, B, H, K]`` (see `Network.forward`)."""
        return self.by_horizon(self.last(features))


def fit_log_linear(
    x: FloatArray,
    target: FloatArray,
    *,
    offset: FloatArray | None = None,
    ridge: float = 1e-4,
    names: Sequence[str] = (),
) -> LogLinearParameters:
    """Gamma regression with log link, the matched-information linear control.

    For each horizon separately it minimises ``mean(eta + target * exp(-eta)) + ridge / 2 * |b|²`` with
    ``eta = offset + a + x · b``: QLIKE, which is also the Gamma likelihood (McCullagh and Nelder 1989, ch.
    8). The objective is convex; it is solved by iteratively reweighted least squares with halved steps.

    Parameters
    ----------
    x : FloatArray
        ``[n, F]`` standardised inputs, no NaN.
    target : FloatArray
        ``[n, H]`` sums of squared returns, at least zero, no NaN.
    offset : FloatArray, optional
        ``[n, H]`` log variance to start from; none is zero. It is not part of the result.
    ridge : float
        Penalty on the coefficients, not on the intercept.
    names : sequence of str
        Names of the F inputs; none gives ``x0, x1, …``.

    Returns
    -------
    LogLinearParameters
        Intercepts ``[H]`` and coefficients ``[H, F]``.

    Examples
    --------
    >>> x = np.array([[-1.0], [1.0]])
    >>> fitted = fit_log_linear(x, np.exp(2.0 + 0.5 * x), ridge=0.0)
    >>> fitted.intercept.round(6).tolist(), fitted.coefficients.round(6).tolist()
    ([2.0], [[0.5]])
    """
    _check_regression(x, target)
    design = np.column_stack([np.ones(x.shape[0]), x])
    start = np.zeros_like(target) if offset is None else offset
    solutions = np.stack([_solve(design, target[:, h], start[:, h], ridge) for h in range(target.shape[1])])
    return LogLinearParameters(
        names=tuple(names) or tuple(f"x{i}" for i in range(x.shape[1])),
        intercept=solutions[:, 0],
        coefficients=solutions[:, 1:],
    )


def _check_regression(x: FloatArray, target: FloatArray) -> None:
    usable = bool(np.isfinite(x).all() and np.isfinite(target).all() and (target >= 0).all())
    if not usable or not (target > 0).any(axis=0).all():
        raise DataError(
            "the linear control needs finite inputs and targets that are at least zero and not all zero",
            came=f"got {x.shape[0]} rows that are not so",
            do="Leave out rows with missing values, and series that never move",
        )


def _objective(eta: FloatArray, target: FloatArray, solution: FloatArray, penalty: FloatArray) -> float:
    with np.errstate(over="ignore", invalid="ignore"):  # zero times infinity is NaN, and no step leads there
        return float(np.mean(eta + target * np.exp(-eta)) + 0.5 * np.sum(penalty * solution**2))


def _solve(design: FloatArray, target: FloatArray, offset: FloatArray, ridge: float) -> FloatArray:
    """Coefficients of one horizon, intercept first."""
    n, width = design.shape
    penalty = np.full(width, ridge)
    penalty[0] = 0.0
    solution = np.zeros(width)
    solution[0] = np.log(np.mean(target * np.exp(-offset)))
    for _ in range(MAX_ITERATIONS):
        eta = offset + design @ solution
        ratio = target * np.exp(-eta)
        gradient = design.T @ (1.0 - ratio) / n + penalty * solution
        if np.abs(gradient).max() <= TOLERANCE:
            return solution
        curvature = (design * ratio[:, None]).T @ design / n + np.diag(penalty)
        direction = np.linalg.lstsq(curvature, -gradient, rcond=1e-12)[0]
        step = _damped(design, target, offset, solution=solution, direction=direction, penalty=penalty)
        if step == 0.0:
            break
        solution = solution + step * direction
    raise DataError(
        f"the linear control must converge within {MAX_ITERATIONS} iterations",
        came=f"its largest gradient was still {np.abs(gradient).max():.1e}",
        do="Standardise the inputs, drop duplicated columns or raise the ridge penalty",
    )


def _damped(
    design: FloatArray,
    target: FloatArray,
    offset: FloatArray,
    *,
    solution: FloatArray,
    direction: FloatArray,
    penalty: FloatArray,
) -> float:
    """The largest of 1, ½, ¼ … at which the loss does not rise; zero if none."""
    eta, slope = offset + design @ solution, design @ direction
    here = _objective(eta, target, solution, penalty)
    step = 1.0
    while step > 1e-10:
        there = _objective(eta + step * slope, target, solution + step * direction, penalty)
        if there <= here + 1e-14 * abs(here):
            return step
        step *= 0.5
    return 0.0
