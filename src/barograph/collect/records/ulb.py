"""The packaged card payments: two days of a real stream, every fraud and a sixth of the rest."""

from __future__ import annotations

import importlib.resources
from dataclasses import replace

import numpy as np
import polars as pl

from barograph.collect.records.assembly import NO_DAY, Attached, Labelled, records_of, snapshot_of, text_array
from barograph.collect.records.packaged import refuse_window, split_features
from barograph.core.arrays import FloatArray
from barograph.core.record_table import RecordSchema, RecordSnapshot
from barograph.core.scoring_study import RecordsSection

ULB_FILE = "card_fraud_ulb.parquet"
TARGET, SECONDS, AMOUNT, LOG_AMOUNT = "is_fraud", "time_s", "amount", "log_amount"
FIRST_DAY = np.datetime64("2013-09-01", "D")
HOUR, DAY = 3_600, 86_400
STEPS = 20
CHANNELS = ("v1", "v2", "v3", "v4", "v10", "v12", "v14", "v17", LOG_AMOUNT)
PACE, PACE_STEPS = "span_100_s", 100
LEGITIMATE, KEPT = 284_315, 47_386
"""Legitimate payments of the whole file, and of this cut of it."""
LICENCE = (
    "Worldline and the Machine Learning Group of Université Libre de Bruxelles (Dal Pozzolo, Caelen, "
    "Johnson, Bontempi, 2015); Open Database Licence, Database Contents Licence (from memory): name the "
    "source, share the database alike"
)
NOTES = (
    f"all 492 frauds and every 6th legitimate payment: each of these stands for {LEGITIMATE:,} / {KEPT:,}; "
    "the weights undo it",
    f"the data say seconds since their start only: {FIRST_DAY} is put in as the first day; vintage = hour "
    "of the stream, 0 to 47",
    "the day of a label is the payment's own, for days cannot say less: a block must train on earlier "
    "hours only",
    f"{PACE} = seconds since the {PACE_STEPS}th payment before, which shows how busy the hour is",
    "seconds since the payment just before are left out: frauds were kept besides every 6th payment, so a "
    "short wait gives them away (AUC .63 alone, .73 relative to the pace; .45 and .48 in the whole stream)",
    f"sequence: the last {STEPS} payments of the stream, this one included, whoever paid; earlier frauds are "
    "six times as dense there as in truth",
)


def read_cards(section: RecordsSection, seed: int) -> RecordSnapshot:
    """The packaged card payments: fraud = 1, with weights that undo the sampling, amounts in EUR.

    No card, merchant or calendar is known, so groups are unique and `vintage` is the hour of the stream.
    """
    file = importlib.resources.files("barograph.collect") / "samples" / ULB_FILE
    return cards_of(pl.read_parquet(file.read_bytes()), section, seed)


def cards_of(table: pl.DataFrame, section: RecordsSection, seed: int) -> RecordSnapshot:
    """The records of the sample's table, whose rows are in order of time."""
    features = _features(table)
    values, protected = split_features(features, section)
    refuse_window(section, why="the days of these records are made up, only their order is real")
    n, seconds = table.height, table[SECONDS].cast(pl.Int64).to_numpy()
    label = table[TARGET].cast(pl.Float64).to_numpy()
    day = FIRST_DAY + (seconds // DAY).astype("timedelta64[D]")
    came = Labelled(day, seconds // HOUR, label, day, label, np.full(n, NO_DAY))
    attached = Attached(
        record_id=np.array([f"ulb-{row}" for row in range(1, n + 1)], dtype=object),
        amount=features[AMOUNT].to_numpy().copy(),
        sequence=_last_payments(features),
        channels=CHANNELS,
        protected={name: text_array(column) for name, column in protected.items()},
    )
    weight = np.where(label == 1, 1.0, LEGITIMATE / KEPT)
    records = replace(records_of(values, came, attached), weight=weight)
    schema = RecordSchema(records.numeric, records.categorical, sequence=_step_columns(), amount=AMOUNT)
    return snapshot_of(records, schema, section, seed=seed, licence=LICENCE, notes=NOTES)


def _features(table: pl.DataFrame) -> dict[str, pl.Series]:
    """Principal components, amount and pace, Float64."""
    components = [name for name in table.columns if name not in (TARGET, SECONDS, AMOUNT)]
    features = {name: table[name].cast(pl.Float64) for name in components}
    features[AMOUNT] = table[AMOUNT].cast(pl.Float64)
    features[LOG_AMOUNT] = features[AMOUNT].log1p()
    features[PACE] = table[SECONDS].cast(pl.Float64).diff(PACE_STEPS)
    return {name: values.alias(name) for name, values in features.items()}


def _last_payments(features: dict[str, pl.Series]) -> FloatArray:
    """[n, STEPS, channels] the payments up to each one, itself the last; NaN before the stream begins."""
    values = np.stack([features[name].to_numpy() for name in CHANNELS], axis=1)
    before = np.full((STEPS - 1, len(CHANNELS)), np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(np.concatenate([before, values]), STEPS, axis=0)
    return np.ascontiguousarray(windows.transpose(0, 2, 1))


def _step_columns() -> dict[str, tuple[str, ...]]:
    """How a request names the steps of each channel: v1_19_before … v1_1_before, v1."""
    earlier = range(STEPS - 1, 0, -1)
    return {name: (*(f"{name}_{step}_before" for step in earlier), name) for name in CHANNELS}
