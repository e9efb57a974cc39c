"""The simulated accounts: the same bits from a seed, every planted scheme of the shape it claims."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import rankdata

from barograph.collect.events.account_world import AccountWorld
from barograph.collect.events.accounts import simulate_accounts
from barograph.collect.events.drawing import cumulated
from barograph.collect.events.schemes import Scale, cycles, fans_in, fans_out, scatter_gathers
from barograph.core.errors import SettingError
from barograph.core.event_table import Events
from barograph.core.seeds import generator

WORLD = AccountWorld(accounts=1_500, days=120, seed=2)
SINGLE = {"accounts": 300, "days": 60, "laundering": 1e-9}
"""So little that one scheme of each pattern is planted."""
PATTERNS = ("fan-in", "fan-out", "cycle", "scatter-gather")
SEEDS = range(8)


@pytest.fixture(scope="module")
def events() -> Events:
    return simulate_accounts(WORLD).events


@pytest.fixture(scope="module")
def schemes() -> list[dict[str, Events]]:
    """One scheme of each pattern, by seed."""
    made = [simulate_accounts(AccountWorld(seed=seed, **SINGLE)).events for seed in SEEDS]
    return [{name: of_pattern(table, name) for name in PATTERNS} for table in made]


def of_pattern(events: Events, name: str) -> Events:
    assert events.pattern is not None
    return events.take(np.flatnonzero(events.pattern == name))


def test_the_same_settings_give_the_same_bits_and_another_seed_others() -> None:
    world = AccountWorld(accounts=300, days=40, seed=1)
    first, second = simulate_accounts(world), simulate_accounts(world)
    other = simulate_accounts(AccountWorld(accounts=300, days=40, seed=2))
    assert first.provenance == second.provenance
    assert first.provenance.content_hash != other.provenance.content_hash
    for name in ("event_id", "time", "actor", "counterparty", "amount", "label", "label_time", "pattern"):
        assert getattr(first.events, name).tobytes() == getattr(second.events, name).tobytes(), name


def test_the_table_is_in_order_and_its_values_are_what_events_promise(events: Events) -> None:
    first = np.datetime64(WORLD.start, "us")
    assert (np.diff(events.time) >= np.timedelta64(0)).all()
    assert events.time[0] >= first
    assert events.time[-1] < first + np.timedelta64(WORLD.days, "D")
    assert (events.time.astype(np.int64) % 1_000_000 == 0).all()
    assert len(set(events.event_id.tolist())) == events.n
    assert events.amount.min() > 0
    assert np.array_equal(events.amount, np.round(events.amount, 2))
    assert (events.actor != events.counterparty).all()
    assert events.actors is events.counterparties
    assert set(np.unique(np.concatenate([events.actor, events.counterparty]))) <= set(range(1_500))
    assert events.pattern is not None
    assert np.array_equal(events.label == 1, events.pattern != "")


def test_laundering_is_the_stated_share_a_quarter_to_each_pattern(events: Events) -> None:
    assert events.pattern is not None
    for name in PATTERNS:
        assert (events.pattern == name).mean() == pytest.approx(WORLD.laundering / 4, rel=0.25), name


def test_without_laundering_every_transfer_is_honest() -> None:
    events = simulate_accounts(AccountWorld(accounts=200, days=30, laundering=0.0)).events
    assert events.n > 1_000
    assert events.label.sum() == 0


def test_a_fan_in_is_many_payers_and_one_payee_within_days(schemes: list[dict[str, Events]]) -> None:
    for found in schemes:
        fan = found["fan-in"]
        assert 4 <= fan.n <= 14
        assert len(set(fan.counterparty.tolist())) == 1
        assert len(set(fan.actor.tolist())) == fan.n
        assert fan.time[-1] - fan.time[0] <= np.timedelta64(21, "D")


def test_a_fan_out_is_one_payer_and_many_payees_within_days(schemes: list[dict[str, Events]]) -> None:
    for found in schemes:
        fan = found["fan-out"]
        assert 4 <= fan.n <= 14
        assert len(set(fan.actor.tolist())) == 1
        assert len(set(fan.counterparty.tolist())) == fan.n
        assert fan.time[-1] - fan.time[0] <= np.timedelta64(21, "D")


def test_a_cycle_comes_back_to_its_start_step_by_step_less_fees(schemes: list[dict[str, Events]]) -> None:
    for found in schemes:
        cycle = found["cycle"]
        assert 3 <= cycle.n <= 8
        assert (np.diff(cycle.time) > np.timedelta64(0)).all()
        assert np.array_equal(cycle.counterparty, np.roll(cycle.actor, -1))
        assert len(set(cycle.actor.tolist())) == cycle.n
        kept = cycle.amount[1:] / cycle.amount[:-1]
        assert (kept > 0.89).all()
        assert (kept < 1.0).all()
        assert kept.std() > 0


def test_a_scatter_gather_has_one_source_one_sink_and_each_middleman_pays_on_later(
    schemes: list[dict[str, Events]],
) -> None:
    for found in schemes:
        rows = found["scatter-gather"]
        source = max(rows.actor.tolist(), key=rows.actor.tolist().count)
        sink = max(rows.counterparty.tolist(), key=rows.counterparty.tolist().count)
        scattered, gathered = np.flatnonzero(rows.actor == source), np.flatnonzero(rows.counterparty == sink)
        assert source != sink
        assert 8 <= rows.n == 2 * scattered.size == 2 * gathered.size <= 28
        received = {int(rows.counterparty[row]): row for row in scattered}
        assert len(received) == scattered.size
        assert set(rows.actor[gathered].tolist()) == set(received)
        for row in gathered:
            before = received[int(rows.actor[row])]
            assert rows.time[row] > rows.time[before]
            assert 0.89 < rows.amount[row] / rows.amount[before] < 1.0


def test_schemes_hold_in_numbers_what_single_ones_show() -> None:
    """Straight from the makers, where the members of each scheme can be told apart by their count."""
    shares, scale = cumulated(np.ones(5_000)), Scale(legs=(5, 5), days=(3.0, 9.0), leg=(200.0, 0.5))
    for number, make in enumerate((fans_in, fans_out, cycles)):
        rows = make(generator(number, "many"), scale, shares, 300, 90)
        assert rows.n == 1_500
        payers, payees = rows.actor.reshape(300, 5), rows.counterparty.reshape(300, 5)
        together = np.sort(np.concatenate([payers, payees], axis=1))
        members = 1 + (np.diff(together, axis=1) > 0).sum(axis=1)
        assert (members == (5 if make is cycles else 6)).all()
        time = rows.time.reshape(300, 5)
        assert (time.max(axis=1) - time.min(axis=1)).max() < 10 * 86_400
        assert 0 <= time.min() < 10 * 86_400
        assert 80 * 86_400 < time.max() < 90 * 86_400
    both = scatter_gathers(generator(9, "many"), scale, shares, 300, 90)
    assert both.n == 3_000
    assert (both.time[1_500:] > both.time[:1_500]).all()
    assert np.array_equal(both.counterparty[:1_500], both.actor[1_500:])


def test_degrees_are_heavy_tailed(events: Events) -> None:
    received = np.bincount(events.counterparty, minlength=WORLD.accounts)
    paid = np.bincount(events.actor, minlength=WORLD.accounts)
    assert received.max() > 50 * np.median(received)
    assert paid.max() > 4 * np.median(paid)


def test_laundering_shows_but_amounts_hours_and_degrees_do_not_give_it_away(events: Events) -> None:
    dirty = events.label == 1
    hours = events.time.astype("datetime64[h]").astype(np.int64) % 24
    received = np.bincount(events.counterparty, minlength=WORLD.accounts)[events.counterparty]

    def area(score: Any) -> float:
        ranks, hits = rankdata(score), dirty.sum()
        return float((ranks[dirty].sum() - hits * (hits + 1) / 2) / (hits * (~dirty).sum()))

    assert 0.6 < area(events.amount) < 0.9
    assert 0.4 < area(hours) < 0.6
    assert 0.05 < area(received) < 0.5
    assert np.percentile(events.amount[~dirty], 99) > np.percentile(events.amount[dirty], 75)


def test_amounts_repeat_no_more_in_schemes_than_among_the_honest(events: Events) -> None:
    dirty = events.amount[events.label == 1]
    assert np.unique(dirty).size > 0.9 * dirty.size
    assert (dirty == np.round(dirty)).mean() < 0.05


def test_honest_accounts_have_fans_too(events: Events) -> None:
    """Persons who collect from many within days exist without any laundering."""
    honest = simulate_accounts(AccountWorld(accounts=1_500, days=60, seed=5, laundering=0.0)).events
    day = (honest.time - honest.time[0]) // np.timedelta64(7, "D")
    pairs = np.unique(np.stack([honest.counterparty, day, honest.actor]), axis=1)
    payees, payers = np.unique(pairs[:2], axis=1, return_counts=True)
    firm = np.bincount(honest.counterparty, minlength=1_500) > 100
    assert ((payers >= 4) & ~firm[payees[0]]).any()


def test_no_label_is_known_before_the_delay_whatever_it_is(events: Events) -> None:
    assert (events.label_time - events.time == np.timedelta64(30, "D")).all()
    late = simulate_accounts(AccountWorld(accounts=300, days=30, reporting_days=5.0)).events
    delay = (late.label_time - late.time) / np.timedelta64(1, "D")
    assert delay.min() >= 30
    assert delay.mean() == pytest.approx(35, rel=0.02)


def test_salaries_come_once_a_month_and_a_short_world_has_none_out_of_its_days() -> None:
    events = simulate_accounts(AccountWorld(accounts=400, days=91, seed=1, laundering=0.0)).events
    large = events.take(np.flatnonzero((events.amount > 1_200) & (events.amount < 6_000)))
    _, counts = np.unique(np.stack([large.actor, large.counterparty]), axis=1, return_counts=True)
    assert (counts == 3).sum() > 100
    assert simulate_accounts(AccountWorld(accounts=200, days=1)).events.n > 0


@pytest.mark.parametrize(
    "bad",
    [
        {"accounts": 199}, {"firms": 0.0}, {"firms": 0.95}, {"days": 0}, {"seed": -1}, {"salary": 0.0},
        {"purchases_per_day": float("nan")}, {"transfers_per_day": -1.0}, {"laundering": 0.5},
        {"fan": (2, 5)}, {"fan": (5, 4)}, {"fan": (4.5, 6)}, {"cycle": 3}, {"scheme_days": (0.0, 2.0)},
        {"leg": 0.0}, {"label_delay_days": -1.0}, {"reporting_days": -1.0}, {"start": None},
        {"accounts": 10_000_000},
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused_by_name(bad: dict[str, Any]) -> None:
    with pytest.raises(SettingError) as refused:
        AccountWorld(**bad)
    too_large = bad == {"accounts": 10_000_000}
    assert ("rows" if too_large else next(iter(bad))) in str(refused.value)
