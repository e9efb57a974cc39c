"""A bundle's profile (`profile.json`) as cells that records can be counted in."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from barograph.core.blanks import NO_CATEGORY
from barograph.core.errors import BundleError

MISSING: Final = "missing"
OTHER: Final = "other"
FIGURE: Final = ""
"""The name that the model's own figure is counted under."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one input, and the share of the training records in each."""

    edges: tuple[float, ...] | None  # of a number: a value on an edge lies above it; None for categories
    shares: Mapping[str, float]  # cell -> share

    def cell(self, value: Any) -> str:
        """The cell of a value, whatever it is: a record is counted as it was sent."""
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return MISSING
        if self.edges is None:
            word = _word(value)
            if word.lower() in NO_CATEGORY:
                return MISSING
            return word if word in self.shares else OTHER
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):  # models take words such as "NA" for no figure
            return OTHER if any(letter.isdigit() for letter in str(value)) else MISSING
        return MISSING if math.isnan(number) else str(bisect_right(self.edges, number))


@dataclass(frozen=True, slots=True)
class Profile:
    """What training looked like."""

    rows: int
    inputs: Mapping[str, Cells]


def profile_of(plain: Mapping[str, Any]) -> Profile:
    """Read the content of a bundle's `profile.json`, of the scoring or the forecasting engine.

    Bins lie between the quantiles that the profile holds; where some are equal (many records of one value),
    the bin begins at that value and has all its records, to the nearest level.

    Raises
    ------
    BundleError
        It is not such a profile.
    """
    try:
        levels = [float(level) for level in plain["levels"]]
        quantiles = plain.get("features", {}) or {
            name: one["quantiles"] for name, one in plain.get("numeric", {}).items()
        }
        gaps = {name: float(one["missing"]) for name, one in plain.get("numeric", {}).items()}
        inputs = {name: _number(levels, values, gaps.get(name, 0.0)) for name, values in quantiles.items()}
        for name, shares in plain.get("categorical", {}).items():
            inputs[name] = Cells(None, {str(cell) or MISSING: float(share) for cell, share in shares.items()})
        if "figure" in plain:
            inputs[FIGURE] = _number(levels, plain["figure"], 0.0)
        return Profile(int(plain["rows"]), inputs)
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(
            "profile.json must hold levels, rows and quantiles",
            came=f"it does not ({type(error).__name__}: {error})",
            do="Take a fresh copy of the bundle",
        ) from error


def _word(value: Any) -> str:
    """A category as models read it: whole numbers without a point, true and false in lower case."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    word = str(value).strip()
    return word.lower() if word.lower() in ("true", "false") else word


def _number(levels: Sequence[float], quantiles: Sequence[float | None], missing: float) -> Cells:
    if any(value is None for value in quantiles):  # a column that was empty in training
        return Cells((), {"0": 0.0, MISSING: 1.0})
    first: dict[float, float] = {}
    for level, value in zip(levels, quantiles, strict=True):
        first.setdefault(float(value if value is not None else math.nan), level)
    edges = tuple(sorted(value for value, level in first.items() if 0.0 < level < 1.0))
    below = [0.0, *(first[edge] for edge in edges), 1.0]
    shares = {str(i): (below[i + 1] - below[i]) * (1.0 - missing) for i in range(len(below) - 1)}
    return Cells(edges, {**shares, MISSING: missing})
