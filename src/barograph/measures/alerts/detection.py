"""How long a compromised card or terminal goes unnoticed, and which cards are known already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import AnyArray, BoolArray, FloatArray
from barograph.core.errors import DataError
from barograph.measures.credit.checks import codes_of, complete, defaulted


@dataclass(frozen=True, slots=True, eq=False)
class DetectionTimes:
    """From the first fraud of each compromised entity to its first alert from then on."""

    entity: AnyArray  # [n_compromised] ascending
    delay: FloatArray  # [n_compromised] seconds, or the unit of the times; infinite = never detected

    @property
    def never(self) -> float:
        """Share never detected; NaN where no entity is compromised."""
        return float(np.isinf(self.delay).mean()) if self.delay.size else float("nan")

    def quantiles(self, levels: Sequence[float] = (0.25, 0.5, 0.75, 0.9)) -> FloatArray:
        """Delay within which each share of all compromised entities is detected, [levels].

        Those never detected count, as infinite: a median over the detected alone would improve by missing
        the hard ones. NaN where no entity is compromised.
        """
        if not self.delay.size:
            return np.full(len(levels), np.nan)
        return np.quantile(self.delay, levels, method="inverted_cdf")


def detection_times(
    label: npt.ArrayLike, alert: npt.ArrayLike, entity: AnyArray, time: AnyArray
) -> DetectionTimes:
    """Time from the first fraud of each card or terminal to its first alert from then on.

    Any alert counts, on a legitimate event too, since a review looks at the whole card; pass
    ``alert & fraud`` to count those on frauds alone. An alert on the first fraud itself is a delay of 0, one
    before it does not count. Entities compromised near the end had little time to be detected.

    Parameters
    ----------
    label : array_like [n]
        Fraud (1) or not, of each event in any order.
    alert : array_like [n]
        Whether it was alerted.
    entity : array [n]
        Card or terminal.
    time : array [n]
        Numbers, or datetime64 (delays are then in seconds).

    Returns
    -------
    DetectionTimes
    """
    fraud = defaulted(label)
    raised = np.asarray(alert, dtype=bool)
    when = _seconds(np.asarray(time), fraud.size)
    code = codes_of(entity, fraud.size)
    names = np.unique(entity)
    first = np.full(names.size, np.inf)
    np.minimum.at(first, code[fraud], when[fraud])
    counts = raised & (when >= first[code])
    noticed = np.full(names.size, np.inf)
    np.minimum.at(noticed, code[counts], when[counts])
    compromised = np.isfinite(first)
    return DetectionTimes(names[compromised], noticed[compromised] - first[compromised])


def _seconds(time: AnyArray, n_obs: int) -> FloatArray:
    if np.issubdtype(time.dtype, np.datetime64):
        if np.isnat(time).any():
            raise DataError(
                "time must be known for every event",
                came=f"{int(np.isnat(time).sum())} of {time.size} are missing",
                do="Leave those events out",
            )
        time = (time - time[:1]) / np.timedelta64(1, "s")
    return complete("time", time, n_obs)


def known_cards(
    card: AnyArray, day: npt.ArrayLike, *, fraud_card: AnyArray, fraud_day: npt.ArrayLike, delay: int
) -> BoolArray:
    """Which transactions are of a card whose fraud is known by then, so that it would be blocked.

    A fraud on day f is known at the end of day f + delay: its card is left out of the test from the day
    after. With frauds since the start of training this is the removal rule of the handbook (every fraud of a
    training window that ends `delay` days before the test is known on all of the test's days).

    Parameters
    ----------
    card, day : array [n]
        Of each transaction of the test; days are whole numbers.
    fraud_card, fraud_day : array [m]
        Of each fraud, those within the test included.
    delay : int
        Days from a fraud to its label.

    Returns
    -------
    BoolArray [n]
        True where the row is to be left out.

    References
    ----------
    Le Borgne, Siblini, Lebichot and Bontempi (2022), Reproducible Machine Learning for Credit Card Fraud
    Detection, chapter 3.
    """
    cards, frauds = np.asarray(card), np.asarray(fraud_card)
    days = complete("day", day, cards.size)
    known_on = complete("fraud_day", fraud_day, frauds.size) + delay
    names, code = np.unique(np.concatenate([cards, frauds]), return_inverse=True)
    first = np.full(names.size, np.inf)
    np.minimum.at(first, code[cards.size :], known_on)
    return np.asarray(days > first[code[: cards.size]])
