"""The conventional models by name, and their refits along a walk-forward plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from barograph.core.arrays import FloatArray
from barograph.core.errors import unknown
from barograph.core.fitted import FittedValue
from barograph.core.notes import noted
from barograph.models.baselines.base import Baseline, NotConvergedError
from barograph.models.baselines.ewma import EwmaBaseline
from barograph.models.baselines.garch import GarchBaseline
from barograph.models.baselines.har import HarBaseline
from barograph.models.baselines.historical import HistoricalBaseline

Tail = Literal["parametric", "filtered", "historical"]


@dataclass(frozen=True, slots=True)
class BaselineEntry:
    """How a conventional model gets its variance and its tail.

    `variance` is a key of `VARIANCE_MODELS`: entries that share one share its fits. `tail` says which
    function of `measures.tails` makes a distribution of it: "parametric" `student_tail`, "filtered"
    `filtered_tail`, "historical" `historical_distribution`.
    """

    variance: str
    tail: Tail


VARIANCE_MODELS: dict[str, Baseline] = {
    "gjr_garch_t": GarchBaseline(asymmetric=True),
    "garch_t": GarchBaseline(asymmetric=False),
    "ewma": EwmaBaseline(),
    "har": HarBaseline(),
    "historical": HistoricalBaseline(),
}
"""What is fitted."""

BASELINES: dict[str, BaselineEntry] = {
    "gjr_garch_t": BaselineEntry("gjr_garch_t", "parametric"),
    "garch_t": BaselineEntry("garch_t", "parametric"),
    "ewma": BaselineEntry("ewma", "filtered"),
    "har": BaselineEntry("har", "filtered"),
    "historical": BaselineEntry("historical", "historical"),
    "filtered_historical": BaselineEntry("gjr_garch_t", "filtered"),
}
"""What a study may name."""


def baseline_entry(key: str) -> BaselineEntry:
    """The entry of a name; raises `SettingError` with the nearest known name."""
    if key not in BASELINES:
        raise unknown("a baseline", key, BASELINES)
    return BASELINES[key]


def fit_baseline(
    key: str,
    returns: FloatArray,
    proxy: FloatArray,
    cuts: Sequence[int],
    horizons: Sequence[int],
    *,
    notes: list[str] | None = None,
) -> list[FittedValue]:
    """Fit one baseline at every cut, each on rows ``[:cut]`` and started from the fit before.

    Parameters
    ----------
    key : str
        Of `BASELINES`.
    returns, proxy : array [n_days]
        One entity's history, decimals and decimals squared; rows beyond a cut are not looked at for it.
    cuts : sequence of int
        Numbers of rows known at each refit, ascending.
    horizons : sequence of int
    notes : list of str or None
        Where given, a refit that does not converge keeps the parameters of the refit before and appends a
        sentence saying so; without it, and at the first cut, it raises.

    Returns
    -------
    list of FittedValue
        One per cut.

    Raises
    ------
    SettingError
        Unknown name.
    DataError
        Too little history; no convergence (`NotConvergedError`).
    """
    model = VARIANCE_MODELS[baseline_entry(key).variance]
    return refits(model, returns, proxy, cuts, horizons, name=key, notes=notes)


def refits(
    model: Baseline,
    returns: FloatArray,
    proxy: FloatArray,
    cuts: Sequence[int],
    horizons: Sequence[int],
    *,
    name: str,
    notes: list[str] | None,
) -> list[FittedValue]:
    """`fit_baseline` for a model given as such; `name` stands for it in a note."""
    fitted: list[FittedValue] = []
    for cut in cuts:
        warm = fitted[-1] if fitted else None
        try:
            fitted.append(model.fit(returns[:cut], proxy[:cut], horizons=horizons, warm=warm))
        except NotConvergedError as error:
            if notes is None or warm is None:
                raise
            notes.append(noted("notes.fit.kept", name=name, rows=cut, why=error.came))
            fitted.append(warm)
    return fitted
