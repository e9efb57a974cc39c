"""Bundles that forecast from the newest figures of a table alone: they keep no state."""

from __future__ import annotations

import dataclasses
from typing import Any

import polars as pl

from barograph.api.output import like
from barograph.engines.forecasting.ledgers.answer import LedgerPredictor
from barograph.engines.forecasting.levels.answer import LevelPredictor


@dataclasses.dataclass(slots=True)
class LevelForecaster:
    """A loaded bundle of a level study; a series in, densities of its next values out."""

    predictor: LevelPredictor

    @property
    def manifest(self) -> dict[str, Any]:
        """What the bundle is and what it was made from."""
        return self.predictor.manifest.model_dump(mode="json")

    def forecast(self) -> pl.DataFrame:
        """The forecasts at the newest origin that the bundle was fitted at."""
        return self.predictor.forecast()

    def predict(self, data: object) -> Any:
        """The forecasts at the newest period of a file or frame; a frame of the same kind comes back."""
        return like(data, self.predictor.predict(data))


@dataclasses.dataclass(slots=True)
class LedgerForecaster:
    """A loaded bundle of a ledger study; losses in, coming counts and the coming year's total out."""

    predictor: LedgerPredictor

    @property
    def manifest(self) -> dict[str, Any]:
        """What the bundle is and what it was made from."""
        return self.predictor.manifest.model_dump(mode="json")

    def forecast(self) -> pl.DataFrame:
        """The forecasts after the ledger that the bundle was fitted on."""
        return self.predictor.forecast()

    def predict(self, data: object) -> Any:
        """The forecasts after newer losses of a file or frame; a frame of the same kind comes back."""
        return like(data, self.predictor.predict(data))
