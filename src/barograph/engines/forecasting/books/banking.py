"""The forecasting engine, answer side: a banking book on the curves of a bundle. Never torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from barograph.core.banking_book import BankingBook
from barograph.core.curve_forecast import CurveForecast
from barograph.core.errors import DataError
from barograph.core.notes import noted
from barograph.core.scenario import Scenario
from barograph.core.shock_sizes import Calibration
from barograph.engines.forecasting.books import banking_figures as tables
from barograph.engines.forecasting.books.banking_tests import rehearsed
from barograph.engines.forecasting.books.cash_flows import OnCurve, on_curve
from barograph.engines.forecasting.books.figures import back_test
from barograph.measures import curves


def assess_banking(
    forecasts: Mapping[str, CurveForecast],
    book: BankingBook,
    *,
    calibration: Calibration,
    scenarios: Sequence[Scenario] = (),
) -> dict[str, Any]:
    """Value, sensitivities, ΔEVE and ΔNII of a banking book, under supervisors' shocks and the forecast.

    Run-off cash flows are discounted on the currency's zero curve (bootstrapped where par yields are quoted).
    Under the forecast, a draw is a profit over its horizon, carry and roll-down included; income is that of
    twelve months after a move that comes at once, on a constant balance sheet.

    Parameters
    ----------
    forecasts : mapping
        Currency -> its curve, with draws of the same number and horizons for each.
    book : BankingBook
    calibration : Calibration
        Sizes of the six shocks per currency, what gains count, and the floor.
    scenarios : sequence of Scenario
        Their part for rates, and for currencies where the book has a reporting currency.

    Returns
    -------
    dict
        JSON-ready; money in the reporting currency, changes signed as
        profits: ``currency``, ``day``, ``calibration``, ``value``, ``assets``, ``liabilities``,
        ``basis_point_value``, ``worst_shock``, ``worst_loss``; ``supervisory`` (per shock), ``instruments``,
        ``key_rates``, ``forecast`` (per horizon and level), ``back_test``, ``scenarios``, ``notes``.

    Raises
    ------
    DataError
        A currency without a curve or without sizes; several currencies without exchange rates; something
        that has matured.
    """
    parts = _parts(forecasts, book)
    shocks = tables.supervisory(parts, calibration)
    place, loss = curves.worst([row["change_of_value"] for row in shocks])
    instruments, key_rates = tables.instruments(parts), tables.key_rates(parts)
    value, tested = [row["value"] for row in instruments], rehearsed(parts)
    return {
        "currency": book.reporting,
        "day": str(max(part.curve.day for part in parts)),
        "calibration": calibration.version,
        "value": sum(value),
        "assets": sum(one for one in value if one > 0.0),
        "liabilities": sum(one for one in value if one < 0.0),
        "basis_point_value": sum(row["basis_point_value"] for row in key_rates),
        "worst_shock": shocks[place]["shock"] if loss > 0.0 else "",
        "worst_loss": loss,
        "supervisory": shocks,
        "forecast": tables.forecast(parts),
        "instruments": instruments,
        "key_rates": key_rates,
        "back_test": back_test(tested) if tested is not None else [],
        "scenarios": [tables.scenario_row(one, parts, book.reporting) for one in scenarios],
        "notes": [*book.notes, *_notes(parts, calibration, tested=tested is not None)],
    }


def _parts(forecasts: Mapping[str, CurveForecast], book: BankingBook) -> list[OnCurve]:
    """The book by currency, each part on its curve."""
    exchange = dict(book.exchange)
    if not exchange:
        raise DataError(
            "a book in several currencies must say how to add them up",
            came=f"got {', '.join(book.currencies)} without exchange rates",
            do="Give the columns reporting_currency and exchange_rate, or assess one currency at a time",
        )
    missing = [code for code in book.currencies if code not in forecasts]
    if missing:
        raise DataError(
            "every currency of a banking book must have a curve in the bundle",
            came=f"'{missing[0]}' has none; there are {', '.join(sorted(forecasts)) or 'none'}",
            do="Leave its rows out, or run rates/curve on data with its curve (--entity names the column)",
        )
    return [on_curve(code, forecasts[code], book.of(code), exchange[code]) for code in book.currencies]


def _notes(parts: Sequence[OnCurve], calibration: Calibration, *, tested: bool) -> list[str]:
    notes = [
        noted("notes.book.run_off"),
        noted("notes.book.shock_sizes", version=calibration.version, source=calibration.source),
    ]
    for part in parts:
        lowest = float(part.curve.yields.min())
        if lowest < 0.0:
            notes.append(noted("notes.book.negative_yields", code=part.code, lowest=lowest))
        if part.curve.tenors.size == 2:
            notes.append(noted("notes.book.two_tenors", code=part.code))
    if not tested:
        notes.append(noted("notes.book.no_past"))
    return notes
