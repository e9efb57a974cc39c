"""The panel branch, answer side: a bundle loaded, checked and asked, live. Never torch."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from barograph.collect.panels.serving import behind, new_rows
from barograph.collect.raw import by_rows
from barograph.collect.reading import table_of
from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.core.forecast import LEVELS
from barograph.core.panel_table import LevelPanel, PanelDensities, PanelSamples, SeriesFact
from barograph.core.seeds import generator
from barograph.deploy.bundle import Bundle, read_bundle
from barograph.deploy.gate import Check, passed
from barograph.deploy.manifest import PanelManifest
from barograph.engines.forecasting.panels.parity import check_parity
from barograph.engines.forecasting.panels.parts import PARITY, Parts, read_parts
from barograph.engines.forecasting.panels.serving import figures
from barograph.measures.panels.draws import joint_draws
from barograph.prepare.panels import build_panel

SHOWN = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
"""Levels of the quantiles in an answer."""


@dataclass(frozen=True, slots=True, eq=False)
class PanelDraws:
    """Joint scenarios of all series at the newest origin."""

    series: tuple[str, ...]  # [E]
    tenors: tuple[float | None, ...]  # [E] months
    groups: tuple[str, ...]  # [E]
    horizons: tuple[int, ...]  # [H]
    last: FloatArray  # [E] newest known levels, in their own unit (rates as decimals)
    changes: FloatArray  # [H, n, E] of the levels; NaN for a series that is not forecast


@dataclass(slots=True)
class PanelPredictor:
    """A loaded bundle of a panel of levels, and the panel as it is known now."""

    bundle: Bundle[PanelManifest]
    parts: Parts
    checks: tuple[Check, ...]
    panel: LevelPanel  # grows with every update
    samples: PanelSamples  # made of the panel

    @property
    def manifest(self) -> PanelManifest:
        """What the bundle is and what it was made from."""
        return self.bundle.manifest

    def forecast(self) -> pl.DataFrame:
        """The forecasts at the newest origin (columns as `table`)."""
        return table(self.parts, self.samples, np.array([self.samples.time.size - 1]))

    def predict(self, data: object) -> pl.DataFrame:
        """The forecasts at every new day of a file or frame, leaving the live state as it is.

        Parameters
        ----------
        data : str, Path or frame
            CSV or Parquet file, or table: a day and some of the series, in the unit of training. Where no day
            is later than the bundle's newest, its last day is the origin.
        """
        panel = behind(self.panel, new_rows(table_of(data), self.parts.request, self.panel))
        samples = build_panel(panel, self.parts.prepare)
        new = np.flatnonzero(samples.time > self.samples.time[-1])
        return table(self.parts, samples, new if new.size else np.array([samples.time.size - 1]))

    def update(self, one: Mapping[str, Any]) -> pl.DataFrame:
        """Take in one new period (its day under `time` or the file's own name) and forecast at it.

        Raises
        ------
        DataError
            The day is not later than the newest one, or nothing that is known is in it.
        """
        row = self._row(one)
        newest = self.panel.table["time"].item(-1)
        if row["time"].item(0) <= newest:
            raise DataError(
                f"an update must be later than the newest known day {newest}",
                came=f"it is of {row['time'].item(0)}",
                do="Send days in order, each once; predict answers for other histories",
            )
        panel = behind(self.panel, row)
        samples = build_panel(panel, self.parts.prepare)
        answer = table(self.parts, samples, np.array([samples.time.size - 1]))
        self.panel, self.samples = panel, samples
        return answer

    def day_of(self, one: Mapping[str, Any]) -> datetime.date:
        """The day of what `update` would take in; `DataError` where it cannot be read."""
        day: datetime.date = self._row(one)["time"].item(0)
        return day

    def _row(self, one: Mapping[str, Any]) -> pl.DataFrame:
        return new_rows(by_rows(pl.DataFrame([dict(one)]), label="update"), self.parts.request, self.panel)

    def draws(self, n: int, *, seed: int = 0) -> PanelDraws:
        """Joint scenarios of changes of the levels at the newest origin, for every horizon.

        Errors of the champion at one past origin are taken whole for all series and scaled by their
        deviations of today (filtered historical simulation).

        Raises
        ------
        DataError
            Too few past errors are known for all series at once.
        """
        origin = np.array([self.samples.time.size - 1])
        said = figures(self.parts, self.samples, origin)
        series, horizons = self.samples.series, self.samples.horizons
        scale = np.array([one.scale == "log" for one in series])
        known = self.samples.known[-1]
        last = np.where(scale, np.exp(known), known)
        changes = np.empty((len(horizons), n, len(series)))
        for place, horizon in enumerate(horizons):
            errors = np.where(np.isfinite(said.mean[0, :, place]), self.parts.errors[:, :, place], np.nan)
            try:
                moved = joint_draws(
                    errors, self.parts.weight, n=n, generator=generator(seed, "panel", horizon)
                )
            except ValueError as error:
                raise DataError(
                    "scenarios need past errors of all series at once",
                    came=str(error),
                    do="Leave short series out of the study (collect.series), or give more history",
                ) from error
            level = said.mean[0, :, place] + said.deviation[0, :, place] * moved
            changes[place] = np.where(scale, np.exp(level), level) - last
        return PanelDraws(
            tuple(one.name for one in series),
            tuple(one.tenor for one in series),
            tuple(one.group for one in series),
            horizons,
            last,
            changes,
        )


def table(parts: Parts, samples: PanelSamples, origins: IntArray) -> pl.DataFrame:
    """The forecasts at some consecutive origins.

    Returns
    -------
    polars.DataFrame
        One row per origin, horizon and series: origin (day), horizon (periods), series, group, tenor
        (months), last (newest known value), forecast (median), change, q_0.025 … q_0.975, all in the series'
        own unit (rates as decimals); deviation, on the work scale. Series without a known value have no row.
    """
    said = figures(parts, samples, origins)
    block = np.zeros(origins.size, dtype=np.int64)
    told = PanelDensities(said.mean, said.deviation, parts.tails[None], block)
    kept = [LEVELS.index(level) for level in SHOWN]
    rows: list[dict[str, Any]] = []
    for place, horizon in enumerate(samples.horizons):
        quantiles = told.quantiles(place)[:, :, kept]
        for row, origin in enumerate(origins):
            alive = np.flatnonzero(np.isfinite(said.mean[row, :, place]))
            rows += [
                {"origin": _date(samples.time[origin]), "horizon": horizon}
                | _figures(
                    samples.series[e], samples.known[origin, e], said.mean[row, e, place], quantiles[row, e]
                )
                | {"deviation": float(said.deviation[row, e, place])}
                for e in alive
            ]
    if not rows:
        raise DataError(
            "a forecast needs a known value of at least one series and the periods before it",
            came=f"the newest of {samples.time.size} periods has none",
            do="Send a longer history, or days with values",
        )
    return pl.DataFrame(rows, schema_overrides={"tenor": pl.Float64})


def _figures(one: SeriesFact, last: float, centre: float, quantiles: FloatArray) -> dict[str, Any]:
    """What an answer says of one series, in its own unit."""
    back = np.exp if one.scale == "log" else np.asarray
    newest, forecast = float(back(last)), float(back(centre))
    named = {f"q_{level:g}": float(back(value)) for level, value in zip(SHOWN, quantiles, strict=True)}
    about = {"series": one.name, "group": one.group, "tenor": one.tenor}
    return {**about, "last": newest, "forecast": forecast, "change": forecast - newest, **named}


def _date(day: np.datetime64) -> datetime.date:
    found: datetime.date = day.astype("datetime64[D]").item()
    return found


def load(folder: Path | str) -> PanelPredictor:
    """Load a bundle, check its hashes and its parity, and make it ready; raises `BundleError` otherwise."""
    bundle = read_bundle(folder, PanelManifest)
    made: list[PanelSamples] = []

    def read() -> tuple[Parts, list[Check]]:
        parts = read_parts(bundle)
        made.append(build_panel(parts.panel, parts.prepare))
        return parts, check_parity(parts, made[-1], bundle.arrays(PARITY))

    parts, checks = passed(read)
    return PanelPredictor(bundle, parts, checks, parts.panel, made[-1])
