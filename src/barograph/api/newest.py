"""Bundles that forecast from the newest figures of a table alone: they keep no state."""

from __future__ import annotations

import dataclasses

from barograph.api.loaded import LoadedForecaster
from barograph.engines.forecasting.ledgers.answer import LedgerPredictor
from barograph.engines.forecasting.levels.answer import LevelPredictor


@dataclasses.dataclass(slots=True)
class LevelForecaster(LoadedForecaster[LevelPredictor]):
    """A loaded bundle of a level study; a series in, densities of its next values out."""


@dataclasses.dataclass(slots=True)
class LedgerForecaster(LoadedForecaster[LedgerPredictor]):
    """A loaded bundle of a ledger study; losses in, coming counts and the coming year's total out."""
