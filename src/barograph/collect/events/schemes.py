"""How money is laundered: fans, cycles and scatter-gather among distinct accounts.

The four shapes are the usual typologies of the field (Suzumura and Kanezashi 2018, AMLSim; Altman et al.
2023, "Realistic synthetic financial transactions for anti-money laundering models").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from barograph.collect.events.account_world import AccountWorld
from barograph.collect.events.drawing import cumulated, distinct, lognormal
from barograph.collect.events.rhythm import BANK, DAY, clock
from barograph.collect.events.rows import Rows, joined
from barograph.core.arrays import BoolArray, FloatArray, IntArray
from barograph.core.seeds import generator

PATTERNS = ("", "fan-in", "fan-out", "cycle", "scatter-gather")
"""Name of each code of a pattern."""
FAN_IN, FAN_OUT, CYCLE, SCATTER_GATHER = 1, 2, 3, 4
PROPENSITY = 1.2  # sigma of how readily an account is used: some are met in several schemes
LEG_SPREAD = 0.8  # sigma over schemes of their typical transfer
UNEVEN = 3.0  # gamma shape of the transfers within a scheme
FEE = (0.005, 0.1)  # share that stays with each middleman


@dataclass(frozen=True, slots=True)
class Scale:
    """How large schemes are."""

    legs: tuple[int, int]  # fewest and most transfers, or middlemen
    days: tuple[float, float]  # shortest and longest
    leg: tuple[float, float]  # median and sigma over schemes of the typical transfer, money units


@dataclass(frozen=True, slots=True, eq=False)
class _Frame:
    """Who takes part in each scheme, and when it runs."""

    members: IntArray  # [n_schemes, most + extra] accounts, distinct in a row
    real: BoolArray  # [n_schemes, most] which of the transfers there are
    since: FloatArray  # [n_schemes] days
    days: FloatArray  # [n_schemes]
    leg: FloatArray  # [n_schemes] typical transfer, money units


def laundered(world: AccountWorld, honest: int) -> Iterator[Rows]:
    """The transfers of all schemes, a quarter of the wanted share to each pattern, at least one scheme each.

    Parameters
    ----------
    world : AccountWorld
        The settings.
    honest : int
        Number of honest transfers.
    """
    if not world.laundering:
        return
    rng = generator(world.seed, "accounts", "propensity")
    willing = cumulated(lognormal(rng, 1.0, PROPENSITY, world.accounts))
    wanted = honest * world.laundering / (1 - world.laundering) / 4
    makers = ((fans_in, world.fan, 1), (fans_out, world.fan, 1), (cycles, world.cycle, 1))
    for make, legs, each in (*makers, (scatter_gathers, world.fan, 2)):
        count = max(1, round(wanted / (each * sum(legs) / 2)))
        scale = Scale(legs, world.scheme_days, (world.leg, LEG_SPREAD))
        yield make(generator(world.seed, "accounts", make.__name__), scale, willing, count, world.days)


def fans_in(rng: np.random.Generator, scale: Scale, willing: FloatArray, count: int, days: int) -> Rows:
    """Many accounts pay one: [transfers of `count` schemes], accounts drawn by `willing`."""
    frame = _frame(rng, scale, willing, count, days, extra=1)
    payee = np.broadcast_to(frame.members[:, :1], frame.real.shape)
    return _rows(frame, _times(rng, frame), frame.members[:, 1:], payee, _uneven(rng, frame), FAN_IN)


def fans_out(rng: np.random.Generator, scale: Scale, willing: FloatArray, count: int, days: int) -> Rows:
    """One account pays many."""
    frame = _frame(rng, scale, willing, count, days, extra=1)
    payer = np.broadcast_to(frame.members[:, :1], frame.real.shape)
    return _rows(frame, _times(rng, frame), payer, frame.members[:, 1:], _uneven(rng, frame), FAN_OUT)


def cycles(rng: np.random.Generator, scale: Scale, willing: FloatArray, count: int, days: int) -> Rows:
    """Money goes round, one transfer after the other, and comes back to the first less the fees."""
    frame = _frame(rng, scale, willing, count, days, extra=0)
    rank = np.arange(frame.real.shape[1])
    last = frame.real.sum(axis=1)[:, None] - 1
    payee = np.where(rank == last, frame.members[:, :1], np.roll(frame.members, -1, axis=1))
    time = _ascending(np.where(frame.real, _times(rng, frame), np.iinfo(np.int64).max // 2))
    kept = np.cumprod(1 - rng.uniform(*FEE, frame.real.shape), axis=1)
    return _rows(frame, time, frame.members, payee, frame.leg[:, None] * kept, CYCLE)


def scatter_gathers(
    rng: np.random.Generator, scale: Scale, willing: FloatArray, count: int, days: int
) -> Rows:
    """One account pays many middlemen, each of whom later pays one other account, less a fee."""
    frame = _frame(rng, scale, willing, count, days, extra=2)
    source = np.broadcast_to(frame.members[:, :1], frame.real.shape)
    sink = np.broadcast_to(frame.members[:, 1:2], frame.real.shape)
    middlemen, amount = frame.members[:, 2:], _uneven(rng, frame)
    both = _ascending(np.stack([_times(rng, frame), _times(rng, frame)], axis=-1))
    passed_on = amount * (1 - rng.uniform(*FEE, frame.real.shape))
    scattered = _rows(frame, both[..., 0], source, middlemen, amount, SCATTER_GATHER)
    gathered = _rows(frame, both[..., 1], middlemen, sink, passed_on, SCATTER_GATHER)
    return joined([scattered, gathered])


def _frame(
    rng: np.random.Generator, scale: Scale, willing: FloatArray, count: int, days: int, *, extra: int
) -> _Frame:
    most = scale.legs[1]
    legs = rng.integers(scale.legs[0], most + 1, count)
    long = np.minimum(rng.uniform(*scale.days, count), days)
    return _Frame(
        members=distinct(rng, willing, count, most + extra),
        real=np.arange(most) < legs[:, None],
        since=rng.random(count) * (days - long),
        days=long,
        leg=lognormal(rng, *scale.leg, count),
    )


def _times(rng: np.random.Generator, frame: _Frame) -> IntArray:
    """[n_schemes, most] any instants of the days of a scheme, by the hours at which banks are used."""
    shape = frame.real.shape
    last = np.ceil(frame.since + frame.days) - 1
    day = np.floor(frame.since[:, None] + rng.random(shape) * frame.days[:, None])
    day = np.minimum(day, last[:, None]).astype(np.int64)
    instant: IntArray = day * DAY + clock(rng, frame.real.size, BANK).reshape(shape)
    return instant


def _ascending(time: IntArray) -> IntArray:
    """Instants in strict order along the last axis, moved by seconds where two are equal."""
    rank = np.arange(time.shape[-1])
    moved: IntArray = np.maximum.accumulate(np.sort(time, axis=-1) - rank, axis=-1) + rank
    return moved


def _uneven(rng: np.random.Generator, frame: _Frame) -> FloatArray:
    """[n_schemes, most] amounts around the scheme's typical one."""
    return frame.leg[:, None] * rng.gamma(UNEVEN, 1 / UNEVEN, frame.real.shape)


def _rows(
    frame: _Frame, time: IntArray, payer: IntArray, payee: IntArray, amount: FloatArray, pattern: int
) -> Rows:
    real = frame.real
    return Rows(time[real], payer[real], payee[real], amount[real], np.full(int(real.sum()), pattern))
