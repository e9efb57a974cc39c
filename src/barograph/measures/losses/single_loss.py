"""The year's quantile from one large loss: right to the order of magnitude where the tail is heavy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.measures.losses.frequency import Frequency
from barograph.measures.losses.severity import Severity


def single_loss_quantile(
    frequency: Frequency, severity: Severity, level: npt.ArrayLike, *, mean_corrected: bool = True
) -> FloatArray:
    r"""Single-loss approximation of quantiles of the year's total, near level 1.

    .. math:: F^{-1}\{1 - (1 - \alpha) / \lambda\} \; [\; + (\lambda - 1) E X \;]

    Parameters
    ----------
    frequency, severity : Frequency, Severity
        With a mean count λ.
    level : array_like
        α, above ``1 - λ``, else NaN.
    mean_corrected : bool
        Add the mean of all other losses; infinite where the severity's mean is.

    References
    ----------
    Böcker and Klüppelberg (2005), Operational VaR: a closed-form approximation, Risk, December; Böcker and
    Sprittulla (2006), Operational VaR: meaningful means, Risk, December (the correction).
    """
    alpha = np.asarray(level, dtype=np.float64)
    largest = severity.tail_quantile((1.0 - alpha) / frequency.mean)
    rest = (frequency.mean - 1.0) * severity.limited_mean(np.inf) if mean_corrected else 0.0
    return np.asarray(largest + rest)
