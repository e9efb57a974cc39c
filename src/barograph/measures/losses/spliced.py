"""Severity in two parts: a body below a threshold and a generalised Pareto tail above it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError, SettingError
from barograph.measures.losses.checks import amounts, within
from barograph.measures.losses.lognormal_fit import fit_lognormal
from barograph.measures.losses.pareto import GeneralisedPareto, fit_pareto
from barograph.measures.losses.severity import Lognormal


@dataclass(frozen=True, slots=True)
class Spliced:
    r"""Lognormal body up to the tail's threshold u, generalised Pareto tail beyond it.

    .. math:: F(x) = (1 - w) B(x) \ (x \le u), \qquad F(x) = 1 - w + w G(x) \ (x > u)

    with B the body (which ends at u) and G the tail. F is continuous; the density may jump at u.

    References
    ----------
    Klugman, Panjer and Willmot (2012), Loss Models, 4th ed., section 5.2.6.

    Raises
    ------
    SettingError
        Where the body does not end at the tail's threshold, or the tail share is not between 0 and 1.
    """

    body: Lognormal
    tail: GeneralisedPareto
    tail_share: float  # w, probability of a loss beyond the threshold

    def __post_init__(self) -> None:
        within("tail_share", self.tail_share, low=0.0, high=1.0)
        if self.body.upper != self.tail.threshold:
            raise SettingError(
                "the body must end where the tail begins",
                came=f"got {self.body.upper:g} and {self.tail.threshold:g}",
                do="Give the body the tail's threshold as its upper bound",
            )

    @property
    def knots(self) -> tuple[float, ...]:
        """Ends and threshold."""
        return tuple(sorted({*self.body.knots, *self.tail.knots}))

    def log_density(self, x: npt.ArrayLike) -> FloatArray:
        """Log density, minus infinity outside the support."""
        at = np.asarray(x, dtype=np.float64)
        body: FloatArray = self.body.log_density(at) + np.log1p(-self.tail_share)
        beyond = self.tail.log_density(at) + np.log(self.tail_share)
        return np.where(at > self.tail.threshold, beyond, body)

    def survival(self, x: npt.ArrayLike) -> FloatArray:
        """Probability of more than x."""
        return np.asarray(
            (1.0 - self.tail_share) * self.body.survival(x) + self.tail_share * self.tail.survival(x)
        )

    def tail_quantile(self, p: npt.ArrayLike) -> FloatArray:
        """The amount exceeded with probability p."""
        share = np.asarray(p, dtype=np.float64)
        far = share < self.tail_share
        inner = np.where(far, 0.0, (share - self.tail_share) / (1.0 - self.tail_share))
        outer = self.tail.tail_quantile(np.where(far, share / self.tail_share, 1.0))
        return np.where(far, outer, self.body.tail_quantile(inner))

    def limited_mean(self, x: npt.ArrayLike) -> FloatArray:
        """E[min(X, x)] for x >= 0."""
        return np.asarray(
            (1.0 - self.tail_share) * self.body.limited_mean(x) + self.tail_share * self.tail.limited_mean(x)
        )

    def second_moment(self) -> FloatArray:
        """E[X²], infinite where the tail's is."""
        body, tail = self.body.second_moment(), self.tail.second_moment()
        return np.asarray((1.0 - self.tail_share) * body + self.tail_share * tail)

    def draw(self, random: np.random.Generator, size: int) -> FloatArray:
        """Independent losses [size]."""
        return self.tail_quantile(random.random(size))


def fit_spliced(losses: npt.ArrayLike, *, threshold: float, lower: float = 0.0) -> Spliced:
    """Maximum likelihood of body, tail and tail share; the likelihood falls into these three parts.

    Parameters
    ----------
    losses : array_like [n_losses]
    threshold : float
        Where the tail begins; a loss equal to it belongs to the body.
    lower : float
        Reporting threshold.

    Raises
    ------
    DataError
        Where body or tail has too few losses (`fit_lognormal`, `fit_pareto`).
    """
    seen = amounts(losses, lower=lower)
    if not lower < threshold < seen.max():
        raise DataError(
            f"the threshold must lie between {lower:g} and the largest loss, {seen.max():g}",
            came=f"got {threshold:g}",
            do="Choose it by the mean excess and the stability of the fitted shape",
        )
    inner = seen[seen <= threshold]
    tail = fit_pareto(seen, threshold=threshold)
    body = fit_lognormal(inner, lower=lower, upper=threshold)
    return Spliced(body, tail, 1.0 - inner.size / seen.size)
