"""The ledger branch, answer side: a bundle loaded, checked and asked. Never torch."""

from __future__ import annotations

import dataclasses
import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from barograph.collect.ledgers.own import ledger_of
from barograph.collect.reading import table_of
from barograph.core.errors import DataError
from barograph.core.ledger_table import LossLedger
from barograph.deploy.bundle import Bundle, read_bundle
from barograph.deploy.gate import Check, passed
from barograph.deploy.manifest import LedgerManifest
from barograph.engines.forecasting.ledgers.annual import annual_mean
from barograph.engines.forecasting.ledgers.newest import newest_counts, year_quantiles, year_severity
from barograph.engines.forecasting.ledgers.parity import check_parity
from barograph.engines.forecasting.ledgers.parts import PARITY, Parts, read_parts
from barograph.measures.losses import counts
from barograph.measures.losses.fitted import frequency_of
from barograph.prepare.ledgers import WEEK, complete_weeks

YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class LedgerPredictor:
    """A loaded bundle of a loss ledger."""

    bundle: Bundle[LedgerManifest]
    parts: Parts
    checks: tuple[Check, ...]

    @property
    def manifest(self) -> LedgerManifest:
        """What the bundle is and what it was made from."""
        return self.bundle.manifest

    def forecast(self) -> pl.DataFrame:
        """The forecasts after the ledger that the bundle was fitted on (columns as `table`)."""
        return self.table(self.parts.ledger)

    def predict(self, data: object) -> pl.DataFrame:
        """The forecasts after newer losses.

        Parameters
        ----------
        data : str, Path or frame
            CSV or Parquet file, or table, with the columns of `manifest.columns`, one row per loss. Losses
            later than the bundle's own are added to them; earlier ones are in it already.
        """
        raw = table_of(data)
        given, _ = ledger_of(raw, self.parts.request)
        return self.table(self._extended(given))

    def _extended(self, given: LossLedger) -> LossLedger:
        own = self.parts.ledger
        fresh = given.day > own.until
        if not fresh.any():
            raise DataError(
                f"a request must hold losses later than {own.until}, the last day the bundle knows",
                came=f"its last loss is of {given.until}",
                do="Send newer losses, or call forecast from Python for what the bundle says by itself",
            )
        return dataclasses.replace(
            own,
            day=np.concatenate([own.day, given.day[fresh]]),
            amount=np.concatenate([own.amount, given.amount[fresh]]),
            until=given.until,
        )

    def table(self, ledger: LossLedger) -> pl.DataFrame:
        """The forecasts after a ledger.

        Returns
        -------
        polars.DataFrame
            `what` ("count" of a week, or "annual_loss", money), `since` and `until` (first and last day),
            `mean` (infinite where the tail has none), and a quantile for each of `manifest.levels`. Weeks
            after the first keep the history as it stands.
        """
        said = newest_counts(self.parts, ledger)
        monday = complete_weeks(ledger)[-1] + WEEK
        rows = []
        for place, (mean, dispersion) in enumerate(zip(said.mean, said.dispersion, strict=True)):
            first = monday + WEEK * place
            found = counts.quantile(np.asarray(self.manifest.levels), mean, dispersion=dispersion)
            rows.append(self._row("count", first, first + WEEK - 1, float(mean), found))
        severity = year_severity(self.parts, ledger)
        total = annual_mean(frequency_of(self.parts.frequency), severity)
        after = ledger.until + 1
        year = year_quantiles(self.parts, severity)
        rows.append(self._row("annual_loss", after, after + YEAR_DAYS - 1, total, year))
        return pl.DataFrame(rows)

    def _row(
        self, what: str, since: np.datetime64, until: np.datetime64, mean: float, quantiles: Any
    ) -> dict[str, Any]:
        named = {f"q_{level:g}": float(q) for level, q in zip(self.manifest.levels, quantiles, strict=True)}
        return {"what": what, "since": _date(since), "until": _date(until), "mean": mean, **named}


def _date(day: np.datetime64) -> datetime.date:
    found: datetime.date = day.astype("datetime64[D]").item()
    return found


def load(folder: Path | str) -> LedgerPredictor:
    """Load a bundle, check its hashes and its parity, and make it ready; raises `BundleError` otherwise."""
    bundle = read_bundle(folder, LedgerManifest)

    def read() -> tuple[Parts, list[Check]]:
        parts = read_parts(bundle)
        return parts, check_parity(parts, bundle.arrays(PARITY))

    parts, checks = passed(read)
    return LedgerPredictor(bundle, parts, checks)
