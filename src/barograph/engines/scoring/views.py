"""One fold's records as the models see them: encoded on its training rows alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted_records import EncoderParameters
from barograph.core.record_table import Records
from barograph.core.scored import RecordFold
from barograph.core.scoring_study import EncodeSection
from barograph.engines.scoring.feature_columns import FeatureModel, column_names
from barograph.prepare import encoder
from barograph.prepare.encoded import EncodedRecords
from barograph.prepare.encoder_fit import fit_encoder
from barograph.prepare.encoder_rows import Float32Array


@dataclass(frozen=True, slots=True, eq=False)
class FoldViews:
    """Every view of the records a fold needs; rows of the arrays are those of `rows`."""

    rows: IntArray  # [n] places in the study's records, ascending
    encoder: EncoderParameters
    features: Float32Array  # [n, F]
    plain: FloatArray  # [n, P]
    coded: Float32Array  # [n, columns]
    steps: Float32Array  # [n, T, C]
    table: pl.DataFrame  # [n] the columns as they came, for the scorecard
    label: FloatArray  # [n]
    feature: FeatureModel | None = None  # whose score has joined the features

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of `features`."""
        return encoder.feature_names(self.encoder) + (() if self.feature is None else column_names())

    @property
    def feature_groups(self) -> tuple[int, ...]:
        """How many columns of `features` each source column has, in their order."""
        widths = tuple(encoder.feature_groups(self.encoder).values())
        return widths + (() if self.feature is None else (len(column_names()),))

    def without_feature(self) -> FoldViews:
        """The same without the score."""
        width = len(encoder.feature_names(self.encoder))
        return replace(self, features=self.features[:, :width], feature=None)

    def places(self, rows: IntArray) -> IntArray:
        """Where records of the study lie in these arrays."""
        return np.searchsorted(self.rows, rows).astype(np.int64)

    def only(self, *names: str) -> FoldViews:
        """The same rows with some of the views, every other one without columns: what a task carries."""
        without = {
            name: getattr(self, name)[:, :0]
            for name in ("features", "plain", "coded", "steps")
            if name not in names
        }
        return replace(self, table=self.table if "table" in names else pl.DataFrame(), **without)

    def for_trees(self, places: IntArray) -> FoldViews:
        """What trees read of some rows, in the order given."""
        lean = self.only("coded")
        arrays = ("rows", "features", "plain", "coded", "steps", "label")
        return replace(lean, **{name: getattr(lean, name)[places] for name in arrays})


def training_rows(fold: RecordFold) -> IntArray:
    """Every row the fold may fit on or hold out, ascending."""
    parts = [np.concatenate([part.fit_rows, part.holdout_rows]) for part in fold.parts]
    return np.unique(np.concatenate(parts))


def encoding_rows(fold: RecordFold) -> IntArray:
    """Rows the encoder is fitted on: what is fitted on, or all training rows where parts take turns."""
    return fold.parts[0].fit_rows if len(fold.parts) == 1 else training_rows(fold)


def fold_views(
    records: Records,
    fold: RecordFold,
    label: FloatArray,
    *,
    section: EncodeSection,
    also: IntArray,
    with_steps: bool,
) -> FoldViews:
    """Fit the encoder on the fold's training rows and encode whatever the fold needs.

    Parameters
    ----------
    records : Records
    fold : RecordFold
    label : FloatArray [n]
        What the protocol trains on (`evaluate.records.plan.labels_of`).
    section : EncodeSection
    also : IntArray
        Further rows that models are asked about or fitted on (loans still running).
    with_steps : bool
        Whether a network reads the history; left out otherwise, for it is large.
    """
    fitted_on = encoding_rows(fold)
    until = fold.cut
    if fold.protocol != "origin" and records.has_time:
        until = records.time[fitted_on].max()
    lean = records if with_steps else replace(records, sequence=records.sequence[:, :0], channels=())
    parameters = fit_encoder(lean, fitted_on, section=section, until=until)
    if fold.protocol == "origin":
        encoder.refuse_fit_window(parameters, lean.take(fold.test_rows))
    rows = np.unique(np.concatenate([training_rows(fold), fold.test_rows, also]))
    chosen = lean.take(rows)
    seen = EncodedRecords.of(parameters, chosen)
    return FoldViews(
        rows=rows,
        encoder=parameters,
        features=seen.features,
        plain=seen.plain,
        coded=seen.coded,
        steps=seen.steps,
        table=chosen.table,
        label=label[rows],
    )
