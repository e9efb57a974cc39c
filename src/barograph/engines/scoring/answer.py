"""The scoring engine, answer side: a bundle in; figures, grades, reasons and what would change them out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from barograph.collect.records.serving import read_request
from barograph.collect.records.streaming import RequestStream, stream_request
from barograph.core.contracts import Executor
from barograph.core.errors import BundleError, DataError
from barograph.core.record_table import Records
from barograph.core.writing import write_parts
from barograph.deploy.bundle import Bundle, manifest_hash, read_bundle
from barograph.deploy.gate import Check, passed
from barograph.deploy.manifest import ScoringManifest
from barograph.engines.scoring.book import book_figures
from barograph.engines.scoring.explain import alternatives, reasons
from barograph.engines.scoring.parity import check_parity
from barograph.engines.scoring.parts import PARITY, Parts, read_parts
from barograph.engines.scoring.table import answered

ROWS = 65_536
"""Records of a part when a file is scored."""
RANGE = 131_072
"""Records that a worker scores at a time, in whole parts."""


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

    def predict_file(
        self, path: str | Path, out: str | Path, *, rows: int = ROWS, executor: Executor | None = None
    ) -> RequestTold:
        """Score a file of any size into a Parquet or CSV file in bounded memory.

        With an executor its workers score ranges of `RANGE` records of a Parquet file, into the same file.
        They read file and bundle themselves, under the same paths as here.
        """
        request = stream_request(path, self.parts.schema, rows=rows)
        unseen: Counter[str] = Counter()
        scored = self.scored(request) if executor is None else self._by_workers(request, executor)

        def told() -> Iterator[pl.DataFrame]:
            for part, never in scored:
                unseen.update(never)
                yield part

        written = write_parts(told(), Path(out))
        return RequestTold(written, request.notes.extra, dict(unseen))

    def scored(self, request: RequestStream) -> Iterator[tuple[pl.DataFrame, dict[str, int]]]:
        """Part by part: figures, and per column the records with a category that training never had."""
        return (answered(self.parts, records) for records in request)

    def _by_workers(
        self, request: RequestStream, executor: Executor
    ) -> Iterator[tuple[pl.DataFrame, dict[str, int]]]:
        if not request.parquet:
            raise DataError(
                "several workers can share a Parquet file only: each reads rows of its own",
                came=f"{request.path.name} is text",
                do="Save it as Parquet, or score it in one process",
            )
        folder = self.bundle.folder.resolve()
        one = _Range(folder, manifest_hash(folder), replace(request, path=request.path.resolve()))
        length = max(1, RANGE // request.rows) * request.rows
        ranges = [replace(one, request=part) for part in one.request.partitions(length)]
        return chain.from_iterable(executor.map(_score_range, ranges))

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


@dataclass(frozen=True, slots=True)
class _Range:
    """Rows of a file for one worker, and the bundle that scores them."""

    folder: Path
    manifest: str  # hash of its manifest
    request: RequestStream


def _score_range(task: _Range) -> list[tuple[pl.DataFrame, dict[str, int]]]:
    """The parts of a range, in order; runs in a worker."""
    return list(_loaded(task.folder, task.manifest).scored(task.request))


@lru_cache(maxsize=1)
def _loaded(folder: Path, manifest: str) -> Predictor:
    """A bundle that a worker loads once for all its ranges."""
    if manifest_hash(folder) != manifest:
        raise BundleError(
            "a bundle must be the same on every machine that scores with it",
            came=f"{folder} holds another one there",
            do="Copy it anew, or lay it where all machines see it",
        )
    return load(folder)


def load(folder: Path | str) -> Predictor:
    """Load a bundle, check its hashes and its parity, and make it ready; raises `BundleError` otherwise."""
    bundle = read_bundle(folder, ScoringManifest)

    def read() -> tuple[Parts, list[Check]]:
        parts = read_parts(bundle)
        return parts, check_parity(parts, bundle.arrays(PARITY))

    parts, checks = passed(read)
    return Predictor(bundle, parts, checks)
