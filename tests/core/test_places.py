"""Places chosen evenly from a row."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.places import evenly


@given(n=st.integers(0, 5000), most=st.integers(2, 300))
def test_places_are_distinct_ascending_as_many_as_asked_and_evenly_apart(n: int, most: int) -> None:
    places = evenly(n, most)
    assert places.size == min(n, most)
    gaps = np.diff(places)
    assert (gaps >= 1).all()
    if n:
        assert places[0] == 0
    if n > 1:
        assert places[-1] == n - 1
        assert np.ptp(gaps) <= 1


def test_one_place_is_the_first() -> None:
    assert evenly(5, 1).tolist() == [0]
