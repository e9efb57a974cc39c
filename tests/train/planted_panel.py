"""A small panel with a planted signal, for the tests of training."""

import numpy as np

from barograph.core.study import TrainSection
from barograph.train.stack import Member, StackData

N, WINDOW, HORIZONS = 1500, 6, 2
SETTINGS = TrainSection(
    max_steps=60, check_every=10, patience=4, batch=64, learning_rate=1e-2, seeds=1, weight_decay=1e-3
)


def planted(seed: int = 0, *, strength: float = 1.0, shuffled: bool = False) -> StackData:
    """Daily variance moves with feature 0; the conventional forecast knows only its mean."""
    stream = np.random.default_rng(seed)
    features = stream.normal(size=(N, 3))
    log_variance = -9.0 + strength * np.clip(features[:, :1], -2, 2) - strength**2 / 2
    returns = np.exp(log_variance / 2) * stream.normal(size=(N, HORIZONS))
    if shuffled:
        returns = returns[stream.permutation(N)]
    return StackData(
        features=features.astype(np.float32),
        channels=stream.normal(size=(N, 2)).astype(np.float32),
        cross_section=stream.normal(size=(N, 4)).astype(np.float32),
        window=WINDOW,
        fold_inputs=stream.normal(size=(2, N, 1)).astype(np.float32),
        offset=np.full((2, N, HORIZONS), -9.0, dtype=np.float32),
        target=(returns**2).astype(np.float32),
        target_return=returns.astype(np.float32),
    )


def members(count: int, *, fit_until: int = 1000, first_seed: int = 10) -> list[Member]:
    return [
        Member(
            fold=i % 2,
            seed=first_seed + i,
            fit_rows=np.arange(WINDOW, fit_until - 50 * i),
            validation_rows=np.arange(1000, 1300 - 7 * i),
            feature_mean=np.full(4, 0.01 * i),
            feature_scale=np.full(4, 1.0 + 0.1 * i),
            channel_mean=np.zeros(2),
            channel_scale=np.ones(2),
            cross_mean=np.zeros(4),
            cross_scale=np.ones(4),
            limit=5.0,
        )
        for i in range(count)
    ]
