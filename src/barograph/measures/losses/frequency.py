"""The number of losses in a year: Poisson, or negative binomial where the dispersion is above zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import AnyArray, IntArray
from barograph.core.errors import SettingError
from barograph.measures.losses.checks import counts_of, positive
from barograph.measures.losses.count_fit import fit_dispersion


@dataclass(frozen=True, slots=True)
class Frequency:
    """Yearly count with variance ``mean + dispersion · mean²``; see `counts` for its probabilities.

    Examples
    --------
    >>> Frequency(100.0, 0.02).variance
    300.0
    """

    mean: float  # losses a year
    dispersion: float = 0.0

    def __post_init__(self) -> None:
        positive("mean", self.mean)
        if not 0.0 <= self.dispersion < np.inf:
            raise SettingError(
                "the dispersion must not be negative",
                came=f"got {self.dispersion:g}",
                do="Use 0 for Poisson counts",
            )

    @property
    def variance(self) -> float:
        """Of the yearly count."""
        return self.mean + self.dispersion * self.mean**2

    def log_generating(self, z: AnyArray) -> AnyArray:
        """Log of the probability generating function ``E[z^N]``, real or complex z."""
        if self.dispersion == 0.0:
            return np.asarray(self.mean * (z - 1.0))
        return np.asarray(-np.log1p(-self.dispersion * self.mean * (z - 1.0)) / self.dispersion)

    def draw(self, random: np.random.Generator, years: int) -> IntArray:
        """Independent yearly counts [years]."""
        if self.dispersion == 0.0:
            return random.poisson(self.mean, years)
        means = random.gamma(1.0 / self.dispersion, self.dispersion * self.mean, years)
        return random.poisson(means)


def fit_frequency(yearly: npt.ArrayLike, *, poisson: bool = False) -> Frequency:
    """Maximum-likelihood frequency of equally long years; the dispersion may come out as 0.

    Parameters
    ----------
    yearly : array_like [n_years]
        Losses recorded each year, years without any among them.
    poisson : bool
        Hold the dispersion at 0.

    Raises
    ------
    DataError
        Fewer than two years, or none with a loss.
    """
    observed = counts_of(yearly)
    dispersion = fit_dispersion(observed)
    return Frequency(float(observed.mean()), 0.0 if poisson else dispersion)
