"""Features of one entity against a plain reading of their definitions, one row at a time."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from prepare_panels import panel_of, random_table

from barograph.core.study import PrepareSection
from barograph.prepare.own import FLOOR_SHARE, LOOKBACK, SMOOTHING, own_state
from barograph.prepare.samples import build
from barograph.prepare.series import VARIANCE_FLOOR, Series, series_of


def _level(values: np.ndarray, days: int) -> float:
    """Log of the mean of the last days, at least a share of that of the last 66."""
    mean = float(np.mean(values[-days:]))
    if days < 66:
        mean = max(mean, FLOOR_SHARE * float(np.mean(values[-66:])))
    return math.log(max(mean, VARIANCE_FLOOR))


def _expected(series: Series, t: int) -> dict[str, float]:
    """All features of row t, from slices that end there."""
    r, proxy = series.returns[: t + 1], series.proxy[: t + 1]
    square = r**2
    sigma = math.sqrt(max(float(np.mean(square[-22:])), VARIANCE_FLOOR))
    floor = max(FLOOR_SHARE * float(np.mean(square[-66:])), VARIANCE_FLOOR)
    has = bool(series.has_range[t])
    out = {f"log_proxy_{d}": _level(proxy, d) for d in (1, 2, 5, 22, 66)}
    out |= {f"log_square_{d}": _level(square, d) for d in (5, 22, 66, 250)}
    for d in (5, 22):
        out[f"log_absolute_{d}"] = math.log(max(float(np.mean(np.abs(r[-d:]))) ** 2, floor))
        out[f"log_down_{d}"] = math.log(max(sum(x * x for x in r[-d:] if x < 0) / d, floor))
        out[f"log_up_{d}"] = math.log(max(sum(x * x for x in r[-d:] if x > 0) / d, floor))
    weights = [0.94**k for k in range(LOOKBACK)]
    ewma = sum(w * s for w, s in zip(weights, square[::-1], strict=False)) / sum(weights)
    out["log_ewma"] = math.log(max(ewma, VARIANCE_FLOOR))
    out |= {f"return_{d}": float(np.sum(r[-d:])) / (sigma * math.sqrt(d)) for d in (1, 2, 5)}
    out["volatility_ratio"] = math.exp((out["log_proxy_5"] - out["log_proxy_66"]) / 2)
    out["has_range"] = float(has)
    wide = series.parkinson[: t + 1]
    out |= {f"range_news_{d}": (out[f"log_proxy_{d}"] - out["log_proxy_22"]) * has for d in (1, 5)}
    out |= {f"parkinson_news_{d}": (_level(wide, d) - out["log_proxy_22"]) * has for d in (1, 5)}
    weekday = series.time[t].item().weekday()
    names = ("tuesday", "wednesday", "thursday", "friday")
    return out | {f"weekday_{name}": float(weekday == n) for n, name in enumerate(names, 1)}


@pytest.mark.parametrize("ranges", [True, False], ids=["with ranges", "closes only"])
@pytest.mark.parametrize("idle", [0, 30], ids=["traded throughout", "idle for a month"])
def test_every_feature_is_what_its_definition_says(ranges: bool, idle: int) -> None:
    table = random_table("a", days=330, seed=5, ranges=ranges).with_row_index("day")
    still = (pl.col("day") >= 270) & (pl.col("day") < 270 + idle)
    table = table.with_columns(
        pl.when(still).then(pl.col("close").get(269)).otherwise(pl.col(name)).alias(name)
        for name in ("open", "high", "low", "close")
        if ranges or name == "close"
    )
    series = series_of(panel_of(table.drop("day")), "a")
    features = own_state(series).features
    for t in range(LOOKBACK - 1, series.time.shape[0], 7):
        expected = _expected(series, t)
        assert set(expected) == set(features)
        for name, value in expected.items():
            assert features[name][t] == pytest.approx(value, rel=1e-11, abs=1e-11), name


def test_every_channel_is_what_its_definition_says() -> None:
    series = series_of(panel_of(random_table("a", days=120, seed=6, ranges=True)), "a")
    channels = own_state(series).channels
    for t in range(65, series.time.shape[0]):
        r = series.returns[: t + 1]
        sigma = math.sqrt(np.mean(r[-22:] ** 2))
        smooth = (1 - SMOOTHING) * r[-1] ** 2 + SMOOTHING * np.mean(r[-5:] ** 2)
        floored = max(smooth, FLOOR_SHARE * np.mean(r[-66:] ** 2))
        assert channels["log_proxy"][t] == pytest.approx(_level(series.proxy[: t + 1], 1), rel=1e-12)
        assert channels["log_square"][t] == pytest.approx(math.log(floored), rel=1e-12)
        assert channels["return_over_sigma"][t] == pytest.approx(r[-1] / sigma, rel=1e-12)
        assert channels["absolute_over_sigma"][t] == pytest.approx(abs(r[-1]) / sigma, rel=1e-12)


def test_a_price_that_never_moves_has_finite_features() -> None:
    table = random_table("a", days=300, seed=7, ranges=False).with_columns(close=5.0)
    samples = build(panel_of(table), PrepareSection())
    rows = samples.admissible
    assert rows.any()
    assert np.isfinite(samples.features[rows]).all()
    assert np.isfinite(samples.channels[rows]).all()
    assert (samples.target[rows][:-22] == 0.0).all()
