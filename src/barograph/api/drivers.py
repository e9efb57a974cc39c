"""What moves a model's figure: the mean size of reasons over the bundle's reference records."""

from __future__ import annotations

import numpy as np

from barograph.api.answer import Scorer
from barograph.api.live import EventScorer
from barograph.engines.scoring.explain import reasons

RECORDS = 8
"""Reference records that reasons are worked out for, evenly spaced."""


def drivers(model: Scorer | EventScorer, *, records: int = RECORDS) -> dict[str, float]:
    """Mean absolute reason of each column, the largest first.

    Reasons are permutation Shapley values of the served figure (`measures.credit.shapley`), in its own unit;
    their mean size over typical records says what the model listens to, not which way it pulls.

    Parameters
    ----------
    model : Scorer or EventScorer
    records : int
        Reference records at most.
    """
    parts = model.predictor.parts
    n = min(records, parts.reference.n)
    chosen = parts.reference.take(
        np.unique(np.linspace(0, parts.reference.n - 1, n).round().astype(np.int64))
    )
    found = [why.values for why in reasons(parts, chosen)]
    sizes = {name: float(np.mean([abs(one[name]) for one in found])) for name in found[0]}
    return dict(sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0])))
