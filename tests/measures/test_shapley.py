"""Permutation Shapley values against the enumeration of all subsets, TreeSHAP, and their axioms."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.core.errors import DataError
from barograph.measures.credit.shapley import composite_plan, permutation_shapley, shapley_from

Figure = Callable[[np.ndarray], np.ndarray]


def exact(figure: Figure, record: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Shapley's own formula: every subset of the other columns, averaged over the reference records."""
    count = record.size

    def worth(taken: tuple[int, ...]) -> float:
        rows = reference.copy()
        rows[:, list(taken)] = record[list(taken)]
        return float(figure(rows).mean())

    values = np.zeros(count)
    for column in range(count):
        others = [other for other in range(count) if other != column]
        for size in range(count):
            weight = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
            for subset in itertools.combinations(others, size):
                values[column] += weight * (worth((*subset, column)) - worth(subset))
    return values


def network(seed: int, n_columns: int) -> Figure:
    """A smooth figure with interactions of every order, between 0 and 1."""
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(n_columns, 6)), rng.normal(size=6)
    return lambda rows: 1 / (1 + np.exp(-np.tanh(rows @ first) @ second))


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 9), st.integers(1, 7), st.integers(1, 20))
def test_values_add_up_to_the_distance_from_the_mean_reference(
    seed: int, n_columns: int, n_reference: int, permutations: int
) -> None:
    rng = np.random.default_rng(seed)
    record, reference = rng.normal(size=n_columns), rng.normal(size=(n_reference, n_columns))
    figure = network(seed, n_columns)
    found = permutation_shapley(figure, record, reference, permutations=permutations, rng=rng)
    assert found.base == pytest.approx(figure(reference).mean(), abs=1e-15)
    assert found.figure == pytest.approx(figure(record[None])[0], abs=1e-15)
    assert found.base + found.values.sum() == pytest.approx(float(found.figure), abs=1e-14)


@pytest.mark.parametrize("n_columns", [1, 2, 4, 6])
def test_many_orders_come_to_the_exact_values(n_columns: int) -> None:
    rng = np.random.default_rng(n_columns)
    record, reference = rng.normal(size=n_columns), rng.normal(size=(5, n_columns))
    figure = network(n_columns, n_columns)
    found = permutation_shapley(figure, record, reference, permutations=4000, rng=rng)
    np.testing.assert_allclose(found.values, exact(figure, record, reference), atol=6e-3)


def test_with_two_columns_an_order_and_its_reverse_are_all_there_is() -> None:
    rng = np.random.default_rng(0)
    record, reference = rng.normal(size=2), rng.normal(size=(3, 2))
    figure = network(1, 2)
    found = permutation_shapley(figure, record, reference, permutations=3, rng=rng)
    np.testing.assert_allclose(found.values, exact(figure, record, reference), atol=1e-15)


def test_a_linear_figure_is_explained_without_error() -> None:
    rng = np.random.default_rng(2)
    weights, record, reference = rng.normal(size=8), rng.normal(size=8), rng.normal(size=(16, 8))
    found = permutation_shapley(lambda rows: rows @ weights, record, reference, permutations=1, rng=rng)
    np.testing.assert_allclose(found.values, weights * (record - reference.mean(axis=0)), atol=1e-13)


def test_a_column_without_influence_gets_nothing_and_equal_ones_get_the_same() -> None:
    rng = np.random.default_rng(3)
    record, reference = np.array([1.0, 1.0, 5.0]), np.zeros((4, 3))
    found = permutation_shapley(
        lambda rows: np.tanh(rows[:, 0] + rows[:, 1]), record, reference, permutations=40, rng=rng
    )
    assert found.values[2] == 0.0
    assert found.values[0] == pytest.approx(found.values[1], abs=1e-12)  # antithetic walks balance them


def test_treeshap_of_a_booster_is_met() -> None:
    """LightGBM's TreeSHAP weighs by its own training paths; with independent columns that agrees."""
    rng = np.random.default_rng(4)
    inputs = rng.normal(size=(4000, 3))
    target = inputs[:, 0] + (inputs[:, 1] > 0) * inputs[:, 0] + 0.5 * inputs[:, 2]
    booster = lightgbm.train(
        {"verbosity": -1, "num_leaves": 8, "seed": 0, "deterministic": True, "num_threads": 1},
        lightgbm.Dataset(inputs, target),
        num_boost_round=40,
    )
    record = np.array([1.2, 0.8, -1.0])
    found = permutation_shapley(
        booster.predict, record, inputs[:1500], permutations=1500, rng=np.random.default_rng(5)
    )
    treeshap = booster.predict(record[None], pred_contrib=True)[0]
    np.testing.assert_allclose(found.values, treeshap[:3], atol=0.12)
    assert found.base == pytest.approx(treeshap[3], abs=0.1)


def test_a_plan_takes_each_reference_equally_often_and_is_one_batch_of_the_size_it_says() -> None:
    plan = composite_plan(5, 6, permutations=7, rng=np.random.default_rng(0))
    assert plan.n_rows == 1 + 6 + 2 * 12 * 4
    assert np.bincount(plan.starts, minlength=6).tolist() == [4] * 6
    assert plan.from_record[0].all()
    assert not plan.from_record[1:7].any()
    inner = plan.from_record[7:].sum(axis=1).reshape(-1, 4)
    assert inner.tolist() == [[1, 2, 3, 4]] * 24
    np.testing.assert_array_equal(np.sort(plan.orders, axis=1), np.tile(np.arange(5), (24, 1)))
    np.testing.assert_array_equal(plan.orders[12:], plan.orders[:12, ::-1])


def test_the_same_generator_state_gives_the_same_plan() -> None:
    one, other = (composite_plan(6, 4, permutations=8, rng=np.random.default_rng(9)) for _ in range(2))
    np.testing.assert_array_equal(one.from_record, other.from_record)


def test_records_of_mixed_types_are_composed_by_the_caller() -> None:
    record = {"amount": 10.0, "sector": "shop", "years": None}
    reference = [
        {"amount": 4.0, "sector": "farm", "years": 3.0},
        {"amount": 6.0, "sector": "shop", "years": 1.0},
    ]

    def figure(row: dict) -> float:
        return row["amount"] * (2.0 if row["sector"] == "shop" else 1.0) + (row["years"] or 20.0)

    plan = composite_plan(3, 2, permutations=300, rng=np.random.default_rng(1))
    names = list(record)
    rows = [
        {name: (record if taken else reference[place])[name] for name, taken in zip(names, mask, strict=True)}
        for mask, place in zip(plan.from_record, plan.reference, strict=True)
    ]
    found = shapley_from(np.array([figure(row) for row in rows]), plan)
    assert found.figure == 40.0
    assert found.base == (7.0 + 13.0) / 2
    np.testing.assert_allclose(found.values, [0.5 * (9.0 + 8.0), 0.5 * 7.0, 18.0], atol=1e-12)


def test_many_records_may_share_a_plan() -> None:
    rng = np.random.default_rng(6)
    plan = composite_plan(4, 3, permutations=6, rng=rng)
    records, reference, figure = rng.normal(size=(5, 4)), rng.normal(size=(3, 4)), network(0, 4)
    figures = np.stack(
        [figure(np.where(plan.from_record, record, reference[plan.reference])) for record in records]
    )
    together = shapley_from(figures, plan)
    for i in range(5):
        np.testing.assert_allclose(together.values[i], shapley_from(figures[i], plan).values, atol=1e-15)


def test_figures_of_another_plan_and_empty_plans_are_refused() -> None:
    plan = composite_plan(3, 2, permutations=2, rng=np.random.default_rng(0))
    with pytest.raises(DataError, match="composite rows"):
        shapley_from(np.zeros(plan.n_rows - 1), plan)
    with pytest.raises(DataError, match="at least one of each"):
        composite_plan(0, 2, permutations=2, rng=np.random.default_rng(0))
