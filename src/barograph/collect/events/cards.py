"""A simulated world of cards and terminals, every fraud in it known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from barograph.collect.events.card_fraud import PATTERNS, thefts, with_large_amounts, with_skimming
from barograph.collect.events.card_world import CardWorld
from barograph.collect.events.holders import BLOCK, holders_of, own_payments, prices_of
from barograph.collect.events.places import places_of
from barograph.collect.events.rows import Rows, events_of, in_order, joined, numbered
from barograph.collect.events.snapshot import simulated
from barograph.core.event_table import Events, EventSnapshot
from barograph.core.notes import noted
from barograph.core.seeds import generator


def simulate_cards(world: CardWorld) -> EventSnapshot:
    """The payments of a world of cards.

    Holders have a home, a rhythm and a spending habit of their own: a lognormal amount around their own
    median times the price level of the terminal, which they choose by distance and popularity; a few
    legitimate purchases are large. Three frauds are planted and named in `Events.pattern`:

    - ``amount``: single payments several times as large as the habit;
    - ``terminal``: for weeks, a share of the payments at a compromised terminal, their amounts unchanged;
    - ``card``: for days, a thief pays with a stolen card besides its holder: at any hour, online or
      anywhere in the country, mostly more than the holder would, sometimes very little.

    Parameters
    ----------
    world : CardWorld
        The settings; the same settings give the same bits.

    Returns
    -------
    EventSnapshot
        Actors are cards, counterparties terminals; the column `channel` is ``shop`` or ``online``. Times
        are whole seconds UTC, amounts whole hundredths, label 1 = fraud in truth, known after the delay.
    """
    online = world.online_terminals
    places = places_of(generator(world.seed, "cards", "places"), world.terminals - online, online)
    holders, prices = holders_of(world, places), prices_of(world)
    blocks = range(0, world.cards, BLOCK)
    own = joined(own_payments(world, places, holders, prices, first) for first in blocks)
    rows = in_order(joined([own, thefts(world, places, holders, prices)]), world.days)
    rows = with_large_amounts(world, with_skimming(world, rows))
    return simulated(_events(world, rows), world, what=noted("notes.source.payments"))


def _events(world: CardWorld, rows: Rows) -> Events:
    events = events_of(
        rows,
        world,
        generator(world.seed, "cards", "reporting"),
        patterns=PATTERNS,
        letter="p",
        actors=numbered("c", world.cards),
        counterparties=numbered("t", world.terminals),
    )
    remote = rows.counterparty >= world.terminals - world.online_terminals
    channel = pl.Series("channel", ["shop", "online"]).gather(remote.astype(np.int64))
    return replace(events, columns=pl.DataFrame([channel]))
