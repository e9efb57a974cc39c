"""The packaged card payments against the file they come from, read here with plain loops."""

from __future__ import annotations

import datetime
import importlib.resources
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph.collect.records import load_records, open_records, read_request, save_records
from barograph.collect.records.ulb import cards_of
from barograph.core.errors import SettingError
from barograph.core.record_table import RecordSnapshot
from barograph.core.scoring_study import RecordsSection
from barograph.measures.credit.discrimination import auc

FILE = importlib.resources.files("barograph.collect") / "samples" / "card_fraud_ulb.parquet"
STEPS = 20
CHANNELS = ("v1", "v2", "v3", "v4", "v10", "v12", "v14", "v17", "log_amount")


def read(**section: object) -> RecordSnapshot:
    return open_records(RecordsSection.model_validate({"source": "card-fraud-ulb", **section})).read()


@pytest.fixture(scope="module")
def cards() -> RecordSnapshot:
    return read()


@pytest.fixture(scope="module")
def rows() -> list[dict]:
    return pl.read_parquet(FILE.read_bytes()).rows(named=True)


def test_no_row_is_lost_and_each_keeps_its_label_and_amount(cards: RecordSnapshot, rows: list[dict]) -> None:
    records = cards.records
    assert records.n == cards.provenance.rows == len(rows) == 47_878
    assert records.label.sum() == 492
    assert records.label.tolist() == records.outcome.tolist() == [row["is_fraud"] for row in rows]
    assert records.amount.tolist() == [row["amount"] for row in rows]
    assert len(set(records.record_id)) == len(set(records.group.tolist())) == records.n
    assert records.record_id[0] == "ulb-1"


def test_weights_undo_the_sampling(cards: RecordSnapshot) -> None:
    weight, label = cards.records.weight, cards.records.label
    assert weight is not None
    assert weight.sum() == pytest.approx(284_807, abs=1e-6)
    assert set(weight[label == 1]) == {1.0}
    assert weight[label == 1].sum() / weight.sum() == pytest.approx(492 / 284_807, rel=1e-12)


def test_features_are_what_the_file_holds(cards: RecordSnapshot, rows: list[dict]) -> None:
    records = cards.records
    assert records.columns == (
        *(f"v{number}" for number in range(1, 29)),
        *("amount", "log_amount", "span_100_s"),
    )
    assert records.categorical == ()
    for place in range(0, records.n, 997):
        got, row = records.table.row(place, named=True), rows[place]
        assert all(got[f"v{number}"] == row[f"v{number}"] for number in range(1, 29))
        assert got["log_amount"] == pytest.approx(math.log(1 + row["amount"]), rel=1e-12)
        if place < 100:
            assert got["span_100_s"] is None
        else:
            assert got["span_100_s"] == row["time_s"] - rows[place - 100]["time_s"]
    assert records.table["span_100_s"].null_count() == 100


def test_time_is_the_order_of_the_stream(cards: RecordSnapshot, rows: list[dict]) -> None:
    records = cards.records
    assert records.vintage.tolist() == [row["time_s"] // 3600 for row in rows]
    assert sorted(set(records.vintage.tolist())) == list(range(48))
    made_up = datetime.datetime(2013, 9, 1)
    moments = [made_up + datetime.timedelta(seconds=row["time_s"]) for row in rows]
    assert records.time.tolist() == records.label_time.tolist() == moments
    assert np.isnat(records.event_time).all()
    assert cards.events is None


def test_a_step_of_the_sequence_is_the_payment_so_many_before(
    cards: RecordSnapshot, rows: list[dict]
) -> None:
    records = cards.records
    assert records.sequence.shape == (47_878, STEPS, len(CHANNELS))
    assert records.channels == CHANNELS
    for place in (0, 1, 18, 19, 20, 30_000, 47_877):
        for step in range(STEPS):
            source = place - (STEPS - 1 - step)
            for number, name in enumerate(CHANNELS):
                got = records.sequence[place, step, number]
                if source < 0:
                    assert np.isnan(got)
                elif name == "log_amount":
                    assert got == pytest.approx(math.log(1 + rows[source]["amount"]), rel=1e-12)
                else:
                    assert got == rows[source][name]


def test_a_payment_changes_no_feature_or_step_before_it(cards: RecordSnapshot) -> None:
    place = 40_000
    table = pl.read_parquet(FILE.read_bytes())
    late = pl.int_range(pl.len()) >= place
    changed = [
        pl.when(late).then(pl.col(name) * 3 + 1).otherwise(pl.col(name)).cast(kind).alias(name)
        for name, kind in table.schema.items()
        if name not in ("time_s", "is_fraud")
    ]
    spoilt = table.with_columns(*changed, time_s=pl.when(late).then(172_799).otherwise("time_s"))
    section = RecordsSection(source="card-fraud-ulb")
    after, before = cards_of(spoilt, section, 0).records, cards.records
    assert before.table[:place].equals(after.table[:place], null_equal=True)
    np.testing.assert_array_equal(before.sequence[:place], after.sequence[:place])
    assert (before.sequence[place] != after.sequence[place]).any()


def test_the_wait_that_the_sampling_gives_away_is_no_feature(cards: RecordSnapshot, rows: list[dict]) -> None:
    seconds, label = np.array([row["time_s"] for row in rows], dtype=float), cards.records.label
    wait, span = np.diff(seconds)[19:], seconds[20:] - seconds[:-20]
    assert auc(label[20:], -wait / np.maximum(span, 1)) > 0.70
    pace = cards.records.table["span_100_s"].to_numpy()[100:]
    assert 0.5 < auc(label[100:], pace) < 0.60
    assert "short wait gives them away" in " ".join(cards.notes)


def test_they_come_back_from_disk_with_their_weights(cards: RecordSnapshot, tmp_path: Path) -> None:
    part = read(share=0.02)
    save_records(part, tmp_path)
    back = load_records(tmp_path).records
    np.testing.assert_array_equal(back.weight, part.records.weight)
    np.testing.assert_array_equal(back.sequence, part.records.sequence)


def test_a_request_is_read_as_a_part_of_the_stream(cards: RecordSnapshot) -> None:
    """Twenty payments in a row: the last knows the nineteen before it, the first knows none."""
    schema, records, place = cards.schema, cards.records, 12_345
    asked, _ = read_request(records.table[place - STEPS + 1 : place + 1], schema)
    np.testing.assert_array_equal(asked.sequence[-1], records.sequence[place])
    assert np.isnan(asked.sequence[0, :-1]).all()
    np.testing.assert_array_equal(asked.sequence[0, -1], records.sequence[place - STEPS + 1, -1])
    assert asked.amount[-1] == records.amount[place]


def test_blocks_have_as_many_hours_as_is_asked_and_are_named_by_the_first(rows: list[dict]) -> None:
    records = read(block_hours=6, stream_steps=0).records
    assert records.vintage.tolist() == [row["time_s"] // 3600 // 6 * 6 for row in rows]
    assert records.sequence.shape[1] == 0


def test_columns_can_be_left_out_but_no_window_asked() -> None:
    lean = read(ignore=("amount",), deny={"v4": "tried"}).records
    assert {"amount", "v4"}.isdisjoint(lean.columns)
    assert np.isfinite(lean.amount).all()
    for key in ("since", "until"):
        with pytest.raises(SettingError, match="made up, only their order is real"):
            read(**{key: "2013-09-02"})
