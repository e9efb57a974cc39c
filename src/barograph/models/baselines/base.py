"""What a conventional model promises: fitted on one entity's history, it leaves a frozen fitted value."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.core.fitted import FittedValue

MINIMUM_HISTORY = 250
"""Fewest known daily returns a conventional model is fitted on: about a trading year."""


class NotConvergedError(DataError):
    """The likelihood's maximum was not found, neither from the last fit's parameters nor from fresh ones."""


class Baseline(ABC):
    """A conventional model of one series' variance, fitted by `fit`, forecast by `measures.variance`."""

    @abstractmethod
    def fit(
        self,
        returns: FloatArray,
        proxy: FloatArray,
        *,
        horizons: Sequence[int],
        warm: FittedValue | None = None,
    ) -> FittedValue:
        """Estimate on a training window; everything given is used, so the caller cuts at the origin.

        Parameters
        ----------
        returns : array [n_days]
            Log returns of one entity, decimals, oldest first; NaN days are left out.
        proxy : array [n_days]
            Daily variance proxy, decimals squared; equal to ``returns ** 2`` where there are no ranges.
        horizons : sequence of int
            Days ahead to be forecast (only HAR fits each on its own).
        warm : FittedValue or None
            The fit of an earlier cut, a starting point only: the estimate does not depend on it beyond the
            optimiser's tolerance.

        Returns
        -------
        FittedValue
            Of one of `measures.variance.VARIANCE_KINDS`.

        Raises
        ------
        DataError
            Where fewer than `MINIMUM_HISTORY` returns are known, or all of them are the same.
        NotConvergedError
            Where an optimiser did not converge.
        """


def known_returns(returns: FloatArray) -> FloatArray:
    """The returns that are known, checked to be enough and to move at all."""
    known = np.asarray(returns[np.isfinite(returns)], dtype=np.float64)
    if known.size < MINIMUM_HISTORY:
        raise DataError(
            f"a conventional model needs at least {MINIMUM_HISTORY} daily returns before its cut",
            came=f"got {known.size}",
            do="Start the test block later, or leave this series out",
        )
    if np.ptp(known) == 0.0:
        raise DataError(
            "a series must move to have a variance",
            came=f"all {known.size} returns are {known[0]:g}",
            do="Leave this series out",
        )
    return known
