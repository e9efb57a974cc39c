"""What honest owners of accounts pay: salaries, rents, purchases, friends, invoices, gatherings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from barograph.collect.events.account_world import AccountWorld
from barograph.collect.events.drawing import cumulated, heavy, lognormal, pick
from barograph.collect.events.rhythm import BANK, DAY, SHOP, clock, weekday_of
from barograph.collect.events.rows import Rows
from barograph.collect.events.schemes import Scale, fans_in, fans_out
from barograph.collect.events.society import FRIENDS, SHOPS, Society
from barograph.core.arrays import BoolArray, FloatArray, IntArray
from barograph.core.seeds import generator

BLOCK = 5_000
"""Persons whose purchases are made together, from a generator of their own; part of what a seed means."""
PURCHASE = (24.0, 1.0)  # median and sigma, money units
FRIENDLY = (32.0, 1.1)
INVOICE = (420.0, 1.2)
OVERTIME = 0.03  # standard deviation of a month's salary against the usual one
PAID_BACK = 0.25  # share of transfers to friends that come back, in part, within days
SUPPLIERS = 6  # of a firm
INVOICES_PER_DAY = 0.15  # of the smallest firm; grows with the root of the size
GATHERINGS = 0.004  # a person and month, each way: many pay one person, or one pays many
GATHERED = Scale(legs=(4, 14), days=(1.0, 10.0), leg=(45.0, 0.9))


def honest(world: AccountWorld, society: Society) -> Iterator[Rows]:
    """Everything that is no laundering."""
    yield salaries(world, society)
    yield rents(world, society)
    for first in range(0, society.persons.size, BLOCK):
        yield from daily(world, society, first)
    yield invoices(world, society)
    yield from gatherings(world, society)


def salaries(world: AccountWorld, society: Society) -> Rows:
    """From firms to the persons who work there, each month on the firm's day, a little more or less."""
    rng = generator(world.seed, "accounts", "salaries")
    paid = np.isfinite(society.salary)
    person, month = _months(world, paid)
    amount = society.salary[person] * (1 + OVERTIME * rng.standard_normal(person.size))
    day = month + society.payday[person]
    return _honest(rng, day, society.employer[person], society.persons[person], amount)


def rents(world: AccountWorld, society: Society) -> Rows:
    """From tenants to landlords in the first days of each month, always the same amount."""
    rng = generator(world.seed, "accounts", "rents")
    paid = np.isfinite(society.rent) & (society.persons != society.landlord)
    person, month = _months(world, paid)
    day = month + rng.integers(0, 5, person.size)
    return _honest(rng, day, society.persons[person], society.landlord[person], society.rent[person])


def daily(world: AccountWorld, society: Society, first: int) -> Iterator[Rows]:
    """Purchases at favourite shops, transfers to friends, and what these pay back, of a block of persons."""
    rng = generator(world.seed, "accounts", "daily", first // BLOCK)
    block = slice(first, first + BLOCK)
    persons, activity = society.persons[block], society.activity[block]
    person, day = _person_days(rng, world, world.purchases_per_day * activity)
    shop = society.shops[block][person, rng.integers(0, SHOPS, person.size)]
    amount = lognormal(rng, *PURCHASE, person.size)
    yield _honest(rng, day, persons[person], shop, amount, SHOP)
    person, day = _person_days(rng, world, world.transfers_per_day * activity)
    place = np.minimum(rng.geometric(0.35, person.size) - 1, FRIENDS - 1)
    friend, amount = society.friends[block][person, place], lognormal(rng, *FRIENDLY, person.size)
    yield _honest(rng, day, persons[person], friend, amount)
    back = rng.random(person.size) < PAID_BACK
    later = day[back] + 1 + rng.geometric(0.25, int(back.sum()))
    part = amount[back] * rng.uniform(0.3, 1.0, later.size)
    yield _honest(rng, later, friend[back], persons[person[back]], part)


def invoices(world: AccountWorld, society: Society) -> Rows:
    """Between firms, the larger ones more often, to a few suppliers each."""
    rng, firms = generator(world.seed, "accounts", "invoices"), society.firms
    shares = cumulated(society.firm_size)
    suppliers = pick(rng, shares, firms.size * SUPPLIERS).reshape(firms.size, SUPPLIERS)
    suppliers = np.where(suppliers == np.arange(firms.size)[:, None], (suppliers + 1) % firms.size, suppliers)
    rate = INVOICES_PER_DAY * np.sqrt(society.firm_size)
    firm, day = _person_days(rng, world, rate)
    supplier = firms[suppliers[firm, rng.integers(0, SUPPLIERS, firm.size)]]
    return _honest(rng, day, firms[firm], supplier, lognormal(rng, *INVOICE, firm.size))


def gatherings(world: AccountWorld, society: Society) -> Iterator[Rows]:
    """Honest fans: a present collected by one person, a kitty paid out again."""
    rng = generator(world.seed, "accounts", "gatherings")
    known = cumulated(heavy(rng, society.persons.size, 2.0))
    for fans in (fans_in, fans_out):
        count = int(rng.poisson(GATHERINGS * society.persons.size * world.days / 30))
        rows = fans(rng, GATHERED, known, count, world.days)
        yield Rows(
            rows.time, society.persons[rows.actor], society.persons[rows.counterparty], rows.amount,
            np.zeros_like(rows.pattern),
        )  # fmt: skip


def _honest(
    rng: np.random.Generator,
    day: IntArray,
    payer: IntArray,
    payee: IntArray,
    amount: FloatArray,
    hours: FloatArray = BANK,
) -> Rows:
    instant = day * DAY + clock(rng, day.size, hours)
    return Rows(instant, payer, payee, amount, np.zeros(day.size, dtype=np.int64))


def _person_days(
    rng: np.random.Generator, world: AccountWorld, rate: FloatArray
) -> tuple[IntArray, IntArray]:
    """Place and day of every payment of those who pay at these rates a day."""
    counts = rng.poisson(rate[:, None] * weekday_of(world.start, world.days))
    where = np.repeat(np.arange(counts.size), counts.ravel())
    return where // world.days, where % world.days


def _months(world: AccountWorld, who: BoolArray) -> tuple[IntArray, IntArray]:
    """Every pair of those chosen and a month: place, and first day of the month from the start."""
    start = np.datetime64(world.start, "D")
    months = np.arange(start.astype("M8[M]"), (start + world.days).astype("M8[M]") + 1)
    offsets = (months.astype("M8[D]") - start).astype(np.int64)
    places = np.flatnonzero(who)
    return np.repeat(places, offsets.size), np.tile(offsets, places.size)
