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
_CALM = GarchParameters(
    mean=0.0, omega=0.1, alpha=0.02, gamma=0.02, beta=0.87, degrees_of_freedom=50.0, backcast=1.0
)
_STUCK = 8  # SLSQP's flag: no direction goes up any more, at the accuracy of its line search
_AGREED = 0.5  # log likelihood: climbs that got stuck this close to each other found the same maximum
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
        """See `Baseline.fit`. Starts from `warm`, arch's grid, textbook and calm values; then gives up.

        Near a constant variance the likelihood is flat and a climb may get stuck an instant below its
        maximum. Two that got stuck at the same height, from different starts, count as having arrived.
        """
        known = PERCENT * _after_standstill(known_returns(returns))
        scale = float(known.std())
        scaled = known / scale
        model = arch_model(scaled, mean="Constant", p=1, o=int(self.asymmetric), q=1, dist="t", rescale=False)
        backcast = float(model.volatility.backcast(scaled - scaled.mean()))
        textbook, calm = self._as_vector(_TEXTBOOK, 1.0), self._as_vector(_CALM, 1.0)
        middle = np.quantile(scaled, _MIDDLE)
        least = float(model.fix(textbook).loglikelihood)
        starts: list[FloatArray | None] = [None, textbook, calm]
        if isinstance(warm, GarchParameters):
            starts.insert(0, self._as_vector(warm, scale))
        stuck: list[_Climb] = []
        for starting_values in starts:
            found = _climb(model, starting_values, backcast=backcast)
            if found is None or found.height < least or not middle[0] <= found.parameters[0] <= middle[1]:
                continue
            if found.arrived:
                return self._as_parameters(found.parameters, scale, backcast)
            stuck = sorted([*stuck, found], key=lambda one: -one.height)
            if len(stuck) > 1 and stuck[0].height - stuck[1].height <= _AGREED:
                return self._as_parameters(stuck[0].parameters, scale, backcast)
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


@dataclass(frozen=True, slots=True, eq=False)
class _Climb:
    """Where one run of the optimiser ended."""

    parameters: FloatArray
    height: float  # log likelihood
    arrived: bool  # the optimiser says that it is at the maximum; otherwise it got stuck


def _climb(model: ARCHModel, starting_values: FloatArray | None, *, backcast: float) -> _Climb | None:
    """The end of a climb, or None where it says nothing of the maximum.

    That is where the optimiser neither arrived nor got stuck, and where the starting values lie outside this
    window's bounds, for arch would go on from them. It can report success far from any maximum: whether the
    height is one that parameters nobody estimated do not reach is for the caller to ask.
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
    if result.convergence_flag not in (0, _STUCK) or not np.isfinite(parameters).all():
        return None
    return _Climb(parameters, float(result.loglikelihood), result.convergence_flag == 0)
