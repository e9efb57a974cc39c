"""VaR of linear positions under normal returns, and what each position contributes to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import BoolArray, FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class DeltaNormal:
    """A book's normal VaR, split over its k positions; currency units, VaR a positive loss."""

    standard_deviation: float
    value_at_risk: float
    stand_alone: FloatArray  # [k] VaR of each position alone
    marginal: FloatArray  # [k] change of VaR per unit of value added; zero where the book does not move
    component: FloatArray  # [k] value times marginal; sums to the VaR
    still: BoolArray  # [k] positions whose return has no variance (a peg, a fixed rate)

    @property
    def undiversified(self) -> float:
        """Sum of the single VaRs."""
        return float(self.stand_alone.sum())


def delta_normal(values: npt.ArrayLike, covariance: npt.ArrayLike, *, quantile: float) -> DeltaNormal:
    """``VaR = q sqrt(v' C v)``; marginal ``q C v / sqrt(v' C v)``; component ``v_i`` times marginal.

    A variance of zero is divided by nowhere: a book that does not move has VaR and marginals of zero, and
    `still` names the positions that do not move.

    Source: J.P. Morgan/Reuters (1996), RiskMetrics Technical Document; Jorion, Value at Risk, chapter on
    portfolio risk (marginal and component VaR).

    Parameters
    ----------
    values : array_like [k]
        Positions in one currency, negative = short.
    covariance : array_like [k, k]
        Of returns over the horizon.
    quantile : float
        Standard normal quantile of the level: 2.326 for 99 %, 1.65 in RiskMetrics.

    Examples
    --------
    >>> figures = delta_normal([100.0, -50.0], [[0.0001, 0.0], [0.0, 0.0]], quantile=2.0)
    >>> figures.value_at_risk, figures.component.tolist(), figures.still.tolist()
    (2.0, [2.0, -0.0], [False, True])
    """
    held, spread = np.asarray(values, np.float64), np.asarray(covariance, np.float64)
    pull = spread @ held
    deviation = float(np.sqrt(max(float(held @ pull), 0.0)))
    marginal = quantile * pull / deviation if deviation > 0.0 else np.zeros(held.shape)
    own = np.sqrt(np.maximum(np.diag(spread), 0.0))
    return DeltaNormal(
        standard_deviation=deviation,
        value_at_risk=quantile * deviation,
        stand_alone=quantile * np.abs(held) * own,
        marginal=marginal,
        component=held * marginal,
        still=own == 0.0,
    )
