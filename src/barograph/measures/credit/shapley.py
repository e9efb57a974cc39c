"""Reasons for one record: Shapley values of the served figure by sampled orders of the columns.

Castro, Gómez and Tejada (2009), Polynomial calculation of the Shapley value based on sampling, Computers &
Operations Research 36; Štrumbelj and Kononenko (2014), Explaining prediction models and individual
predictions with feature contributions, Knowledge and Information Systems 41; each order is walked forwards
and backwards (antithetic; Mitchell, Cooper, Frank and Holmes 2022, Sampling permutations for Shapley value
estimation, Journal of Machine Learning Research 23).

A walk starts at a reference record and takes over the record's columns one by one; a column's value is the
mean step of the figure when it is taken over. Every reference record starts equally many walks, so that the
values add up to ``figure(record) - mean figure(reference)`` exactly, not on average.

Records are tables of mixed types. So a plan only says, per composite row and column, whose value to take; the
caller builds the rows and asks for the figure of all of them in one batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from barograph.core.errors import DataError

ROUNDING = 1e-9
"""Largest gap, relative to the figures, that rounding may leave in the sum of the values."""


@dataclass(frozen=True, slots=True, eq=False)
class CompositePlan:
    """Whose value every composite row takes in every column.

    The first row is the record itself, the next ``n_reference`` rows are the reference records, and the rest
    are the inner steps of the walks.
    """

    from_record: BoolArray  # [n_rows, n_columns] True takes the record's value, False the reference's
    reference: IntArray  # [n_rows] which reference record (the first row takes none of it)
    orders: IntArray  # [n_walks, n_columns] columns as they are taken over
    starts: IntArray  # [n_walks] reference record of each walk
    n_reference: int

    @property
    def n_rows(self) -> int:
        """Composite rows: the size of the one batch."""
        return int(self.reference.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class ShapleyValues:
    """What each column adds to a record's figure, beginning at the reference records' mean."""

    values: FloatArray  # [..., n_columns]
    base: FloatArray  # [...] mean figure of the reference records
    figure: FloatArray  # [...] of the record; base + the sum of values


def composite_plan(
    n_columns: int, n_reference: int, *, permutations: int, rng: np.random.Generator
) -> CompositePlan:
    """The composite rows of sampled orders, each walked forwards and backwards from one reference record.

    Parameters
    ----------
    n_columns, n_reference : int
        At least one each.
    permutations : int
        Orders to draw, rounded up to a multiple of `n_reference`. The batch has ``1 + n_reference +
        2 · orders · (n_columns - 1)`` rows.
    rng : numpy.random.Generator
        Draws the orders; the same state gives the same plan.
    """
    if n_columns < 1 or n_reference < 1 or permutations < 1:
        raise DataError(
            "Shapley values need a column, a reference record and an order",
            came=f"got {n_columns} columns, {n_reference} reference records, {permutations} orders",
            do="Pass at least one of each",
        )
    count = -(-permutations // n_reference) * n_reference
    forward = rng.permuted(np.tile(np.arange(n_columns), (count, 1)), axis=1)
    orders = np.concatenate([forward, forward[:, ::-1]])  # [n_walks, n_columns]
    starts = np.tile(np.arange(n_reference), 2 * count // n_reference)
    place = np.argsort(orders, axis=1)  # when each column is taken over
    steps = np.arange(1, n_columns)  # columns taken over so far, both ends aside
    inner = place[:, None, :] < steps[None, :, None]  # [n_walks, n_columns - 1, n_columns]
    ends = np.concatenate([np.ones((1, n_columns), bool), np.zeros((n_reference, n_columns), bool)])
    return CompositePlan(
        np.concatenate([ends, inner.reshape(-1, n_columns)]),
        np.concatenate([[0], np.arange(n_reference), np.repeat(starts, n_columns - 1)]),
        orders,
        starts,
        n_reference,
    )


def shapley_from(figures: AnyArray, plan: CompositePlan) -> ShapleyValues:
    """The values from the figures of a plan's composite rows.

    Parameters
    ----------
    figures : array [..., n_rows]
        In the order of the plan; leading axes are records (or several figures) sharing the plan.
    plan : CompositePlan
        What the rows were built from.
    """
    wide = np.asarray(figures, dtype=np.float64)
    if wide.shape[-1] != plan.n_rows:
        raise DataError(
            f"the plan has {plan.n_rows} composite rows, each with one figure",
            came=f"got {wide.shape[-1]} figures",
            do="Ask for the figure of every row of the plan, in its order",
        )
    n_walks, n_columns = plan.orders.shape
    top, bottom = wide[..., 0], wide[..., 1 : 1 + plan.n_reference]
    inner = wide[..., 1 + plan.n_reference :].reshape(*wide.shape[:-1], n_walks, n_columns - 1)
    last = np.broadcast_to(top[..., None, None], (*inner.shape[:-1], 1))
    walks = np.concatenate([bottom[..., plan.starts, None], inner, last], axis=-1)
    steps = np.take_along_axis(
        np.diff(walks, axis=-1),
        np.broadcast_to(np.argsort(plan.orders, axis=1), (*wide.shape[:-1], n_walks, n_columns)),
        axis=-1,
    )
    found = ShapleyValues(steps.mean(axis=-2), bottom.mean(axis=-1), top)
    gap = np.abs(found.base + found.values.sum(axis=-1) - top)
    assert not np.any(gap > ROUNDING * (1.0 + np.abs(wide).max(axis=-1))), "values do not add up"
    return found


def permutation_shapley(
    figure: Callable[[AnyArray], AnyArray],
    record: AnyArray,
    reference: AnyArray,
    *,
    permutations: int,
    rng: np.random.Generator,
) -> ShapleyValues:
    """Shapley values of one record of a matrix, with one call of the figure.

    Parameters
    ----------
    figure : callable
        From rows [n, n_columns] to figures [n].
    record : array [n_columns]
        The record to explain.
    reference : array [n_reference, n_columns]
        Records it is compared with.
    permutations : int
        See `composite_plan`.
    rng : numpy.random.Generator
        Draws the orders.

    Examples
    --------
    >>> found = permutation_shapley(
    ...     lambda rows: rows @ np.array([2.0, 1.0]), np.array([1.0, 3.0]), np.zeros((2, 2)),
    ...     permutations=2, rng=np.random.default_rng(0),
    ... )
    >>> found.values.tolist(), float(found.figure)
    ([2.0, 3.0], 5.0)
    """
    plan = composite_plan(record.shape[0], reference.shape[0], permutations=permutations, rng=rng)
    rows = np.where(plan.from_record, record[None, :], reference[plan.reference])
    return shapley_from(figure(rows), plan)
