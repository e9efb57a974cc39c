"""A book valued at a bundle's newest prices, and the common past of what it holds. Never torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from barograph.collect.books import usual_class
from barograph.core.arrays import FloatArray
from barograph.core.book import Book
from barograph.core.errors import BundleError, DataError, nearest
from barograph.engines.forecasting import parts as names
from barograph.engines.forecasting.answer import Predictor
from barograph.measures import portfolio
from barograph.measures.portfolio import JointHistory, SeriesHistory


@dataclass(frozen=True, slots=True, eq=False)
class Valued:
    """A book at the newest prices and volatilities of a bundle, and the common past of what it holds."""

    book: Book
    price: FloatArray  # [k]
    value: FloatArray  # [k] in the book's currency
    sigma: FloatArray  # [k] forecast of the next day's standard deviation
    newest: tuple[str, ...]  # [k] day of price and forecast, ISO
    history: JointHistory

    @property
    def classes(self) -> tuple[str, ...]:
        """The class of each position, its own or the usual one; "" where none is known."""
        return tuple(p.asset_class or usual_class(p.entity) for p in self.book.positions)

    @property
    def returns(self) -> FloatArray:
        """Simulated simple returns of the next day, [n, k]."""
        return portfolio.simple_returns(self.history.residuals, self.sigma)


def value_book(predictor: Predictor, book: Book) -> Valued:
    """Price a book at the newest day of each entity and align the past of what it holds.

    Raises
    ------
    DataError
        An entity the bundle does not know, or too few common days.
    """
    known_entities(book.entities, predictor)
    forecast = predictor.forecast().filter(pl.col("horizon") == 1)
    row = {line["entity"]: line for line in forecast.iter_rows(named=True)}
    newest = [row[entity] for entity in book.entities]
    price = np.array([line["price"] for line in newest], dtype=np.float64)
    amounts = [
        position.value if position.value is not None else (position.quantity or 0.0) * at
        for position, at in zip(book.positions, price.tolist(), strict=True)
    ]
    return Valued(
        book=book,
        price=price,
        value=np.array(amounts, dtype=np.float64),
        sigma=np.array([line["volatility"] for line in newest], dtype=np.float64),
        newest=tuple(str(line["time"]) for line in newest),
        history=portfolio.joint_history(series_of(predictor, book.entities)),
    )


def known_entities(held: Sequence[str], predictor: Predictor) -> None:
    """Refuse what the bundle does not know, and a bundle that does not forecast the next day."""
    entities = predictor.parts.entities
    strangers = [entity for entity in held if entity not in entities]
    if strangers:
        hint = nearest(strangers[0].lower(), entities)
        raise DataError(
            "every position must be in an entity of the bundle",
            came=f"got '{strangers[0]}' ({len(strangers)} unknown)",
            do=hint[:1].upper() + hint[1:],
        )
    if predictor.parts.horizons[0] != 1:
        raise DataError(
            "a book needs a bundle that forecasts the next day",
            came=f"its shortest horizon is {predictor.parts.horizons[0]} days",
            do="Run the study with 1 first in prepare.horizons",
        )


def series_of(predictor: Predictor, entities: Sequence[str]) -> list[SeriesHistory]:
    """The out-of-sample forecasts of some entities and what came of them, from the bundle's history."""
    if not predictor.bundle.has(names.HISTORY):
        raise BundleError(
            f"a bundle must hold {names.HISTORY} to answer for a book",
            came="this one does not",
            do="Run the study again",
        )
    stored = predictor.bundle.arrays(names.HISTORY)
    time, known_at = (stored[key].astype("datetime64[D]") for key in ("time", "known_at"))
    series = []
    for entity in entities:
        rows = np.flatnonzero(stored["entity"] == predictor.parts.entities.index(entity))
        rows = rows[np.argsort(time[rows], kind="stable")]
        series.append(
            SeriesHistory(
                entity, time[rows], known_at[rows], stored["next_return"][rows], stored["variance"][rows]
            )
        )
    return series
