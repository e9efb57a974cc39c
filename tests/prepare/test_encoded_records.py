"""Views made once of the same records: what the encoder makes of each, in blocks too; texts numbered."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from prepare_records import NO_DAY, made_records

from barograph.core.errors import DataError
from barograph.core.record_table import Records
from barograph.core.scoring_study import EncodeSection
from barograph.prepare import encoder
from barograph.prepare.encoded import EncodedRecords
from barograph.prepare.encoder_fit import fit_encoder
from barograph.prepare.record_columns import MANY, numbered, numbered_texts, texts

VIEWS = ("features", "plain", "coded", "steps")
WORDS = {"": 4, "a": 0, "b": 1, "c": 1}


def made(rows: int) -> Records:
    random = np.random.default_rng(rows)
    return made_records(
        {"x": [None, *random.normal(size=rows - 1).tolist()]},
        {"u": random.choice(["a", "b", "c", "rare", "new"], rows, p=[0.4, 0.3, 0.28, 0.01, 0.01]).tolist()},
        sequence=random.normal(size=(rows, 3, 1)),
        channels=("p",),
    )


def test_views_and_their_blocks_are_what_the_encoder_makes() -> None:
    section = EncodeSection(bins=4, least_category=2, most_categories=2, limit=2.0)
    records = made(70)
    parameters = fit_encoder(records, np.arange(40), section=section, until=NO_DAY)
    whole = EncodedRecords.of(parameters, records)
    blocks = list(whole.blocks(32))
    assert [block.records.n for block in blocks] == [32, 32, 6]
    for name in VIEWS:
        expected = getattr(encoder, name)(parameters, records)
        np.testing.assert_array_equal(getattr(whole, name), expected)
        np.testing.assert_array_equal(np.concatenate([getattr(one, name) for one in blocks]), expected)
    assert whole.unseen.any()
    (none,) = EncodedRecords.of(parameters, records.rows(0, 0)).blocks(32)
    assert (none.records.n, none.features.shape) == (0, (0, whole.features.shape[1]))
    np.testing.assert_array_equal(whole.unseen, encoder.unseen_columns(parameters, records))
    assert whole.features is whole.features


@pytest.mark.parametrize("kind", [pl.String, pl.Categorical])
def test_many_texts_are_numbered_as_few_are(kind: type[pl.DataType]) -> None:
    word = pl.Series("u", ["a", None, "", "c", "other", "b"], dtype=pl.String)
    many = pl.DataFrame([pl.concat([word] * (MANY // 3)).cast(kind)])
    few = many.head(6)
    expected = [0, 4, 4, 1, 9, 1]
    assert numbered_texts(few, "u", WORDS, otherwise=9).tolist() == expected
    found = numbered_texts(many, "u", WORDS, otherwise=9)
    assert found.tolist() == expected * (MANY // 3)
    np.testing.assert_array_equal(found, numbered(texts(many, "u"), WORDS, otherwise=9))
    nothing = pl.DataFrame({"u": [None] * MANY})
    assert set(numbered_texts(nothing, "u", WORDS, otherwise=9).tolist()) == {4}
    assert set(numbered_texts(many, "u", {}, otherwise=9).tolist()) == {9}


@pytest.mark.parametrize("rows", [3, MANY])
def test_numbers_where_texts_belong_are_refused(rows: int) -> None:
    with pytest.raises(DataError, match="must hold text"):
        numbered_texts(pl.DataFrame({"u": [1.0] * rows}), "u", WORDS, otherwise=9)
    with pytest.raises(DataError, match="must carry the column 'v'"):
        numbered_texts(pl.DataFrame({"u": ["a"] * rows}), "v", WORDS, otherwise=9)


def test_consecutive_records_are_views_of_what_taking_them_copies() -> None:
    records = made(9)
    for start, stop in ((0, 4), (4, 9), (7, 20), (9, 12)):
        part = records.rows(start, stop)
        taken = records.take(np.arange(start, min(stop, 9)))
        assert part.table.equals(taken.table)
        assert part.n == taken.n
        np.testing.assert_array_equal(part.sequence, taken.sequence)
        np.testing.assert_array_equal(part.record_id, taken.record_id)
        assert part.n == 0 or np.shares_memory(part.sequence, records.sequence)
