"""Categories counted as models read them."""

from __future__ import annotations

import pytest

from barograph.core.blanks import NO_CATEGORY
from barograph.govern.monitors import Profile, profile_of


def profile() -> Profile:
    categories = {"purpose": {"car": 0.5, "": 0.25, "true": 0.125, "7": 0.125, "other": 0.0}}
    return profile_of({"levels": [0.0, 1.0], "rows": 8, "numeric": {}, "categorical": categories})


@pytest.mark.parametrize("word", [None, float("nan"), *NO_CATEGORY, "NA", " n/a ", "NULL"], ids=repr)
def test_a_category_that_says_nothing_is_counted_as_missing(word: object) -> None:
    cells = profile().inputs["purpose"]
    assert cells.cell(word) == "missing"
    assert cells.shares["missing"] == 0.25


@pytest.mark.parametrize(
    ("given", "cell"),
    [(True, "true"), ("TRUE", "true"), (7, "7"), (7.0, "7"), (" car ", "car"), ("boat", "other")],
)
def test_a_category_is_counted_as_models_read_it(given: object, cell: str) -> None:
    assert profile().inputs["purpose"].cell(given) == cell
