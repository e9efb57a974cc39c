"""Tables of a banking book: what it is worth, how it reacts, and what shocks and forecasts do to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.scenario import Scenario
from barograph.core.shock_sizes import Calibration
from barograph.engines.forecasting.books.cash_flows import OnCurve, quoted_values, zero_curve
from barograph.engines.forecasting.books.figures import ALPHAS_SHOWN, tail
from barograph.measures import curves


def supervisory(parts: Sequence[OnCurve], calibration: Calibration) -> list[dict[str, Any]]:
    """ΔEVE and ΔNII under each of the six shocks, per currency and together.

    Together, losses count in full and gains by the calibration's share; one currency alone is shown as it is.
    """
    values = [_value_shocked(part, calibration) for part in parts]
    income = np.sum([_income_shocked(part, calibration) for part in parts], axis=0)
    together = values[0]
    if len(parts) > 1:
        together = curves.over_currencies(np.stack(values), gains_counted=calibration.gains_counted)
    rows = []
    for place, shock in enumerate(curves.SHOCKS):
        row = {"shock": shock, "change_of_value": float(together[place])}
        if len(parts) > 1:
            pairs = zip(parts, values, strict=True)
            row |= {f"change_of_value_{part.code}": float(one[place]) for part, one in pairs}
        rows.append(row | {"change_of_income": float(income[place])})
    return rows


def _value_shocked(part: OnCurve, calibration: Calibration) -> FloatArray:
    flows = part.flows
    moves = _moves(part, flows.times, calibration)
    changed = curves.change_of_value(flows.times, flows.amounts, part.rates(flows.times), moves)
    return np.asarray(part.exchange * changed)


def _income_shocked(part: OnCurve, calibration: Calibration) -> FloatArray:
    flows = part.flows
    moves = _moves(part, flows.period, calibration)
    return np.asarray(part.exchange * curves.change_of_income(flows.renewal, flows.notional, moves))


def _moves(part: OnCurve, years: FloatArray, calibration: Calibration) -> FloatArray:
    """The six shocks at some terms, cut where rates may not fall further, [6, n]."""
    moves = curves.supervisory_shocks(years, calibration.of(part.code))
    if calibration.floor is None:
        return moves
    now, slope = calibration.floor
    return curves.floored(part.rates(years), moves, curves.rising_floor(years, now=now, slope=slope))


def instruments(parts: Sequence[OnCurve]) -> list[dict[str, Any]]:
    """Value, Fisher-Weil duration, convexity and basis-point value of each instrument."""
    rows = []
    for part in parts:
        for number, instrument in enumerate(part.flows.instruments):
            times, amounts = part.flows.of(number)
            present = amounts * np.exp(-part.rates(times) * times)
            value = float(present.sum())
            rows.append(
                {
                    "instrument": instrument.name,
                    "in_currency": part.code,
                    "notional": instrument.notional,
                    "value": part.exchange * value,
                    "duration": float(times @ present) / value if value != 0.0 else None,
                    "convexity": float(times**2 @ present) / value if value != 0.0 else None,
                    "basis_point_value": part.exchange * curves.BASIS_POINT * float(times @ present),
                    "renewed_in_years": float(part.flows.renewal[number]),
                }
            )
    return rows


def key_rates(parts: Sequence[OnCurve]) -> list[dict[str, Any]]:
    """Loss for one basis point more, by tenor: of the zero rate, and of the quoted yield."""
    rows = []
    for part in parts:
        flows, curve = part.flows, part.curve
        zero = curves.key_rate_values(flows.times, flows.amounts, zero=part.zero, tenors=curve.tenors)
        quoted = quoted_values(flows, curve)
        columns = {
            "years": curve.tenors,
            "yield": curve.yields,
            "zero_rate": part.zero,
            "basis_point_value": part.exchange * zero,
            "quoted_basis_point_value": part.exchange * quoted,
        }
        rows += [
            {"in_currency": part.code} | {name: float(column[place]) for name, column in columns.items()}
            for place in range(curve.tenors.size)
        ]
    return rows


def forecast(parts: Sequence[OnCurve]) -> list[dict[str, Any]]:
    """Profit over each horizon and change of income, from draws of the curves; currencies draw by draw."""
    rows = []
    for place, horizon in enumerate(parts[0].curve.horizons):
        drawn = [_drawn(part, place) for part in parts]
        profit, income = np.sum([one[0] for one in drawn], axis=0), np.sum([one[1] for one in drawn], axis=0)
        rows += [
            {
                "horizon": horizon.name,
                **tail(profit, alpha),
                "mean_profit": float(profit.mean()),
                "carry": sum(one[2] for one in drawn),
                "mean_income": float(income.mean()),
                "income_at_risk": tail(income, alpha)["value_at_risk"],
            }
            for alpha in ALPHAS_SHOWN
        ]
    return rows


def _drawn(part: OnCurve, place: int) -> tuple[FloatArray, FloatArray, float]:
    """Profits and changes of income of every draw, and the profit if the curve stays."""
    drawn, flows, tenors = part.curve.horizons[place], part.flows, part.curve.tenors
    moved = zero_curve(part.curve, drawn.changes) - part.zero
    both = [
        curves.simulated_profits(
            flows.times, flows.amounts, zero=part.zero, tenors=tenors, changes=one, elapsed=drawn.years
        )
        for one in (moved, np.zeros((1, tenors.size)))
    ]
    at = curves.zero_at(moved, tenors, flows.period)
    income = curves.change_of_income(flows.renewal, flows.notional, at)
    return part.exchange * both[0], part.exchange * income, part.exchange * float(both[1][0])


def scenario_row(scenario: Scenario, parts: Sequence[OnCurve], reporting: str) -> dict[str, Any]:
    """Profit at once of moved curves, and of moved currencies on the value then."""
    by_rates, by_currencies, income = 0.0, 0.0, 0.0
    for part in parts:
        flows, shock = part.flows, scenario.curve(part.code)
        rates = part.rates(flows.times)
        after = part.value(rates + curves.scenario_shift(flows.times, shock))
        by_rates += part.exchange * (after - part.value(rates))
        by_currencies += part.exchange * after * scenario.exchange(part.code, reporting)
        shift = curves.scenario_shift(flows.period, shock)
        income += part.exchange * float(curves.change_of_income(flows.renewal, flows.notional, shift))
    return {
        "scenario": scenario.name,
        "profit": by_rates + by_currencies,
        "by_rates": by_rates,
        "by_currencies": by_currencies,
        "change_of_income": income,
        "title": scenario.title,
        "source": scenario.source,
    }
