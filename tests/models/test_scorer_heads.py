"""Heads of records against formulas in numpy and scipy."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from barograph.core.errors import LeakError
from barograph.measures.credit import hazard, hurdle_beta
from barograph.models.record_heads import RECORD_HEADS, record_head_of

M, B, H = 2, 7, 3
seeds = st.integers(0, 2**32 - 1)


def drawn(seed: int, n_outputs: int, n_targets: int) -> tuple[np.ndarray, ...]:
    """Raw outputs, target in {0, 1}, offset, weight in {0, 1}."""
    stream = np.random.default_rng(seed)
    raw = stream.normal(0.0, 2.0, size=(M, B, H, n_outputs))
    target = (stream.random((M, B, n_targets)) < 0.4).astype(float)
    offset = stream.normal(-1.0, 1.0, size=(M, B, n_targets))
    return raw, target, offset, (stream.random((M, B, n_targets)) < 0.7).astype(float)


def loss(head: str, *arrays: np.ndarray) -> np.ndarray:
    return record_head_of(head).loss(*map(torch.from_numpy, arrays)).numpy()


def held_out(head: str, *arrays: np.ndarray) -> np.ndarray:
    return record_head_of(head).held_out_loss(*map(torch.from_numpy, arrays)).numpy()


@given(seeds)
def test_bernoulli_is_the_log_loss(seed: int) -> None:
    raw, target, offset, weight = drawn(seed, 1, 1)
    p = special.expit(raw[..., 0] + offset)
    expected = -weight * stats.bernoulli.logpmf(target, p)
    np.testing.assert_allclose(loss("bernoulli", raw, target, offset, weight), expected, atol=1e-9)


@given(seeds)
def test_the_held_out_bernoulli_loss_is_that_of_the_mean_probability(seed: int) -> None:
    raw, target, offset, weight = drawn(seed, 1, 1)
    p = special.expit(raw[..., 0] + offset).mean(axis=2, keepdims=True)
    expected = -weight * stats.bernoulli.logpmf(target, p)
    np.testing.assert_allclose(
        held_out("bernoulli", raw, target, offset, weight), expected[..., 0], atol=1e-9
    )


@given(seeds)
def test_hazard_is_the_likelihood_of_the_periods_at_risk(seed: int) -> None:
    stream = np.random.default_rng(seed)
    periods = 4
    raw, _, offset, _ = drawn(seed, periods, periods)
    known, gone = stream.integers(1, periods + 1, (M, B)), stream.integers(0, 2 * periods, (M, B))
    place = np.arange(periods)
    weight = ((place < known[..., None]) & (place <= gone[..., None])).astype(float)
    target = (place == gone[..., None]) * weight
    logit = raw + offset[:, :, None]
    h = special.expit(logit)
    expected = np.empty((M, B, H))
    for m, b, i in np.ndindex(M, B, H):
        survived = np.prod([1.0 - h[m, b, i, j] for j in range(min(known[m, b], gone[m, b]))])
        defaulted = gone[m, b] < known[m, b]
        expected[m, b, i] = -np.log(survived * (h[m, b, i, gone[m, b]] if defaulted else 1.0))
        if not defaulted and known[m, b] == periods:  # survived to the end: one minus the served figure
            pd = hazard.cumulative_default(logit[m, b, i])
            assert expected[m, b, i] == pytest.approx(-np.log1p(-pd), rel=1e-9)
    found = loss("hazard", raw, target, offset, weight)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    np.testing.assert_allclose(
        held_out("hazard", raw, target, offset, weight), -np.log(np.exp(-expected).mean(axis=2)), rtol=1e-9
    )


@given(seeds)
def test_hurdle_beta_is_the_negative_log_likelihood_of_measures(seed: int) -> None:
    raw, total, offset, weight = drawn(seed, 3, 1)
    raw *= 2.0  # some beyond the limits
    stream = np.random.default_rng(seed + 1)
    came = np.where(total == 1, stream.choice([1.0, 1.2], total.shape), stream.random(total.shape) - 0.05)
    moved = raw.copy()
    moved[..., 1] += offset
    expected = -weight * hurdle_beta.log_likelihood(moved, np.broadcast_to(came, (M, B, H)))
    np.testing.assert_allclose(loss("hurdle_beta", raw, came, offset, weight), expected, rtol=1e-7, atol=1e-7)


@given(seeds)
def test_reconstruction_is_the_weighted_squared_error(seed: int) -> None:
    raw, target, offset, weight = drawn(seed, 5, 5)
    weight[..., 0] = 1.0
    error = (raw + offset[:, :, None] - target[:, :, None]) ** 2
    expected = np.stack([np.average(error[:, :, i], weights=weight, axis=2) for i in range(H)], axis=2)
    np.testing.assert_allclose(loss("reconstruction", raw, target, offset, weight), expected)
    nothing = np.zeros_like(weight)
    np.testing.assert_array_equal(loss("reconstruction", raw, target, offset, nothing), 0.0)


@pytest.mark.parametrize("key", RECORD_HEADS)
def test_with_one_sub_network_the_held_out_loss_is_the_loss(key: str) -> None:
    n_targets = 4 if key in ("hazard", "reconstruction") else 1
    raw, *rest = drawn(3, record_head_of(key).outputs(n_targets), n_targets)
    one = raw[:, :, :1]
    np.testing.assert_allclose(held_out(key, one, *rest), loss(key, one, *rest)[..., 0])


@pytest.mark.parametrize("key", RECORD_HEADS)
def test_losses_and_gradients_stay_finite_at_extreme_outputs(key: str) -> None:
    n_targets = 3 if key in ("hazard", "reconstruction") else 1
    head = record_head_of(key)
    raw = torch.tensor([-60.0, 0.0, 60.0]).reshape(1, 3, 1, 1).repeat(1, 1, 2, head.outputs(n_targets))
    raw.requires_grad_()
    for truth in (0.0, 0.5, 1.0):
        target = torch.full((1, 3, n_targets), truth)
        out = head.loss(raw, target, torch.zeros_like(target), torch.ones_like(target))
        (gradient,) = torch.autograd.grad(out.sum(), [raw])
        assert torch.isfinite(out).all()
        assert torch.isfinite(gradient).all()
        held = head.held_out_loss(raw, target, torch.zeros_like(target), torch.ones_like(target))
        assert torch.isfinite(held).all()


@pytest.mark.parametrize("key", ["bernoulli", "hurdle_beta"])
def test_a_head_of_one_target_refuses_more(key: str) -> None:
    with pytest.raises(LeakError, match="one column of targets"):
        record_head_of(key).outputs(2)
