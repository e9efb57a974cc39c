"""Block bootstrap means, and the model confidence set against the arch library and its own coverage."""

from __future__ import annotations

import numpy as np
import pytest
from arch.bootstrap import MCS

from barograph.measures.comparison import block_means, confidence_set, indexed_means

REPETITIONS = pytest.mark.parametrize(
    "repetitions", [150, pytest.param(1500, marks=pytest.mark.soak)], ids=["cut", "long"]
)


def some_losses(n: int = 200, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.normal(size=(n, 1)) + random.normal(size=(n, 5)) + np.array([0, 0.02, 0.1, 0.4, 0.25])


class RecordedStarts:
    """A generator that returns given starts, so that blocks can be laid out by hand."""

    def __init__(self, starts: np.ndarray) -> None:
        self.starts = starts
        self.limit = 0

    def integers(self, low: int, high: int, size: tuple[int, int]) -> np.ndarray:
        assert low == 0
        assert size == self.starts.shape
        self.limit = high
        return self.starts


@pytest.mark.parametrize(("scheme", "limit"), [("circular", 23), ("moving", 19)])
def test_block_means_equal_means_over_the_rows_the_blocks_name(scheme, limit):
    losses = some_losses(23) + 1000.0
    block, n_blocks = 5, 5  # four whole blocks and one cut to three rows
    starts = np.random.default_rng(1).integers(0, limit, size=(40, n_blocks))
    rows = (starts[:, :, None] + np.arange(block)).reshape(40, -1)[:, :23] % 23
    source = RecordedStarts(starts)
    found = block_means(losses, generator=source, resamples=40, block=block, scheme=scheme)
    assert source.limit == limit
    np.testing.assert_allclose(found, [losses[r].mean(axis=0) for r in rows], rtol=1e-12)
    np.testing.assert_allclose(indexed_means(losses, rows), found, rtol=1e-12)


def test_block_means_have_the_variance_of_a_mean_of_dependent_terms():
    random = np.random.default_rng(2)
    shocks = random.normal(size=(3000 + 9, 1))
    smooth = np.stack([shocks[i : i + 10].mean(axis=0) for i in range(3000)])
    found = block_means(smooth, generator=random, resamples=2000, block=60).std()
    assert found == pytest.approx(1 / np.sqrt(3000), rel=0.25)  # the long-run deviation of the shocks is 1
    naive = block_means(smooth, generator=random, resamples=2000, block=1).std()
    assert naive < 0.5 * found


@pytest.mark.parametrize(("ours", "theirs"), [("range", "R"), ("max", "max")])
def test_the_confidence_set_agrees_with_arch_up_to_the_bootstrap(ours, theirs):
    losses = some_losses()
    other = MCS(losses, size=0.1, reps=3000, block_size=5, method=theirs, bootstrap="circular", seed=1)
    other.compute()
    means = block_means(losses, generator=np.random.default_rng(3), resamples=3000, block=5)
    found = confidence_set(losses, means, statistic=ours)
    expected = other.pvalues["Pvalue"].sort_index().to_numpy()
    np.testing.assert_allclose(found.p_values, expected, atol=0.04)
    assert np.flatnonzero(found.contains(0.1)).tolist() == sorted(other.included)


def test_one_step_of_each_statistic_equals_a_plain_loop():
    losses = some_losses(60)[:, :3]
    means = block_means(losses, generator=np.random.default_rng(4), resamples=100, block=4)
    mean = losses.mean(axis=0)
    by_range, by_max = confidence_set(losses, means), confidence_set(losses, means, statistic="max")
    pairs = [(i, j) for i in range(3) for j in range(3) if i != j]
    scale = {(i, j): np.sqrt(np.mean((means[:, i] - means[:, j] - mean[i] + mean[j]) ** 2)) for i, j in pairs}
    ratio = {(i, j): (mean[i] - mean[j]) / scale[i, j] for i, j in pairs}
    simulated = [
        max(abs(row[i] - row[j] - mean[i] + mean[j]) / scale[i, j] for i, j in pairs) for row in means
    ]
    assert by_range.statistics[0] == pytest.approx(max(ratio.values()))
    assert by_range.order[0] == max(ratio, key=ratio.get)[0]
    assert by_range.step_p_values[0] == np.mean(np.array(simulated) >= max(ratio.values()))
    apart = mean - mean.mean()
    moved = means - means.mean(axis=1, keepdims=True) - apart
    deviation = np.sqrt(np.mean(moved**2, axis=0))
    assert by_max.statistics[0] == pytest.approx(max(apart / deviation))
    assert by_max.step_p_values[0] == np.mean((moved / deviation).max(axis=1) >= max(apart / deviation))


def test_p_values_never_fall_along_the_elimination_and_the_survivor_has_one():
    losses = some_losses()
    means = block_means(losses, generator=np.random.default_rng(5), resamples=300, block=5)
    for statistic in ("range", "max"):
        found = confidence_set(losses, means, statistic=statistic)
        along = found.p_values[found.order]
        assert np.all(np.diff(along) >= 0)
        assert along[-1] == 1.0
        assert sorted(found.order) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("statistic", ["range", "max"])
def test_identical_models_stay_together(statistic):
    losses = some_losses()[:, [0, 0, 3]]
    means = block_means(losses, generator=np.random.default_rng(6), resamples=300, block=5)
    found = confidence_set(losses, means, statistic=statistic)
    assert found.contains(0.1).tolist() == [True, True, False]
    twins = confidence_set(losses[:, :2], means[:, :2], statistic=statistic)
    assert twins.p_values.tolist() == [1.0, 1.0]


def test_a_constant_handicap_is_found_however_small_and_one_model_is_its_own_set():
    base = some_losses()[:, :1]
    losses = np.hstack([base, base + 0.5])
    means = block_means(losses, generator=np.random.default_rng(7), resamples=300, block=5)
    assert confidence_set(losses, means).contains(0.1).tolist() == [True, False]
    assert confidence_set(base, means[:, :1]).p_values.tolist() == [1.0]


@REPETITIONS
@pytest.mark.parametrize("statistic", ["range", "max"])
def test_the_ninety_per_cent_set_keeps_all_equal_models_and_drops_a_bad_one(statistic, repetitions):
    random = np.random.default_rng(8)
    kept_all = dropped = 0
    for _ in range(repetitions):
        losses = random.normal(size=(250, 1)) + random.normal(size=(250, 4))
        means = block_means(losses, generator=random, resamples=200, block=6)
        kept_all += confidence_set(losses, means, statistic=statistic).contains(0.1).all()
        losses[:, 0] += 0.5
        means = block_means(losses, generator=random, resamples=200, block=6)
        dropped += not confidence_set(losses, means, statistic=statistic).contains(0.1)[0]
    # blocks of 6 on 250 days make the bootstrap variance a little small: 0.87 in 1,500 repetitions, not 0.90
    assert kept_all / repetitions > 0.9 - 0.03 - 4 * np.sqrt(0.09 / repetitions)
    assert kept_all / repetitions < 0.99
    assert dropped / repetitions > 0.97
