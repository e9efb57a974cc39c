"""What the networks of a part of a fold are streamed: rows in memory that it fits on, and those beyond."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from barograph.collect.records.row_file import RowFile
from barograph.core.arrays import AnyArray, BoolArray, IntArray
from barograph.core.fitted_records import EncoderParameters, LogisticParameters
from barograph.core.scored import BagPart
from barograph.engines.scoring.plan import Bench
from barograph.measures.credit.linear_predictor import linear_predictor
from barograph.prepare import encoder_rows
from barograph.prepare.record_columns import LARGEST
from barograph.train.record_data import RecordData


@dataclass(frozen=True, eq=False)
class FoldRows:
    """A `train.streaming.RowSource`.

    A row beyond memory may be trained on if one in memory like it may: its vintage is one that the part fits
    on and, at an origin, its label was known at the cut. It shares no customer with those in memory.
    """

    file: RowFile
    fit: BoolArray  # [held] records in memory that the part fits on
    vintages: IntArray  # of those
    cut: int | None  # last day on which a label may have become known, days since 1970; None: whenever
    label: str  # field of the rows that is learnt from
    encoder: EncoderParameters
    start: LogisticParameters  # what the networks correct
    groups: tuple[int, ...]  # see `RecordData.groups`

    @cached_property
    def sizes(self) -> IntArray:
        """Rows of each block that may be trained on; one pass over the file."""
        counts = (self._usable(self.file.block(one)).sum() for one in range(self.file.blocks))
        return np.fromiter(counts, dtype=np.int64, count=self.file.blocks)

    @property
    def mark(self) -> str:
        """The table behind the file; what else decides the rows is a setting, or in the records in memory."""
        return self.file.digest

    def read(self, blocks: IntArray) -> AnyArray:
        """The rows of some blocks that may be trained on."""
        found = (self.file.block(one) for one in blocks.tolist())
        return np.concatenate([rows[self._usable(rows)] for rows in found])

    def encoded(self, rows: AnyArray) -> RecordData:
        """Rows as the fold's networks read them: without a history."""
        encoder, n = self.encoder, rows.shape[0]
        columns = [self.file.numeric.index(name) for name in encoder.numeric]
        numbers = np.clip(rows["numbers"][:, columns], -LARGEST, LARGEST)
        codes = np.empty((n, len(encoder.categorical)), dtype=np.int64)
        for place, table in enumerate(self._codes):
            column = self.file.categorical.index(encoder.categorical[place])
            codes[:, place] = table[rows["codes"][:, column]]
        features = encoder_rows.features(encoder, numbers, codes)
        offset = linear_predictor(self.start, features)
        return RecordData(
            features=features,
            sequence=np.zeros((n, 0, 0), dtype=np.float32),
            offset=offset[:, None].astype(np.float32),
            target=rows[self.label][:, None].astype(np.float32),
            weight=np.ones((n, 1), dtype=np.float32),
            groups=self.groups,
        )

    @cached_property
    def _codes(self) -> list[IntArray]:
        """Per categorical column of the encoder its code of each word, of a missing one and of a new one."""
        tables = []
        for place, name in enumerate(self.encoder.categorical):
            number = encoder_rows.numbering(self.encoder, place)
            new = len(self.encoder.categories[place]) + 1
            words = self.file.words[self.file.categorical.index(name)]
            tables.append(np.array([*(number.get(word, new) for word in (*words, "")), new], dtype=np.int64))
        return tables

    def _usable(self, rows: AnyArray) -> BoolArray:
        beyond = rows["place"] < 0
        usable: BoolArray = beyond & np.isfinite(rows[self.label]) & np.isin(rows["vintage"], self.vintages)
        if self.cut is not None:
            usable &= rows["label_time"] <= self.cut
        usable[~beyond] = self.fit[rows["place"][~beyond]]
        return usable


def streamed_rows(bench: Bench, part: BagPart, start: LogisticParameters) -> FoldRows | None:
    """What the networks of a part are fitted on, from `start`; None where all records are in memory."""
    if bench.beyond is None:
        return None
    fold, vintage = bench.fold, bench.beyond.vintage
    fit = np.zeros(vintage.size, dtype=bool)
    fit[part.fit_rows] = True
    at_origin = fold.protocol == "origin"
    return FoldRows(
        file=bench.beyond.file,
        fit=fit,
        vintages=np.unique(vintage[part.fit_rows]),
        cut=int(fold.cut.astype("datetime64[D]").astype(np.int64)) if at_origin else None,
        label="outcome" if fold.protocol == "retrospective" else "label",
        encoder=bench.views.encoder,
        start=start,
        groups=bench.views.feature_groups,
    )
