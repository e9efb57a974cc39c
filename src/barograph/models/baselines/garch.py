"""GARCH(1,1) and GJR-GARCH(1,1) with Student-t errors, by maximum likelihood (arch package)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from arch import arch_model
from arch.univariate.base import ARCHModel
from arch.utility.exceptions import StartingValueWarning

from barograph.core.arrays import FloatArray
from barograph.core.fitted import FittedValue, GarchParameters
from barograph.measures.garch import PERCENT
from barograph.measures.moving_variance import moving_mean
from barograph.models.baselines.base import MINIMUM_HISTORY, Baseline, NotConvergedError, known_returns

_OPTIONS = {"maxiter": 500}
_TEXTBOOK = GarchParameters(
    mean=0.0, omega=0.05, alpha=0.05, gamma=0.05, beta=0.875, degrees_of_freedom=6.0, backcast=1.0
)
_MIDDLE = (0.1, 0.9)  # an estimated mean outside these quantiles of its own window is no maximum
_STANDSTILL_DAYS = 250
_STANDSTILL_SHARE = 1.0 / 3.0


@dataclass(frozen=True)
class GarchBaseline(Baseline):
    """Constant mean, GARCH(1,1) variance, Student-t errors.

    The likelihood is maximised on returns divided by their standard deviation and the parameters are scaled
    back, so that a currency peg and a small stock are equally well conditioned. The backcast that starts the
    recursion is arch's: the mean of the first 75 squared deviations with weights decaying by 0.94.

    A t density with free scale has no largest likelihood on exact zeros: where prices often stood still, as
    in the first years of a thinly traded stock, the optimiser would run to zero variance. The window
    therefore starts after the last trading year in which more than a third of the returns were exactly zero,
    unless too little would be left.

    Parameters
    ----------
    asymmetric : bool
        Whether falls may raise variance more than rises do (the γ of GJR).
    """

    asymmetric: bool

    def fit(
        self,
        returns: FloatArray,
        proxy: FloatArray,
        *,
        horizons: Sequence[int],
        warm: FittedValue | None = None,
    ) -> GarchParameters:
        """See `Baseline.fit`. Starts from `warm`, from arch's grid, from textbook values; then gives up."""
        known = PERCENT * _after_standstill(known_returns(returns))
        scale = float(known.std())
        scaled = known / scale
        model = arch_model(scaled, mean="Constant", p=1, o=int(self.asymmetric), q=1, dist="t", rescale=False)
        backcast = float(model.volatility.backcast(scaled - scaled.mean()))
        textbook = self._as_vector(_TEXTBOOK, 1.0)
        middle = np.quantile(scaled, _MIDDLE)
        least = float(model.fix(textbook).loglikelihood)
        starts: list[FloatArray | None] = [None, textbook]
        if isinstance(warm, GarchParameters):
            starts.insert(0, self._as_vector(warm, scale))
        for starting_values in starts:
            found = _maximum(model, starting_values, backcast=backcast, least=least)
            if found is not None and middle[0] <= found[0] <= middle[1]:
                return self._as_parameters(found, scale, backcast)
        raise NotConvergedError(
            "a GARCH likelihood must reach its maximum",
            came=f"it did not from {len(starts)} starting points on {known.size} returns",
            do="Look for gross errors in the series, give it more history, or leave this baseline out",
        )

    def _as_vector(self, warm: GarchParameters, scale: float) -> FloatArray:
        """Parameters in arch's order and this window's scale."""
        asymmetry = [warm.gamma] if self.asymmetric else []
        return np.array(
            [
                warm.mean / scale,
                warm.omega / scale**2,
                warm.alpha,
                *asymmetry,
                warm.beta,
                warm.degrees_of_freedom,
            ]
        )

    def _as_parameters(self, found: FloatArray, scale: float, backcast: float) -> GarchParameters:
        mean, omega, alpha, *asymmetry, beta, degrees_of_freedom = (float(value) for value in found)
        return GarchParameters(
            mean=mean * scale,
            omega=omega * scale**2,
            alpha=alpha,
            gamma=asymmetry[0] if asymmetry else 0.0,
            beta=beta,
            degrees_of_freedom=degrees_of_freedom,
            backcast=backcast * scale**2,
        )


def _after_standstill(known: FloatArray) -> FloatArray:
    """The returns after the last year with too many exact zeros; all of them if few would be left."""
    share = moving_mean((known == 0.0).astype(np.float64), _STANDSTILL_DAYS)
    still = np.flatnonzero(share[_STANDSTILL_DAYS - 1 :] > _STANDSTILL_SHARE)
    first = int(still[-1]) + _STANDSTILL_DAYS if still.size else 0
    return known[first:] if known.size - first >= MINIMUM_HISTORY else known


def _maximum(
    model: ARCHModel, starting_values: FloatArray | None, *, backcast: float, least: float
) -> FloatArray | None:
    """The parameters at the likelihood's maximum, or None where there is reason to doubt that it is one.

    That is where the optimiser says so; where its log likelihood is below `least`, that of parameters nobody
    estimated (it can report success far from any maximum); and where the starting values lie outside this
    window's bounds, for arch would go on from them.
    """
    with warnings.catch_warnings():  # arch changes the filters of the whole process
        warnings.simplefilter("error", StartingValueWarning)
        try:
            result = model.fit(
                update_freq=0,
                disp="off",
                show_warning=False,
                starting_values=starting_values,
                backcast=backcast,
                options=dict(_OPTIONS),
            )
        except StartingValueWarning:
            return None
    parameters = np.asarray(result.params, dtype=np.float64)
    sound = result.convergence_flag == 0 and np.isfinite(parameters).all() and result.loglikelihood >= least
    return parameters if sound else None
