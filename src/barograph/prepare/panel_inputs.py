"""What networks read of a panel of levels: a row for each series and origin, made of its past alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.panel_study import Frequency, PanelInputsSection
from barograph.core.panel_table import LevelPanel, SeriesFact
from barograph.measures.curves import nelson_siegel
from barograph.measures.panels.factors import states
from barograph.measures.panels.moves import differenced

LAGS: dict[Frequency, tuple[int, ...]] = {
    "days": (1, 5, 22, 66),
    "months": (1, 3, 6, 12),
    "quarters": (1, 2, 4, 8),
}
"""Periods over which changes are looked at."""
MEANS: dict[Frequency, tuple[int, ...]] = {
    "days": (66, 250, 1000),
    "months": (12, 36, 60),
    "quarters": (4, 12, 20),
}
"""Periods of the moving means that a level is compared with."""
LEAST_TENORS = 4
"""Tenors of a curve that Nelson-Siegel factors are read off."""
MOST_MARKED = 40
"""Series that get a mark of their own; more share what they know."""


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What was known at each origin, ``[T, E]`` each."""

    known: FloatArray  # newest value
    moves: FloatArray  # one-step errors of the anchors; NaN where nothing new became known
    variance: FloatArray  # one-step variance
    long_run: FloatArray  # mean of all squared moves so far
    orders: FloatArray  # [E]


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """The tables of networks, ``[E * T, …]`` each, with the names of their columns."""

    features: FloatArray
    feature_names: tuple[str, ...]
    channels: FloatArray
    channel_names: tuple[str, ...]
    cross_section: FloatArray
    cross_names: tuple[str, ...]


def network_inputs(panel: LevelPanel, state: State, section: PanelInputsSection) -> Inputs:
    """Features, channels of a window and cross-section of each series and origin.

    Changes are in units of the series' own one-step deviation times the root of the number of steps, so that
    calm and wild times, short and long tenors speak one language.
    """
    lags, means = LAGS[panel.frequency], MEANS[panel.frequency]
    x = differenced(state.known, np.maximum(state.orders - 1.0, 0.0))  # the level, or growth for order 2
    scale = np.sqrt(state.variance)
    moved = {lag: (x - _earlier(x, lag)) / (scale * np.sqrt(lag)) for lag in lags}
    away = {span: (x - _mean(x, span)) / (scale * np.sqrt(span)) for span in means}
    wide: dict[str, FloatArray] = {f"change_{lag}": values for lag, values in moved.items()}
    wide |= {f"away_{span}": values for span, values in away.items()}
    wide["level"] = _standing(x)
    wide["log_variance"] = np.log(state.variance)
    wide["log_calm"] = np.log(state.variance / state.long_run)
    groups = _groups(panel.series)
    for lag in lags:
        wide[f"group_{lag}"] = _group_mean(moved[lag], groups)
    wide |= _curve_features(panel.series, groups, x, scale, lags, section.factor_decay)
    wide |= _marks(panel.series, x.shape[0])
    steps = {
        "move": state.moves / scale,
        "group": _group_mean(state.moves / scale, groups),
        "calm": wide["log_calm"],
        "away": away[means[0]],
    }
    if any(one.unit == "rate" for one in panel.series):
        wide["rate"] = np.where([one.unit == "rate" for one in panel.series], state.known, np.nan)
    seen = np.where([one.tenor is not None for one in panel.series], x, wide["level"])
    cross, cross_names = _cross_section(panel.series, groups, seen, moved[lags[2]])
    return Inputs(_stacked(wide), tuple(wide), _stacked(steps), tuple(steps), cross, cross_names)


def _stacked(wide: dict[str, FloatArray]) -> FloatArray:
    """Columns ``[T, E]`` as a table with row ``e * T + t``."""
    return np.column_stack([values.T.ravel() for values in wide.values()])


def _earlier(x: FloatArray, rows: int) -> FloatArray:
    out = np.full(x.shape, np.nan)
    if rows < x.shape[0]:
        out[rows:] = x[: x.shape[0] - rows]
    return out


def _mean(x: FloatArray, span: int) -> FloatArray:
    """Mean of the known values among the last `span` rows; NaN while fewer than half are known."""
    known = np.isfinite(x)
    total = np.cumsum(np.where(known, x, 0.0), axis=0)
    count = np.cumsum(known, axis=0)
    total = total - np.nan_to_num(_earlier(total, span))
    count = count - np.nan_to_num(_earlier(count.astype(np.float64), span))
    return np.where(count >= span / 2, total / np.maximum(count, 1), np.nan)


def _standing(x: FloatArray) -> FloatArray:
    """How high a value stands among its own past: less its mean so far, over its deviation so far."""
    known = np.isfinite(x)
    first = x[np.argmax(known, axis=0), np.arange(x.shape[1])]
    centred = np.where(known, x - first, 0.0)
    count = np.maximum(np.cumsum(known, axis=0), 1)
    mean = np.cumsum(centred, axis=0) / count
    spread = np.sqrt(np.maximum(np.cumsum(centred**2, axis=0) / count - mean**2, 0.0))
    usable = known & (count >= 20) & (spread > 1e-9 * np.abs(first) + 1e-12)
    return np.where(usable, (x - first - mean) / np.where(usable, spread, 1.0), np.nan)


def _groups(series: tuple[SeriesFact, ...]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, one in enumerate(series):
        found.setdefault(one.group, []).append(place)
    return found


def _group_mean(x: FloatArray, groups: dict[str, list[int]]) -> FloatArray:
    """The mean over the series of each one's group, without missing values."""
    out = np.full(x.shape, np.nan)
    for places in groups.values():
        part = x[:, places]
        known = np.isfinite(part)
        mean = np.where(known, part, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
        out[:, places] = np.where(known.any(axis=1), mean, np.nan)[:, None]
    return out


def curve_of(series: tuple[SeriesFact, ...], places: list[int]) -> FloatArray | None:
    """Tenors (months) of a group that is a curve with enough of them, otherwise None."""
    tenors = [series[place].tenor for place in places]
    if len(tenors) < LEAST_TENORS or any(tenor is None for tenor in tenors):
        return None
    return np.array([tenor for tenor in tenors if tenor is not None])


def _curve_features(
    series: tuple[SeriesFact, ...],
    groups: dict[str, list[int]],
    x: FloatArray,
    scale: FloatArray,
    lags: tuple[int, ...],
    decay: float,
) -> dict[str, FloatArray]:
    """Nelson-Siegel factors of each group's curve, their changes, how far a yield is off them, its tenor."""
    if all(one.tenor is None for one in series):
        return {}
    wide: dict[str, FloatArray] = {}

    def put(name: str, places: list[int], values: FloatArray) -> None:
        wide.setdefault(name, np.full(x.shape, np.nan))[:, places] = values

    for places in groups.values():
        tenors = np.array([series[place].tenor or np.nan for place in places])
        put("log_tenor", places, np.broadcast_to(np.log(tenors), (x.shape[0], len(places))))
        loadings = nelson_siegel.loadings(tenors, decay)
        put("slope_loading", places, np.broadcast_to(loadings[:, 1], (x.shape[0], len(places))))
        put("hump_loading", places, np.broadcast_to(loadings[:, 2], (x.shape[0], len(places))))
        if curve_of(series, places) is None:
            continue
        factors = states(x[:, places], loadings)
        put("off_curve", places, (x[:, places] - factors @ loadings.T) / scale[:, places])
        for number, name in enumerate(("curve_level", "curve_slope", "curve_hump")):
            put(name, places, factors[:, number : number + 1])
            for lag in lags[1:]:
                put(f"{name}_{lag}", places, (factors - _earlier(factors, lag))[:, number : number + 1])
        put("above_short", places, x[:, places] - _shortest(x[:, places], tenors)[:, None])
    return wide


def _shortest(x: FloatArray, tenors: FloatArray) -> FloatArray:
    """The yield of the shortest tenor that is known in each row."""
    order = np.argsort(tenors)
    known = np.isfinite(x[:, order])
    return np.asarray(x[:, order][np.arange(x.shape[0]), known.argmax(axis=1)])


def _marks(series: tuple[SeriesFact, ...], n: int) -> dict[str, FloatArray]:
    """A column of ones for each series without a tenor, and for each of several groups."""
    names = [one.group for one in series] if series[0].tenor is not None else [one.name for one in series]
    kinds = list(dict.fromkeys(names))
    if not 1 < len(kinds) <= MOST_MARKED:
        return {}
    return {
        f"is_{kind}": np.broadcast_to(np.array([float(name == kind) for name in names]), (n, len(series)))
        for kind in kinds
    }


def _cross_section(
    series: tuple[SeriesFact, ...], groups: dict[str, list[int]], level: FloatArray, moved: FloatArray
) -> tuple[FloatArray, tuple[str, ...]]:
    """Yield (or standing) and change of every series of the group, on the grid of all tenors (or names)."""
    keys = [_key(one) for one in series]
    grid = sorted(set(keys), key=lambda key: (key[0], key[1]))
    place = {key: number for number, key in enumerate(grid)}
    n = level.shape[0]
    out = np.full((len(series), n, 2 * len(grid)), np.nan, dtype=np.float32)
    for members in groups.values():
        seen = np.full((n, 2 * len(grid)), np.nan, dtype=np.float32)
        columns = [place[keys[member]] for member in members]
        seen[:, columns] = level[:, members]
        seen[:, [len(grid) + column for column in columns]] = moved[:, members]
        out[members] = seen
    names = [key[1] if key[1] else f"{key[0]:g}m" for key in grid]
    return (
        out.reshape(-1, 2 * len(grid)).astype(np.float64),
        (*(f"level_{name}" for name in names), *(f"change_{name}" for name in names)),
    )


def _key(one: SeriesFact) -> tuple[float, str]:
    """What makes series of different groups alike: the tenor, or else the name."""
    return (one.tenor, "") if one.tenor is not None else (0.0, one.name)
