"""The scoring engine, answer side: a bundle in; figures, grades, reasons and what would change them out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from barograph.collect.records.serving import read_request
from barograph.collect.records.streaming import stream_request
from barograph.core.record_table import Records
from barograph.core.writing import write_parts
from barograph.deploy.bundle import Bundle, read_bundle
from barograph.deploy.gate import Check, passed
from barograph.deploy.manifest import ScoringManifest
from barograph.engines.scoring.book import book_figures
from barograph.engines.scoring.explain import alternatives, reasons
from barograph.engines.scoring.parity import check_parity
from barograph.engines.scoring.parts import PARITY, Parts, read_parts
from barograph.engines.scoring.table import answered

ROWS = 65_536
"""Records of a part when a file is scored."""


@dataclass(frozen=True, slots=True)
class RequestTold:
    """What the sender of a request should know beside the figures."""

    records: int
    extra: tuple[str, ...]  # columns the model does not know: not looked at
    unseen: dict[str, int]  # column -> records with a category that training never had


@dataclass(slots=True)
class Predictor:
    """A loaded scoring bundle."""

    bundle: Bundle[ScoringManifest]
    parts: Parts
    checks: tuple[Check, ...]

    @property
    def manifest(self) -> ScoringManifest:
        """What the bundle is and what it was made from."""
        return self.bundle.manifest

    def predict(self, data: object) -> pl.DataFrame:
        """Figures of records, one row each, in the order given (columns as `table`)."""
        return self.predict_told(data)[0]

    def predict_told(self, data: object) -> tuple[pl.DataFrame, RequestTold]:
        """The figures of records, and what the caller should know of the request."""
        records, notes = read_request(data, self.parts.schema)
        table, unseen = answered(self.parts, records)
        return table, RequestTold(table.height, notes.extra, unseen)

    def predict_file(self, path: str | Path, out: str | Path, *, rows: int = ROWS) -> RequestTold:
        """Score a file of any size into a Parquet or CSV file in bounded memory."""
        request = stream_request(path, self.parts.schema, rows=rows)
        unseen: Counter[str] = Counter()

        def scored() -> Iterator[pl.DataFrame]:
            for records in request:
                part, never = answered(self.parts, records)
                unseen.update(never)
                yield part

        written = write_parts(scored(), Path(out))
        return RequestTold(written, request.notes.extra, dict(unseen))

    def table(self, records: Records) -> pl.DataFrame:
        """The figures of records.

        Returns
        -------
        polars.DataFrame
            record_id; probability (or loss); for probabilities: grade, yearly_pd, expected_loss, capital,
            IFRS 9 stage and allowance, decision, and points where there is a scorecard, or of a study
            judged by its alerts just alert; unseen (names of
            columns with a category that training never had); population_rank and unlike_training;
            history_months_stale.
        """
        return answered(self.parts, records)[0]

    def portfolio(self, data: object) -> dict[str, Any]:
        """Credit figures of a loan book by grade and in sum (see `book.book_figures`)."""
        records, _ = read_request(data, self.parts.schema)
        return book_figures(self.parts, records)

    def explain(self, data: object, *, frozen: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Figures of a few records with their reasons and, where declined, what would change the decision.

        Parameters
        ----------
        data : mapping, list of mappings, frame or path
        frozen : sequence of str
            Columns that a counterfactual must leave alone.

        Returns
        -------
        list of dict
            The columns of `table`, `reasons` (column -> share of the figure; with `base` they add up to it),
            and `alternatives` (changes, figure).
        """
        records, notes = read_request(data, self.parts.schema)
        answers = self.table(records).to_dicts()
        for row, (answer, why) in enumerate(zip(answers, reasons(self.parts, records), strict=True)):
            answer |= {"base": why.base, "reasons": why.values, "extra": list(notes.extra)}
            answer["alternatives"] = (
                self._alternatives(records.take(np.array([row])), frozen)
                if answer.get("decision") == "decline"
                else []
            )
        return answers

    def _alternatives(self, one: Records, frozen: Sequence[str]) -> list[dict[str, Any]]:
        found = alternatives(self.parts, one, threshold=self.manifest.threshold, frozen=frozen)
        return [{"changes": dict(other.changes), "figure": other.figure} for other in found]

    def predict_one(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Probability, grade and reasons of one record in one call (see `explain`)."""
        return self.explain([dict(record)])[0]


def load(folder: Path | str) -> Predictor:
    """Load a bundle, check its hashes and its parity, and make it ready; raises `BundleError` otherwise."""
    bundle = read_bundle(folder, ScoringManifest)

    def read() -> tuple[Parts, list[Check]]:
        parts = read_parts(bundle)
        return parts, check_parity(parts, bundle.arrays(PARITY))

    parts, checks = passed(read)
    return Predictor(bundle, parts, checks)
