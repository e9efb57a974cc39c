"""The forecasting engine, answer side: a book of positions, from a bundle's forecasts. Never torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from barograph.core.book import Book
from barograph.core.notes import noted
from barograph.core.scenario import Scenario
from barograph.engines.forecasting.answer import Predictor
from barograph.engines.forecasting.books.figures import (
    ALPHAS_SHOWN,
    Simulated,
    after,
    back_test,
    contribution_rows,
    figures,
    stressed,
)
from barograph.engines.forecasting.books.valued import Valued, value_book
from barograph.measures import portfolio

STALE_DAYS = 31
"""Calendar days between the last common day and the newest forecast above which a note says so."""


def assess(predictor: Predictor, book: Book, *, scenarios: Sequence[Scenario] = ()) -> dict[str, Any]:
    """VaR and ES of a book for the next trading day, what they are made of, tested and shocked.

    Date-aligned filtered historical simulation: the champion's out-of-sample residuals of all positions on
    each common day, times its newest one-day volatility forecasts (`measures.portfolio`). The conformal
    multiplier of single assets is not used: a book has its own back-test. The residuals are those of the run
    that made the bundle; days taken in since by `update` move prices and volatilities, not the residuals.

    Parameters
    ----------
    predictor : Predictor
    book : Book
        Its entities must be the bundle's. A quantity is valued at the entity's newest price, which is taken
        to be in the book's currency.
    scenarios : sequence of Scenario

    Returns
    -------
    dict
        JSON-ready; amounts in the book's currency, VaR and ES positive losses, profits signed, `level` in
        percent:

        - ``currency``, ``value`` (net), ``gross``, ``horizon_days``, ``common_days``, ``since``, ``until``,
          ``left_out_days``, ``study``, ``champion``;
        - ``figures``: per level VaR and ES with bootstrap standard errors, and the diversification benefit;
        - ``positions``: value, price, day and volatility of each;
        - ``contributions``: per level and position stand-alone, component, marginal and incremental figures;
        - ``stressed``: per level VaR and ES of the worst 250 days, and when these were;
        - ``back_test``: per level exceptions and tests, from ``since`` to the last common day;
        - ``scenarios``: profit of each scenario, VaR and ES after it; ``scenario_positions``: the profit per
          position; ``notes``: what was assumed, and what a reader must know.
    """
    valued = value_book(predictor, book)
    returns, value = valued.returns, valued.value
    split = Simulated(book.entities, value, returns, valued.history).contributions()
    rehearsal = portfolio.rehearse(value, valued.history, alphas=ALPHAS_SHOWN)
    return {
        "currency": book.currency,
        "value": float(value.sum()),
        "gross": float(np.abs(value).sum()),
        **_facts(predictor, valued),
        "figures": [figures(item, returns @ value) for item in split],
        "positions": _positions(valued),
        "contributions": [row for item in split for row in contribution_rows(book.entities, item)],
        "stressed": stressed(value, valued.history),
        "back_test": back_test(rehearsal),
        **_scenarios(valued, scenarios),
        "notes": [*book.notes, *reader_notes(valued, tested=rehearsal.profits.size)],
    }


def _facts(predictor: Predictor, valued: Valued) -> dict[str, Any]:
    history = valued.history
    return {
        "horizon_days": 1,
        "common_days": history.n,
        "since": str(history.time[0]),
        "until": str(history.time[-1]),
        "left_out_days": history.left_out,
        "study": predictor.manifest.study,
        "champion": predictor.manifest.champion,
    }


def _positions(valued: Valued) -> list[dict[str, Any]]:
    columns = zip(
        valued.book.positions,
        valued.classes,
        valued.newest,
        valued.price.tolist(),
        valued.value.tolist(),
        valued.sigma.tolist(),
        strict=True,
    )
    return [
        {
            "entity": position.entity,
            "class": kind,
            "day": day,
            "price": price,
            "quantity": position.quantity,
            "value": value,
            "volatility": sigma,
        }
        for position, kind, day, price, value, sigma in columns
    ]


def _scenarios(valued: Valued, scenarios: Sequence[Scenario]) -> dict[str, Any]:
    totals: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for scenario in scenarios:
        pairs = zip(valued.book.entities, valued.classes, strict=True)
        moves = np.array([scenario.move(entity, kind) for entity, kind in pairs], dtype=np.float64)
        shocked = portfolio.shocked(
            valued.value,
            moves,
            returns=portfolio.simple_returns(valued.history.residuals, scenario.volatility * valued.sigma),
            alphas=ALPHAS_SHOWN,
        )
        totals.append({"scenario": scenario.name, "profit": shocked.total} | after(shocked))
        totals[-1] |= {
            "volatility_factor": scenario.volatility,
            "title": scenario.title,
            "source": scenario.source,
        }
        parts = zip(valued.book.entities, moves.tolist(), shocked.profits.tolist(), strict=True)
        rows += [
            {"scenario": scenario.name, "entity": entity, "move": move, "profit": profit}
            for entity, move, profit in parts
        ]
    return {"scenarios": totals, "scenario_positions": rows}


def reader_notes(valued: Valued, *, tested: int) -> list[str]:
    """What a reader must know before using the figures; `tested` is the number of days back-tested."""
    notes, history = [], valued.history
    if any(position.quantity is not None for position in valued.book.positions):
        notes.append(noted("notes.book.newest_prices", currency=valued.book.currency))
    first, last = min(valued.newest), max(valued.newest)
    if first != last:
        early = [e for e, day in zip(valued.book.entities, valued.newest, strict=True) if day == first]
        notes.append(noted("notes.book.newest_days", names=", ".join(early), first=first, last=last))
    if np.datetime64(last) - history.known_at[-1] > np.timedelta64(STALE_DAYS, "D"):
        notes.append(noted("notes.book.common_days", end=history.known_at[-1], last=last))
    if history.left_out:
        notes.append(noted("notes.book.days_left_out", n=history.left_out))
    if not tested:
        notes.append(noted("notes.book.no_back_test", least=portfolio.FIRST_DAYS, n=history.n))
    blind = [e for e, kind in zip(valued.book.entities, valued.classes, strict=True) if not kind]
    if blind:
        notes.append(noted("notes.book.no_class", names=", ".join(blind)))
    return notes
