"""Stability indices: by hand, by their symmetry, and what sampling alone adds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.errors import DataError
from barograph.measures.credit.stability import FLOOR, csi, psi, psi_of

COUNTS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=12).filter(
    lambda cells: sum(cell[0] for cell in cells) and sum(cell[1] for cell in cells)
)


@given(COUNTS)
def test_the_index_is_symmetric_not_negative_and_the_sum_of_its_terms(cells):
    before, after = np.array(cells).T
    found, turned = psi(before, after), psi(after, before)
    assert found.index == pytest.approx(turned.index)
    assert found.index == pytest.approx(found.terms.sum())
    assert (found.terms >= 0.0).all()
    assert psi(before, before).index == 0.0
    assert psi(3 * before, 7 * after).index == pytest.approx(found.index)


def test_an_empty_cell_counts_with_the_floor():
    found = psi([50, 50, 0], [40, 40, 20])
    assert found.terms[2] == pytest.approx((0.2 - FLOOR) * math.log(0.2 / FLOOR))
    assert psi([50, 50, 0], [40, 40, 20], floor=0.01).index < found.index


@pytest.mark.parametrize(
    ("after", "band"), [([50, 50], "stable"), ([68, 32], "watch"), ([80, 20], "shifted"), ([0, 0], "unknown")]
)
def test_the_bands_begin_where_they_say(after, band):
    assert psi([50, 50], after).band == band


def test_a_number_is_binned_by_its_edges_with_missing_values_apart():
    found = psi_of([1.0, 2.0, 3.0, np.nan], [2.0, 2.5, np.nan, np.nan], [2.0, 3.0])
    assert found.terms == pytest.approx(psi([1, 1, 1, 1], [0, 2, 0, 2]).terms)


def test_categories_are_matched_by_name_new_and_missing_ones_too():
    found = csi(["a", "a", "b", None], ["b", "c", "a", "a"])
    assert found.terms == pytest.approx(psi([1, 2, 1, 0], [0, 2, 1, 1]).terms)  # None, a, b, c


def test_what_has_no_cells_is_refused():
    with pytest.raises(DataError, match="must not be negative"):
        psi([1, -1], [1, 1])
    with pytest.raises(DataError, match="edges must ascend"):
        psi_of([1.0], [1.0], [2.0, 2.0])
    with pytest.raises(DataError, match="one value per record"):
        psi([1, 2], [1, 2, 3])


def test_sampling_alone_adds_what_the_docstring_says():
    random, share = np.random.default_rng(0), np.full(10, 0.1)
    found = [psi(random.multinomial(800, share), random.multinomial(400, share)).index for _ in range(400)]
    assert np.mean(found) == pytest.approx(9 * (1 / 800 + 1 / 400), rel=0.1)
