"""Records and every view of them, each made once, when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from barograph.core.arrays import BoolArray, FloatArray, IntArray
from barograph.core.fitted_records import EncoderParameters
from barograph.core.record_table import Records
from barograph.prepare import encoder, encoder_rows
from barograph.prepare.encoder_rows import Float32Array
from barograph.prepare.record_columns import numbers


@dataclass(frozen=True, eq=False)
class EncodedRecords:
    """What the parts of a bundle read of the same records (see `prepare.encoder` for each view)."""

    parameters: EncoderParameters
    records: Records  # [n] with everything that the encoder reads
    numbers: FloatArray  # [n, n_numeric], NaN where missing
    codes: IntArray  # [n, n_categorical], see `encoder.codes`

    @classmethod
    def of(cls, parameters: EncoderParameters, records: Records) -> EncodedRecords:
        """Raises `DataError` if a column is absent, or of another type than in training."""
        given = numbers(records.table, parameters.numeric)
        return cls(parameters, records, given, encoder.codes(parameters, records))

    def blocks(self, rows: int) -> Iterator[EncodedRecords]:
        """The same, at most so many records at a time."""
        for start in range(0, max(self.records.n, 1), rows):
            within = slice(start, start + rows)
            some = self.records.rows(start, start + rows)
            yield EncodedRecords(self.parameters, some, self.numbers[within], self.codes[within])

    @cached_property
    def features(self) -> Float32Array:
        """What networks see, [n, n_features]."""
        return encoder_rows.features(self.parameters, self.numbers, self.codes)

    @cached_property
    def plain(self) -> FloatArray:
        """What linear models see, [n, n_plain]."""
        return encoder_rows.plain(self.parameters, self.numbers, self.codes)

    @cached_property
    def coded(self) -> Float32Array:
        """What trees see, [n, n_numeric + n_categorical]."""
        return encoder_rows.coded(self.parameters, self.numbers, self.codes)

    @cached_property
    def steps(self) -> Float32Array:
        """What sequence networks see, [n, T, C]."""
        return encoder.steps(self.parameters, self.records)

    @cached_property
    def unseen(self) -> BoolArray:
        """Which categories training never had, [n, n_categorical]."""
        return encoder.new_categories(self.parameters, self.codes)
