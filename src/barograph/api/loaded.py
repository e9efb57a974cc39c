"""What every bundle that is loaded has in common, whatever it was made from."""

from __future__ import annotations

import dataclasses
from typing import Any, Generic, Protocol, TypeVar

import polars as pl
from pydantic import BaseModel

from barograph.api.output import like


class Predicting(Protocol):
    """A predictor of an engine."""

    @property
    def manifest(self) -> BaseModel:
        """What the bundle says of itself."""
        ...

    def predict(self, data: Any) -> pl.DataFrame:
        """Answers to data."""
        ...


class Forecasting(Predicting, Protocol):
    """A predictor that also knows where the data it was fitted on ended."""

    def forecast(self) -> pl.DataFrame:
        """Answers at the newest moment it knows."""
        ...


Own = TypeVar("Own", bound=Predicting)
OwnForecasts = TypeVar("OwnForecasts", bound=Forecasting)


@dataclasses.dataclass(slots=True)
class Loaded(Generic[Own]):
    """A loaded bundle; data in, answers out."""

    predictor: Own

    @property
    def manifest(self) -> dict[str, Any]:
        """What the bundle is and what it was made from."""
        return self.predictor.manifest.model_dump(mode="json")

    def predict(self, data: object) -> Any:
        """Answers to a file or frame, leaving any state as it is.

        A path, a mapping or a polars frame answers with polars, a pandas frame with pandas, Arrow with Arrow.
        """
        return like(data, self.predictor.predict(data))


@dataclasses.dataclass(slots=True)
class LoadedForecaster(Loaded[OwnForecasts]):
    """A loaded bundle that also forecasts from what it was fitted on."""

    def forecast(self) -> pl.DataFrame:
        """The forecasts at the newest moment that the bundle knows."""
        return self.predictor.forecast()
