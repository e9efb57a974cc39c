"""Figures of a book, by the bundle that knows what it holds. Never imports torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from barograph.api.answer import AnyForecaster, PanelForecaster, Predictor, Scorer, load
from barograph.api.live import EventScorer
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
from barograph.core.notes import noted
from barograph.core.scenario import RateShock, Scenario
from barograph.engines.forecasting.books.banking import assess_banking
from barograph.engines.forecasting.books.currencies import assess_currencies
from barograph.engines.forecasting.books.curve_bundle import curve_forecasts
from barograph.engines.forecasting.books.macro import assess_macro
from barograph.engines.forecasting.books.positions import assess as assess_positions

Shock = str | Path | Scenario | None

WANTED = {
    "positions": "a book of positions needs the bundle of prices, such as market/volatility",
    "currencies": "a book of currencies needs the bundle of exchange rates, such as fx/volatility",
    "banking": "a banking book needs the bundle of curves, such as rates/curve",
}


def assess(
    bundle: str | Path | Predictor | Scorer | PanelForecaster,
    book: object = None,
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
        themselves. See the readers in `collect.books`. A bundle of macro series needs none: its forecast is
        shown before and after the scenario.
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
    if book is None and not isinstance(loaded, PanelForecaster):
        raise _bookless(loaded)
    if isinstance(loaded, Scorer):
        return _portfolio(loaded, book, scenario)
    if not isinstance(loaded, Predictor | PanelForecaster):
        raise BundleError(
            "a book needs the bundle of prices, exchange rates, curves or loans",
            came=f"this one is of {loaded.manifest['study']}",
            do="Use predict for its figures",
        )
    if isinstance(loaded, PanelForecaster) and book is None:
        return _macro(loaded, scenario)
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
        scenarios=_scenarios(scenario, None, lambda one: _felt(one, book)),
    )
    facts = {"study": predictor.manifest.study, "champion": predictor.manifest.champion}
    if not own:
        word = noted("notes.book.par_yields") if yields == "par" else noted("notes.book.zero_rates")
        source = predictor.manifest.data.get("source")
        figures["notes"].append(noted("notes.book.yields_are", source=source, why=word))
    return {"currency": figures.pop("currency"), "day": figures.pop("day"), **facts, **figures}


def _felt(scenario: Scenario, book: BankingBook) -> bool:
    moved = any(scenario.curve(code) != RateShock() for code in book.currencies)
    return moved or scenario.moves_currencies(book.currencies, book.reporting)


def _bookless(loaded: AnyForecaster | Scorer | EventScorer) -> BundleError:
    return BundleError(
        "a bundle other than one of macro series must be given a book",
        came=f"this one is of {loaded.manifest['study']}",
        do="Give --book with a table of what is held",
    )


def _macro(loaded: PanelForecaster, scenario: Shock) -> dict[str, Any]:
    """The forecast of macro series after a shock; only a bundle of those can do without a book."""
    if any(one.tenor for one in loaded.predictor.panel.series):
        raise _bookless(loaded)
    known = set(loaded.predictor.panel.names)
    return assess_macro(
        loaded.predictor, _scenarios(scenario, None, lambda one: bool(known & set(one.macro)))
    )


def _currencies(loaded: Predictor, table: object, scenario: Shock) -> dict[str, Any]:
    forecaster = loaded.forecaster
    if forecaster.parts.section.inputs != "currencies":
        raise _unfit("currencies", loaded)
    book = read_currency_book(table)
    held = [one.currency for one in book.foreign]
    source = PACKAGED.get(str(forecaster.manifest.data.get("source")))
    quoted_in = source.quoted_in if source is not None else ""
    if not quoted_in and book.base in {entity.upper() for entity in forecaster.parts.entities}:
        raise DataError(
            "the base of a book must be the currency that the bundle's own rates are quoted in",
            came=f"'{book.base}' is itself quoted there, and what in is not known of own data",
            do="Report in the currency of which the rates say what one unit costs",
        )
    scenarios = _scenarios(
        scenario, None, lambda one: one.moves_currencies(held, book.base) or one.volatility != 1.0
    )
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


def assess_together(
    pairs: Sequence[tuple[str | Path | Predictor | Scorer | PanelForecaster, object]],
    *,
    scenario: Shock = None,
    calibration: str | Path | None = None,
    yields: Literal["par", "zero"] = "par",
) -> dict[str, Any]:
    """Several books, each on its bundle, and what each scenario does to all of them at once.

    Parameters
    ----------
    pairs : sequence of (bundle, book)
        As for `assess`; a book of None is the shock of a bundle of macro series.
    scenario, calibration, yields
        As for `assess`; a calibration reaches the banking books.

    Returns
    -------
    dict
        ``books``: the figures of each in order. ``together``: per scenario the profit of each book, under the
        name of its study (numbered from the second of a study on), and their sum, which is None where books
        are in several currencies.
    """
    found = []
    for bundle, book in pairs:
        alone = len(pairs) == 1 or (book is not None and _told(book)[1] == "banking")
        size = calibration if alone else None
        found.append(assess(bundle, book, scenario=scenario, calibration=size, yields=yields))
    felt = [{row["scenario"]: row["profit"] for row in one.get("scenarios", [])} for one in found]
    studies = [str(one.get("study", "")) for one in found]
    numbers = [studies[: place + 1].count(study) for place, study in enumerate(studies)]
    titles = [f"{s} {n}" if n > 1 else s for s, n in zip(studies, numbers, strict=True)]
    names = list(dict.fromkeys(name for one in felt for name in one))
    currencies = {one["currency"] for one in found if "scenarios" in one}
    together = []
    for name in names:
        row = {title: one.get(name, 0.0) for title, one in zip(titles, felt, strict=True) if one}
        total = sum(row.values()) if len(currencies) == 1 else None
        together.append({"scenario": name, **row, "profit": total})
    return {"books": found, "together": together}
