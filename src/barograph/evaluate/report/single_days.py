"""Means beside medians, the single worst days, and the rates that are held: what one number would hide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.forecast import OutOfSample
from barograph.core.study import Study
from barograph.evaluate.arena import arena
from barograph.evaluate.losses import losses

WORST = 10
"""Days listed."""

TAIL = 0.01
"""Tail probability of the exceptions counted on held rates."""


@dataclass(frozen=True, slots=True)
class Centre:
    """QLIKE of the candidate less an opponent's at the shortest horizon: its mean, its median, its test."""

    opponent: str
    mean: float
    median: float
    mean_of_all: float  # held origins included
    statistic_of_all: float  # panel Diebold-Mariano t, held origins included


@dataclass(frozen=True, slots=True)
class SingleDay:
    """One of the days on which the candidate lost most."""

    entity: str
    origin: str  # ISO date of the forecast
    came: float  # log return over the shortest horizon, decimal
    sigma: float  # the candidate's forecast standard deviation, decimal
    loss: float  # the candidate's QLIKE
    reference_loss: float
    held: bool  # the rate was known to be held


@dataclass(frozen=True, slots=True)
class HeldRate:
    """A series on its held origins."""

    entity: str
    held: int  # scored origins at which it was held
    scored: int
    loss: float  # mean QLIKE of the candidate on them
    reference_loss: float
    below: int  # returns below the candidate's 1 % quantile
    above: int  # returns above its 99 % quantile


@dataclass(frozen=True, slots=True)
class SingleDays:
    """What the part prints; no held rates where no origin is held."""

    centres: tuple[Centre, ...]
    worst: tuple[SingleDay, ...]
    held: tuple[HeldRate, ...]


def single_days(
    out: OutOfSample, judged: OutOfSample, study: Study, *, opponents: Sequence[str], reference: str
) -> SingleDays:
    """Medians, worst days and held rates of a run.

    Parameters
    ----------
    out : OutOfSample
        Every scored origin.
    judged : OutOfSample
        Those that claims are judged on (see `evaluate.apart`).
    study : Study
        Names the candidate.
    opponents : sequence of str
        Whom the candidate is held against.
    reference : str
        Whose loss stands beside the candidate's on single days.
    """
    candidate, horizon = study.deploy.candidate, min(out.samples.horizons)
    ours, theirs = (losses(out, model, "qlike", horizon) for model in (candidate, reference))
    return SingleDays(
        tuple(_centre(out, judged, study, opponent, horizon) for opponent in opponents),
        _worst(out, candidate, ours, theirs),
        _held(out, candidate, ours, theirs),
    )


def _centre(out: OutOfSample, judged: OutOfSample, study: Study, opponent: str, horizon: int) -> Centre:
    candidate = study.deploy.candidate
    gap = losses(judged, candidate, "qlike", horizon) - losses(judged, opponent, "qlike", horizon)
    whole = arena(out, study).panel_duel(candidate, opponent, metric="qlike", horizon=horizon)
    return Centre(
        opponent,
        float(np.nanmean(gap)),
        float(np.nanmedian(gap)),
        whole.difference,
        whole.test.statistic,
    )


def _column(out: OutOfSample) -> int:
    return out.samples.horizons.index(min(out.samples.horizons))


def _worst(out: OutOfSample, candidate: str, ours: FloatArray, theirs: FloatArray) -> tuple[SingleDay, ...]:
    samples, column = out.samples, _column(out)
    sigma = np.sqrt(out.distributions[candidate].variance[:, column])
    known = np.flatnonzero(np.isfinite(ours))
    places = known[np.argsort(-ours[known], kind="stable")[:WORST]]
    return tuple(
        SingleDay(
            entity=samples.entities[samples.entity[out.rows[place]]],
            origin=str(samples.time[out.rows[place]]),
            came=float(samples.target_return[out.rows[place], column]),
            sigma=float(sigma[place]),
            loss=float(ours[place]),
            reference_loss=float(theirs[place]),
            held=bool(samples.held[out.rows[place]]),
        )
        for place in places
    )


def _held(out: OutOfSample, candidate: str, ours: FloatArray, theirs: FloatArray) -> tuple[HeldRate, ...]:
    samples, column, rates = out.samples, _column(out), []
    held, entity = samples.held[out.rows], samples.entity[out.rows]
    came = samples.target_return[out.rows, column]
    forecast = out.distributions[candidate]
    lower = -forecast.value_at_risk(TAIL)[:, column]
    upper = -forecast.value_at_risk(round(1 - TAIL, 9))[:, column]
    for number in np.unique(entity[held]):
        mine = held & (entity == number)
        known = mine & np.isfinite(ours)
        rates.append(
            HeldRate(
                entity=samples.entities[number],
                held=int(mine.sum()),
                scored=int((entity == number).sum()),
                loss=float(ours[known].mean()) if known.any() else float("nan"),
                reference_loss=float(theirs[known].mean()) if known.any() else float("nan"),
                below=int((came[known] < lower[known]).sum()),
                above=int((came[known] > upper[known]).sum()),
            )
        )
    return tuple(rates)
