"""The served figure of live rows: through the live graph, or part by part where a bundle has none."""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import Any, NamedTuple, Protocol

import numpy as np
import polars as pl

from barograph.core.arrays import FloatArray
from barograph.core.record_table import Records
from barograph.deploy.bound import BoundGraph
from barograph.engines.scoring.live_rows import NUMBERS, STEPS, row_width, word_rows
from barograph.engines.scoring.parts import Parts, unlabelled
from barograph.engines.scoring.serving import figures

MOST = 4096
"""Rows scored at once: bounds the memory of a large micro-batch."""


class LiveRow(NamedTuple):
    """All that a figure is made of."""

    time: int  # microseconds since 1970-01-01 UTC
    amount: float
    numbers: tuple[float, ...]  # as the schema's numeric columns; NaN missing
    words: tuple[str, ...]  # as its categorical columns; "" missing
    steps: FloatArray | None  # [T, C]


class Figure(Protocol):
    """Makes the figures of rows; each row's is its own alone, to 1e-6."""

    def one(self, row: LiveRow) -> float:
        """The figure of one row."""
        ...

    def many(self, rows: Sequence[LiveRow]) -> list[float]:
        """The figures of many rows."""
        ...


class GraphFigure:
    """All in one graph: a row is packed into the graph's memory and the graph is run."""

    def __init__(self, parts: Parts, graph: BoundGraph) -> None:
        self._graph = graph
        self._width = row_width(parts.encoder)
        self._format = Struct(f"{self._width}d")
        self._words = [word_rows(parts.encoder, place) for place in range(len(parts.encoder.categorical))]
        self._numbers: Any = graph.buffers[NUMBERS]
        self._steps = graph.buffers.get(STEPS)

    def one(self, row: LiveRow) -> float:
        """See `Figure.one`."""
        self._format.pack_into(self._numbers, 0, *self._values(row))
        if self._steps is not None:
            self._steps[0] = row.steps
        return self._graph.one()

    def many(self, rows: Sequence[LiveRow]) -> list[float]:
        """See `Figure.many`."""
        found: list[float] = []
        for start in range(0, len(rows), MOST):
            found += self._some(rows[start : start + MOST])
        return found

    def _some(self, rows: Sequence[LiveRow]) -> list[float]:
        packed = b"".join([self._format.pack(*self._values(row)) for row in rows])
        feeds = {NUMBERS: np.frombuffer(packed).reshape(len(rows), self._width)}
        if self._steps is not None:
            feeds[STEPS] = np.array([row.steps for row in rows])
        answer: list[float] = self._graph.many(feeds).tolist()
        return answer

    def _values(self, row: LiveRow) -> tuple[float, ...]:
        values = row.numbers
        for (known, new), word in zip(self._words, row.words, strict=True):
            values += known.get(word, new)
        return values


class PartsFigure:
    """Part by part, as tables of records are served: for what has no graph, such as a scorecard."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def one(self, row: LiveRow) -> float:
        """See `Figure.one`."""
        return self.many([row])[0]

    def many(self, rows: Sequence[LiveRow]) -> list[float]:
        """See `Figure.many`."""
        if not rows:
            return []
        names = [str(place) for place in range(len(rows))]
        answer: list[float] = figures(self._parts, records_of(self._parts, rows, names)).tolist()
        return answer


def records_of(parts: Parts, rows: Sequence[LiveRow], names: Sequence[str]) -> Records:
    """Live rows as records without a label, with their ids."""
    schema, n = parts.schema, len(rows)
    numbers = np.array([row.numbers for row in rows])
    columns = {
        name: pl.Series(name, numbers[:, place]).fill_nan(None) for place, name in enumerate(schema.numeric)
    }
    words = {
        name: [row.words[place] or None for row in rows] for place, name in enumerate(schema.categorical)
    }
    steps = [row.steps for row in rows]
    return unlabelled(
        pl.DataFrame([*columns.values(), *(pl.Series(k, v, dtype=pl.String) for k, v in words.items())]),
        schema,
        np.array(names),
        np.array([row.time for row in rows], dtype="datetime64[us]").astype("datetime64[D]"),
        np.array([row.amount for row in rows]),
        np.full((n, 0, 0), np.nan) if steps[0] is None else np.array(steps),
    )


def figure_of(parts: Parts, graph: BoundGraph | None) -> Figure:
    """The fastest way to a bundle's figure."""
    return PartsFigure(parts) if graph is None else GraphFigure(parts, graph)
