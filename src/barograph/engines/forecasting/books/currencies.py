"""The forecasting engine, answer side: a book of currencies, from a bundle of exchange rates. Never torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from barograph.core.arrays import FloatArray
from barograph.core.currency_book import GOLD, CurrencyBook
from barograph.core.errors import DataError, nearest
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
    level,
    stressed,
)
from barograph.engines.forecasting.books.valued import known_entities, series_of
from barograph.measures import exposure, portfolio
from barograph.measures.portfolio import JointHistory

HELD = 0.0005
"""Daily volatility below which a rate is called pegged."""

FORWARD_YEARS = 0.25
"""Term of the forward that a hedge is shown with."""


@dataclass(frozen=True, slots=True, eq=False)
class Exchanged:
    """A currency book at a bundle's newest rates, with the common past of the rates it depends on."""

    book: CurrencyBook
    codes: tuple[str, ...]  # [k] foreign currencies
    price: FloatArray  # [k] units of the base for one of the currency
    value: FloatArray  # [k] in the base
    sigma: FloatArray  # [n_series] forecasts of the quotations' daily standard deviation
    day: str  # newest of the rates used
    oldest: str  # oldest of them
    history: JointHistory  # of the quotations; its legs make positions of them

    def returns(self, volatility: float = 1.0) -> FloatArray:
        """Drawn simple returns of the positions in the base, [n, k]."""
        return self.history.gains(self.history.residuals * (volatility * self.sigma))

    @property
    def volatility(self) -> FloatArray:
        """Daily standard deviation of each position: forecast ones, joined by the past's correlation, [k].

        Not that of the draws: a single day such as the end of a floor would be most of it.
        """
        assert self.history.legs is not None
        weights = self.history.legs * self.sigma[:, None]
        together = np.atleast_2d(np.corrcoef(self.history.residuals, rowvar=False))
        variance = np.einsum("sk,st,tk->k", weights, together, weights)
        return np.asarray(np.sqrt(np.maximum(variance, 0.0)))


def assess_currencies(
    predictor: Predictor, book: CurrencyBook, *, quoted_in: str, scenarios: Sequence[Scenario] = ()
) -> dict[str, Any]:
    """Open position, capital charge, VaR and ES of a currency book, and what forwards would take off.

    The bundle's series are quotations: units of a currency for one of `quoted_in`. A position moves by minus
    its own quotation and plus that of the book's base, so that crosses have no triangular gap; simulation is
    date-aligned and filtered, as for positions in prices.

    Parameters
    ----------
    predictor : Predictor
        Of a study of exchange rates; its entities are codes of ISO 4217, in whatever case.
    book : CurrencyBook
    quoted_in : str
        The base of the quotations, such as EUR.
    scenarios : sequence of Scenario

    Returns
    -------
    dict
        JSON-ready; amounts in the book's base, VaR and ES positive losses of the next day: ``currency``,
        ``value``, ``gross``, facts of the simulation, ``exposure`` (longs, shorts, gold, aggregates, the
        shorthand charge), ``figures``, ``holdings`` (with a flag where a rate is pegged), ``contributions``,
        ``hedges`` (each currency closed by a forward: what is left of VaR, the forward rate by covered parity
        where the book gives both interest rates, and the holding of least variance), ``stressed``,
        ``back_test``, ``scenarios``, ``notes``.

    Raises
    ------
    DataError
        A currency that the bundle does not know.
    """
    held = exchange(predictor, book, quoted_in=quoted_in)
    returns, value = held.returns(), held.value
    split = Simulated(held.codes, value, returns, held.history).contributions()
    rehearsal = portfolio.rehearse(value, held.history, alphas=ALPHAS_SHOWN)
    return {
        "currency": book.base,
        "value": float(value.sum()),
        "gross": float(np.abs(value).sum()),
        "quoted_in": quoted_in,
        "horizon_days": 1,
        "common_days": held.history.n,
        "since": str(held.history.time[0]),
        "until": str(held.history.time[-1]),
        "left_out_days": held.history.left_out,
        "study": predictor.manifest.study,
        "champion": predictor.manifest.champion,
        "exposure": _exposure(held),
        "figures": [figures(item, returns @ value) for item in split],
        "holdings": _holdings(held),
        "contributions": [row for item in split for row in contribution_rows(held.codes, item)],
        "hedges": _hedges(held, returns),
        "stressed": stressed(value, held.history),
        "back_test": back_test(rehearsal),
        **_scenarios(held, scenarios),
        "notes": [*book.notes, *_notes(held, tested=rehearsal.profits.size)],
    }


def exchange(predictor: Predictor, book: CurrencyBook, *, quoted_in: str) -> Exchanged:
    """Value a currency book and line up the past of the rates it depends on."""
    own = {entity.upper(): entity for entity in predictor.parts.entities}
    codes = tuple(one.currency for one in book.foreign)
    series = _needed(own, (*codes, book.base), quoted_in, book.base)
    known_entities([own[code] for code in series], predictor)
    forecast = predictor.forecast().filter(pl.col("horizon") == 1)
    row = {line["entity"].upper(): line for line in forecast.iter_rows(named=True)}
    quoted = {quoted_in: 1.0} | {code: float(row[code]["price"]) for code in series}
    price = np.array([quoted[book.base] / quoted[code] for code in codes])
    legs = np.zeros((len(series), len(codes)))
    for place, code in enumerate(codes):
        for other, sign in ((code, -1.0), (book.base, 1.0)):
            if other in series:
                legs[series.index(other), place] += sign
    history = portfolio.joint_history(series_of(predictor, [own[code] for code in series]))
    days = [str(row[code]["time"]) for code in series]
    return Exchanged(
        book,
        codes,
        price,
        price * np.array([one.amount for one in book.foreign]),
        np.array([float(row[code]["volatility"]) for code in series]),
        max(days),
        min(days),
        replace(history, legs=legs),
    )


def _needed(own: dict[str, str], codes: Sequence[str], quoted_in: str, base: str) -> list[str]:
    """The quotations a book depends on, each once."""
    strangers = [code for code in codes if code not in own and code != quoted_in]
    if strangers:
        code, known = strangers[0], sorted({*own, quoted_in})
        hint = nearest(code, known)
        raise DataError(
            "every currency of a book must be one of the bundle's, or the one they are quoted in",
            came=f"got '{code}'" + (" as the base" if code == base else ""),
            do=f"{hint[:1].upper()}{hint[1:]}. One that stopped or never moves is not in the bundle",
        )
    return [code for code in dict.fromkeys(codes) if code != quoted_in]


def _exposure(held: Exchanged) -> dict[str, float]:
    gold = sum(v for code, v in zip(held.codes, held.value.tolist(), strict=True) if code == GOLD)
    money = [v for code, v in zip(held.codes, held.value.tolist(), strict=True) if code != GOLD]
    found = exposure.open_position(money, gold=gold)
    return {
        "longs": found.longs,
        "shorts": found.shorts,
        "gold": found.gold,
        "gross_position": found.gross,
        "net_position": found.net,
        "shorthand_position": found.shorthand,
        "shorthand_charge": found.charge,
    }


def _holdings(held: Exchanged) -> list[dict[str, Any]]:
    return [
        {
            "entity": one.currency,
            "quantity": one.amount,
            "price": price,
            "value": value,
            "volatility": sigma,
            "pegged": sigma < HELD,
        }
        for one, price, value, sigma in zip(
            held.book.foreign, held.price.tolist(), held.value.tolist(), held.volatility.tolist(), strict=True
        )
    ]


def _hedges(held: Exchanged, returns: FloatArray) -> list[dict[str, Any]]:
    """Each currency closed by a forward, the others left as they are; at the highest level shown."""
    alpha, rows = ALPHAS_SHOWN[-1], []
    covariance = np.atleast_2d(np.cov(returns, rowvar=False))
    before = float(portfolio.value_at_risk(returns @ held.value, alpha))
    for place, one in enumerate(held.book.foreign):
        closed, least = held.value.copy(), held.value.copy()
        closed[place] = 0.0
        least[place], pegged = exposure.least_variance_share(covariance, held.value, place, still=HELD**2)
        rates = held.book.interest(one.currency), held.book.interest(held.book.base)
        left = float(portfolio.value_at_risk(returns @ closed, alpha))
        rows.append(
            {
                "entity": one.currency,
                "value": float(held.value[place]),
                **_forward(one.amount, float(held.price[place]), *rates),
                "level": level(alpha),
                "value_at_risk": before,
                "value_at_risk_hedged": left,
                "hedge_effect": 1.0 - left / before if before > 0.0 else None,
                "least_variance_value": float(least[place]),
                "value_at_risk_least": float(portfolio.value_at_risk(returns @ least, alpha)),
                "pegged": pegged,
            }
        )
    return rows


def _forward(amount: float, price: float, foreign: float | None, base: float | None) -> dict[str, Any]:
    """What to deal, and at which rate, to close a position for three months."""
    if foreign is None or base is None:
        return {"forward_units": -amount, "forward_rate": None, "forward_years": FORWARD_YEARS}
    fair = exposure.forward_exchange_rate(price, FORWARD_YEARS, base_rate=base, foreign_rate=foreign)
    units = exposure.hedge_units(amount, FORWARD_YEARS, foreign_rate=foreign)
    return {"forward_units": units, "forward_rate": float(fair), "forward_years": FORWARD_YEARS}


def _scenarios(held: Exchanged, scenarios: Sequence[Scenario]) -> dict[str, Any]:
    totals: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for scenario in scenarios:
        moves = np.array([scenario.exchange(code, held.book.base) for code in held.codes])
        drawn = held.returns(scenario.volatility)
        shocked = portfolio.shocked(held.value, moves, returns=drawn, alphas=ALPHAS_SHOWN)
        totals.append({"scenario": scenario.name, "profit": shocked.total} | after(shocked))
        totals[-1] |= {
            "volatility_factor": scenario.volatility,
            "title": scenario.title,
            "source": scenario.source,
        }
        parts = zip(held.codes, moves.tolist(), shocked.profits.tolist(), strict=True)
        rows += [
            {"scenario": scenario.name, "entity": code, "move": move, "profit": profit}
            for code, move, profit in parts
        ]
    return {"scenarios": totals, "scenario_positions": rows}


def _notes(held: Exchanged, *, tested: int) -> list[str]:
    notes = [noted("notes.book.fixings_of", day=held.day)]
    if held.oldest != held.day:
        notes.append(noted("notes.book.oldest_rate", day=held.oldest))
    still = [code for code, sigma in zip(held.codes, held.volatility, strict=True) if sigma < HELD]
    if still:
        notes.append(noted("notes.book.pegged", base=held.book.base, names=", ".join(still)))
    if held.book.interest(held.book.base) is None:
        notes.append(noted("notes.book.no_forwards"))
    if not tested:
        notes.append(noted("notes.book.no_back_test", least=portfolio.FIRST_DAYS, n=held.history.n))
    return notes
