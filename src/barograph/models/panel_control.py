"""The linear control of a panel: one ridge regression for all series, on the networks' own features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.fitted_panels import PanelLinearParameters

OUTLIER = 5.0
"""Standardised errors are clipped to ± this many deviations before they are learnt from."""


def fit_panel_control(
    inputs: FloatArray,
    error: FloatArray,
    held_inputs: FloatArray,
    held_error: FloatArray,
    *,
    penalties: Sequence[float],
) -> PanelLinearParameters:
    r"""Minimises :math:`\frac1n\sum(z - b_0 - x b)^2 + \lambda(b_0^2 + |b|^2)` for each horizon (Hoerl 1970).

    The intercept is penalised too: with a large penalty nothing but the start is left. The penalty of each
    horizon is the one with the smallest mean square on the held-out rows; with it the regression is fitted
    again on all rows.

    Parameters
    ----------
    inputs, held_inputs : array [n, F]
        Standardised, nothing missing.
    error, held_error : array [n, H]
        Errors of the start in its own deviations.
    penalties : sequence of float
        Ascending.
    """
    target, held = np.clip(error, -OUTLIER, OUTLIER), np.clip(held_error, -OUTLIER, OUTLIER)
    tried = np.stack([_solved(inputs, target, penalty) for penalty in penalties])  # [P, 1 + F, H]
    design = np.column_stack([np.ones(held.shape[0]), held_inputs])
    loss = ((held - design @ tried) ** 2).mean(axis=1)  # [P, H]
    best = loss.argmin(axis=0)
    whole, wanted = np.concatenate([inputs, held_inputs]), np.concatenate([target, held])
    again = np.stack([_solved(whole, wanted, penalties[place])[:, h] for h, place in enumerate(best)])
    return PanelLinearParameters(again[:, 0], again[:, 1:])


def _solved(x: FloatArray, target: FloatArray, penalty: float) -> FloatArray:
    """Intercept and coefficients, ``[1 + F, H]``."""
    design = np.column_stack([np.ones(x.shape[0]), x])
    gram = design.T @ design + penalty * x.shape[0] * np.eye(design.shape[1])
    return np.asarray(np.linalg.solve(gram, design.T @ target))
