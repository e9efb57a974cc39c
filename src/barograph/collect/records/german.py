"""The German credit sample: 1,000 applicants without a time."""

from __future__ import annotations

import importlib.resources

import numpy as np
import polars as pl

from barograph.collect.records.assembly import NO_DAY, Attached, Labelled, records_of, snapshot_of, text_array
from barograph.collect.records.packaged import refuse_window, split_features
from barograph.core.notes import noted
from barograph.core.record_table import RecordSchema, RecordSnapshot
from barograph.core.scoring_study import RecordsSection

GERMAN_FILE = "german_credit.parquet"
TARGET, AMOUNT = "creditability", "credit_amount"
LICENCE = noted("notes.source.german_licence")
NOTES = (
    noted("notes.source.german_sampled"),
    noted("notes.source.german_protected"),
)


def read_german(section: RecordsSection, seed: int) -> RecordSnapshot:
    """The German credit sample: bad = 1, no time, amounts in DM."""
    refuse_window(section)
    file = importlib.resources.files("barograph.collect") / "samples" / GERMAN_FILE
    table = pl.read_parquet(file.read_bytes())
    features = {
        name: table[name].cast(pl.Float64 if table[name].dtype.is_numeric() else pl.String)
        for name in table.columns
        if name != TARGET
    }
    values, protected = split_features(features, section)
    n = table.height
    label = (table[TARGET].cast(pl.String) == "bad").cast(pl.Float64).to_numpy()
    no_day = np.full(n, NO_DAY)
    came = Labelled(no_day, np.zeros(n, dtype=np.int64), label, no_day, label, no_day)
    attached = Attached(
        record_id=np.array([str(row) for row in range(1, n + 1)], dtype=object),
        amount=features[AMOUNT].to_numpy().copy(),
        protected={name: text_array(column) for name, column in protected.items()},
    )
    records = records_of(values, came, attached)
    schema = RecordSchema(records.numeric, records.categorical, amount=AMOUNT)
    return snapshot_of(records, schema, section, seed=seed, licence=LICENCE, notes=NOTES)
