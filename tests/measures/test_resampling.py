"""Intervals by resampling against what theory says of means."""

from __future__ import annotations

import math

import numpy as np
import pytest

from barograph.measures.resampling import resampled_interval


def interval(values: np.ndarray, *, block: int = 1, seed: int = 0) -> tuple[float, float]:
    stream = np.random.default_rng(seed)
    return resampled_interval(
        lambda rows: float(values[rows].mean()), values.size, generator=stream, block=block, draws=2000
    )


def test_the_interval_of_a_mean_is_that_of_the_normal_law() -> None:
    values = np.random.default_rng(1).normal(size=400)
    low, high = interval(values)
    error = 1.96 * values.std() / math.sqrt(values.size)
    assert (low, high) == (
        pytest.approx(values.mean() - error, abs=0.02),
        pytest.approx(values.mean() + error, abs=0.02),
    )


def test_blocks_widen_the_interval_where_neighbours_are_alike() -> None:
    noise = np.random.default_rng(2).normal(size=20_000)
    values = np.empty(20_000)
    values[0] = noise[0]
    for i in range(1, 20_000):
        values[i] = 0.8 * values[i - 1] + noise[i]
    plain, blocked = (high - low for low, high in (interval(values), interval(values, block=100)))
    assert blocked / plain == pytest.approx(
        math.sqrt((1 + 0.8) / (1 - 0.8)), rel=0.15
    )  # long-run over own variance


def test_it_covers_the_truth_as_often_as_it_says() -> None:
    held = 0
    for seed in range(200):
        values = np.random.default_rng(1000 + seed).exponential(size=60)
        stream = np.random.default_rng(seed)
        low, high = resampled_interval(
            lambda rows, values=values: float(values[rows].mean()), 60, generator=stream, draws=200
        )
        held += low <= 1.0 <= high
    assert 0.88 <= held / 200 <= 0.98


def test_without_rows_or_figures_there_is_no_interval() -> None:
    assert all(math.isnan(end) for end in interval(np.array([1.0])))
    stream = np.random.default_rng(0)
    none = resampled_interval(lambda rows: float("nan"), 50, generator=stream, draws=20)
    assert all(math.isnan(end) for end in none)
