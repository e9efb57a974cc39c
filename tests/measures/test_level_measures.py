"""Scales and normal densities in levels: inverses, closed forms, plain loops."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from barograph.core.fitted import fitted_from_plain
from barograph.core.fitted_levels import LevelLinearParameters
from barograph.measures.levels import (
    from_scale,
    gaussian_mean,
    gaussian_quantiles,
    linear_mean,
    month_end,
    period_end,
    to_scale,
)


@pytest.mark.parametrize("scale", ["logit", "log", "level"])
@given(value=st.floats(1e-3, 0.999))
def test_from_scale_undoes_to_scale(scale: str, value: float) -> None:
    there = to_scale(np.array([value]), scale)  # type: ignore[arg-type]
    assert from_scale(there, scale)[0] == pytest.approx(value, rel=1e-9)  # type: ignore[arg-type]


def test_empirical_log_odds_exist_for_no_case_and_for_all() -> None:
    share, size = np.array([0.0, 1.0, 0.25]), np.array([10.0, 10.0, 8.0])
    expected = [np.log(0.5 / 10.5), np.log(10.5 / 0.5), np.log(2.5 / 6.5)]
    assert to_scale(share, "logit", size=size) == pytest.approx(expected)


def test_missing_and_impossible_values_stay_missing() -> None:
    assert np.isnan(to_scale(np.array([np.nan]), "logit", size=np.array([5.0])))
    assert np.isnan(to_scale(np.array([0.0, -1.0]), "log")).all()


@given(mean=st.floats(-6, 2), deviation=st.floats(0.05, 2.0))
def test_mean_of_a_share_equals_numerical_integration(mean: float, deviation: float) -> None:
    density = stats.norm(mean, deviation).pdf
    ends = (mean - 9 * deviation, mean + 9 * deviation)
    expected = integrate.quad(lambda x: special.expit(x) * density(x), *ends, limit=200)[0]
    found = gaussian_mean(np.array(mean), np.array(deviation), "logit")
    assert float(found) == pytest.approx(expected, rel=2e-3)


def test_quantiles_follow_the_map() -> None:
    found = gaussian_quantiles(np.array(-3.0), np.array(0.5), 0.9, "logit")
    assert float(found) == pytest.approx(special.expit(stats.norm(-3.0, 0.5).ppf(0.9)))


def test_linear_mean_equals_a_loop_and_survives_json() -> None:
    stream = np.random.default_rng(0)
    fitted = LevelLinearParameters(
        names=("a", "b", "c"), anchor=1, center=stream.normal(size=(2, 3)),
        spread=stream.uniform(0.5, 2.0, size=(2, 3)), intercept=stream.normal(size=2),
        coefficients=stream.normal(size=(2, 3)), deviation=np.ones(2), limit=1.5,
    )  # fmt: skip
    x = stream.normal(scale=3.0, size=(5, 3))
    x[0, 0] = np.nan
    again = fitted_from_plain(fitted.to_plain())
    assert isinstance(again, LevelLinearParameters)
    found = linear_mean(again, x)
    for i in range(5):
        for h in range(2):
            total = x[i, 1] + fitted.intercept[h]
            for f in range(3):
                z = (x[i, f] - fitted.center[h, f]) / fitted.spread[h, f]
                total += 0.0 if np.isnan(z) else max(-1.5, min(1.5, z)) * fitted.coefficients[h, f]
            assert found[i, h] == pytest.approx(total)


@given(day=st.dates(datetime.date(1970, 1, 1), datetime.date(2100, 1, 1)), periods=st.integers(-8, 8))
def test_period_ends_are_last_days_of_months(day: datetime.date, periods: int) -> None:
    found = period_end(np.array([day], dtype="datetime64[D]"), periods, 3)[0]
    month = (day.year * 12 + day.month - 1) + 3 * periods
    following = datetime.date((month + 1) // 12, (month + 1) % 12 + 1, 1)
    assert found.item() == following - datetime.timedelta(days=1)
    assert month_end(np.array([0]))[0].item() == datetime.date(1970, 1, 31)
