"""The conventional models of records by name: what each reads, what it is fit for, whether it is tuned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from barograph.core.errors import unknown

View = Literal["raw", "plain", "coded"]
"""`raw`: the records' own columns. `plain`: the encoder's standardised numbers and one-hot categories.
`coded`: float32 numbers with missing ones as NaN and categories as numbers by frequency, for trees."""
Target = Literal["default", "loss"]
"""A label of 0 and 1, or a fraction in [0, 1]."""


@dataclass(frozen=True, slots=True)
class ScoringBaselineEntry:
    """What the engine must know of a conventional model before it fits one."""

    view: View
    targets: tuple[Target, ...]
    tuned: bool  # has a search space; otherwise a ridge from a short grid, or nothing, is chosen
    stated: bool = False  # says what the column of its name says, in log-odds


SCORING_BASELINES: dict[str, ScoringBaselineEntry] = {
    "scorecard": ScoringBaselineEntry("raw", ("default",), tuned=False),
    "logistic": ScoringBaselineEntry("plain", ("default",), tuned=False),
    "lightgbm": ScoringBaselineEntry("coded", ("default", "loss"), tuned=True),
    "ols": ScoringBaselineEntry("plain", ("loss",), tuned=False),
    "garch_implied": ScoringBaselineEntry("plain", ("default",), tuned=False, stated=True),
    "climatology": ScoringBaselineEntry("plain", ("default",), tuned=False, stated=True),
    "fractional_logit": ScoringBaselineEntry("plain", ("loss",), tuned=False),
}
"""What a scoring study may name."""


def scoring_baseline(key: str, *, target: Target) -> ScoringBaselineEntry:
    """The entry of a name; raises `SettingError` where it is unknown or not fit for the target."""
    fit_for = [name for name, entry in SCORING_BASELINES.items() if target in entry.targets]
    if key not in fit_for:
        raise unknown(f"a baseline for a study of {target}", key, fit_for)
    return SCORING_BASELINES[key]
