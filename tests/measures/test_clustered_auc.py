"""Stratified AUC with whole clusters drawn again, against the stratified AUC and a plain bootstrap."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.measures.credit.clustered_auc import clustered_auc
from barograph.measures.credit.delong import stratified_auc


def made(seed: int, gain: float) -> tuple[np.ndarray, ...]:
    """Four blocks, nine clusters that run through all of them and share a shock of their own."""
    random = np.random.default_rng(seed)
    n = 800
    block, cluster = random.integers(0, 4, n), random.integers(0, 9, n)
    label = (random.random(n) < 0.2).astype(float)
    shock = random.normal(size=9)[cluster]
    a = gain * label + shock + random.normal(size=n).round(1)
    b = 0.5 * label + random.normal(size=n).round(1)
    return label, a, b, block, cluster


def test_the_areas_are_the_stratified_ones_ties_and_all() -> None:
    label, a, b, block, cluster = made(1, 0.8)
    found = clustered_auc(label, a, b, block, cluster, generator=np.random.default_rng(0), draws=50)
    assert found.aucs[0] == pytest.approx(stratified_auc(label, a, block))
    assert found.aucs[1] == pytest.approx(stratified_auc(label, b, block))
    assert found.difference == pytest.approx(found.aucs[0] - found.aucs[1])


def test_the_interval_is_that_of_a_plain_bootstrap_of_clusters() -> None:
    label, a, b, block, cluster = made(2, 0.8)
    found = clustered_auc(label, a, b, block, cluster, generator=np.random.default_rng(0), draws=2000)
    random, moved = np.random.default_rng(5), []
    for _ in range(300):
        chosen = random.integers(0, 9, 9)
        rows = np.concatenate([np.flatnonzero(cluster == code) for code in chosen])
        moved.append(
            stratified_auc(label[rows], a[rows], block[rows])
            - stratified_auc(label[rows], b[rows], block[rows])
        )
    low, high = np.quantile(moved, [0.025, 0.975])
    assert found.interval[0] == pytest.approx(low, abs=0.03)
    assert found.interval[1] == pytest.approx(high, abs=0.03)


def test_a_planted_gain_is_found_and_none_is_not_found_beyond_the_size() -> None:
    strong = [clustered_auc(*made(s, 2.5), generator=np.random.default_rng(s), draws=300) for s in range(5)]
    assert all(one.test.p_value < 0.05 and one.difference > 0 for one in strong)
    rejected = 0
    for seed in range(40):
        random = np.random.default_rng(100 + seed)
        label, _, _, block, cluster = made(seed, 0.0)
        a, b = (label + random.normal(size=label.size) for _ in range(2))
        found = clustered_auc(label, a, b, block, cluster, generator=random, draws=300)
        rejected += found.test.p_value < 0.05
    assert rejected <= 8


def test_one_cluster_or_equal_scores_cannot_be_tested() -> None:
    label, a, b, block, cluster = made(3, 0.8)
    alone = clustered_auc(label, a, b, block, np.zeros(800), generator=np.random.default_rng(0), draws=50)
    assert np.isnan(alone.test.p_value)
    same = clustered_auc(label, a, a, block, cluster, generator=np.random.default_rng(0), draws=50)
    assert same.difference == 0.0
    assert np.isnan(same.test.p_value)
