"""A small table of records with a planted interaction, for the tests of training."""

import numpy as np

from barograph.core.section import OptimiserSection
from barograph.train.record_data import RecordData, RecordMember

N, F, STEPS = 3000, 6, 6
FIT, VALIDATION, HELD_OUT = np.arange(1800), np.arange(1800, 2400), np.arange(2400, N)
SETTINGS = OptimiserSection(
    seeds=1, max_steps=150, check_every=15, patience=6, batch=128, learning_rate=1e-2, weight_decay=1e-3
)
SMALL: dict[str, dict] = {
    "tabm": {"k": 4, "hidden": (16,)},
    "transformer": {"width": 8, "hidden": (16,)},
}


def planted(*, head: str = "bernoulli", steps: int = STEPS, periods: int = 3) -> RecordData:
    """Log-odds of bad are a product of two features, which no linear model sees, beside a known offset."""
    stream = np.random.default_rng(0)
    features = stream.uniform(-1.0, 1.0, size=(N, F))
    logit = 6.0 * features[:, :1] * features[:, 1:2]
    offset = np.full((N, 1), -0.3)
    bad = stream.random((N, 1)) < 1.0 / (1.0 + np.exp(-logit - offset))
    target, weight = bad.astype(float), np.ones((N, 1))
    if head == "hazard":
        offset = np.full((N, periods), -2.0)
        event = stream.random((N, periods)) < 1.0 / (1.0 + np.exp(-logit - offset))
        weight = (np.cumsum(event, axis=1) - event == 0).astype(float)
        target = np.where(weight > 0, event, np.nan)
    elif head == "hurdle_beta":
        mean = 1.0 / (1.0 + np.exp(-logit))
        target = np.where(stream.random((N, 1)) < 0.1, 1.0, stream.beta(5.0 * mean, 5.0 * (1.0 - mean)))
    elif head == "reconstruction":
        factors = stream.normal(size=(N, 2))
        features = factors @ stream.normal(size=(2, F)) + 0.1 * stream.normal(size=(N, F))
        target, weight = features, np.ones((N, F))
        offset = np.broadcast_to(features[FIT].mean(axis=0), (N, F))
    plain = (features, stream.normal(size=(N, steps, 2)), offset, target, weight)
    return RecordData(*(values.astype(np.float32) for values in plain), groups=(2, 1, 3))


def members(count: int = 2, *, first_seed: int = 10) -> list[RecordMember]:
    return [RecordMember(first_seed + i, FIT[100 * i :], VALIDATION[: 600 - 50 * i]) for i in range(count)]
