"""The owners of accounts: firms and persons, where these work, live and shop, and whom they know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.collect.events.account_world import AccountWorld
from barograph.collect.events.drawing import cumulated, heavy, lognormal, pick
from barograph.core.arrays import FloatArray, IntArray
from barograph.core.seeds import generator

FIRM_TAIL = 1.3  # Pareto exponent of firms' sizes, by which jobs and customers are drawn
SOCIABLE_TAIL = 2.0  # Pareto exponent by which persons are chosen as friends
SHOPS, FRIENDS = 12, 8  # favourites a person draws; the same one may come twice and weighs double then
EMPLOYED, TENANTS = 0.75, 0.55  # shares of persons
LANDLORDS = 0.04  # share of all accounts that let homes
RENT_SHARE = (0.2, 0.4)  # of the salary the person has, or would have
SALARY_SPREAD = 0.45  # sigma


@dataclass(frozen=True, slots=True, eq=False)
class Society:
    """Accounts are numbered 0 … n - 1 in no order of kind; arrays over persons follow `persons`."""

    firms: IntArray  # [n_firms] accounts
    firm_size: FloatArray  # [n_firms]
    persons: IntArray  # [n_persons] accounts
    salary: FloatArray  # [n_persons] a month, money units; NaN without a job
    employer: IntArray  # [n_persons] accounts
    payday: IntArray  # [n_persons] day of the month, 0 = the first
    rent: FloatArray  # [n_persons] a month, money units; NaN where none is paid
    landlord: IntArray  # [n_persons] accounts
    shops: IntArray  # [n_persons, SHOPS] accounts
    friends: IntArray  # [n_persons, FRIENDS] accounts
    activity: FloatArray  # [n_persons] mean 1, how often a person pays


def society_of(world: AccountWorld) -> Society:
    """Everybody in the network."""
    rng = generator(world.seed, "accounts", "society")
    order = rng.permutation(world.accounts)
    n_firms = round(world.firms * world.accounts)
    firms, persons = order[:n_firms], order[n_firms:]
    n = persons.size
    size = heavy(rng, n_firms, FIRM_TAIL)
    shares = cumulated(size)
    job = pick(rng, shares, n)
    payday = rng.choice([0, 14, 24, 25, 26, 27], n_firms)
    salary = lognormal(rng, world.salary, SALARY_SPREAD, n)
    landlords = rng.choice(world.accounts, max(1, round(LANDLORDS * world.accounts)), replace=False)
    return Society(
        firms=firms,
        firm_size=size,
        persons=persons,
        salary=np.where(rng.random(n) < EMPLOYED, salary, np.nan),
        employer=firms[job],
        payday=payday[job],
        rent=np.where(rng.random(n) < TENANTS, np.round(salary * rng.uniform(*RENT_SHARE, n), -1), np.nan),
        landlord=landlords[rng.integers(0, landlords.size, n)],
        shops=firms[pick(rng, shares, n * SHOPS).reshape(n, SHOPS)],
        friends=persons[_friends(rng, n)],
        activity=rng.gamma(2.0, 0.5, n),
    )


def _friends(rng: np.random.Generator, n: int) -> IntArray:
    """[n, FRIENDS] places of persons, sociable ones more often; nobody is a friend of himself."""
    drawn = pick(rng, cumulated(heavy(rng, n, SOCIABLE_TAIL)), n * FRIENDS).reshape(n, FRIENDS)
    return np.where(drawn == np.arange(n)[:, None], (drawn + 1) % n, drawn)
