"""The level branch, answer side: a bundle loaded, checked and asked. Never torch."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from barograph.collect.levels.own import level_series
from barograph.collect.reading import table_of
from barograph.core.errors import DataError
from barograph.core.level_table import Gaussians, LevelSamples, LevelSeries
from barograph.deploy.bundle import Bundle, read_bundle
from barograph.deploy.gate import Check, passed
from barograph.deploy.manifest import LevelManifest
from barograph.engines.forecasting.levels.parity import check_parity
from barograph.engines.forecasting.levels.parts import PARITY, Parts, read_parts
from barograph.engines.forecasting.levels.serving import figures
from barograph.measures.levels import from_scale, gaussian_mean, gaussian_quantiles, period_end
from barograph.prepare.levels import build_levels

QUANTILES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
"""Levels of the quantiles in an answer."""


@dataclass(frozen=True, slots=True)
class LevelPredictor:
    """A loaded bundle of one series in levels."""

    bundle: Bundle[LevelManifest]
    parts: Parts
    checks: tuple[Check, ...]

    @property
    def manifest(self) -> LevelManifest:
        """What the bundle is and what it was made from."""
        return self.bundle.manifest

    def forecast(self) -> pl.DataFrame:
        """The forecasts at the newest origin that the bundle was fitted at (columns as `table`)."""
        return self.table(self.parts.series)

    def predict(self, data: object) -> pl.DataFrame:
        """The forecasts at the newest period of a user's series.

        Parameters
        ----------
        data : str, Path or frame
            CSV or Parquet file, or table, with the columns of `manifest.columns`, one row for each period;
            targets not known yet may be empty.
        """
        raw = table_of(data)
        series = level_series(raw, self.parts.request)
        if series.months != self.manifest.months:
            raise DataError(
                f"periods must be of {self.manifest.months} months, as in training",
                came=f"they are of {series.months}",
                do="Aggregate them, or run the study on this series",
            )
        return self.table(series)

    def table(self, series: LevelSeries) -> pl.DataFrame:
        """The forecasts at a series' last period.

        Returns
        -------
        polars.DataFrame
            One row per horizon: origin and period (last days), horizon, mean, q_0.025 … q_0.975 in the
            target's own unit; deviation, on the study's scale; last_known, the newest value known.
        """
        samples = build_levels(series, self.parts.prepare)
        origin = samples.n - 1
        if origin < samples.first:
            raise DataError(
                f"a request must hold the last {samples.window} periods and the values known by then",
                came=f"it holds {samples.n} periods, and inputs are complete from none of them",
                do="Send a longer history",
            )
        said = figures(self.parts, samples, np.array([origin]))
        rows = [self._row(samples, said, column) for column in range(len(samples.horizons))]
        return pl.DataFrame(rows)

    def _row(self, samples: LevelSamples, said: Gaussians, column: int) -> dict[str, Any]:
        horizon, months = samples.horizons[column], self.manifest.months
        mean, deviation = said.mean[0, column], said.deviation[0, column]
        last = from_scale(samples.inputs[-1, 0], samples.scale)
        period = period_end(samples.time[-1:], horizon, months)[0]
        quantiles = {
            f"q_{level:g}": float(gaussian_quantiles(mean, deviation, level, samples.scale))
            for level in QUANTILES
        }
        return {
            "origin": _date(samples.time[-1]),
            "period": _date(period),
            "horizon": horizon,
            "mean": float(gaussian_mean(mean, deviation, samples.scale)),
            **quantiles,
            "deviation": float(deviation),
            "last_known": float(last),
        }


def _date(day: np.datetime64) -> datetime.date:
    found: datetime.date = day.astype("datetime64[D]").item()
    return found


def load(folder: Path | str) -> LevelPredictor:
    """Load a bundle, check its hashes and its parity, and make it ready; raises `BundleError` otherwise."""
    bundle = read_bundle(folder, LevelManifest)

    def read() -> tuple[Parts, list[Check]]:
        parts = read_parts(bundle)
        samples = build_levels(parts.series, parts.prepare)
        return parts, check_parity(parts, samples, bundle.arrays(PARITY))

    parts, checks = passed(read)
    return LevelPredictor(bundle, parts, checks)
