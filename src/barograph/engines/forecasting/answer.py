"""The forecasting engine, answer side: a bundle loaded, checked and asked. Never torch."""

from __future__ import annotations

import datetime
import io
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from barograph.core.errors import DataError
from barograph.core.forecast import ALPHAS, LEVELS
from barograph.core.records import PRICE_COLUMNS, Panel
from barograph.deploy.bundle import Bundle, read_bundle
from barograph.deploy.gate import Check, passed
from barograph.deploy.manifest import Manifest
from barograph.engines.forecasting import parts as names
from barograph.engines.forecasting.live import Answer, LiveState, advance, state_from_plain
from barograph.engines.forecasting.parity import check_parity
from barograph.engines.forecasting.parts import Parts, read_parts

REVISION = 1e-9
"""Relative difference above which a price counts as another price than the one the bundle knows."""

PRICE_HINT = "Send the level of the price, or leave the column out"

RANGE_TOLERANCE = 1e-6
"""Relative slack of open and close against low and high, as in the contract of files."""


@dataclass(slots=True)
class Predictor:
    """A bundle that answers. `predict` leaves it as it is; `update` moves its live state by one day."""

    bundle: Bundle[Manifest]
    parts: Parts
    state: LiveState
    checks: tuple[Check, ...] = field(default=())

    @property
    def manifest(self) -> Manifest:
        """What the bundle is and what it was made from."""
        return self.bundle.manifest

    def forecast(self) -> pl.DataFrame:
        """The forecast of every entity at its newest known day (columns as in `predict`)."""
        return as_table(advance(self.parts, self.state, no_days())[1], self.parts)

    def predict(self, prices: Panel) -> pl.DataFrame:
        """Forecast at every new day of a panel, without changing the live state.

        Parameters
        ----------
        prices : Panel
            Days of entities the bundle knows. Days it has already seen must carry the prices it knows;
            later days are taken in, in order.

        Returns
        -------
        polars.DataFrame
            One row per origin and horizon: entity, time, horizon, price, volatility (over the horizon,
            decimal), ``var_99``, ``es_99``, ``var_97.5``, ``es_97.5`` (positive log-return losses of a long
            position), and ``q_0.005 … q_0.995`` (log returns). Without new days, the newest known ones.
        """
        new = self._new_days(prices)
        answer = advance(self.parts, self.state, new)[1]
        return as_table(answer, self.parts)

    def update(self, one: Mapping[str, Any]) -> pl.DataFrame:
        """Take in one day of one entity and forecast at it.

        Parameters
        ----------
        one : mapping
            ``entity``, ``time`` (date or ISO text), ``close``; ``open``, ``high``, ``low``, ``volume`` too if
            known.

        Returns
        -------
        polars.DataFrame
            As `predict`, one row per horizon. What other entities did on that day counts only if their update
            came before; `forecast` answers for all of them once every update of the day is in.
        """
        days = self._new_days(panel_of([one]))
        if not days.table.height:
            raise DataError(
                "an update must be a day later than the entity's newest",
                came=f"{one.get('entity')} on {one.get('time')} is already known",
                do="Send each day once",
            )
        self.state, answer = advance(self.parts, self.state, days)
        return as_table(answer, self.parts)

    def _new_days(self, prices: Panel) -> Panel:
        strangers = sorted(set(prices.entities) - set(self.parts.entities))
        if strangers:
            raise DataError(
                f"every entity must be one of the bundle's: {', '.join(self.parts.entities)}",
                came=f"got '{strangers[0]}' ({len(strangers)} unknown)",
                do="Rename it, or run the study on data that includes it",
            )
        known = self.state.prices.table.select("entity", "time", pl.col("close").alias("known"))
        both = prices.table.join(known, on=["entity", "time"], how="inner")
        off = both.filter((pl.col("close") / pl.col("known") - 1).abs() > REVISION)
        if off.height:
            row = off.row(0, named=True)
            raise DataError(
                "days that the bundle has seen must carry the prices it has seen",
                came=f"{off.height} differ, first {row['entity']} on {row['time']}: {row['close']} here, "
                f"{row['known']} in the bundle",
                do="Run the study again on the revised prices",
            )
        last = {name: entity.last.item() for name, entity in self.state.entities.items()}
        newest = pl.col("entity").replace_strict(last, return_dtype=pl.Date)
        return Panel(prices.table.filter(pl.col("time") > newest))


def load(folder: Path | str) -> Predictor:
    """Load a bundle, check its hashes and its parity, and make it ready; raises `BundleError` otherwise."""
    bundle = read_bundle(folder, Manifest)

    def read() -> tuple[tuple[Parts, LiveState], list[Check]]:
        parts = read_parts(bundle)
        prices = Panel(pl.read_parquet(io.BytesIO((bundle.folder / names.PRICES).read_bytes())))
        state = state_from_plain(bundle.json(names.LIVE), prices, parts)
        return (parts, state), check_parity(parts, state, bundle.arrays(names.PARITY))

    (parts, state), checks = passed(read)
    return Predictor(bundle, parts, state, checks)


def no_days() -> Panel:
    """A panel without rows."""
    return panel_of([])


def panel_of(rows: list[Mapping[str, Any]]) -> Panel:
    """A panel from single records; columns that are not given are null."""
    schema = {"entity": pl.String, "time": pl.Date, **dict.fromkeys(PRICE_COLUMNS, pl.Float64)}
    for row in rows:
        lacking = [name for name in ("entity", "time", "close") if row.get(name) is None]
        if lacking:
            raise DataError(
                "a day must carry entity, time and close",
                came=f"{', '.join(lacking)} is missing",
                do="Add it",
            )
        _check_numbers(row)
        _check_range(row)
    plain = [{name: _plain(name, row.get(name)) for name in schema} for row in rows]
    return Panel(pl.DataFrame(plain, schema=schema))


def _check_numbers(row: Mapping[str, Any]) -> None:
    for name in PRICE_COLUMNS:
        value, is_volume = row.get(name), name == "volume"
        if value is None:
            continue
        number = isinstance(value, numbers.Real) and not isinstance(value, bool) and np.isfinite(float(value))
        if not number or not (float(value) > 0 or (is_volume and value == 0)):
            raise DataError(
                "volume must be a number, zero or above"
                if is_volume
                else "prices must be numbers above zero",
                came=f"{name} of {row.get('entity')} on {row.get('time')} is {value!r}",
                do="Send the number, or leave the column out" if is_volume else PRICE_HINT,
            )


def _check_range(row: Mapping[str, Any]) -> None:
    low, high = row.get("low"), row.get("high")
    inside = [float(row[name]) for name in ("open", "close") if row.get(name) is not None]
    below = low is not None and min([*inside, high or low]) < low * (1 - RANGE_TOLERANCE)
    above = high is not None and max(inside) > high * (1 + RANGE_TOLERANCE)
    if below or above:
        raise DataError(
            "open and close must lie between low and high",
            came=f"{row['entity']} on {row['time']} has low {low} and high {high} around {inside}",
            do="Correct the day, or leave open, high and low out",
        )


def _plain(name: str, value: Any) -> Any:
    if name == "time":
        try:
            return datetime.date.fromisoformat(str(value)[:10])
        except ValueError as error:
            raise DataError(
                "time must be a day", came=f"got {value!r}", do="Write it like 2026-01-31"
            ) from error
    if name == "entity":
        return str(value)
    return None if value is None else float(value)


def as_table(answer: Answer, parts: Parts) -> pl.DataFrame:
    """An answer as a table, one row per origin and horizon (see `Predictor.predict`)."""
    n, n_horizons = len(answer.entity), len(parts.horizons)
    distribution = answer.distribution
    columns: dict[str, Any] = {
        "entity": np.repeat(np.array(answer.entity, dtype=object), n_horizons),
        "time": np.repeat(answer.time, n_horizons),
        "horizon": np.tile(np.array(parts.horizons), n),
        "price": np.repeat(answer.price, n_horizons),
        "volatility": np.sqrt(distribution.variance).ravel(),
    }
    for alpha in ALPHAS:
        columns[f"var_{_percent(1 - alpha)}"] = distribution.value_at_risk(alpha).ravel()
        columns[f"es_{_percent(1 - alpha)}"] = distribution.expected_shortfall(alpha).ravel()
    for place, level in enumerate(LEVELS):
        columns[f"q_{level:g}"] = distribution.quantiles[..., place].ravel()
    return pl.DataFrame(columns).with_columns(pl.col("entity").cast(pl.String), pl.col("time").cast(pl.Date))


def _percent(level: float) -> str:
    return f"{100 * level:g}"
