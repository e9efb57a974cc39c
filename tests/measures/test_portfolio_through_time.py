"""A book through time: common days, the worst year, and a back-test that never looks ahead."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import stats

from barograph.core.errors import DataError
from barograph.measures import portfolio
from barograph.measures.portfolio import JointHistory, SeriesHistory, joint_history

FIRST = np.datetime64("2015-01-01")


def series(name: str, *, days: int = 400, skip: tuple[int, ...] = (), seed: int = 0) -> SeriesHistory:
    """A series on its own calendar; a return is known on the calendar's next day, the last never."""
    kept = np.array([day for day in range(days) if day not in skip])
    time = FIRST + kept
    known = np.append(time[1:], np.datetime64("NaT"))
    random = np.random.default_rng(seed)
    returns = np.append(random.normal(0, 0.01, size=kept.size - 1), np.nan)
    return SeriesHistory(name, time, known, returns, random.uniform(0.5e-4, 2e-4, size=kept.size))


def history(days: int, *, seed: int = 0, k: int = 2, wild: slice | None = None) -> JointHistory:
    """Gaussian returns of which the sigma is known exactly; `wild` days are five times as large."""
    random = np.random.default_rng(seed)
    sigma = 0.01 * np.exp(np.cumsum(random.normal(0, 0.03, size=(days, k)), axis=0))
    returns = sigma * random.normal(size=(days, k))
    if wild is not None:
        returns[wild] *= 5
    time = FIRST + np.arange(days)
    return JointHistory(time, time + 1, returns, sigma, 0)


def test_days_are_aligned_as_a_plain_loop_would() -> None:
    parts = [series("a", skip=(10, 50)), series("b", skip=(50, 51, 90), seed=1), series("c", seed=2)]
    found = joint_history(parts)
    tables = [
        {t: (u, r, v) for t, u, r, v in zip(p.time, p.known_at, p.returns, p.variance, strict=True)}
        for p in parts
    ]
    expected = []
    for day in sorted(set(tables[0]) & set(tables[1]) & set(tables[2])):
        rows = [table[day] for table in tables]
        if len({str(row[0]) for row in rows}) == 1 and not any(np.isnan(row[1]) for row in rows):
            expected.append((day, rows))
    assert found.time.tolist() == [day.item() for day, _ in expected]
    np.testing.assert_array_equal(found.returns, [[row[1] for row in rows] for _, rows in expected])
    np.testing.assert_allclose(found.sigma**2, [[row[2] for row in rows] for _, rows in expected])
    every = {str(t) for p in parts for t, r in zip(p.time, p.returns, strict=True) if not np.isnan(r)}
    assert found.left_out == len(every) - found.n
    assert FIRST + 9 not in found.time  # a's next day is the eleventh, the others' the tenth


def test_returns_that_end_on_different_days_did_not_happen_together() -> None:
    found = joint_history([series("a"), series("b", skip=(100,), seed=1)])
    assert FIRST + 99 not in found.time
    assert FIRST + 100 not in found.time
    assert FIRST + 101 in found.time


def test_a_row_without_a_return_or_a_variance_is_left_out() -> None:
    broken = series("a")
    broken.returns[20], broken.variance[30], broken.variance[40] = np.nan, np.nan, 0.0
    found = joint_history([broken, series("b", seed=1)])
    assert not set((FIRST + np.array([20, 30, 40])).tolist()) & set(found.time.tolist())
    assert np.isfinite(found.residuals).all()


def test_too_few_common_days_are_refused_with_the_ones_to_blame() -> None:
    late = series("late", days=300)
    late = dataclasses.replace(late, time=late.time + 200, known_at=late.known_at + 200)
    with pytest.raises(DataError, match=r"at least 250 .* have 199: 'late' begins .* 'early' ends"):
        joint_history([series("early", seed=1), late])
    with pytest.raises(DataError, match="'none' has none"):
        joint_history([series("early"), SeriesHistory("none", *(x[:0] for x in _columns(late)))])


def _columns(part: SeriesHistory) -> tuple[np.ndarray, ...]:
    return part.time, part.known_at, part.returns, part.variance


def test_the_worst_year_is_found_by_looking_at_every_year() -> None:
    past, values = history(900, seed=4, wild=slice(300, 380)), np.array([2.0, -1.0])
    found = portfolio.stressed(values, past, alpha=0.01)
    profits = (np.exp(past.returns) - 1) @ values
    each = [-np.quantile(profits[i : i + 250], 0.01, method="hazen") for i in range(651)]
    worst = int(np.argmax(each))
    assert found.value_at_risk == pytest.approx(max(each))
    assert (found.since, found.until) == (past.known_at[worst], past.known_at[worst + 249])
    assert found.windows == 651
    assert found.since <= past.known_at[340] <= found.until
    assert found.expected_shortfall >= found.value_at_risk


def test_each_day_of_the_back_test_is_what_a_plain_loop_forecasts() -> None:
    past, values = history(560, seed=5), np.array([2.0, -1.0])
    found = portfolio.rehearse(values, past, alphas=(0.025, 0.01))
    assert found.time.tolist() == past.time[500:].tolist()
    for place, origin in enumerate(range(500, 560)):
        profits = []
        for day in range(origin):
            moves = past.returns[day] / past.sigma[day] * past.sigma[origin]
            profits.append(float(values @ (np.exp(moves) - 1)))
        expected = [-np.quantile(profits, alpha, method="hazen") for alpha in (0.025, 0.01)]
        np.testing.assert_allclose(found.value_at_risk[place], expected)
        assert found.profits[place] == pytest.approx(values @ (np.exp(past.returns[origin]) - 1))


@pytest.mark.parametrize("corrupted", [520, 550, 598])
def test_what_happens_later_changes_no_forecast(corrupted: int) -> None:
    past, values = history(600, seed=6), np.array([1.0, 1.0])
    later = np.arange(600) >= corrupted
    wild = dataclasses.replace(
        past,
        returns=np.where(later[:, None], -9.0 * np.abs(past.returns), past.returns),
        sigma=np.where((np.arange(600) > corrupted)[:, None], 3.0 * past.sigma, past.sigma),
    )
    before, after = (portfolio.rehearse(values, h, alphas=(0.01,)) for h in (past, wild))
    same = corrupted - 500 + 1  # the forecast made on the corrupted day has not seen its outcome
    assert before.value_at_risk[:same].tobytes() == after.value_at_risk[:same].tobytes()
    assert (before.value_at_risk[same:] != after.value_at_risk[same:]).all()


def test_a_return_that_is_known_late_is_not_used_early() -> None:
    past, values = history(600, seed=7), np.array([1.0, 1.0])
    returns, known = past.returns.copy(), past.known_at.copy()
    returns[490] = -5.0  # so large that it would show in any VaR it enters
    known[490] = past.time[550]
    slow = dataclasses.replace(past, returns=returns, known_at=known)
    quick = dataclasses.replace(past, returns=returns)
    one, other = (portfolio.rehearse(values, h, alphas=(0.01,)).value_at_risk[:, 0] for h in (slow, quick))
    assert (one[:50] < other[:50]).all()
    np.testing.assert_array_equal(one[50:], other[50:])


def test_a_true_model_passes_and_one_at_half_the_volatility_fails() -> None:
    past, values = history(2500, seed=8), np.array([1.0, 0.5])
    rehearsal = portfolio.rehearse(values, past, alphas=(0.025, 0.01))
    for place, test in enumerate(portfolio.book_tests(rehearsal)):
        assert test.days == 2000
        assert test.exceptions == pytest.approx(test.days * test.alpha, abs=3.0 * np.sqrt(2000 * test.alpha))
        assert test.kupiec.p_value > 0.01
        year = rehearsal.profits[-250:] < -rehearsal.value_at_risk[-250:, place]
        chance = stats.binom.cdf(year.sum(), 250, test.alpha)
        assert test.light.statistic == year.sum()
        assert test.light.note == ("green" if chance < 0.95 else "yellow" if chance < 0.9999 else "red")
    drifting = np.where(np.arange(2500) < 500, 1.0, 0.5)[:, None]  # residuals fine at first, then too small
    low = dataclasses.replace(past, sigma=past.sigma * drifting)
    early = portfolio.rehearse(values, low, alphas=(0.01,))
    first = dataclasses.replace(
        early, profits=early.profits[:200], value_at_risk=early.value_at_risk[:200], time=early.time[:200]
    )
    (test,) = portfolio.book_tests(first)
    assert test.kupiec.p_value < 0.01
    assert np.isnan(test.light.p_value)
    assert test.light.note == "fewer than 250 days"


def test_a_short_history_leaves_nothing_to_test() -> None:
    found = portfolio.rehearse(np.array([1.0, 1.0]), history(400), alphas=(0.01,))
    assert found.profits.shape == (0,)
    assert found.value_at_risk.shape == (0, 1)


def test_a_position_of_two_legs_gains_the_difference_in_every_figure() -> None:
    plain = history(700, k=3)
    legs = np.array([[-1.0, 0.0], [1.0, 1.0], [0.0, -1.0]])
    crossed = dataclasses.replace(plain, legs=legs)
    values = np.array([100.0, -40.0])
    test = portfolio.rehearse(values, crossed, alphas=(0.01,))
    for place in (0, 57, 199):
        origin = portfolio.FIRST_DAYS + place
        profits = []
        for day in range(origin):
            if plain.known_at[day] <= plain.time[origin]:
                move = plain.returns[day] / plain.sigma[day] * plain.sigma[origin]
                first, second = np.exp(move[1] - move[0]) - 1, np.exp(move[1] - move[2]) - 1
                profits.append(100.0 * first - 40.0 * second)
        expected = -np.quantile(profits, 0.01, method="hazen")
        assert test.value_at_risk[place, 0] == pytest.approx(expected)
        came = plain.returns[origin]
        outcome = 100.0 * np.expm1(came[1] - came[0]) - 40.0 * np.expm1(came[1] - came[2])
        assert test.profits[place] == pytest.approx(outcome)
    worst = portfolio.stressed(values, crossed, alpha=0.01)
    found = portfolio.stressed(np.array([1.0]), JointHistory(
        plain.time, plain.known_at, (np.expm1(plain.returns @ legs) @ values)[:, None], plain.sigma, 0,
        simple=True,
    ), alpha=0.01)  # fmt: skip
    assert worst == found


def test_a_drift_is_taken_out_of_the_past_and_put_into_the_draw() -> None:
    plain = history(300)
    drift = np.random.default_rng(3).normal(0.0, 0.01, plain.returns.shape)
    moved = dataclasses.replace(plain, drift=drift, simple=True)
    past = np.array([4, 200, 77])
    drawn = moved.simulated(250, past)
    for row, day in zip(drawn, past, strict=True):
        shock = (plain.returns[day] - drift[day]) / plain.sigma[day]
        np.testing.assert_allclose(row, drift[250] + plain.sigma[250] * shock, rtol=1e-13)
