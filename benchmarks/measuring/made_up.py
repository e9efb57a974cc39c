"""Numbers made up for comparisons: records with a label, records with a few odd ones among them."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.train.stack import Float32Array

FACTORS = 5
FOREIGN = 0.15
"""Share of an odd row's columns that come from other rows."""


def labelled(n: int, columns: int, seed: int = 0) -> tuple[Float32Array, Float32Array]:
    """Standard normal columns ``[n, columns]``, and labels ``[n, 1]`` that depend on a product and a bend."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, columns)).astype(np.float32)
    logit = 1.5 * x[:, 0] * x[:, 1] + np.abs(x[:, 2]) - x[:, 3] + 0.5 * x[:, 4] - 1.0
    bad = random.random(n) < 1.0 / (1.0 + np.exp(-logit))
    return x, bad[:, None].astype(np.float32)


def odd(n: int, columns: int, share: float, seed: int = 0) -> tuple[Float32Array, IntArray]:
    """Columns driven by a few factors, but for some rows with a few columns that are strangers; and which."""
    random = np.random.default_rng(seed)
    loadings = np.random.default_rng(99).normal(size=(FACTORS, columns))
    usual = np.tanh(random.normal(size=(n, FACTORS))) @ loadings + 0.5 * random.normal(size=(n, columns))
    strange = random.random(n) < share
    foreign = strange[:, None] & (random.random((n, columns)) < FOREIGN)
    return np.where(foreign, random.permuted(usual, axis=0), usual).astype(np.float32), strange.astype(
        np.int64
    )


def log_loss(label: Float32Array, probability: FloatArray) -> float:
    """Mean negative log likelihood of labels 0 and 1."""
    truth, given = label.ravel() > 0, np.clip(probability.ravel(), 1e-9, 1.0 - 1e-9)
    return float(-np.mean(np.where(truth, np.log(given), np.log1p(-given))))


def area(strange: IntArray, score: FloatArray) -> float:
    """Chance that an odd row has a higher score than a usual one (scores without ties)."""
    rank = np.empty(score.size)
    rank[np.argsort(score)] = np.arange(1, score.size + 1)
    n_odd = int(strange.sum())
    return float((rank[strange > 0].sum() - n_odd * (n_odd + 1) / 2) / (n_odd * (score.size - n_odd)))
