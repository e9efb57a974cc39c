"""From a panel of levels to what models see at each origin, and what came of it."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError
from barograph.core.panel_study import HORIZONS, PanelInputsSection
from barograph.core.panel_table import LevelPanel, PanelSamples
from barograph.measures.panels.moves import anchors, innovations, newest, published, spreads
from barograph.measures.panels.spread import moving_variances
from barograph.prepare.panel_inputs import State, network_inputs

WARM = 10
"""Changes of a series before it has a variance."""


def build_panel(panel: LevelPanel, section: PanelInputsSection) -> PanelSamples:
    """Anchors, deviations, inputs and outcomes of every origin and series.

    Everything but the outcomes is made of values published by the origin's end. Nothing is standardised by
    more than a series' own past, and missing values stay NaN.

    Raises
    ------
    DataError
        A series whose logarithm is taken is not positive.
    """
    horizons = section.horizons or HORIZONS[panel.frequency]
    values = on_scale(panel)
    delays = np.array([one.delay for one in panel.series], dtype=np.int64)
    orders = np.array([float(one.order) for one in panel.series])
    steps = delays[:, None] + np.asarray(horizons, dtype=np.int64)
    told = published(values, delays)
    stale = section.stale if panel.frequency == "days" else min(section.stale, 1)
    known, fresh = newest(told, stale), np.isfinite(told)
    moves = np.where(fresh, innovations(known, orders), np.nan)
    variance, long_run = moving_variances(moves, section.half_life, warm=WARM)
    state = State(known, moves, variance, long_run, orders)
    inputs = network_inputs(panel, state, section)
    return PanelSamples(
        time=panel.table["time"].to_numpy().astype("datetime64[D]"),
        series=panel.series,
        frequency=panel.frequency,
        horizons=tuple(horizons),
        steps=steps,
        known=known,
        fresh=fresh,
        outcome=np.stack([ahead(values, horizon) for horizon in horizons], axis=2),
        anchor=anchors(known, orders, steps),
        deviation=np.sqrt(variance[:, :, None] * spreads(steps, orders)),
        features=inputs.features,
        feature_names=inputs.feature_names,
        channels=inputs.channels,
        channel_names=inputs.channel_names,
        cross_section=inputs.cross_section,
        cross_names=inputs.cross_names,
        window=section.window,
    )


def on_scale(panel: LevelPanel) -> FloatArray:
    """Values on the work scale, ``[T, E]``."""
    columns = []
    for one in panel.series:
        plain = panel.table[one.name].to_numpy().astype(np.float64)
        if one.scale == "log":
            bad = plain[np.isfinite(plain) & ~(plain > 0.0)]
            if bad.size:
                raise DataError(
                    f"'{one.name}' must be positive: its logarithm is taken",
                    came=f"{bad.size} of its values are not, the first is {bad[0]:g}",
                    do="Give it a transformation code of levels (1, 2 or 3) in collect.codes",
                )
            plain = np.log(plain)
        columns.append(plain)
    return np.column_stack(columns)


def ahead(values: FloatArray, rows: int) -> FloatArray:
    """Values so many rows later, NaN where there are none."""
    out = np.full(values.shape, np.nan)
    if rows < values.shape[0]:
        out[: values.shape[0] - rows] = values[rows:]
    return out
