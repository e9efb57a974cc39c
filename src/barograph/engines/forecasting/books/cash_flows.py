"""A banking book's cash flows on one currency's curve: what is paid when, and when rates are renewed."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.banking_book import Instrument
from barograph.core.curve_forecast import CurveForecast
from barograph.measures import curves

HALF_POINT = 0.5e-4


@dataclass(frozen=True, slots=True, eq=False)
class Flows:
    """The run-off of one currency's instruments, and the balances whose rate is renewed."""

    instruments: tuple[Instrument, ...]
    owner: IntArray  # [n_flows] number of the instrument
    times: FloatArray  # [n_flows] years
    amounts: FloatArray  # [n_flows] money, liabilities negative
    renewal: FloatArray  # [n_instruments] years to the next renewal of the rate
    period: FloatArray  # [n_instruments] years for which it is then fixed
    notional: FloatArray  # [n_instruments]

    def of(self, number: int) -> tuple[FloatArray, FloatArray]:
        """Times and amounts of one instrument."""
        rows = self.owner == number
        return self.times[rows], self.amounts[rows]


def cash_flows(instruments: Sequence[Instrument], day: datetime.date) -> Flows:
    """Fixed instruments pay coupons and their notional at maturity; floating ones run off at their reset.

    A floating instrument is worth its notional, and the coupon then due, at its next reset (no margin is
    modelled). Where its rate is renewed, a fixed instrument is replaced by its like at maturity.
    """
    times, amounts, owner = [], [], []
    resets = [one.reset(day) for one in instruments]
    years = [one.years(day) for one in instruments]
    for number, (one, term, reset) in enumerate(zip(instruments, years, resets, strict=True)):
        if reset is None:
            at, paid = curves.coupon_flows(one.coupon, frequency=one.frequency, years=term, face=one.notional)
        else:
            at, paid = np.array([reset]), np.array([one.notional * (1.0 + one.coupon / one.frequency)])
        times.append(at)
        amounts.append(paid)
        owner.append(np.full(at.size, number))
    return Flows(
        tuple(instruments),
        np.concatenate(owner).astype(np.int64),
        np.concatenate(times),
        np.concatenate(amounts),
        np.array([term if reset is None else reset for term, reset in zip(years, resets, strict=True)]),
        np.array([1.0 / one.frequency for one in instruments]),
        np.array([one.notional for one in instruments]),
    )


def zero_curve(forecast: CurveForecast, changes: FloatArray | float = 0.0) -> FloatArray:
    """Continuous zero rates at the tenors, now or after changes of the quoted yields, [..., n_tenors]."""
    yields = forecast.yields + changes
    if forecast.quoted == "zero":
        return np.asarray(yields)
    return curves.bootstrap(yields, forecast.tenors, frequency=forecast.frequency)


def quoted_values(flows: Flows, forecast: CurveForecast) -> FloatArray:
    """Loss for one basis point more of each quoted yield, money, [n_tenors]; by moves of half a point.

    Of par yields these differ from key-rate values of the zero curve; they belong to the instruments that
    are quoted.
    """
    bumps = HALF_POINT * np.eye(forecast.tenors.size)
    ends = [zero_curve(forecast, way * bumps) for way in (-1.0, 1.0)]
    rates = [curves.zero_at(zero, forecast.tenors, flows.times) for zero in ends]
    low, high = (curves.economic_value(flows.times, flows.amounts, one) for one in rates)
    return np.asarray(low - high)


@dataclass(frozen=True, slots=True, eq=False)
class OnCurve:
    """One currency's part of a banking book, on its curve."""

    code: str
    curve: CurveForecast
    flows: Flows
    zero: FloatArray  # [n_tenors] continuous zero rates now
    exchange: float  # what one unit of the currency is worth in the reporting currency

    def rates(self, years: FloatArray) -> FloatArray:
        """Zero rates now at any terms."""
        return curves.zero_at(self.zero, self.curve.tenors, years)

    def value(self, rates: FloatArray) -> float:
        """What the flows are worth at rates of their dates, in the currency itself."""
        return float(curves.economic_value(self.flows.times, self.flows.amounts, rates))


def on_curve(code: str, curve: CurveForecast, instruments: Sequence[Instrument], exchange: float) -> OnCurve:
    """Put a currency's instruments on its curve."""
    return OnCurve(code, curve, cash_flows(instruments, curve.day), zero_curve(curve), exchange)
