"""The packaged card payments: two days of a real stream, every fraud and a sixth of the rest."""

from __future__ import annotations

import importlib.resources

import numpy as np
import polars as pl

from barograph.collect.records.assembly import NO_DAY, Attached, Labelled, records_of, snapshot_of, text_array
from barograph.collect.records.blocks import blocks_of_hours, last_records
from barograph.collect.records.packaged import refuse_window, split_features
from barograph.core.notes import noted
from barograph.core.record_table import RecordSchema, RecordSnapshot
from barograph.core.scoring_study import RecordsSection
from barograph.measures.alerts import sampling_weights

ULB_FILE = "card_fraud_ulb.parquet"
TARGET, SECONDS, AMOUNT, LOG_AMOUNT = "is_fraud", "time_s", "amount", "log_amount"
FIRST_DAY = np.datetime64("2013-09-01", "s")
CHANNELS = ("v1", "v2", "v3", "v4", "v10", "v12", "v14", "v17", LOG_AMOUNT)
PACE, PACE_STEPS = "span_100_s", 100
LEGITIMATE, KEPT = 284_315, 47_386
"""Legitimate payments of the whole file, and of this cut of it."""
LICENCE = noted("notes.source.ulb_licence")
NOTES = (
    noted("notes.source.ulb_weights", n=LEGITIMATE, kept=KEPT),
    noted("notes.source.ulb_days", day=FIRST_DAY.astype("datetime64[D]")),
    noted("notes.source.ulb_labels"),
    noted("notes.source.ulb_pace", column=PACE, steps=PACE_STEPS),
    noted("notes.source.ulb_gap"),
    noted("notes.source.ulb_history"),
)


def read_cards(section: RecordsSection, seed: int) -> RecordSnapshot:
    """The packaged card payments: fraud = 1, with weights that undo the sampling, amounts in EUR.

    No card, merchant or calendar is known, so groups are unique; `collect.block_hours` (1 if it is 0) cuts
    the stream into vintages.
    """
    file = importlib.resources.files("barograph.collect") / "samples" / ULB_FILE
    return cards_of(pl.read_parquet(file.read_bytes()), section, seed)


def cards_of(table: pl.DataFrame, section: RecordsSection, seed: int) -> RecordSnapshot:
    """The records of the sample's table, whose rows are in order of time."""
    features = _features(table)
    values, protected = split_features(features, section)
    refuse_window(section, why="the days of these records are made up, only their order is real")
    n, steps = table.height, section.stream_steps
    label = table[TARGET].cast(pl.Float64).to_numpy()
    time = FIRST_DAY + table[SECONDS].cast(pl.Int64).to_numpy().astype("timedelta64[s]")
    vintage = blocks_of_hours(time, section.block_hours or 1)
    came = Labelled(time, vintage, label, time, label, np.full(n, NO_DAY))
    read = {name: features[name] for name in CHANNELS} if steps else {}
    attached = Attached(
        record_id=np.array([f"ulb-{row}" for row in range(1, n + 1)], dtype=object),
        amount=features[AMOUNT].to_numpy().copy(),
        sequence=last_records(read, steps) if read else None,
        channels=tuple(read),
        protected={name: text_array(column) for name, column in protected.items()},
        weight=sampling_weights(label, KEPT / LEGITIMATE),
    )
    records = records_of(values, came, attached)
    schema = RecordSchema(
        records.numeric,
        records.categorical,
        sequence={name: (name,) for name in read},
        stream_steps=steps if read else 0,
        amount=AMOUNT,
    )
    return snapshot_of(records, schema, section, seed=seed, licence=LICENCE, notes=NOTES)


def _features(table: pl.DataFrame) -> dict[str, pl.Series]:
    """Principal components, amount and pace, Float64."""
    components = [name for name in table.columns if name not in (TARGET, SECONDS, AMOUNT)]
    features = {name: table[name].cast(pl.Float64) for name in components}
    features[AMOUNT] = table[AMOUNT].cast(pl.Float64)
    features[LOG_AMOUNT] = features[AMOUNT].log1p()
    features[PACE] = table[SECONDS].cast(pl.Float64).diff(PACE_STEPS)
    return {name: values.alias(name) for name, values in features.items()}
