"""Expected credit losses under IFRS 9: stages, 12-month and lifetime losses, scenarios, provision matrix.

IFRS 9 Financial Instruments, section 5.5 and appendix B5.5. A *conditional* PD is that of a year given that
the loan was alive at its start; a *marginal* PD is the probability, seen from today, of default in that year.
Rates are decimals; money is in the unit of the exposure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import DataError

PD_RATIO = 2.0
"""Stage 2: the PD has grown by more than this factor since origination …"""
PD_INCREASE = 0.005
"""… and by more than this (our assumption; the standard says `significant`)."""
WATCH_DAYS = 30
"""Stage 2: more days past due than this (5.5.11, rebuttable)."""
DEFAULT_DAYS = 90
"""Stage 3: at least so many days past due (B5.5.37, rebuttable)."""


@dataclass(frozen=True, slots=True, eq=False)
class LifetimeLoss:
    """A loan's losses year by year; T years along the last axis."""

    marginal: FloatArray  # [..., T] probability of default in the year
    survival: FloatArray  # [..., T] of being alive at its end
    discount: FloatArray  # [T]
    loss: FloatArray  # [..., T] discounted, money

    @property
    def lifetime(self) -> FloatArray:
        """Lifetime expected credit loss [...]."""
        return np.asarray(self.loss.sum(axis=-1))

    @property
    def twelve_month(self) -> FloatArray:
        """12-month expected credit loss [...]: lifetime losses of defaults within the first year."""
        return np.asarray(self.loss[..., 0])

    @property
    def cumulative(self) -> FloatArray:
        """Probability of default within the lifetime [...]."""
        return np.asarray(1.0 - self.survival[..., -1])


def twelve_month_loss(
    pd: npt.ArrayLike, *, lgd: npt.ArrayLike, ead: npt.ArrayLike, rate: float = 0.0
) -> FloatArray:
    """``PD · LGD · EAD / (1 + rate)``, default at the end of the year; undiscounted at rate 0."""
    chance = _probabilities(pd)
    return np.asarray(chance * np.asarray(lgd) * np.asarray(ead) / (1.0 + rate), dtype=np.float64)


def lifetime_loss(
    conditional: npt.ArrayLike, *, lgd: npt.ArrayLike, ead: npt.ArrayLike, rate: float
) -> LifetimeLoss:
    """Losses of each year to come, ``marginal PD · LGD · EAD · (1 + rate)^-t``, defaults at the year's end.

    Parameters
    ----------
    conditional : array_like [..., T]
        Conditional annual PDs; zero after the end of a loan's life.
    lgd : array_like
        Scalar, or broadcastable to [..., T].
    ead : array_like [T] or [..., T]
        Exposure if the default comes in that year.
    rate : float
        Effective interest rate, annual.

    Examples
    --------
    >>> flat = lifetime_loss([0.1, 0.1], lgd=0.5, ead=[100.0, 100.0], rate=0.0)
    >>> flat.marginal.round(4).tolist(), round(float(flat.lifetime), 4)
    ([0.1, 0.09], 9.5)
    """
    hazard = _probabilities(conditional)
    survival: FloatArray = np.cumprod(1.0 - hazard, axis=-1, dtype=np.float64)
    alive = np.concatenate([np.ones_like(survival[..., :1]), survival[..., :-1]], axis=-1)
    marginal = alive * hazard
    discount = (1.0 + rate) ** -np.arange(1.0, hazard.shape[-1] + 1.0)
    return LifetimeLoss(marginal, survival, discount, marginal * np.asarray(lgd) * np.asarray(ead) * discount)


def level_term_structure(pd: npt.ArrayLike, *, years: npt.ArrayLike) -> FloatArray:
    """Conditional PDs ``[..., T]`` of a constant hazard that gives `pd` in a whole year.

    `years` is one life for all or one each, T the longest, rounded up. A last year of which only a part is
    left counts with ``1 - (1 - PD)^part``, a year after the end of a life with zero.
    """
    share = _years_left(years)
    return np.asarray(-np.expm1(np.log1p(-_probabilities(pd))[..., None] * share))


def straight_line_exposure(ead: npt.ArrayLike, *, years: npt.ArrayLike) -> FloatArray:
    """Exposure ``[..., T]`` at the start of each year of loans repaid in equal parts (`years` as above)."""
    start = np.arange(float(_years_left(years).shape[-1]))
    left = np.maximum(1.0 - start / np.asarray(years, dtype=np.float64)[..., None], 0.0)
    return np.asarray(np.asarray(ead, dtype=np.float64)[..., None] * left)


def scenario_weighted(losses: npt.ArrayLike, weights: npt.ArrayLike) -> FloatArray:
    """Mean of losses ``[n_scenarios, ...]`` with the scenarios' probabilities (5.5.17 a).

    The losses are weighted, not the inputs: loss is not linear in them.

    Raises
    ------
    DataError
        If weights are negative, do not sum to one or are not one per scenario.
    """
    values, share = np.asarray(losses, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if share.shape != values.shape[:1] or np.any(share < 0.0) or not np.isclose(share.sum(), 1.0, atol=1e-9):
        raise DataError(
            "scenarios need one weight each, not negative and one in sum",
            came=f"got weights {share.tolist()} for {len(values)} scenarios",
            do="Pass the scenarios' probabilities",
        )
    return np.asarray(np.tensordot(share, values, axes=1))


def provision_matrix(gross: npt.ArrayLike, rates: npt.ArrayLike) -> FloatArray:
    """Allowances of buckets of receivables, ``gross · loss rate`` (the simplified approach, B5.5.35)."""
    return np.asarray(np.asarray(gross, dtype=np.float64) * np.asarray(rates, dtype=np.float64))


def stage(
    pd_now: npt.ArrayLike,
    pd_origination: npt.ArrayLike,
    days_past_due: npt.ArrayLike,
    *,
    ratio: float = PD_RATIO,
    increase: float = PD_INCREASE,
    watch_days: float = WATCH_DAYS,
    default_days: float = DEFAULT_DAYS,
) -> IntArray:
    """Stage 1, 2 or 3 of each loan.

    Stage 3 at `default_days` past due or more. Else stage 2 above `watch_days`, or where the PD exceeds
    both `ratio` times and `increase` plus that at origination (5.5.3, 5.5.11). Else stage 1.

    Raises
    ------
    DataError
        If a PD lies outside 0 … 1 or anything is missing: no stage is guessed.

    Examples
    --------
    >>> stage([0.01, 0.03, 0.01], 0.01, [0, 0, 95]).tolist()
    [1, 2, 3]
    """
    now, before, days = np.broadcast_arrays(
        _probabilities(pd_now), _probabilities(pd_origination), np.asarray(days_past_due, dtype=np.float64)
    )
    if np.isnan(now).any() or np.isnan(before).any() or np.isnan(days).any():
        raise DataError(
            "a stage needs the PD now, the PD at origination and the days past due of every loan",
            came="got missing values",
            do="Fill them in, with the days past due 0 where there are no arrears",
        )
    worse = (now > ratio * before) & (now > before + increase)
    return np.where(days >= default_days, 3, np.where(worse | (days > watch_days), 2, 1)).astype(np.int64)


def loss_by_stage(
    stages: npt.ArrayLike, *, twelve_month: npt.ArrayLike, lifetime: npt.ArrayLike, defaulted: npt.ArrayLike
) -> FloatArray:
    """The loss to provide for: 12-month in stage 1, lifetime in 2, that of a default (LGD · EAD) in 3."""
    given = np.asarray(stages)
    chosen = np.where(given == 3, defaulted, np.where(given == 2, lifetime, twelve_month))
    return np.asarray(chosen, dtype=np.float64)


def _years_left(years: npt.ArrayLike) -> FloatArray:
    """How much of each year of a life is lived [..., T]: ones, the part of the last, then zeros."""
    life = np.asarray(years, dtype=np.float64)
    if life.size == 0 or not np.all(life > 0.0):
        least = f"{life.min():g}" if life.size else "none"
        raise DataError("a remaining life must be positive", came=f"got {least}", do="Pass years above zero")
    return np.asarray(np.clip(life[..., None] - np.arange(np.ceil(life.max())), 0.0, 1.0))


def _probabilities(values: npt.ArrayLike) -> FloatArray:
    given = np.asarray(values, dtype=np.float64)
    if np.any((given < 0.0) | (given > 1.0)):
        raise DataError(
            "a PD must lie within 0 and 1",
            came=f"got values from {np.nanmin(given):g} to {np.nanmax(given):g}",
            do="Pass shares, not percentages",
        )
    return given
