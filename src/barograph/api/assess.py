"""Figures of a book, by the bundle that knows what it holds. Never imports torch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from barograph.api.answer import PanelForecaster, Predictor, Scorer, load
from barograph.collect.books import kind_of, raw_book, read_banking_book, read_book, read_currency_book
from barograph.collect.catalogue import PACKAGED
from barograph.collect.market_samples import ENTITIES
from barograph.collect.panels import CURRENCIES
from barograph.collect.raw import RawTable
from barograph.collect.scenarios import open_scenario, packaged
from barograph.collect.shock_sizes import open_calibration
from barograph.core.banking_book import BankingBook
from barograph.core.book import Book
from barograph.core.currency_book import CurrencyBook
from barograph.core.errors import BundleError, DataError, SettingError
from barograph.core.scenario import Scenario
from barograph.engines.forecasting.books.banking import assess_banking
from barograph.engines.forecasting.books.currencies import assess_currencies
from barograph.engines.forecasting.books.curve_bundle import curve_forecasts
from barograph.engines.forecasting.books.positions import assess as assess_positions

Shock = str | Path | Scenario | None

WANTED = {
    "positions": "a book of positions needs the bundle of prices, such as market/volatility",
    "currencies": "a book of currencies needs the bundle of exchange rates, such as fx/volatility",
    "banking": "a banking book needs the bundle of curves, such as rates/curve",
}


def assess(
    bundle: str | Path | Predictor | Scorer | PanelForecaster,
    book: object,
    *,
    scenario: Shock = None,
    calibration: str | Path | None = None,
    yields: Literal["par", "zero"] = "par",
) -> dict[str, Any]:
    """Figures of a book: what it may lose, what of it does, and what a scenario would do to it.

    Parameters
    ----------
    bundle : path, or what `load` made of it
        Of prices or exchange rates: VaR and ES of the next trading day. Of curves: value, ΔEVE and ΔNII under
        the supervisory shocks and under the forecast. Records are judged loan by loan: expected loss,
        capital, provisions by grade, and the portfolio's loss quantile.
    book : path, frame or Book
        Positions: columns entity and quantity or value. Currencies: currency, amount and base. A banking
        book: instrument, notional, coupon, maturity. For the bundle of a scoring study, the records
        themselves. See the readers in `collect.books`.
    scenario : str, path or Scenario, optional
        The name of a packaged scenario or a YAML file of shocks; where left out, the packaged ones that move
        what the book holds.
    calibration : str or path, optional
        Banking books: the name of packaged shock sizes (``bcbs_d368``, ``eu_2024_856``) or a YAML file of
        them; the first where left out.
    yields : str
        Banking books: what the bundle's curves are, par yields or continuous zero rates.

    Returns
    -------
    dict
        JSON-ready, as described at the modules of `engines.forecasting.books`, by the kind of book.

    Raises
    ------
    BundleError
        The bundle does not know what such a book needs.
    DataError, SettingError
        Book, scenario or calibration is not usable.
    """
    loaded = load(bundle) if isinstance(bundle, str | Path) else bundle
    if isinstance(loaded, Scorer):
        return _portfolio(loaded, book, scenario)
    if not isinstance(loaded, Predictor | PanelForecaster):
        raise BundleError(
            "a book needs the bundle of prices, exchange rates, curves or loans",
            came=f"this one is of {loaded.manifest['study']}",
            do="Use predict for its figures",
        )
    table, kind = _told(book)
    if kind != "banking" and calibration is not None:
        raise SettingError(
            "a calibration of shocks is for a banking book",
            came=f"this book is one of {kind}",
            do="Leave --calibration out",
        )
    if isinstance(loaded, PanelForecaster):
        if kind != "banking":
            raise _unfit(kind, loaded)
        return _banking(loaded, table, scenario, calibration=calibration or "bcbs_d368", yields=yields)
    if kind == "banking":
        raise _unfit(kind, loaded)
    return _currencies(loaded, table, scenario) if kind == "currencies" else _prices(loaded, table, scenario)


def _told(book: object) -> tuple[object, str]:
    """A book or its table, and of what it is one."""
    made = {Book: "positions", CurrencyBook: "currencies", BankingBook: "banking"}
    kind = next((kind for made_of, kind in made.items() if isinstance(book, made_of)), "")
    if kind:
        return book, kind
    table: RawTable = raw_book(book)
    return table, kind_of(table)


def _prices(loaded: Predictor, table: object, scenario: Shock) -> dict[str, Any]:
    forecaster = loaded.forecaster
    known = sorted({*forecaster.parts.entities, *ENTITIES})
    scenarios = _scenarios(scenario, known, lambda one: one.moves_prices)
    return assess_positions(forecaster, read_book(table), scenarios=scenarios)


def _banking(
    loaded: PanelForecaster,
    table: object,
    scenario: Shock,
    *,
    calibration: str | Path,
    yields: Literal["par", "zero"],
) -> dict[str, Any]:
    book, predictor = read_banking_book(table), loaded.predictor
    own = CURRENCIES.get(str(predictor.manifest.data.get("source")), "")
    curves = curve_forecasts(predictor, currency=own or book.currencies[0], quoted=yields)
    figures = assess_banking(
        curves,
        book,
        calibration=open_calibration(calibration),
        scenarios=_scenarios(scenario, None, lambda one: bool(one.rates) or bool(one.currencies)),
    )
    facts = {"study": predictor.manifest.study, "champion": predictor.manifest.champion}
    if not own:
        word = "par yields with two coupons a year" if yields == "par" else "continuous zero rates"
        figures["notes"].append(f"the yields of {predictor.manifest.data.get('source')} are taken as {word}")
    return {"currency": figures.pop("currency"), "day": figures.pop("day"), **facts, **figures}


def _currencies(loaded: Predictor, table: object, scenario: Shock) -> dict[str, Any]:
    forecaster = loaded.forecaster
    if forecaster.parts.section.inputs != "currencies":
        raise _unfit("currencies", loaded)
    book = read_currency_book(table)
    source = PACKAGED.get(str(forecaster.manifest.data.get("source")))
    quoted_in = source.quoted_in if source is not None else ""
    if not quoted_in and book.base in {entity.upper() for entity in forecaster.parts.entities}:
        raise DataError(
            "the base of a book must be the currency that the bundle's own rates are quoted in",
            came=f"'{book.base}' is itself quoted there, and what in is not known of own data",
            do="Report in the currency of which the rates say what one unit costs",
        )
    scenarios = _scenarios(scenario, None, lambda one: bool(one.currencies) or one.volatility != 1.0)
    return assess_currencies(forecaster, book, quoted_in=quoted_in or book.base, scenarios=scenarios)


def _scenarios(
    scenario: Shock, entities: list[str] | None, felt: Callable[[Scenario], bool]
) -> list[Scenario]:
    """The scenario asked for, or every packaged one that a book feels."""
    if isinstance(scenario, Scenario):
        return [scenario]
    if scenario is not None:
        return [open_scenario(scenario, entities=entities)]
    return [one for one in (open_scenario(name, entities=entities) for name in packaged()) if felt(one)]


def _unfit(kind: str, loaded: Predictor | PanelForecaster) -> BundleError:
    return BundleError(
        WANTED[kind],
        came=f"this one is of {loaded.manifest['study']}",
        do="Run that study and give its bundle",
    )


def _portfolio(loaded: Scorer, book: object, scenario: object | None) -> dict[str, Any]:
    if scenario is not None:
        raise SettingError(
            "a scenario shocks prices, and so a book of a forecasting study",
            came="the bundle is of a scoring study",
            do="Leave --scenario out; change columns of the records instead and compare",
        )
    return loaded.predictor.portfolio(book)
