"""What the holders of cards are like, and the payments they make themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.collect.events.card_world import CardWorld
from barograph.collect.events.drawing import lognormal, pick, pick_by_row
from barograph.collect.events.places import Places, reach, scattered
from barograph.collect.events.rhythm import DAY, ONLINE, SHOP, clock, weekday_of
from barograph.collect.events.rows import Rows
from barograph.core.arrays import FloatArray, IntArray
from barograph.core.seeds import generator

BLOCK = 500
"""Cards made together, from a generator of their own; part of what a seed means."""
ONLINE_HABIT = (1.2, 6.0)  # beta distribution of the share a holder pays online, mean 1/6
RATE_SHAPE = 2.0  # gamma shape of payments per day over cards
MOOD_SHAPE = 3.0  # gamma shape of one card's busy and quiet days
MEDIAN_SPREAD = 0.55  # sigma of the cards' own median amounts
OWN_SPREAD = (0.35, 0.8)  # sigma of one card's log amount, uniform over cards
PRICE_SPREAD = 0.3  # sigma of the terminals' price levels
LARGE_SHARE = 0.002  # of the holders' own payments
LARGE_FACTOR = (4.0, 0.45)  # median and sigma of how much larger
SHIFT = 1.5  # hours, standard deviation by which a holder lives later than others


@dataclass(frozen=True, slots=True, eq=False)
class Holders:
    """The holders' homes and habits, one row per card."""

    homes: FloatArray  # [n_cards, 2] km
    rate: FloatArray  # [n_cards] payments per day
    median: FloatArray  # [n_cards] money units
    spread: FloatArray  # [n_cards] sigma of the log amount
    online: FloatArray  # [n_cards] share paid online
    shift: FloatArray  # [n_cards] hours by which the holder lives later


def holders_of(world: CardWorld, places: Places) -> Holders:
    """The holders of all cards."""
    rng, n = generator(world.seed, "cards", "holders"), world.cards
    return Holders(
        homes=scattered(rng, places.towns, places.town_shares, n),
        rate=world.payments_per_day * rng.gamma(RATE_SHAPE, 1 / RATE_SHAPE, n),
        median=lognormal(rng, world.typical_amount, MEDIAN_SPREAD, n),
        spread=rng.uniform(*OWN_SPREAD, n),
        online=rng.beta(*ONLINE_HABIT, n) if world.online_terminals else np.zeros(n),
        shift=SHIFT * rng.standard_normal(n),
    )


def prices_of(world: CardWorld) -> FloatArray:
    """[n_terminals] price level of each terminal, median 1."""
    return lognormal(generator(world.seed, "cards", "prices"), 1.0, PRICE_SPREAD, world.terminals)


def own_payments(world: CardWorld, places: Places, holders: Holders, prices: FloatArray, first: int) -> Rows:
    """The holders' own payments with the cards of the block that begins at card `first`."""
    rng = generator(world.seed, "cards", "own", first // BLOCK)
    cards = np.arange(first, min(first + BLOCK, world.cards))
    card, day = _card_days(rng, world, holders.rate[cards])
    remote = rng.random(card.size) < holders.online[cards][card]
    terminals, shares = reach(places, holders.homes[cards], world.radius)
    terminal = terminals[card, pick_by_row(rng, shares, card)]
    terminal[remote] = len(places.shops) + pick(rng, places.online_shares, int(remote.sum()))
    card = cards[card]
    shift = holders.shift[card]
    instant = np.where(remote, clock(rng, card.size, ONLINE, shift), clock(rng, card.size, SHOP, shift))
    amount = prices[terminal] * lognormal(rng, holders.median[card], holders.spread[card], card.size)
    large = rng.random(card.size) < LARGE_SHARE
    amount[large] *= lognormal(rng, *LARGE_FACTOR, int(large.sum()))
    return Rows(day * DAY + instant, card, terminal, amount, np.zeros(card.size, dtype=np.int64))


def _card_days(rng: np.random.Generator, world: CardWorld, rate: FloatArray) -> tuple[IntArray, IntArray]:
    """Place in the block and day of every payment: as many a day as rate, weekday and mood allow."""
    shape = (rate.size, world.days)
    mood = rng.gamma(MOOD_SHAPE, 1 / MOOD_SHAPE, shape)
    counts = rng.poisson(rate[:, None] * weekday_of(world.start, world.days) * mood)
    where = np.repeat(np.arange(counts.size), counts.ravel())
    return where // world.days, where % world.days
