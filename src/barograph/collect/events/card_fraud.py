"""The three frauds planted among payments with cards."""

from __future__ import annotations

import numpy as np

from barograph.collect.events.card_world import CardWorld
from barograph.collect.events.drawing import lognormal, pick
from barograph.collect.events.holders import Holders
from barograph.collect.events.places import Places
from barograph.collect.events.rows import Rows
from barograph.collect.events.windows import Windows, windows_for
from barograph.core.arrays import FloatArray, IntArray
from barograph.core.seeds import generator

PATTERNS = ("", "amount", "terminal", "card")
"""Name of each code of a pattern."""
AMOUNT, TERMINAL, CARD = 1, 2, 3
AMOUNT_FACTOR = (9.0, 0.45)  # median and sigma of how much larger a fraud of pattern "amount" is
THEFT_PAYMENTS = 7.0  # mean number of payments a thief makes with one card, at least one
THEFT_FACTOR = (2.5, 0.9)  # median and sigma of a thief's amounts against the holder's median
THEFT_ONLINE = 0.55  # share of a thief's payments made online, the others anywhere in the country
THEFT_HASTE = (1.0, 2.5)  # beta distribution of when, within the days of use, a thief pays


def terminal_windows(world: CardWorld) -> Windows:
    """When each terminal is compromised; terminals as likely as each other."""
    fraction = world.terminal_fraud / world.terminal_share
    rng = generator(world.seed, "cards", "compromised terminals")
    return windows_for(rng, fraction, world.terminals, world.days, world.terminal_days)


def card_windows(world: CardWorld) -> Windows:
    """When each card is used by a thief; cards as likely as each other."""
    thefts_a_day = world.card_fraud * world.payments_per_day / THEFT_PAYMENTS  # per card
    fraction = thefts_a_day * sum(world.card_days) / 2
    rng = generator(world.seed, "cards", "stolen cards")
    return windows_for(rng, fraction, world.cards, world.days, world.card_days)


def thefts(world: CardWorld, places: Places, holders: Holders, prices: FloatArray) -> Rows:
    """The payments of thieves, besides those of the holders; some fall outside the simulated days."""
    windows, rng = card_windows(world), generator(world.seed, "cards", "thefts")
    counts = 1 + rng.poisson(THEFT_PAYMENTS - 1, windows.owner.size)
    card = np.repeat(windows.owner, counts)
    since, length = np.repeat(windows.since, counts), np.repeat(windows.until - windows.since, counts)
    time = since + np.floor(rng.beta(*THEFT_HASTE, card.size) * length).astype(np.int64)
    terminal = _anywhere(rng, places, card.size)
    amount = prices[terminal] * holders.median[card] * lognormal(rng, *THEFT_FACTOR, card.size)
    return Rows(time, card, terminal, amount, np.full(card.size, CARD))


def with_skimming(world: CardWorld, rows: Rows) -> Rows:
    """A share of the payments at compromised terminals made fraudulent; amounts stay."""
    drawn = generator(world.seed, "cards", "skimming").random(rows.n) < world.terminal_share
    compromised = terminal_windows(world).inside(rows.counterparty, rows.time)
    return rows.marked(compromised & drawn & (rows.pattern == 0), TERMINAL)


def with_large_amounts(world: CardWorld, rows: Rows) -> Rows:
    """Single payments made fraudulent, and several times as large."""
    rng = generator(world.seed, "cards", "large amounts")
    hit = (rng.random(rows.n) < world.amount_fraud) & (rows.pattern == 0)
    amount = rows.amount.copy()
    amount[hit] *= lognormal(rng, *AMOUNT_FACTOR, int(hit.sum()))
    return rows.marked(hit, AMOUNT, amount)


def _anywhere(rng: np.random.Generator, places: Places, n: int) -> IntArray:
    """[n] terminals by popularity alone."""
    terminal = pick(rng, places.shop_shares, n)
    remote = (rng.random(n) < THEFT_ONLINE) & bool(places.online_shares.size)
    terminal[remote] = len(places.shops) + pick(rng, places.online_shares, int(remote.sum()))
    return terminal
