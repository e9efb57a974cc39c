"""Figures of a book, by the bundle that knows what it holds. Never imports torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from barograph.api.answer import Predictor, Scorer, load
from barograph.collect.books import read_book
from barograph.collect.market_samples import ENTITIES
from barograph.collect.scenarios import open_scenario, packaged
from barograph.core.errors import BundleError, SettingError
from barograph.core.scenario import Scenario
from barograph.engines.forecasting.book import assess as assess_book


def assess(
    bundle: str | Path | Predictor | Scorer, book: object, *, scenario: str | Path | Scenario | None = None
) -> dict[str, Any]:
    """VaR and ES of a book of positions for the next trading day; or the credit figures of a loan book.

    Parameters
    ----------
    bundle : path or Predictor
        A bundle's folder, or what `load` made of it. Records are judged loan by loan: expected loss, capital,
        provisions by grade, and the portfolio's loss quantile.
    book : path, frame or Book
        Columns entity and quantity or value, optional currency and class (see `collect.books.read_book`). For
        the bundle of a scoring study, the records themselves.
    scenario : str, path or Scenario, optional
        The name of a packaged scenario or a YAML file of shocks; where left out, the packaged ones that move
        what the book holds.

    Returns
    -------
    dict
        JSON-ready, as described at `engines.forecasting.book.assess`.
    """
    loaded = bundle if isinstance(bundle, Predictor | Scorer) else load(bundle)
    if isinstance(loaded, Scorer):
        return _portfolio(loaded, book, scenario)
    if not isinstance(loaded, Predictor):
        raise BundleError(
            "a book needs the bundle of prices or of loans",
            came=f"this one is of {loaded.manifest['study']}",
            do="Use predict for its figures",
        )
    forecaster = loaded.forecaster
    known = sorted({*forecaster.parts.entities, *ENTITIES})
    wanted = packaged() if scenario is None else (scenario,)
    scenarios = [s if isinstance(s, Scenario) else open_scenario(s, entities=known) for s in wanted]
    if scenario is None:
        scenarios = [one for one in scenarios if one.moves_prices]
    return assess_book(forecaster, read_book(book), scenarios=scenarios)


def _portfolio(loaded: Scorer, book: object, scenario: object | None) -> dict[str, Any]:
    if scenario is not None:
        raise SettingError(
            "a scenario shocks prices, and so a book of a forecasting study",
            came="the bundle is of a scoring study",
            do="Leave --scenario out; change columns of the records instead and compare",
        )
    return loaded.predictor.portfolio(book)
