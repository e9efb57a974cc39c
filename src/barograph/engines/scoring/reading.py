"""What raw outputs of a network say of a record; the same for fitting and serving."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.measures.credit import hurdle_beta
from barograph.measures.credit.log_odds import sigmoid


def read(head: str, raw: FloatArray, offset: FloatArray) -> FloatArray:
    """Probability, expected loss, or the log-odds of each period's hazard.

    Parameters
    ----------
    head : {"bernoulli", "hazard", "hurdle_beta"}
    raw : FloatArray [n, H, K]
        H sub-networks, averaged on the scale of the answer (hazards on that of the log-odds).
    offset : FloatArray [n, J]
        Log-odds that the network corrects.

    Returns
    -------
    FloatArray [n] or, for a hazard, [n, J]
    """
    if head == "hazard":
        return np.asarray(raw.mean(axis=1) + offset)
    if head == "hurdle_beta":
        moved = raw.copy()
        moved[..., 1] += offset
        return np.asarray(hurdle_beta.mean(moved).mean(axis=1))
    return np.asarray(sigmoid(raw[..., 0] + offset).mean(axis=1))


def within_one(p: FloatArray) -> FloatArray:
    """A straight line's share, which may leave [0, 1], as the nearest share that can be."""
    return np.clip(p, 0.0, 1.0)
