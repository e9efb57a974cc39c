"""Which of many forecasters cannot be told from the best?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray, IntArray

Statistic = Literal["range", "max"]


@dataclass(frozen=True, slots=True, eq=False)
class ConfidenceSet:
    """A model confidence set at every size at once.

    A model belongs to the (1 − size) set if its p-value is at least `size`.
    """

    p_values: FloatArray  # [n_models] running maximum of the step p-values; the last survivor has 1
    order: IntArray  # [n_models] models in the order of elimination, the survivor last
    statistics: FloatArray  # [n_models - 1] of each step
    step_p_values: FloatArray  # [n_models - 1] of each step, before the running maximum

    def contains(self, size: float) -> BoolArray:
        """Which models belong to the set of this size, [n_models]."""
        return np.asarray(self.p_values >= size)


def confidence_set(
    losses: FloatArray, resampled: FloatArray, *, statistic: Statistic = "range"
) -> ConfidenceSet:
    r"""Model confidence set: models are eliminated until equal predictive ability is no longer rejected.

    Each step tests that all remaining models have the same mean loss, with the deviations of bootstrap means
    from the sample mean as null distribution, and then drops the worst model.

    - "range": :math:`T_R = \max_{i,j} t_{ij}` with :math:`t_{ij} = \bar d_{ij}/\hat\sigma(\bar d_{ij})`; the
      model with the largest :math:`t_{ij}` goes.
    - "max": :math:`T_{max} = \max_i t_{i\cdot}`, each model against the mean of the remaining ones.

    :math:`\hat\sigma^2` is the mean squared deviation of the bootstrap means. Models with identical losses
    have :math:`t_{ij} = 0`.

    Parameters
    ----------
    losses : FloatArray [n, n_models]
        Without NaN, in time order.
    resampled : FloatArray [resamples, n_models]
        Bootstrap means of the losses (`block_means`, or `indexed_means` for fixed resamples).
    statistic : {"range", "max"}
        Which test.

    References
    ----------
    Hansen, Lunde and Nason (2011), The model confidence set, Econometrica 79, section 3.1.2.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> losses = rng.normal(size=(200, 3)) + np.array([0.0, 0.0, 1.0])
    >>> rows = rng.integers(0, 200, size=(300, 200))
    >>> means = np.stack([losses[r].mean(axis=0) for r in rows])
    >>> confidence_set(losses, means).contains(0.1).tolist()
    [True, True, False]
    """
    mean = losses.mean(axis=0)
    deviation = resampled - mean
    step = _range_step if statistic == "range" else _max_step
    left = list(range(mean.size))
    order: list[int] = []
    statistics: list[float] = []
    chances: list[float] = []
    while len(left) > 1:
        worst, value, chance = step(mean[left], deviation[:, left])
        order.append(left.pop(worst))
        statistics.append(value)
        chances.append(chance)
    order += left
    p_values = np.ones(mean.size)
    p_values[order[:-1]] = np.maximum.accumulate(chances) if chances else []
    return ConfidenceSet(p_values, np.asarray(order, np.int64), np.asarray(statistics), np.asarray(chances))


def _scaled(values: FloatArray, scale: FloatArray) -> FloatArray:
    """Values over their standard error; 0 / 0 is 0, since identical losses do not differ."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = values / scale
    return np.asarray(np.where((values == 0.0) & (scale == 0.0), 0.0, ratio))


def _range_step(mean: FloatArray, deviation: FloatArray) -> tuple[int, float, float]:
    """The worst remaining model, the step's statistic and its p-value, by T_R."""
    difference = mean[:, None] - mean[None, :]
    simulated = deviation[:, :, None] - deviation[:, None, :]
    scale = np.sqrt((simulated**2).mean(axis=0))
    observed = _scaled(difference, scale)
    value = float(observed.max())
    largest = np.abs(_scaled(simulated, scale)).max(axis=(1, 2))
    return int(observed.argmax() // mean.size), value, float((largest >= value).mean())


def _max_step(mean: FloatArray, deviation: FloatArray) -> tuple[int, float, float]:
    """The worst remaining model, the step's statistic and its p-value, by T_max."""
    against = mean - mean.mean()
    simulated = deviation - deviation.mean(axis=1, keepdims=True)
    scale = np.sqrt((simulated**2).mean(axis=0))
    observed = _scaled(against, scale)
    value = float(observed.max())
    largest = _scaled(simulated, scale).max(axis=1)
    return int(observed.argmax()), value, float((largest >= value).mean())
