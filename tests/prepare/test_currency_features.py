"""Inputs for currencies, against plain loops; none of them sees a later day; live equals batch."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from prepare_panels import panel_of, random_table

from barograph.core.records import Panel, Samples
from barograph.core.study import PrepareSection
from barograph.prepare.currencies import factor
from barograph.prepare.latest import build_latest, newest_rows
from barograph.prepare.samples import build

SECTION = PrepareSection(
    inputs="currencies", anchor="usd", announced={"floor": (("2016-01-04", "2016-02-01"), ("2016-06-01", ""))}
)
DAYS = 420


def rates() -> Panel:
    """A dollar, one that floats, one pegged to the dollar, one to the base, one with an announced floor."""
    tables = {
        name: random_table(name, days=DAYS, seed=number, ranges=False)
        for number, name in enumerate(("usd", "sek", "floor"))
    }
    noise = np.random.default_rng(9).normal(0, 1e-5, (2, DAYS))
    dollar = tables["usd"]
    pegged = dollar.with_columns(entity=pl.lit("hkd"), close=dollar["close"] * 7.8 * np.exp(noise[0]))
    still = dollar.with_columns(entity=pl.lit("dkk"), close=pl.Series(7.46 * np.exp(noise[1])))
    return panel_of(*tables.values(), pegged, still)


@pytest.fixture(scope="module")
def samples() -> Samples:
    return build(rates(), SECTION)


def column(samples: Samples, entity: str, name: str) -> np.ndarray:
    rows = samples.rows_of(samples.entities.index(entity))
    return samples.features[rows, samples.feature_names.index(name)]


def moves(samples: Samples) -> dict[np.datetime64, dict[str, float]]:
    """Returns by day and entity, in a plain dictionary."""
    found: dict[np.datetime64, dict[str, float]] = {}
    for entity, time, value in zip(samples.entity, samples.time, samples.returns, strict=True):
        found.setdefault(time, {})[samples.entities[entity]] = value
    return found


def plain_factor(day: dict[str, float]) -> float:
    others = [value for name, value in day.items() if name != "usd"]
    return day["usd"] - sum(others) / len(others) if "usd" in day and others else 0.0


def test_the_factor_is_the_dollar_s_distance_to_the_others(samples: Samples) -> None:
    by_day = moves(samples)
    rows = samples.rows_of(samples.entities.index("sek"))
    time, own = samples.time[rows], samples.returns[rows]
    for at in (260, 333, time.size - 1):
        common = np.array([plain_factor(by_day[day]) for day in time[at - 249 : at + 1]])
        month = np.mean(common[-22:] ** 2)
        assert column(samples, "sek", "log_factor_22")[at] == pytest.approx(np.log(month))
        beta = np.mean(common * own[at - 249 : at + 1]) / np.mean(common**2)
        assert column(samples, "sek", "factor_beta")[at] == pytest.approx(beta)
        share = beta**2 * np.mean(common**2) / np.mean(own[at - 249 : at + 1] ** 2)
        assert column(samples, "sek", "factor_share")[at] == pytest.approx(share)
        assert 0 <= share <= 1


def test_without_an_anchor_the_factor_is_what_all_rates_do() -> None:
    table = np.array([[0.02, 0.01, np.nan], [np.nan, np.nan, np.nan]])
    np.testing.assert_allclose(factor(table, None), [0.015, 0.0])


def test_pegs_to_base_and_anchor_and_announced_floors_are_flagged(samples: Samples) -> None:
    known = samples.admissible
    held = {name: samples.held[samples.rows_of(i)] for i, name in enumerate(samples.entities)}
    assert held["hkd"][70:].all()
    assert held["dkk"][70:].all()
    assert not held["usd"].any()
    assert not held["sek"].any()
    assert set(column(samples, "hkd", "held_to_anchor")[70:]) == {1.0}
    assert set(column(samples, "hkd", "held")) == {0.0}
    time = samples.time[samples.rows_of(samples.entities.index("floor"))]
    first, last, again = (np.datetime64(day) for day in ("2016-01-04", "2016-02-01", "2016-06-01"))
    np.testing.assert_array_equal(held["floor"], ((time >= first) & (time <= last)) | (time >= again))
    assert np.isfinite(samples.features[known]).all()


def test_a_rate_that_does_not_move_at_all_divides_by_nothing() -> None:
    still = random_table("dkk", days=DAYS, seed=5, ranges=False).with_columns(close=pl.lit(7.46))
    made = build(panel_of(random_table("usd", days=DAYS, seed=1, ranges=False), still), SECTION)
    assert np.isfinite(made.features[made.admissible]).all()
    assert made.held[made.rows_of(0)][25:].all()


def test_no_row_changes_when_later_days_do(samples: Samples) -> None:
    panel = rates()
    last = np.datetime64("2016-05-16")
    wild = pl.Series(np.exp(np.random.default_rng(3).normal(0, 3, panel.table.height)))
    later = pl.col("time") > last.item()
    garbage = panel.table.with_columns(close=pl.when(later).then(wild).otherwise("close"))
    other = build(Panel(garbage), SECTION)
    before = samples.time <= last
    assert before.sum() > 1000
    assert other.features[before].tobytes() == samples.features[before].tobytes()
    assert (other.held == samples.held)[before].all()
    assert other.features[~before].tobytes() != samples.features[~before].tobytes()


def test_the_newest_origin_is_served_from_a_short_past_to_the_bit(samples: Samples) -> None:
    latest = build_latest(rates(), SECTION, samples.entities)
    for name, row in zip(latest.entities, newest_rows(latest), strict=True):
        whole = samples.features[samples.rows_of(samples.entities.index(name))][-1]
        assert latest.features[row].tobytes() == whole.tobytes()
        assert latest.held[row] == samples.held[samples.rows_of(samples.entities.index(name))][-1]


def test_columns_that_only_ranges_make_are_left_out(samples: Samples) -> None:
    assert not {name for name in samples.feature_names if "range" in name or "parkinson" in name}
    prices = build(rates(), PrepareSection())
    assert not prices.held.any()
    assert "held" not in prices.feature_names
