"""What the networks and their control read, fold by fold: scaled features, conventional forecasts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.records import Samples
from barograph.engines.forecasting.conventional import Conventional
from barograph.engines.forecasting.parts import INPUT_BASELINES
from barograph.engines.forecasting.rows import FoldRows
from barograph.prepare.columns import cross_section_names
from barograph.prepare.scaler import FittedTransform, Scaler


@dataclass(frozen=True, slots=True, eq=False)
class FoldInputs:
    """One fold's transforms, fitted on its training rows, and its conventional columns."""

    rows: FoldRows
    features: FittedTransform  # over the shared features and the conventional columns
    channels: FittedTransform
    cross_section: FittedTransform
    conventional: FloatArray  # [n, len(INPUT_BASELINES) * n_horizons] log variances, NaN where none


def input_names(samples: Samples) -> tuple[str, ...]:
    """Names of the control's inputs: shared features, then conventional log forecasts."""
    extra = [f"log_{key}_{h}" for key in INPUT_BASELINES for h in samples.horizons]
    return (*samples.feature_names, *extra)


def fold_inputs(samples: Samples, rows: FoldRows, conventional: Conventional, *, limit: float) -> FoldInputs:
    """Filter the conventional columns with the parameters of the fold's cut, and fit the transforms."""
    columns = np.hstack([conventional.with_cut(key, rows.fold.cut) for key in INPUT_BASELINES])
    training, scaler, until = rows.training, Scaler(limit), rows.fold.cut
    time = samples.time[training]
    both = np.hstack([samples.features[training], columns[training]])
    cross_names = cross_section_names(samples.entities)
    return FoldInputs(
        rows=rows,
        features=scaler.fit(both, input_names(samples), times=time, until=until),
        channels=scaler.fit(samples.channels[training], samples.channel_names, times=time, until=until),
        cross_section=scaler.fit(samples.cross_section[training], cross_names, times=time, until=until),
        conventional=columns,
    )


def control_inputs(samples: Samples, fold: FoldInputs, rows: IntArray) -> FloatArray:
    """The control's standardised inputs on training or newest rows, [len(rows), n_inputs]."""
    return fold.features.apply(np.hstack([samples.features[rows], fold.conventional[rows]]))


def scored_inputs(samples: Samples, fold: FoldInputs) -> FloatArray:
    """The same on the fold's test rows, guarded: a row inside the fit window raises `LeakError`."""
    rows = fold.rows.test
    both = np.hstack([samples.features[rows], fold.conventional[rows]])
    return fold.features.apply_for_evaluation(both, times=samples.time[rows])
