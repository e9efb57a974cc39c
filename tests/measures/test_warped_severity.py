"""A severity bent in its normal scores: a proper distribution that starts exactly at its base."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from barograph.core.errors import SettingError
from barograph.measures.losses.heads import corrected_counts, pooled, score_mixture
from barograph.measures.losses.mixture import LognormalMixture
from barograph.measures.losses.pareto import GeneralisedPareto
from barograph.measures.losses.severity import Lognormal
from barograph.measures.losses.spliced import Spliced
from barograph.measures.losses.tail_scores import threshold_weighted_crps
from barograph.measures.losses.warped import REACH, WarpedMixture, scores

BASE = Spliced(Lognormal(0.2, 1.0, 1.0, 5.0), GeneralisedPareto(0.5, 4.0, 5.0), 0.12)
LIGHT = Spliced(Lognormal(0.2, 1.0, 1.0, 5.0), GeneralisedPareto(0.2, 4.0, 5.0), 0.12)
BENT = (np.array([0.5, 0.3, 0.2]), np.array([0.0, 0.5, -1.0]), np.array([1.2, 0.6, 1.0]))
AMOUNTS = np.array([1.0, 1.001, 1.7, 4.99, 5.01, 60.0, 5000.0])


def test_one_standard_component_is_the_base_itself() -> None:
    plain = WarpedMixture(BASE, np.ones(1), np.zeros(1), np.ones(1))
    shares = np.array([0.0, 1e-7, 1e-3, 0.3, 0.9999, 1.0])
    assert plain.log_density(AMOUNTS) == pytest.approx(BASE.log_density(AMOUNTS), abs=1e-12)
    assert plain.survival(AMOUNTS) == pytest.approx(BASE.survival(AMOUNTS), rel=1e-12)
    assert plain.limited_mean(AMOUNTS) == pytest.approx(BASE.limited_mean(AMOUNTS), rel=1e-10)
    assert plain.limited_mean(np.inf) == pytest.approx(float(BASE.limited_mean(np.inf)), rel=1e-10)
    assert plain.tail_quantile(shares) == pytest.approx(BASE.tail_quantile(shares), rel=1e-9)
    light = WarpedMixture(LIGHT, np.ones(1), np.zeros(1), np.ones(1))
    assert light.second_moment() == pytest.approx(float(LIGHT.second_moment()), rel=1e-6)
    assert WarpedMixture(BASE, *BENT).second_moment() == np.inf


def test_over_a_lognormal_it_is_a_mixture_of_lognormals_within_its_reach() -> None:
    weights, means, deviations = BENT
    bent = WarpedMixture(Lognormal(1.0, 2.0), *BENT)
    mixture = LognormalMixture(weights, 1.0 + 2.0 * means, 2.0 * deviations)
    amounts = np.exp(1.0 + 2.0 * np.linspace(-2.9, 2.9, 13))
    assert bent.survival(amounts) == pytest.approx(mixture.survival(amounts), rel=1e-12)
    assert bent.log_density(amounts) == pytest.approx(mixture.log_density(amounts), rel=1e-12)


def test_the_density_is_the_slope_of_the_distribution_and_integrates_to_one() -> None:
    bent = WarpedMixture(BASE, *BENT)
    for start, end in ((1.0, 1.5), (1.5, 5.0), (5.0, 40.0), (40.0, 4000.0)):
        pieces = sorted({start, end, *(knot for knot in bent.knots if start < knot < end)})
        mass = sum(
            integrate.quad(lambda x: float(np.exp(bent.log_density(x))), a, b, limit=200)[0]
            for a, b in itertools.pairwise(pieces)
        )
        assert mass == pytest.approx(float(bent.survival(start) - bent.survival(end)), abs=1e-7)
    assert bent.survival(0.5) == 1.0


def test_the_tail_keeps_the_shape_of_the_base() -> None:
    bent = WarpedMixture(BASE, *BENT)
    far = np.array([1e4, 1e6])
    ratio = bent.survival(far) / BASE.survival(far)
    assert ratio[0] == pytest.approx(float(ratio[1]), rel=1e-10)
    assert ratio[0] != pytest.approx(1.0, abs=0.1)
    assert np.isfinite(bent.limited_mean(np.inf))


@settings(deadline=None, max_examples=25)
@given(st.floats(1e-6, 1.0 - 1e-6))
def test_quantiles_turn_the_survival_function_round(share: float) -> None:
    bent = WarpedMixture(BASE, *BENT)
    assert bent.survival(bent.tail_quantile(share)) == pytest.approx(share, rel=1e-8)


def test_limited_means_and_threshold_scores_are_their_integrals() -> None:
    bent = WarpedMixture(BASE, *BENT)
    for limit in (0.7, 1.2, 4.0, 30.0, 900.0):
        knots = sorted({0.0, limit, *(knot for knot in bent.knots if knot < limit)})
        whole = sum(
            integrate.quad(lambda x: float(bent.survival(x)), a, b, limit=200)[0]
            for a, b in itertools.pairwise(knots)
        )
        assert bent.limited_mean(limit) == pytest.approx(whole, rel=1e-6)
    for threshold in (0.0, 3.0, 400.0):
        for came in (2.0, 50.0):
            ends = {threshold, came, 1e4, 1e8, *bent.knots, BASE.body.lower}
            knots = sorted(end for end in ends if end >= threshold)
            by_hand = sum(
                integrate.quad(
                    lambda z, y=came: (float(bent.survival(z)) - float(z < y)) ** 2, a, b, limit=300
                )[0]
                for a, b in itertools.pairwise(knots)
            )
            score = threshold_weighted_crps(bent, np.array(came), threshold=threshold)
            assert score == pytest.approx(by_hand, rel=1e-4, abs=1e-6)


def test_every_record_meets_its_own_distribution() -> None:
    stream = np.random.default_rng(0)
    weights, means, deviations = score_mixture(stream.normal(size=(5, 9)))
    many = WarpedMixture(BASE, weights, means, deviations)
    amounts = np.array([1.2, 3.0, 7.0, 20.0, 300.0])
    for place, amount in enumerate(amounts):
        one = WarpedMixture(BASE, weights[place], means[place], deviations[place])
        for name in ("log_density", "survival", "limited_mean"):
            assert getattr(many, name)(amounts)[place] == pytest.approx(float(getattr(one, name)(amount)))
        together = threshold_weighted_crps(many, amounts, threshold=4.0)[place]
        assert together == pytest.approx(float(threshold_weighted_crps(one, np.array(amount), threshold=4.0)))


def test_draws_follow_the_distribution() -> None:
    bent = WarpedMixture(BASE, *BENT)
    drawn = bent.draw(np.random.default_rng(1), 200_000)
    for amount in (1.5, 5.0, 40.0):
        share = float(bent.survival(amount))
        assert (drawn > amount).mean() == pytest.approx(share, abs=4.0 * (share / 200_000) ** 0.5)


def test_components_that_are_no_mixture_are_refused() -> None:
    with pytest.raises(SettingError, match="sum to 1"):
        WarpedMixture(BASE, np.array([0.5]), np.zeros(1), np.ones(1))
    with pytest.raises(SettingError, match="positive deviations"):
        WarpedMixture(BASE, np.ones(1), np.zeros(1), np.zeros(1))
    with pytest.raises(SettingError, match="one mixture"):
        WarpedMixture(BASE, np.ones((2, 1)), np.zeros((2, 1)), np.ones((2, 1))).draw(
            np.random.default_rng(0), 3
        )


def test_raw_zeros_leave_convention_and_bounds_hold() -> None:
    mean, spread = corrected_counts(np.zeros((3, 2)), np.full(3, 2.0), np.full(3, 0.4))
    assert (mean.tolist(), spread.tolist()) == ([2.0] * 3, [pytest.approx(0.4)] * 3)
    assert corrected_counts(np.ones((1, 2)), np.ones(1), np.zeros(1), poisson=True)[1] == 0.0
    weights, means, deviations = pooled(np.full((2, 1, 9), 1e9))
    assert weights.sum() == pytest.approx(1.0)
    assert (means.max(), deviations.max()) == (2.5, pytest.approx(np.e))
    assert scores(BASE, BASE.tail_quantile(0.5)) == pytest.approx(0.0, abs=1e-12)
    assert REACH == 3.0
