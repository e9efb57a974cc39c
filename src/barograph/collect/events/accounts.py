"""A simulated network of accounts, everything that is laundered in it known."""

from __future__ import annotations

from barograph.collect.events.account_world import AccountWorld
from barograph.collect.events.flows import honest
from barograph.collect.events.rows import events_of, in_order, joined, numbered
from barograph.collect.events.schemes import PATTERNS, laundered
from barograph.collect.events.snapshot import simulated
from barograph.collect.events.society import society_of
from barograph.core.event_table import EventSnapshot
from barograph.core.notes import noted
from barograph.core.seeds import generator


def simulate_accounts(world: AccountWorld) -> EventSnapshot:
    """The transfers of a network of accounts.

    Firms pay salaries and each other's invoices; persons pay rent, purchases and friends, and now and then
    collect from many or pay many. Firms' sizes and persons' circles are heavy-tailed, amounts lognormal.
    Four patterns of laundering are planted and named in `Events.pattern`; amounts, hours and most accounts
    are those of honest transfers:

    - ``fan-in``: many accounts pay one within days; ``fan-out``: one pays many;
    - ``cycle``: money passes from account to account and back to the first, less fees;
    - ``scatter-gather``: one pays many middlemen, each of whom later pays the same other account.

    Parameters
    ----------
    world : AccountWorld
        The settings; the same settings give the same bits.

    Returns
    -------
    EventSnapshot
        Actors pay, counterparties receive, both among the same names. Times are whole seconds UTC, amounts
        whole hundredths, label 1 = laundering in truth, known after the delay.
    """
    legitimate = in_order(joined(honest(world, society_of(world))), world.days)
    rows = in_order(joined([legitimate, *laundered(world, legitimate.n)]), world.days)
    names = numbered("a", world.accounts)
    events = events_of(
        rows,
        world,
        generator(world.seed, "accounts", "reporting"),
        patterns=PATTERNS,
        letter="x",
        actors=names,
        counterparties=names,
    )
    return simulated(events, world, what=noted("notes.source.transfers"))
