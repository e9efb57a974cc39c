"""Outcomes of a separate test file: in training's words, or refused."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from barograph.collect.raw import by_rows
from barograph.collect.records.catalogue import records_from_frame
from barograph.collect.records.target import outcomes_of
from barograph.core.errors import DataError
from barograph.core.scoring_study import RecordsSection

WORDS = (frozenset({"charged off"}), frozenset({"fully paid"}))


def test_training_tells_its_words() -> None:
    status = ["Charged Off", "Fully Paid"] * 100
    frame = pl.DataFrame({"status": status, "x": [float(i % 7) for i in range(200)]})
    made = records_from_frame(frame, RecordsSection(target="status"))
    assert made.outcome_words == WORDS


def test_words_of_training_are_outcomes_and_any_other_is_refused() -> None:
    right = by_rows(pl.DataFrame({"status": ["charged off", None, "Fully Paid"]}), label="test")
    label, _ = outcomes_of(right, "status", positive="Charged Off", loss=False, trained=WORDS)
    assert np.array_equal(np.array([1.0, np.nan, 0.0]), label, equal_nan=True)
    wrong = by_rows(pl.DataFrame({"status": ["Fully Paid", "1", "0"]}), label="test")
    with pytest.raises(DataError, match="2 of 3 rows do not, the first in row 2 with '1'"):
        outcomes_of(wrong, "status", positive="Charged Off", loss=False, trained=WORDS)


def test_a_loss_beyond_the_exposure_is_refused() -> None:
    raw = by_rows(pl.DataFrame({"loss": [0.5, None, 45.0]}), label="test")
    with pytest.raises(DataError, match="losses given default between 0 and 1"):
        outcomes_of(raw, "loss", positive=None, loss=True)
