"""Rows that share what must name one row, found over all parts of a table with eight bytes a row.

Every key is hashed to 64 bits; only rows whose hash comes twice are compared by value, so that what is told
is exact. A row whose key is empty in any column is not compared, as in SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from barograph.core.arrays import BoolArray, IntArray

Parts = Callable[[], Iterator[pl.DataFrame]]
"""The key's columns part after part, once more from the start."""


@dataclass(slots=True)
class KeyCheck:
    """One group of columns that must name a row."""

    columns: tuple[str, ...]
    _hashes: list[np.ndarray[tuple[int], np.dtype[np.uint64]]] = field(default_factory=list)
    _empty: list[BoolArray | None] = field(default_factory=list)

    def take(self, keys: pl.DataFrame) -> None:
        """The key's columns of the next part."""
        self._hashes.append(keys.hash_rows(seed=7).to_numpy())
        lacks = any(keys[name].null_count() for name in keys.columns)
        empty = keys.select(pl.any_horizontal(pl.all().is_null())).to_series().to_numpy() if lacks else None
        self._empty.append(empty)

    def repeated(self, parts: Parts, *, without: IntArray | None = None) -> IntArray:
        """Places of the rows whose key an earlier row has, ascending.

        Parameters
        ----------
        parts : callable
            Gives the parts again; called only where hashes come twice.
        without : ndarray, optional
            Places of rows that do not count.
        """
        if not self._hashes:
            return np.empty(0, dtype=np.int64)
        hashes = np.concatenate(self._hashes)
        counts = self._counting(without)
        ordered = np.sort(hashes if counts is None else hashes[counts])
        twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
        if not twice.size:
            return np.empty(0, dtype=np.int64)
        candidates = np.isin(hashes, twice)
        if counts is not None:
            candidates &= counts
        return self._compared(parts, np.flatnonzero(candidates))

    def _counting(self, without: IntArray | None) -> BoolArray | None:
        """Which rows count; None for all."""
        if all(one is None for one in self._empty) and (without is None or not without.size):
            return None
        pairs = zip(self._hashes, self._empty, strict=True)
        counts = ~np.concatenate(
            [np.zeros(one.size, dtype=bool) if empty is None else empty for one, empty in pairs]
        )
        if without is not None:
            counts[without] = False
        return counts

    @staticmethod
    def _compared(parts: Parts, places: IntArray) -> IntArray:
        """Of the rows at some places, those whose values an earlier one of them has."""
        some, start = [], 0
        for part in parts():
            inside = places[(places >= start) & (places < start + part.height)] - start
            some.append(part[inside])
            start += part.height
        again = ~pl.concat(some).select(first=pl.struct(pl.all()).is_first_distinct()).to_series()
        repeated: IntArray = places[again.to_numpy()]
        return repeated
