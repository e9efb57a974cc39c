"""Undoing a sample that kept only a share of the legitimate events."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.measures.alerts.top import checked_rate
from barograph.measures.credit.checks import defaulted, probability


def sampling_weights(label: npt.ArrayLike, rate: float) -> FloatArray:
    """How many events each row stands for: 1 for a fraud, 1 / rate for a legitimate one, [n].

    Parameters
    ----------
    label : array_like [n]
    rate : float
        Share of the legitimate events that was kept, by chance.

    Examples
    --------
    >>> sampling_weights([1, 0], 0.25).tolist()
    [1.0, 4.0]
    """
    return np.where(defaulted(label), 1.0, 1.0 / checked_rate(rate))


def undo_sampling(p: npt.ArrayLike, rate: float) -> FloatArray:
    r"""Probabilities in the population, of a model fitted where legitimate events were kept at a rate.

    .. math:: \frac{p}{1 - p} = r\,\frac{p_s}{1 - p_s},\qquad p = \frac{r\,p_s}{r\,p_s + 1 - p_s}

    Parameters
    ----------
    p : array_like [n]
        p_s, the model's probabilities.
    rate : float
        r.

    Returns
    -------
    FloatArray [n]
        In the same order as p.

    References
    ----------
    Dal Pozzolo, Caelen, Johnson and Bontempi (2015), Calibrating probability with undersampling for
    unbalanced classification, IEEE SSCI; Elkan (2001), The foundations of cost-sensitive
    learning, theorem 2.

    Examples
    --------
    >>> undo_sampling([0.5], 0.25).tolist()
    [0.2]
    """
    sampled = probability("p", p)
    fraud = checked_rate(rate) * sampled
    return np.asarray(fraud / (fraud + (1.0 - sampled)))
