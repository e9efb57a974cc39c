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
from barograph.core.arrays import FloatArray
from barograph.core.record_table import Records
from barograph.core.writing import write_parts
from barograph.deploy.bundle import Bundle, read_bundle
from barograph.deploy.gate import Check, passed
from barograph.deploy.manifest import ScoringManifest
from barograph.engines.scoring.book import book_figures
from barograph.engines.scoring.explain import alternatives, reasons
from barograph.engines.scoring.figures import Assumptions, credit_figures, loans
from barograph.engines.scoring.parity import check_parity
from barograph.engines.scoring.parts import PARITY, Parts, read_parts
from barograph.engines.scoring.population import anomaly_rank
from barograph.engines.scoring.scorecards import scorecard_bins
from barograph.engines.scoring.serving import figures, prepared
from barograph.measures.credit.grades import assign
from barograph.measures.credit.scorecard import score_points
from barograph.prepare import encoder
from barograph.prepare.history import stale

OUTLYING = 0.99
"""Rank of the anomaly score above which a record counts as unlike the training population."""
ROWS = 16_384
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
        table, unseen = self._figures(records)
        return table, RequestTold(table.height, notes.extra, unseen)

    def predict_file(self, path: str | Path, out: str | Path, *, rows: int = ROWS) -> RequestTold:
        """Score a file of any size into a Parquet or CSV file in bounded memory."""
        request = stream_request(path, self.parts.schema, rows=rows)
        unseen: Counter[str] = Counter()

        def scored() -> Iterator[pl.DataFrame]:
            for records in request:
                part, never = self._figures(records)
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
        return self._figures(records)[0]

    def _figures(self, records: Records) -> tuple[pl.DataFrame, dict[str, int]]:
        """The figures, and per column the records with a category that training never had."""
        figure = figures(self.parts, records)
        ready = prepared(self.parts, records)
        columns: dict[str, Any] = {"record_id": [str(one) for one in records.record_id]}
        if self.manifest.combine.head == "hurdle_beta":
            columns |= {"loss": figure, "expected_loss": figure * records.amount}
        elif self.manifest.use != "credit":
            columns |= {"probability": figure, "alert": figure > self.manifest.threshold}
        else:
            columns |= self._default_columns(figure, ready)
        never = encoder.unseen_columns(self.parts.encoder, ready)
        names = np.array(self.parts.encoder.categorical, dtype=object)
        columns["unseen"] = [", ".join(names[row]) if row.any() else "" for row in never]
        rank = anomaly_rank(self.parts, ready)
        if rank is not None:
            columns |= {"population_rank": rank, "unlike_training": rank > OUTLYING}
        if self.parts.history is not None:
            columns["history_months_stale"] = stale(records, self.parts.history)
        counts = zip(names.tolist(), never.sum(axis=0).tolist(), strict=True)
        return pl.DataFrame(columns), {name: count for name, count in counts if count}

    def _default_columns(self, figure: FloatArray, ready: Records) -> dict[str, Any]:
        given = Assumptions(**self.manifest.assumptions)
        credit = credit_figures(loans(figure, ready, given), given)
        place = assign(self.parts.grades, figure)
        columns: dict[str, Any] = {
            "probability": figure,
            "grade": [self.parts.grades.names[i] for i in place],
            "yearly_pd": credit.yearly_pd,
            "expected_loss": credit.expected_loss,
            "capital": credit.capital,
            "stage": credit.stage,
            "allowance": credit.allowance,
            "decision": np.where(figure < self.manifest.threshold, "approve", "decline"),
        }
        if self.parts.scorecards:
            card = self.parts.scorecards[0]
            columns["points"] = score_points(card, scorecard_bins(card, ready.table)).sum(axis=1)
        return columns

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
