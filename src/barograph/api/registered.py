"""What MLflow loads of an exported bundle: `api.load` behind the one method it calls. Imports no MLflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from barograph.api.answer import AnyForecaster, Scorer, load
from barograph.api.live import EventScorer
from barograph.core.errors import BundleError
from barograph.deploy.bundle import manifest_hash

HASH = "bundle_sha256"
"""Key of the model's configuration: sha256 of the bundle's manifest, which holds those of all its files."""


class Registered:
    """A bundle as a registry serves it: pandas in, pandas out, the live state left as it is."""

    def __init__(self, model: AnyForecaster | Scorer | EventScorer) -> None:
        self.model = model

    def predict(self, table: Any, params: Mapping[str, Any] | None = None) -> Any:
        """The bundle's answers to a table; it has no parameters."""
        answer = self.model.predict(table)
        return answer.to_pandas() if isinstance(answer, pl.DataFrame) else answer


def _load_pyfunc(path: str, model_config: Mapping[str, Any] | None = None) -> Registered:
    """What MLflow calls, by this name, with the folder of the bundle and the configuration stored beside it.

    Raises
    ------
    BundleError
        The bundle is not the one that was exported, or fails the checks of `api.load`.
    """
    stated = str((model_config or {}).get(HASH, ""))
    if manifest_hash(path) != stated:
        raise BundleError(
            "an exported bundle must be the one whose hash its MLmodel states",
            came=f"its manifest has another hash than {stated or 'none'}",
            do="Do not serve it; export the bundle again",
        )
    return Registered(load(path))
