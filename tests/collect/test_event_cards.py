"""The simulated cards: the same bits from a seed, every planted fraud what it claims to be."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from barograph.collect.events.card_fraud import card_windows, terminal_windows
from barograph.collect.events.card_world import CardWorld
from barograph.collect.events.cards import simulate_cards
from barograph.collect.events.drawing import cumulated, distinct, pick_by_row
from barograph.collect.events.holders import BLOCK, holders_of
from barograph.collect.events.places import Places, places_of, reach
from barograph.collect.events.rhythm import DAY, SHOP, clock
from barograph.collect.events.windows import Windows, windows_for
from barograph.core.arrays import BoolArray, FloatArray, IntArray
from barograph.core.errors import SettingError
from barograph.core.event_table import Events
from barograph.core.seeds import generator

SMALL = CardWorld(cards=200, terminals=300, days=30, seed=3)
MIDDLE = CardWorld(cards=1_200, terminals=2_000, days=120, seed=11)
ONE_DAY = np.timedelta64(1, "D")


@pytest.fixture(scope="module")
def events() -> Events:
    return simulate_cards(MIDDLE).events


def seconds_of(events: Events, world: CardWorld) -> IntArray:
    since = events.time - np.datetime64(world.start, "us")
    return np.asarray(since // np.timedelta64(1, "s"), dtype=np.int64)


def area_under_curve(score: FloatArray, positive: BoolArray) -> float:
    ranks, hits = rankdata(score), int(positive.sum())
    return float((ranks[positive].sum() - hits * (hits + 1) / 2) / (hits * (positive.size - hits)))


def test_the_same_settings_give_the_same_bits_and_another_seed_others() -> None:
    first, second = simulate_cards(SMALL), simulate_cards(SMALL)
    other = simulate_cards(CardWorld(cards=200, terminals=300, days=30, seed=4))
    assert first.provenance == second.provenance
    assert first.provenance.content_hash != other.provenance.content_hash
    for name in ("event_id", "time", "actor", "counterparty", "amount", "label", "label_time", "pattern"):
        assert getattr(first.events, name).tobytes() == getattr(second.events, name).tobytes(), name
    assert first.events.columns.equals(second.events.columns)


def test_the_provenance_names_seed_rows_days_and_settings() -> None:
    snapshot = simulate_cards(SMALL)
    told = snapshot.provenance
    assert told.rows == snapshot.events.n
    assert (told.since, told.until) == ("2024-01-01", "2024-01-30")
    assert "seed 3" in told.source
    assert "radius=5.0" in told.notes[0]
    assert "simulator" in told.licence


def test_the_table_is_in_order_and_its_values_are_what_events_promise(events: Events) -> None:
    first = np.datetime64(MIDDLE.start, "us")
    assert events.time.dtype == np.dtype("datetime64[us]")
    assert (np.diff(events.time) >= np.timedelta64(0)).all()
    assert (np.diff(events.time) == np.timedelta64(0)).any()
    assert events.time[0] >= first
    assert events.time[-1] < first + MIDDLE.days * ONE_DAY
    assert (events.time.astype(np.int64) % 1_000_000 == 0).all()
    assert len(set(events.event_id.tolist())) == events.n
    assert events.amount.min() > 0
    assert np.array_equal(events.amount, np.round(events.amount, 2))
    assert events.actor.min() >= 0
    assert events.actor.max() < len(events.actors) == MIDDLE.cards
    assert events.counterparty.min() >= 0
    assert events.counterparty.max() < len(events.counterparties) == MIDDLE.terminals
    assert events.pattern is not None
    assert np.array_equal(events.label == 1, events.pattern != "")


def test_counts_and_rates_are_near_those_stated(events: Events) -> None:
    assert events.n == pytest.approx(MIDDLE.payments, rel=0.06)
    assert events.pattern is not None
    stated = {"amount": 0.001, "terminal": 0.004, "card": 0.0025}
    for name, share in stated.items():
        assert (events.pattern == name).mean() == pytest.approx(share, rel=0.35), name
    assert 0.005 < events.label.mean() < 0.01


def test_a_rate_of_nothing_plants_nothing() -> None:
    honest = CardWorld(cards=100, terminals=50, days=20, amount_fraud=0, terminal_fraud=0, card_fraud=0)
    events = simulate_cards(honest).events
    assert events.n > 0
    assert events.label.sum() == 0


def test_frauds_at_terminals_lie_in_their_windows_and_are_the_stated_share_there(events: Events) -> None:
    windows, time = terminal_windows(MIDDLE), seconds_of(events, MIDDLE)
    inside = windows.inside(events.counterparty, time)
    assert events.pattern is not None
    skimmed = events.pattern == "terminal"
    assert not (skimmed & ~inside).any()
    n = int(inside.sum())
    assert skimmed[inside].mean() == pytest.approx(MIDDLE.terminal_share, abs=0.01 + 3 * 0.4 / np.sqrt(n))
    lasted = (windows.until - windows.since) / DAY
    assert lasted.min() >= 14
    assert lasted.max() <= 42.0001


def test_a_thief_pays_within_days_of_the_theft_and_the_holder_goes_on(events: Events) -> None:
    windows, time = card_windows(MIDDLE), seconds_of(events, MIDDLE)
    inside = windows.inside(events.actor, time)
    assert events.pattern is not None
    stolen = events.pattern == "card"
    assert not (stolen & ~inside).any()
    assert ((windows.until - windows.since) / DAY).max() <= 7.0001
    assert 0.1 < (inside & ~stolen).sum() / inside.sum() < 0.9
    night = (time % DAY) < 5 * 3600
    assert night[stolen].mean() > 2 * night[events.label == 0].mean()


def test_large_amounts_are_large_for_the_card_but_not_only_fraud_is(events: Events) -> None:
    median = holders_of(MIDDLE, _places(MIDDLE)).median[events.actor]
    ratio = events.amount / median
    assert events.pattern is not None
    assert np.median(ratio[events.pattern == "amount"]) > 5 * np.median(ratio[events.label == 0])
    above = ratio > np.median(ratio[events.pattern == "amount"])
    assert 0.02 < (events.label[above] == 0).mean() < 0.98


def test_fraud_shows_but_no_single_column_gives_it_away(events: Events) -> None:
    fraud = events.label == 1
    assert 0.55 < area_under_curve(events.amount, fraud) < 0.9
    online = (events.columns["channel"] == "online").to_numpy()
    assert 0.5 < area_under_curve(online.astype(float), fraud) < 0.9
    busy = np.bincount(events.counterparty, minlength=MIDDLE.terminals)[events.counterparty]
    assert 0.2 < area_under_curve(busy.astype(float), fraud) < 0.8


def test_no_label_is_known_before_the_delay_whatever_it_is() -> None:
    exact = simulate_cards(SMALL).events
    assert (exact.label_time - exact.time == 7 * ONE_DAY).all()
    late = simulate_cards(
        CardWorld(cards=200, terminals=300, days=60, label_delay_days=2.5, reporting_days=3.0)
    )
    extra = (late.events.label_time - late.events.time - np.timedelta64(60, "h")) / ONE_DAY
    assert extra.min() >= 0
    assert extra.mean() == pytest.approx(3.0, rel=0.05)
    fraud = late.events.label == 1
    assert extra[fraud].mean() == pytest.approx(3.0, abs=5 * 3.0 / np.sqrt(fraud.sum()))


def test_holders_go_to_terminals_near_them_or_online(events: Events) -> None:
    places = _places(MIDDLE)
    homes = holders_of(MIDDLE, places).homes
    shop = (events.counterparty < len(places.shops)) & (events.label == 0)
    there = places.shops[events.counterparty[shop]]
    far = np.hypot(*(there - homes[events.actor[shop]]).T)
    nearest = np.array([np.hypot(*(places.shops - home).T).min() for home in homes])
    assert (far <= np.maximum(MIDDLE.radius, nearest[events.actor[shop]]) + 1e-9).all()
    assert ((events.columns["channel"] == "online").to_numpy() == (events.counterparty >= 1_960)).all()


def test_days_and_cards_have_a_rhythm(events: Events) -> None:
    time = seconds_of(events, MIDDLE)
    hour = np.bincount(time % DAY // 3600, minlength=24) / events.n
    assert hour[2:5].sum() < 0.05 < hour[17]
    weekday = np.bincount(time // DAY % 7, minlength=7)
    assert weekday[5] > 1.2 * weekday[0]
    per_card = np.bincount(events.actor, minlength=MIDDLE.cards)
    assert np.percentile(per_card, 90) > 5 * np.percentile(per_card, 10)


def test_every_block_of_cards_pays_and_blocks_are_unlike() -> None:
    world = CardWorld(cards=BLOCK + 20, terminals=50, days=10)
    events = simulate_cards(world).events
    assert set(np.unique(events.actor // BLOCK)) == {0, 1}
    counts = np.bincount(events.actor, minlength=world.cards)
    assert not np.array_equal(counts[:20], counts[BLOCK:])


@pytest.mark.parametrize(
    "world",
    [
        CardWorld(cards=1, terminals=1, days=1, payments_per_day=5.0),
        CardWorld(cards=3, terminals=2, days=5, online=0.9, radius=0.01),
        CardWorld(cards=20, terminals=5, days=3, online=0.0, start=datetime.date(2024, 2, 28)),
    ],
)
def test_tiny_worlds_work(world: CardWorld) -> None:
    events = simulate_cards(world).events
    assert events.counterparty.max() < world.terminals
    assert np.isfinite(events.amount).all()


@pytest.mark.parametrize(
    "bad",
    [
        {"cards": 0}, {"cards": 2.5}, {"cards": True}, {"terminals": 0}, {"online": 1.0},
        {"radius": float("nan")}, {"start": "2024-01-01"}, {"start": datetime.date(1970, 1, 1)},
        {"days": 0}, {"days": 100_000}, {"seed": -1}, {"payments_per_day": 0.0}, {"typical_amount": -3.0},
        {"amount_fraud": 0.5}, {"terminal_fraud": -0.1}, {"card_fraud": "many"}, {"terminal_days": (9, 3)},
        {"card_days": 4.0}, {"terminal_share": 0.0}, {"label_delay_days": -1.0},
        {"reporting_days": float("inf")}, {"cards": 10_000_000},
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused_by_name(bad: dict[str, Any]) -> None:
    with pytest.raises(SettingError) as refused:
        CardWorld(**bad)
    too_large = bad == {"cards": 10_000_000}
    assert ("rows" if too_large else next(iter(bad))) in str(refused.value)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(-50, 90), st.integers(1, 60)), max_size=12),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 99)), min_size=1, max_size=20),
)
@settings(deadline=None)
def test_windows_hold_what_a_plain_loop_says(
    spans: list[tuple[int, int, int]], points: list[tuple[int, int]]
) -> None:
    table = np.array(sorted(spans), dtype=np.int64).reshape(-1, 3)
    windows = Windows(table[:, 0], table[:, 1], table[:, 1] + table[:, 2])
    owner, time = np.array(points, dtype=np.int64).T
    expected = [any(o == w and s <= t < s + d for w, s, d in spans) for o, t in points]
    assert windows.inside(owner, time).tolist() == expected


def test_windows_cover_the_fraction_asked_for_from_the_first_day_to_the_last() -> None:
    windows = windows_for(generator(0, "test"), 0.05, 4_000, 100, (10.0, 30.0))
    covered = [
        ((windows.since <= day * DAY) & (day * DAY < windows.until)).sum() / 4_000 for day in range(100)
    ]
    assert np.mean(covered[:20]) == pytest.approx(0.05, rel=0.15)
    assert np.mean(covered[-20:]) == pytest.approx(0.05, rel=0.15)


def test_choices_by_row_follow_the_weights_of_the_row() -> None:
    weights = np.array([[1.0, 0.0, 3.0], [0.0, 0.0, 2.0], [1.0, 1.0, 0.0]])
    rows = np.repeat(np.arange(3), 20_000)
    drawn = pick_by_row(generator(0, "rows"), cumulated(weights), rows)
    found = np.stack([np.bincount(drawn[rows == row], minlength=3) for row in range(3)]) / 20_000
    assert np.abs(found - weights / weights.sum(axis=1, keepdims=True)).max() < 0.012
    assert (found[weights == 0] == 0).all()


def test_members_are_distinct_even_where_few_are_likely() -> None:
    shares = cumulated(np.array([1000.0, 500.0, 1.0, 1.0, 1.0, 1.0]))
    drawn = distinct(generator(0, "members"), shares, 200, 4)
    assert all(len(set(row)) == 4 for row in drawn.tolist())


def test_reach_is_the_nearest_terminals_by_distance_and_popularity() -> None:
    places = places_of(generator(5, "places"), 40, 0)
    home = np.array([[50.0, 50.0]])
    terminals, shares = reach(places, home, 20.0)
    distance = np.hypot(*(places.shops - home).T)
    weight = np.where(distance <= 20.0, places.shop_popularity * np.exp(-2 * distance / 20.0), 0.0)
    weight[distance.argmin()] = places.shop_popularity[distance.argmin()] * np.exp(-distance.min() / 10)
    got = np.zeros(40)
    got[terminals[0]] = np.diff(shares[0], prepend=0.0)
    assert got == pytest.approx(weight / weight.sum(), abs=1e-12)


def test_the_clock_follows_the_hours_and_a_late_riser() -> None:
    drawn = clock(generator(0, "clock"), 50_000, SHOP)
    assert np.abs(np.bincount(drawn // 3600, minlength=24) / 50_000 - SHOP / SHOP.sum()).max() < 0.006
    late = clock(generator(0, "clock"), 50_000, SHOP, 2.0)
    assert np.abs(late - (drawn + 7200) % DAY).max() <= 1


def _places(world: CardWorld) -> Places:
    online = world.online_terminals
    return places_of(generator(world.seed, "cards", "places"), world.terminals - online, online)
