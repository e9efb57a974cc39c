"""Torch losses and numpy answers of the heads: equal to each other, to scipy, and proper."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from barograph.core.errors import SettingError
from barograph.core.forecast import ALPHAS, LEVELS
from barograph.measures import heads as plain
from barograph.models import heads as deep

torch.set_num_threads(1)
RAW = np.random.default_rng(7).normal(0.0, 2.0, size=(2, 50, 3, 30))


def tensor(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(values)


def test_torch_and_numpy_map_raw_outputs_alike() -> None:
    np.testing.assert_allclose(
        deep.degrees_of_freedom(tensor(RAW[..., 0] * 20)), plain.degrees_of_freedom(RAW[..., 0] * 20)
    )
    quantile_raw = RAW[..., : len(LEVELS)]
    np.testing.assert_allclose(
        deep.quantile_multiples(tensor(quantile_raw)), plain.quantile_multiples(quantile_raw), atol=1e-12
    )
    tail_raw = RAW[..., : 2 * len(ALPHAS)]
    for ours, theirs in zip(
        deep.tail_multiples(tensor(tail_raw)), plain.tail_multiples(tail_raw), strict=True
    ):
        np.testing.assert_allclose(ours, theirs)
    np.testing.assert_allclose(deep.correction(tensor(RAW * 3)), np.clip(RAW[..., 0] * 3, -4.0, 4.0))


@pytest.mark.parametrize("head", ["student_t", "quantile", "fz0"])
def test_a_raw_zero_is_the_unit_variance_student_with_five_degrees(head: str) -> None:
    out = plain.interpret(head, np.zeros((1, 1, plain.OUTPUTS[head])), offset=np.array([[-9.0]]))
    law = stats.t(5, scale=np.sqrt(3 / 5))
    np.testing.assert_allclose(out.quantiles[0, 0], law.ppf(LEVELS), atol=1e-9)
    for i, alpha in enumerate(ALPHAS):
        integral = integrate.quad(law.ppf, 0.0, alpha)[0]
        assert out.shortfall[0, 0, i] == pytest.approx(-integral / alpha, rel=1e-5)


def test_the_qlike_head_has_no_tail_of_its_own() -> None:
    out = plain.interpret("qlike", np.full((2, 3, 1), 0.5), offset=np.zeros((2, 3)))
    assert out.quantiles is None
    assert out.shortfall is None
    np.testing.assert_array_equal(out.log_variance, np.full((2, 3), 0.5))


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 30.0))
def test_no_raw_output_makes_a_tail_incoherent(seed: int, scale: float) -> None:
    stream = np.random.default_rng(seed)
    for head in ("student_t", "quantile", "fz0"):
        raw = stream.normal(0.0, scale, size=(4, 3, plain.OUTPUTS[head]))
        out = plain.interpret(head, raw, offset=np.zeros((4, 3)))
        assert (np.diff(out.quantiles, axis=-1) > 0).all()
        value_at_risk = -out.quantiles[..., [LEVELS.index(alpha) for alpha in ALPHAS]]
        assert (out.shortfall >= value_at_risk - 1e-12).all()
        assert (np.diff(out.shortfall, axis=-1) < 0).all()
        assert (np.abs(out.log_variance) <= plain.CORRECTION_LIMIT).all()


def test_the_fz0_head_answers_the_value_at_risk_it_was_trained_on() -> None:
    raw = RAW[0, :, :, : plain.OUTPUTS["fz0"]]
    out = plain.interpret("fz0", raw, offset=np.zeros(raw.shape[:-1]))
    value_at_risk, shortfall = plain.tail_multiples(raw[..., 1:])
    for i, alpha in enumerate(ALPHAS):
        np.testing.assert_allclose(-out.quantiles[..., LEVELS.index(alpha)], value_at_risk[..., i])
    np.testing.assert_array_equal(out.shortfall, shortfall)


def test_the_shortfall_of_the_quantile_head_is_the_mean_of_its_own_tail() -> None:
    raw = RAW[0, 0, 0, : plain.OUTPUTS["quantile"]] / 2
    out = plain.interpret("quantile", raw[None, None], offset=np.zeros((1, 1)))
    quantiles, law = out.quantiles[0, 0], stats.t(5, scale=np.sqrt(3 / 5))
    start = law.ppf(LEVELS)

    def bent(level: float) -> float:
        i = max(np.searchsorted(LEVELS, level, side="right") - 1, 0)
        slope = (quantiles[i + 1] - quantiles[i]) / (start[i + 1] - start[i])
        return float(quantiles[i] + slope * (law.ppf(level) - start[i]))

    for i, alpha in enumerate(ALPHAS):
        integral = integrate.quad(bent, 0.0, alpha, points=[x for x in LEVELS if x < alpha], limit=200)[0]
        assert out.shortfall[0, 0, i] == pytest.approx(-integral / alpha, rel=1e-4)


def test_the_student_loss_is_scipys_log_density_but_for_a_constant() -> None:
    raw, z = RAW[..., :2], RAW[..., 5]
    loss = deep.HEADS["student_t"].loss(tensor(raw), tensor(z**2), tensor(z)).numpy()
    nu, delta = plain.degrees_of_freedom(raw[..., 1]), np.clip(raw[..., 0], -4.0, 4.0)
    scale = np.exp(delta / 2) * np.sqrt((nu - 2) / nu)
    np.testing.assert_allclose(loss, -stats.t.logpdf(z, nu, scale=scale) - 0.5 * np.log(np.pi), rtol=1e-9)


def test_the_qlike_loss_is_log_variance_plus_ratio_less_the_offset() -> None:
    offset, delta, target = -9.3, 0.7, 2.5e-4
    loss = deep.HEADS["qlike"].loss(
        torch.full((1, 1, 1, 1), delta, dtype=torch.float64),
        torch.full((1, 1, 1), target / np.exp(offset), dtype=torch.float64),
        torch.zeros(1, 1, 1, dtype=torch.float64),
    )
    assert loss.item() == pytest.approx((offset + delta) + target / np.exp(offset + delta) - offset)


def test_the_fz0_loss_is_that_of_a_plain_loop() -> None:
    raw, z = RAW[..., : plain.OUTPUTS["fz0"]] / 3, RAW[..., 20]
    loss = deep.HEADS["fz0"].loss(tensor(raw), tensor(z**2), tensor(z)).numpy()
    value_at_risk, shortfall = plain.tail_multiples(raw[..., 1:])
    for place in np.ndindex(z.shape):
        delta, y = raw[place][0], z[place] * np.exp(-raw[place][0] / 2)
        joint = 0.0
        for i, alpha in enumerate(ALPHAS):
            v, e = -value_at_risk[place][i], -shortfall[place][i]
            joint += -float(y <= v) * (v - y) / (alpha * e) + v / e + np.log(-e) - 1.0
        expected = delta + z[place] ** 2 * np.exp(-delta) + joint / len(ALPHAS)
        assert loss[place] == pytest.approx(expected, rel=1e-9)


def test_the_pinball_loss_is_that_of_a_plain_loop_and_leaves_the_variance_alone() -> None:
    raw, z = tensor(RAW[:1, :4, :, : plain.OUTPUTS["quantile"]] / 3), RAW[:1, :4, :, 28]
    raw.requires_grad_()
    loss = deep.HEADS["quantile"].loss(raw, tensor(z**2), tensor(z))
    values = raw.detach().numpy()
    multiples = plain.quantile_multiples(values[..., 1:])
    for place in np.ndindex(z.shape):
        delta = values[place][0]
        y = z[place] * np.exp(-delta / 2)
        pinball = [(y - q) * (tau - (y < q)) for q, tau in zip(multiples[place], LEVELS, strict=True)]
        expected = delta + z[place] ** 2 * np.exp(-delta) + 2 * np.mean(pinball)
        assert loss.detach().numpy()[place] == pytest.approx(expected, rel=1e-9)
    loss.sum().backward()
    np.testing.assert_allclose(raw.grad[..., 0], 1 - z**2 * np.exp(-values[..., 0]), rtol=1e-9)


@pytest.mark.parametrize("head", ["student_t", "quantile", "fz0"])
def test_each_tail_head_finds_the_tail_of_a_law_when_trained_on_it(head: str) -> None:
    law = stats.t(3, scale=np.sqrt(1 / 3)) if head == "student_t" else stats.norm()
    z = tensor(law.ppf((np.arange(4000) + 0.5) / 4000)).float()[None, :, None]
    raw = torch.zeros(1, 1, 1, plain.OUTPUTS[head], requires_grad=True)
    optimiser = torch.optim.Adam([raw], lr=0.05)
    for _ in range(250):
        loss = deep.HEADS[head].loss(raw.expand(1, 4000, 1, -1), z.square(), z).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    out = plain.interpret(head, raw[0].detach().numpy(), offset=np.zeros((1, 1)))
    sigma = np.exp(out.log_variance / 2)[0, 0]
    for i, alpha in enumerate(ALPHAS):
        value_at_risk = -sigma * out.quantiles[0, 0, LEVELS.index(alpha)]
        shortfall = sigma * out.shortfall[0, 0, i]
        assert value_at_risk == pytest.approx(-law.ppf(alpha), rel=0.05)
        assert shortfall == pytest.approx(-integrate.quad(law.ppf, 0, alpha)[0] / alpha, rel=0.1)


def test_a_missing_raw_output_stays_missing() -> None:
    for head, count in plain.OUTPUTS.items():
        out = plain.interpret(head, np.full((1, 1, count), np.nan), offset=np.zeros((1, 1)))
        assert np.isnan(out.log_variance).all()
        assert out.shortfall is None or np.isnan(out.shortfall).all()


def test_an_unknown_head_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(SettingError, match="student_t"):
        plain.interpret("student", np.zeros((1, 1, 2)), offset=np.zeros((1, 1)))
