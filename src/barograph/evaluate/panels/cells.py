"""One model against another, series by series and horizon by horizon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray
from barograph.core.panel_study import PanelStudy
from barograph.core.panel_table import PanelRecord
from barograph.core.results import Comparison, Standing, TestResult
from barograph.core.seeds import generator
from barograph.evaluate.panels.losses import losses
from barograph.measures.comparison.clark_west import clark_west
from barograph.measures.comparison.diebold_mariano import diebold_mariano, panel_diebold_mariano
from barograph.measures.comparison.error_ratio import error_ratio
from barograph.measures.comparison.long_run import automatic_lags

SIZE = 0.05
LEAST_ORIGINS = 3
BLOCKS_OF_HORIZON = 2
"""Length of a bootstrap block in horizons."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A model against an opponent at one series and horizon; ratios below 1 are in its favour."""

    model: str
    opponent: str
    entity: str
    horizon: int
    ratio: float  # of root mean squared errors
    lower: float  # ends of its 90 % bootstrap interval; NaN where none was asked for
    upper: float
    squared: TestResult  # Diebold-Mariano of squared errors
    nested: TestResult  # Clark-West
    crps_ratio: float
    crps: TestResult  # Diebold-Mariano of CRPS


def panel_cells(
    record: PanelRecord,
    study: PanelStudy,
    model: str,
    opponent: str,
    *,
    rows: BoolArray | None = None,
    interval: bool = False,
) -> list[Cell]:
    """Every series and horizon that both models forecast; intervals of ratios, which take time, if asked."""
    chosen = np.ones(record.rows.size, dtype=np.bool_) if rows is None else rows
    found = []
    for place, horizon in enumerate(record.samples.horizons):
        pair = {
            metric: [losses(record, name, metric, place)[chosen] for name in (model, opponent)]
            for metric in ("squared_error", "crps")
        }
        means = [record.forecasts[name].mean[chosen, :, place] for name in (opponent, model)]
        came = record.outcome[chosen, :, place]
        for e, one in enumerate(record.samples.series):
            both = np.isfinite(pair["squared_error"][0][:, e] + pair["squared_error"][1][:, e])
            if both.sum() < LEAST_ORIGINS:
                continue
            squared, crps = ([side[both, e] for side in pair[m]] for m in ("squared_error", "crps"))
            overlap = int(record.samples.steps[e, place])
            lags = automatic_lags(int(both.sum()), horizon=overlap)
            ends = (float("nan"), float("nan"))
            if interval:
                purpose = ("ratio", model, one.name, horizon)
                ends = _interval(squared, study, generator(study.train.seed, *purpose), overlap)
            cell = Cell(
                *(model, opponent, one.name, horizon),
                _ratio(squared[0], squared[1], root=True),
                *ends,
                tested(squared[0] - squared[1], overlap),
                clark_west(came[both, e], means[0][both, e], means[1][both, e], lags=lags),
                _ratio(crps[0], crps[1], root=False),
                tested(crps[0] - crps[1], overlap),
            )
            found.append(cell)
    return found


def _interval(
    squared: Sequence[FloatArray], study: PanelStudy, stream: np.random.Generator, overlap: int
) -> tuple[float, float]:
    """Ends of the interval of a ratio of root mean squares, by blocks longer than outcomes overlap."""
    drawn = error_ratio(
        *(np.sqrt(side) for side in squared),
        generator=stream,
        block=BLOCKS_OF_HORIZON * overlap,
        resamples=study.evaluate.bootstrap,
    )
    return drawn.lower, drawn.upper


def tested(difference: FloatArray, overlap: int) -> TestResult:
    """Diebold-Mariano with the small-sample correction; Bartlett lags for outcomes that overlap."""
    return diebold_mariano(
        difference,
        horizon=overlap,
        lags=automatic_lags(int(np.isfinite(difference).sum()), horizon=overlap),
        kernel="bartlett",
    )


def pooled_duel(
    record: PanelRecord,
    model: str,
    opponent: str,
    metric: str,
    place: int,
    *,
    block: str = "all",
    rows: BoolArray | None = None,
    size: float = SIZE,
) -> Comparison:
    """One model against another over all series by the panel Diebold-Mariano test, clustered by origin.

    Losses are in units of the opponent's mean loss of the series, so that each series counts alike: the
    difference is the mean over series of ``ratio - 1``.
    """
    chosen = np.ones(record.rows.size, dtype=np.bool_) if rows is None else rows
    own, other = (losses(record, name, metric, place)[chosen] for name in (model, opponent))
    both = np.isfinite(own + other)
    count = both.sum(axis=0)
    mean = np.where(both, other, 0.0).sum(axis=0) / np.maximum(count, 1)
    usable = both & (mean > 0.0)
    difference = np.where(usable, (own - other) / np.where(mean > 0.0, mean, 1.0), np.nan)
    days = np.broadcast_to(np.flatnonzero(chosen)[:, None], difference.shape)
    overlap = int(record.samples.steps[:, place].max())
    test = panel_diebold_mariano(difference.ravel(), days.ravel().astype(np.int64), horizon=overlap)
    known = difference[np.isfinite(difference)]
    average = float(known.mean()) if known.size else float("nan")
    horizon = record.samples.horizons[place]
    return Comparison(
        model, opponent, metric, horizon, "", average, test, _standing(average, test.p_value, size), block
    )


def pooled_ratio(
    record: PanelRecord, model: str, opponent: str, metric: str, place: int, *, rows: BoolArray | None = None
) -> float:
    """Mean over series of the ratio of losses (of squared errors, their roots)."""
    chosen = np.ones(record.rows.size, dtype=np.bool_) if rows is None else rows
    own, other = (losses(record, name, metric, place)[chosen] for name in (model, opponent))
    both = np.isfinite(own + other)
    ratios = [
        _ratio(own[both[:, e], e], other[both[:, e], e], root=metric == "squared_error")
        for e in range(own.shape[1])
        if both[:, e].sum() > 2
    ]
    known = [ratio for ratio in ratios if np.isfinite(ratio)]
    return float(np.mean(known)) if known else float("nan")


def _ratio(own: FloatArray, other: FloatArray, *, root: bool) -> float:
    below = float(other.sum())
    if below <= 0.0:
        return float("nan")
    ratio = float(own.sum()) / below
    return float(np.sqrt(ratio)) if root else ratio


def _standing(difference: float, p_value: float, size: float) -> Standing:
    if not p_value < size:
        return "indistinguishable"
    return "better" if difference < 0.0 else "worse"
