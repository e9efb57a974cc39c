"""Random panels for the tests of this room: own calendars, gaps, ranges for some, days without a move."""

from __future__ import annotations

import numpy as np
import polars as pl

from barograph.core.records import Panel


def random_table(
    name: str, *, days: int, seed: int, ranges: bool, start: str = "2015-01-05", seven_days: bool = False
) -> pl.DataFrame:
    """One entity's prices on its own days; about one day in twenty is missing, one in fifteen has no move."""
    random = np.random.default_rng(seed)
    calendar = np.datetime64(start) + np.arange(days * 2 + 40)
    if not seven_days:
        calendar = calendar[(calendar.astype(np.int64) + 3) % 7 < 5]
    time = calendar[random.random(calendar.shape[0]) > 0.05][:days]
    volatility = 0.01 * np.exp(0.3 * random.standard_normal(time.shape[0]))
    steps = volatility[:, None] * random.standard_normal((time.shape[0], 8))
    steps[random.random(time.shape[0]) < 0.07] = 0.0
    path = np.log(50.0) + np.cumsum(steps).reshape(steps.shape)
    opening, close = path[:, 0], path[:, -1]
    table = pl.DataFrame({"entity": name, "time": time, "close": np.exp(close)})
    bars = {"open": opening, "high": path.max(axis=1), "low": path.min(axis=1)}
    return table.with_columns(
        **{
            column: pl.Series(np.exp(bar)) if ranges else pl.lit(None, pl.Float64)
            for column, bar in bars.items()
        }
    )


def panel_of(*tables: pl.DataFrame) -> Panel:
    """A sorted panel of several entities."""
    return Panel(pl.concat(tables).sort("entity", "time"))


def mixed_panel(*, days: int = 420, seed: int = 0) -> Panel:
    """Four entities: with ranges, without, seven days a week, and one that starts later and ends earlier."""
    return panel_of(
        random_table("alpha", days=days, seed=seed, ranges=True),
        random_table("beta", days=days, seed=seed + 1, ranges=False),
        random_table("gamma", days=days * 7 // 5, seed=seed + 2, ranges=False, seven_days=True),
        random_table("delta", days=days - 90, seed=seed + 3, ranges=True, start="2015-03-02"),
    )
