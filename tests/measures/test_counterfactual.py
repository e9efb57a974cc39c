"""Counterfactuals hold, are the nearest there are, touch nothing frozen, and are empty where none exists."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.errors import DataError
from barograph.measures.credit.counterfactual import Changes, counterfactuals

RECORD = {"amount": 50.0, "years": 1.0, "sector": "shop", "age": 30.0}
CANDIDATES: dict[str, Sequence[Any]] = {
    "amount": [10.0, 20.0, 30.0, 40.0, 50.0],
    "years": [1.0, 2.0, 5.0, None],
    "sector": ["shop", "farm", "mine"],
    "age": [20.0, 60.0],
}
SPREAD = {"amount": 10.0, "years": 2.0, "age": 10.0}
SECTORS = {"shop": 0.10, "farm": 0.04, "mine": 0.12}


class Lender:
    """A figure that adds up, and counts how often it was asked."""

    def __init__(self, record: dict[str, Any] | None = None) -> None:
        self.record, self.batches = record or RECORD, 0

    def one(self, changes: Changes) -> float:
        row = self.record | changes
        years = 0.0 if row["years"] is None else row["years"]
        return 0.002 * row["amount"] - 0.01 * years + SECTORS[row["sector"]] - 0.001 * row["age"]

    def __call__(self, changes: Sequence[Changes]) -> np.ndarray:
        self.batches += 1
        return np.array([self.one(each) for each in changes])


def nearest_by_enumeration(lender: Lender, threshold: float, changed: int) -> float:
    """Smallest distance of any successful set of so many changes."""
    best = np.inf
    for columns in itertools.combinations(CANDIDATES, changed):
        for values in itertools.product(*(CANDIDATES[name] for name in columns)):
            changes = dict(zip(columns, values, strict=True))
            if any(RECORD[name] == value for name, value in changes.items()):
                continue
            if lender.one(changes) < threshold:
                far = sum(
                    1.0 if name not in SPREAD or value is None else abs(value - RECORD[name]) / SPREAD[name]
                    for name, value in changes.items()
                )
                best = min(best, far)
    return best


@given(st.floats(-0.05, 0.16))
def test_what_is_suggested_holds_and_the_first_needs_the_fewest_changes(threshold: float) -> None:
    lender = Lender()
    found = counterfactuals(lender, RECORD, CANDIDATES, threshold=threshold, spread=SPREAD)
    assert len(found) <= 2
    for one in found:
        assert one.figure == pytest.approx(lender.one(one.changes))
        assert one.figure < threshold
        assert all(RECORD[name] != value for name, value in one.changes.items())
    sizes = [len(one.changes) for one in found]
    assert sizes == sorted(sizes)
    reachable = [size for size in (1, 2) if np.isfinite(nearest_by_enumeration(lender, threshold, size))]
    assert bool(found) == bool(reachable)
    if found:
        assert sizes[0] == reachable[0]
    if sizes[:1] == [1]:
        assert found[0].distance == pytest.approx(nearest_by_enumeration(lender, threshold, 1))


def test_single_changes_come_nearest_first_and_from_different_columns() -> None:
    found = counterfactuals(Lender(), RECORD, CANDIDATES, threshold=0.119, spread=SPREAD)
    assert [one.changes for one in found] == [{"sector": "farm"}, {"amount": 20.0}]
    assert [one.distance for one in found] == [1.0, 3.0]


def test_two_changes_where_one_is_not_enough() -> None:
    lender = Lender()
    found = counterfactuals(lender, RECORD, CANDIDATES, threshold=0.059, spread=SPREAD)
    assert [sorted(one.changes) for one in found] == [["amount", "sector"], ["amount", "years"]]
    assert lender.batches == 2
    assert found[0].distance == pytest.approx(nearest_by_enumeration(lender, 0.059, 2))


def test_frozen_columns_are_left_alone() -> None:
    found = counterfactuals(
        Lender(), RECORD, CANDIDATES, threshold=0.06, spread=SPREAD, frozen=("sector",), limit=50
    )
    assert found
    assert all("sector" not in one.changes for one in found)


def test_none_found_is_empty_and_so_is_no_need() -> None:
    assert counterfactuals(Lender(), RECORD, CANDIDATES, threshold=-5.0, spread=SPREAD) == ()
    assert counterfactuals(Lender(), RECORD, CANDIDATES, threshold=0.5, spread=SPREAD) == ()
    assert counterfactuals(Lender(), RECORD, {}, threshold=0.1, spread=SPREAD) == ()
    one_at_a_time = {"threshold": 0.06, "spread": SPREAD, "max_changes": 1}
    assert counterfactuals(Lender(), RECORD, CANDIDATES, **one_at_a_time) == ()


def test_three_changes_when_allowed() -> None:
    settings = {"threshold": -0.01, "spread": SPREAD}
    assert counterfactuals(Lender(), RECORD, CANDIDATES, **settings) == ()
    (first, *_) = counterfactuals(Lender(), RECORD, CANDIDATES, max_changes=3, **settings)
    assert len(first.changes) == 3


def test_a_missing_value_may_change_and_is_no_change_to_itself() -> None:
    record = RECORD | {"years": float("nan")}
    lender = Lender(record | {"years": None})
    found = counterfactuals(lender, record, {"years": [None, 5.0]}, threshold=0.14, spread=SPREAD)
    assert [one.changes for one in found] == [{"years": 5.0}]
    assert found[0].distance == 1.0


def test_a_column_that_the_record_lacks_is_named() -> None:
    with pytest.raises(DataError, match="income"):
        counterfactuals(Lender(), RECORD, {"income": [1.0]}, threshold=0.1, spread={})
