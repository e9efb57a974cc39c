"""How wide the S&P 500 and the Nasdaq ranged each day: what all sides of a walk-forward forecast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from barograph.collect.market_samples import read_parts
from barograph.core.arrays import FloatArray

ENTITIES = ("sp500", "nasdaq")
AHEAD = 20
"""Days from one refit to the next, all of which are forecast at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranges:
    """Log variance by the day's range, ``log(log(high / low)²)``, in standard deviations of the first fit."""

    values: FloatArray  # [entities, days]
    refits: int

    @property
    def cuts(self) -> list[int]:
        """Days known at each refit."""
        days = self.values.shape[1]
        return [days - AHEAD * (self.refits - fold) for fold in range(self.refits)]

    def truth(self) -> FloatArray:
        """What came after each refit, [refits, entities, AHEAD]."""
        return np.stack([self.values[:, cut : cut + AHEAD] for cut in self.cuts])

    def error(self, forecasts: FloatArray) -> float:
        """Root mean squared error of forecasts [refits, entities, AHEAD], in standard deviations."""
        return float(np.sqrt(np.mean((np.asarray(forecasts) - self.truth()) ** 2)))

    def plain_error(self, window: int) -> float:
        """That of the mean of the last `window` days."""
        means = np.stack([self.values[:, cut - window : cut].mean(axis=1) for cut in self.cuts])
        return self.error(np.repeat(means[:, :, None], AHEAD, axis=2))


def ranges(refits: int) -> Ranges:
    """The packaged prices of both indices on the days that both have."""
    table = pl.concat([part.table for part in read_parts(ENTITIES)])
    width = 2.0 * (pl.col("high") / pl.col("low")).log().log()
    wide = (
        table.filter(pl.col("entity").is_in(ENTITIES), pl.col("high") > pl.col("low"))
        .with_columns(width.alias("width"))
        .pivot("entity", index="time", values="width")
        .drop_nulls()
        .sort("time")
    )
    values = wide.select(ENTITIES).to_numpy().T
    first = values[:, : values.shape[1] - AHEAD * refits]
    scaled = (values - first.mean(axis=1, keepdims=True)) / first.std(axis=1, keepdims=True)
    return Ranges(np.ascontiguousarray(scaled), refits)
