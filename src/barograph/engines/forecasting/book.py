"""The forecasting engine, answer side: a book of positions, from a bundle's forecasts. Never torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.book import Book
from barograph.core.forecast import ALPHAS
from barograph.core.results import TestResult
from barograph.core.scenario import Scenario
from barograph.core.seeds import generator
from barograph.engines.forecasting.answer import Predictor
from barograph.engines.forecasting.book_value import Valued, value_book
from barograph.measures import portfolio
from barograph.measures.portfolio import Contributions

ALPHAS_SHOWN = tuple(sorted(ALPHAS, reverse=True))
"""Tail probabilities of the figures: 2.5 % and 1 %, so 97.5 % and 99 % VaR and ES."""

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
    split = [portfolio.contributions(value, returns, alpha=alpha) for alpha in ALPHAS_SHOWN]
    rehearsal = portfolio.rehearse(value, valued.history, alphas=ALPHAS_SHOWN)
    return {
        "currency": book.currency,
        "value": float(value.sum()),
        "gross": float(np.abs(value).sum()),
        **_facts(predictor, valued),
        "figures": [_figures(item, returns @ value) for item in split],
        "positions": _positions(valued),
        "contributions": [row for item in split for row in _contributions(book, item)],
        "stressed": [_stressed(valued, alpha) for alpha in ALPHAS_SHOWN],
        "back_test": _back_test(rehearsal),
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


def _figures(item: Contributions, profits: FloatArray) -> dict[str, Any]:
    stream = generator(0, "book", str(item.alpha))
    error, shortfall_error = portfolio.standard_errors(profits, item.alpha, generator=stream)
    alone = float(item.stand_alone_value_at_risk.sum())
    return {
        "level": _level(item.alpha),
        "value_at_risk": item.value_at_risk,
        "value_at_risk_error": error,
        "expected_shortfall": item.expected_shortfall,
        "expected_shortfall_error": shortfall_error,
        "stand_alone_sum": alone,
        "diversification": item.diversification,
        "diversification_share": item.diversification / alone if alone > 0.0 else None,
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


def _contributions(book: Book, item: Contributions) -> list[dict[str, Any]]:
    figures = {
        "stand_alone_value_at_risk": item.stand_alone_value_at_risk,
        "component_value_at_risk": item.component_value_at_risk,
        "component_expected_shortfall": item.component_expected_shortfall,
        "marginal_value_at_risk": item.marginal_value_at_risk,
        "marginal_expected_shortfall": item.marginal_expected_shortfall,
        "incremental_value_at_risk": item.incremental_value_at_risk,
    }
    return [
        {"level": _level(item.alpha), "entity": entity}
        | {name: float(column[place]) for name, column in figures.items()}
        for place, entity in enumerate(book.entities)
    ]


def _stressed(valued: Valued, alpha: float) -> dict[str, Any]:
    figures = asdict(portfolio.stressed(valued.value, valued.history, alpha=alpha))
    del figures["alpha"]
    return {"level": _level(alpha), **figures, "since": str(figures["since"]), "until": str(figures["until"])}


def _back_test(rehearsal: portfolio.Rehearsal) -> list[dict[str, Any]]:
    if not rehearsal.profits.size:
        return []
    return [
        {
            "level": _level(test.alpha),
            "days": test.days,
            "exceptions": test.exceptions,
            "expected": test.days * test.alpha,
            "kupiec_p_value": _p_value(test.kupiec),
            "conditional_coverage_p_value": _p_value(test.conditional_coverage),
            "light": test.light.note if _p_value(test.light) is not None else None,
            "light_exceptions": int(test.light.statistic) if _p_value(test.light) is not None else None,
            "since": str(rehearsal.time[0]),
        }
        for test in portfolio.book_tests(rehearsal)
    ]


def _p_value(test: TestResult) -> float | None:
    return float(test.p_value) if np.isfinite(test.p_value) else None


def _scenarios(valued: Valued, scenarios: Sequence[Scenario]) -> dict[str, Any]:
    totals: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for scenario in scenarios:
        pairs = zip(valued.book.entities, valued.classes, strict=True)
        moves = np.array([scenario.move(entity, kind) for entity, kind in pairs], dtype=np.float64)
        after = portfolio.shocked(
            valued.value,
            moves,
            residuals=valued.history.residuals,
            sigma=valued.sigma,
            volatility=scenario.volatility,
            alphas=ALPHAS_SHOWN,
        )
        totals.append({"scenario": scenario.name, "profit": after.total} | _after(after))
        totals[-1] |= {
            "volatility_factor": scenario.volatility,
            "title": scenario.title,
            "source": scenario.source,
        }
        figures = zip(valued.book.entities, moves.tolist(), after.profits.tolist(), strict=True)
        rows += [
            {"scenario": scenario.name, "entity": entity, "move": move, "profit": profit}
            for entity, move, profit in figures
        ]
    return {"scenarios": totals, "scenario_positions": rows}


def _after(after: portfolio.Shocked) -> dict[str, float]:
    figures: dict[str, float] = {}
    for place, alpha in enumerate(after.alphas):
        figures[f"value_at_risk_{_level(alpha):g}"] = float(after.value_at_risk[place])
        figures[f"expected_shortfall_{_level(alpha):g}"] = float(after.expected_shortfall[place])
    return figures


def _level(alpha: float) -> float:
    return round(100.0 * (1.0 - alpha), 6)


def reader_notes(valued: Valued, *, tested: int) -> list[str]:
    """What a reader must know before using the figures; `tested` is the number of days back-tested."""
    notes, history = [], valued.history
    if any(position.quantity is not None for position in valued.book.positions):
        notes.append(
            f"quantities valued at the bundle's newest prices, taken to be in {valued.book.currency}"
        )
    first, last = min(valued.newest), max(valued.newest)
    if first != last:
        early = [e for e, day in zip(valued.book.entities, valued.newest, strict=True) if day == first]
        notes.append(f"newest days differ: {', '.join(early)} on {first}, others up to {last}")
    if np.datetime64(last) - history.known_at[-1] > np.timedelta64(STALE_DAYS, "D"):
        notes.append(
            f"the days all positions have in common end on {history.known_at[-1]}, the newest forecast is of "
            f"{last}: the dependence between positions is that of then"
        )
    if history.left_out:
        notes.append(
            f"{history.left_out} days left out: not every position has them, or their next days differ"
        )
    if not tested:
        notes.append(
            f"no back-test: it needs more than {portfolio.FIRST_DAYS} common days, there are {history.n}"
        )
    blind = [e for e, kind in zip(valued.book.entities, valued.classes, strict=True) if not kind]
    if blind:
        notes.append(f"no class is known for {', '.join(blind)}: shocks of a class pass them by")
    return notes
