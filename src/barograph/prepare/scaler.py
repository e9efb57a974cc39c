"""Standardised inputs: mean and standard deviation of a training window, remembered with the day it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import DateArray, FloatArray
from barograph.core.errors import LeakError
from barograph.core.fitted import ScalerParameters
from barograph.prepare.columns import marked


def fit_scaler(
    columns: FloatArray,
    names: Sequence[str],
    *,
    times: DateArray,
    until: np.datetime64,
    limit: float,
) -> ScalerParameters:
    """Mean and standard deviation of each column over the given rows.

    Parameters
    ----------
    columns : array [n, n_columns]
        The rows of the training window. NaN is a missing value and left out, and so is a value whose
        indicator column is 0 (see `columns.indicator_of`).
    names : sequence of str
        Names of the columns.
    times : array [n] of datetime64[D]
        The origin of each row.
    until : datetime64[D]
        Last day of the training window.
    limit : float
        Standardised values are clipped to ± this.

    Returns
    -------
    ScalerParameters
        A column without spread, or without any value, has scale 1.

    Raises
    ------
    LeakError
        If a row's origin is later than `until`, or has no day.

    Examples
    --------
    >>> days = np.array(["2020-01-01", "2020-01-02"], dtype="datetime64[D]")
    >>> fitted = fit_scaler(np.array([[1.0], [3.0]]), ["x"], times=days, until=days[1], limit=6.0)
    >>> fitted.mean.tolist(), fitted.scale.tolist()
    ([2.0], [1.0])
    """
    late = times[~(times <= until)]
    if late.size or times.shape[0] != columns.shape[0]:
        raise LeakError(
            f"a transform fitted until {until} was given {columns.shape[0]} rows, {late.size} of them later"
            f" and {columns.shape[0] - times.shape[0]} without a day"
        )
    values = marked(_checked(columns, len(names)), names)
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, values, 0.0).sum(axis=0) / count
    away = np.where(known, values - mean, 0.0)
    spread = np.sqrt(np.square(away).sum(axis=0) / count)
    flat = spread <= 1e-12 * np.maximum(np.abs(mean), 1.0)  # rounding of a constant column is no spread
    scale = np.where(flat, 1.0, spread)
    return ScalerParameters(tuple(names), mean, scale, float(limit), str(until.astype("datetime64[D]")))


def apply_scaler(parameters: ScalerParameters, matrix: FloatArray) -> FloatArray:
    """Standardised values, ``(x − mean) / scale`` clipped to ± limit; a missing value becomes 0.

    Parameters
    ----------
    parameters : ScalerParameters
    matrix : array [..., n_columns]

    Returns
    -------
    array [..., n_columns]
        Finite throughout, in standard deviations.

    Examples
    --------
    >>> days = np.array(["2020-01-01", "2020-01-02"], dtype="datetime64[D]")
    >>> fitted = fit_scaler(np.array([[1.0], [3.0]]), ["x"], times=days, until=days[1], limit=6.0)
    >>> apply_scaler(fitted, np.array([[2.5], [99.0], [np.nan]])).tolist()
    [[0.5], [6.0], [0.0]]
    """
    values = marked(_checked(matrix, len(parameters.names)), parameters.names)
    standard = np.clip((values - parameters.mean) / parameters.scale, -parameters.limit, parameters.limit)
    return np.where(np.isnan(standard), 0.0, standard)


def apply_one(parameters: ScalerParameters, row: FloatArray) -> FloatArray:
    """One row standardised, [n_columns] → [n_columns]; equal to the bit to `apply_scaler` of many."""
    return apply_scaler(parameters, row)


@dataclass(frozen=True, slots=True)
class Scaler:
    """The untrained transform: a limit, and nothing known of any data."""

    limit: float = 6.0

    def fit(
        self, matrix: FloatArray, names: Sequence[str], *, times: DateArray, until: np.datetime64
    ) -> FittedTransform:
        """Fit on rows none of which is later than `until` (see `fit_scaler`)."""
        return FittedTransform(fit_scaler(matrix, names, times=times, until=until, limit=self.limit))


@dataclass(frozen=True, slots=True, eq=False)
class FittedTransform:
    """A scaler that knows until when it was fitted and refuses to be judged on those days.

    Examples
    --------
    >>> days = np.array(["2020-01-01", "2020-01-02"], dtype="datetime64[D]")
    >>> fitted = Scaler().fit(np.array([[1.0], [3.0]]), ["x"], times=days, until=days[1])
    >>> fitted.apply_for_evaluation(np.array([[4.0]]), times=days[1:] + 1).tolist()
    [[2.0]]
    """

    parameters: ScalerParameters

    @property
    def until(self) -> np.datetime64:
        """Last day of the fit window."""
        return np.datetime64(self.parameters.until, "D")

    def apply(self, matrix: FloatArray) -> FloatArray:
        """Standardised rows, for training or serving (see `apply_scaler`)."""
        return apply_scaler(self.parameters, matrix)

    def apply_one(self, row: FloatArray) -> FloatArray:
        """One standardised row."""
        return apply_one(self.parameters, row)

    def apply_for_evaluation(self, matrix: FloatArray, *, times: DateArray) -> FloatArray:
        """Standardised rows that are to be scored: an origin inside the fit window raises `LeakError`."""
        inside = times[~(times > self.until)]
        if inside.size or times.shape[0] != matrix.shape[0]:
            raise LeakError(
                f"a transform fitted until {self.until} would be judged on {matrix.shape[0]} rows,"
                f" {inside.size} of them not later and {matrix.shape[0] - times.shape[0]} without a day"
            )
        return self.apply(matrix)


def _checked(matrix: FloatArray, n_columns: int) -> FloatArray:
    """The matrix if it has as many columns as there are names."""
    if matrix.shape[-1] != n_columns:
        raise ValueError(f"the matrix must have {n_columns} columns, one per name; it has {matrix.shape[-1]}")
    return matrix
