"""Answering from bundles: everything that never trains and never imports torch."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import polars as pl

from barograph.collect.books import read_book
from barograph.collect.catalogue import open_source
from barograph.collect.contract import PRICES
from barograph.collect.frames import from_frame
from barograph.collect.market_samples import ENTITIES
from barograph.collect.scenarios import open_scenario, packaged
from barograph.core.book import Scenario
from barograph.core.errors import InputError, StorageError
from barograph.core.records import Panel
from barograph.core.study import CollectSection
from barograph.engines.forecasting.answer import Predictor as Forecaster
from barograph.engines.forecasting.answer import load as load_forecaster
from barograph.engines.forecasting.book import assess as assess_book

SERVED = dataclasses.replace(PRICES, minimum_rows=1)
"""The price contract of a serving request: one day is enough."""


@dataclasses.dataclass(slots=True)
class Predictor:
    """A loaded bundle; frames in, frames of the same kind out."""

    forecaster: Forecaster

    @property
    def manifest(self) -> dict[str, Any]:
        """What the bundle is and what it was made from."""
        return self.forecaster.manifest.model_dump(mode="json")

    def forecast(self) -> pl.DataFrame:
        """The forecast of every entity at its newest known day."""
        return self.forecaster.forecast()

    def predict(self, data: object) -> Any:
        """Forecast at every new day of a file or frame, leaving the live state as it is.

        A path or a polars frame answers with polars, a pandas frame with pandas, an Arrow table with Arrow.
        """
        answer = self.forecaster.predict(_panel(data))
        return _like(data, answer)

    def update(self, one: dict[str, Any]) -> pl.DataFrame:
        """Take in one day of one entity (entity, time, close, open …) and forecast at it."""
        return self.forecaster.update(one)


def load(bundle: str | Path) -> Predictor:
    """Load a bundle: hashes and parity are checked first, and a bundle that fails is refused."""
    return Predictor(load_forecaster(bundle))


def predict(bundle: str | Path, data: object, *, out: str | Path | None = None) -> Any:
    """Forecasts of a bundle for new prices; written as CSV or Parquet where `out` names a file."""
    answer = load(bundle).predict(data)
    if out is not None:
        _write(answer if isinstance(answer, pl.DataFrame) else pl.DataFrame(answer), Path(out))
    return answer


def assess(
    bundle: str | Path | Predictor, book: object, *, scenario: str | Path | Scenario | None = None
) -> dict[str, Any]:
    """VaR and ES of a book of positions for the next trading day, split, tested and shocked.

    Parameters
    ----------
    bundle : path or Predictor
        A bundle's folder, or what `load` made of it.
    book : path, frame or Book
        Columns entity and quantity or value, optional currency and class (see `collect.books.read_book`).
    scenario : str, path or Scenario, optional
        The name of a packaged scenario or a YAML file of shocks; all packaged ones where left out.

    Returns
    -------
    dict
        JSON-ready, as described at `engines.forecasting.book.assess`.
    """
    forecaster = bundle.forecaster if isinstance(bundle, Predictor) else load_forecaster(bundle)
    known = sorted({*forecaster.parts.entities, *ENTITIES})
    wanted = packaged() if scenario is None else (scenario,)
    scenarios = [s if isinstance(s, Scenario) else open_scenario(s, entities=known) for s in wanted]
    return assess_book(forecaster, read_book(book), scenarios=scenarios)


def verify(bundle: str | Path) -> list[dict[str, Any]]:
    """Every check of a bundle: name, passed, detail; of a damaged bundle the reason, not an error."""
    try:
        loaded = load_forecaster(bundle)
    except InputError as error:
        return [{"name": "load", "passed": False, "detail": str(error)}]
    hashes = {"name": "hashes", "passed": True, "detail": f"{len(loaded.manifest.hashes)} files"}
    return [hashes] + [
        {
            "name": check.name,
            "passed": check.passed,
            "detail": f"{check.difference:.1e} (allowed {check.allowed:.0e})",
        }
        for check in loaded.checks
    ]


def _panel(data: object) -> Panel:
    if isinstance(data, str | Path):
        return open_source(CollectSection(source=str(data)), contract=SERVED).read().panel
    return from_frame(data, CollectSection(), contract=SERVED).panel


def _like(data: object, answer: pl.DataFrame) -> Any:
    if type(data).__module__.startswith("pandas"):
        return answer.to_pandas()
    if type(data).__module__.startswith("pyarrow"):
        return answer.to_arrow()
    return answer


def _write(answer: pl.DataFrame, path: Path) -> None:
    try:
        if path.suffix == ".parquet":
            answer.write_parquet(path)
        else:
            answer.write_csv(path)
    except OSError as error:
        raise StorageError(
            f"{path} must be writable",
            came=f"the system said: {error.strerror or error}",
            do="Name another file with --out",
        ) from error
