"""One record without tables: well-typed values straight into the live graph.

Reading a table costs milliseconds, whatever its height. Here only what needs no reading is answered: numbers
as numbers, categories that training had, an ISO day. Of any other record nothing is said, and whoever asks
goes the long way, which reads it or says what is wrong with it.
"""

from __future__ import annotations

import datetime
import math
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from barograph.collect.records.column_types import CALENDAR
from barograph.collect.records.serving import required
from barograph.collect.records.terms import RANGES
from barograph.core.blanks import NO_CATEGORY
from barograph.engines.scoring.answer import Predictor
from barograph.engines.scoring.live_figure import GraphFigure, LiveRow
from barograph.prepare.encoder_rows import numbering
from barograph.prepare.record_columns import LARGEST

QUICK = frozenset({"record_id", "probability", "grade", "decision", "alert", "unseen"})
"""Columns of `Predictor.table` that are answered here."""
QuickAnswer = tuple[dict[str, Any], list[str]]
YEARS = range(CALENDAR[0] // 10_000, CALENDAR[1] // 10_000 + 1)


class QuickScorer:
    """Answers single records; to 1e-6 as `Predictor.table`. Not for use by several threads at once."""

    def __init__(self, predictor: Predictor) -> None:
        parts, schema = predictor.parts, predictor.parts.schema
        assert parts.live is not None
        self._schema, self._grades = schema, parts.grades
        self._credit, self._threshold = predictor.manifest.use == "credit", predictor.manifest.threshold
        self._upper = parts.grades.upper.tolist()
        self._figure = GraphFigure(parts, parts.live)
        self._words = [
            (name, numbering(parts.encoder, parts.encoder.categorical.index(name)))
            for name in schema.categorical
        ]
        self._required = frozenset(required(schema))
        self._terms = [(schema.amount, RANGES["amount"])] if schema.amount else []
        self._terms += [(name, RANGES[part]) for part, name in schema.terms.items()]
        named = (name for name, _ in self._terms)
        self._known = self._required | {schema.record_id, *named}

    @classmethod
    def of(cls, predictor: Predictor) -> QuickScorer | None:
        """Of a bundle whose figure needs nothing but a record's own columns; None of any other."""
        parts, schema = predictor.parts, predictor.parts.schema
        other = parts.history is not None or parts.events is not None or parts.fixings is not None
        if parts.live is None or other or schema.dates or schema.stream_steps:
            return None
        return cls(predictor)

    def many(self, records: Sequence[Mapping[str, Any]]) -> list[QuickAnswer | None]:
        """Of each record the columns of `QUICK` and the names that the model does not know.

        None where reading is needed.
        """
        read = [self._read(record) for record in records]
        known = [one for one in read if one is not None]
        rows = [row for row, _ in known]
        figures = iter([self._figure.one(rows[0])] if len(rows) == 1 else self._figure.many(rows))
        return [
            None if one is None else self._answer(record, one[1], next(figures))
            for record, one in zip(records, read, strict=True)
        ]

    def _read(self, record: Mapping[str, Any]) -> tuple[LiveRow, str] | None:
        """A record's row and name; None where it must be read as a table."""
        if not self._required <= record.keys():
            return None
        try:
            return self._row(record), self._name(record)
        except (TypeError, ValueError):
            return None

    def _answer(self, record: Mapping[str, Any], name: str, figure: float) -> QuickAnswer | None:
        if not 0.0 <= figure <= 1.0:
            return None  # no probability: whoever reads tables says so
        answer: dict[str, Any] = {"record_id": name, "probability": figure}
        if self._credit:
            answer["grade"] = self._grades.names[bisect_left(self._upper, figure)]
            answer["decision"] = "approve" if figure < self._threshold else "decline"
        else:
            answer["alert"] = figure > self._threshold
        answer["unseen"] = ""
        return answer, [key for key in record if key not in self._known]

    def _row(self, record: Mapping[str, Any]) -> LiveRow:
        """The record's values; TypeError or ValueError where one must be read."""
        schema = self._schema
        if schema.time:
            _check_day(record[schema.time])
        for name, allowed in self._terms:
            value = _number(record.get(name))
            if value < allowed.low or value > allowed.high:
                raise ValueError(name)
        numbers = tuple([min(max(_number(record[name]), -LARGEST), LARGEST) for name in schema.numeric])
        words = tuple([_word(record[name], known) for name, known in self._words])
        steps = None
        if schema.sequence:
            by_channel = [[_number(record[name]) for name in names] for names in schema.sequence.values()]
            steps = np.array(by_channel).T
        return LiveRow(0, 0.0, numbers, words, steps)

    def _name(self, record: Mapping[str, Any]) -> str:
        """The record's own name, its place where it has none."""
        name = record.get(self._schema.record_id, "1") if self._schema.record_id else "1"
        if isinstance(name, int) and not isinstance(name, bool):
            return str(name)
        if not isinstance(name, str) or name != name.strip() or name.lower() in OTHERWISE:
            raise TypeError(name)
        return name


DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
OTHERWISE = frozenset({*NO_CATEGORY, "true", "false"})
"""Names that are read as something else."""


def _number(value: object) -> float:
    if value is None:
        return math.nan
    if type(value) is not float and type(value) is not int:
        raise TypeError(value)
    if not math.isfinite(value):
        raise ValueError(value)
    return float(value)


def _word(value: object, known: Mapping[str, int]) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or value not in known:
        raise TypeError(value)
    return value


def _check_day(value: object) -> None:
    if not isinstance(value, str) or not DAY.fullmatch(value):  # 2027-W05-1 is ISO, and no day of a table
        raise TypeError(value)
    if datetime.date.fromisoformat(value).year not in YEARS:
        raise ValueError(value)
