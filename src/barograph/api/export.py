"""A bundle as registries take it: an MLflow model (extra `[mlflow]`) whose loader is Barograph's own."""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from barograph.api import registered
from barograph.api.answer import AnyForecaster, PanelForecaster, Predictor, Scorer, load
from barograph.api.example import Example, example_of
from barograph.api.live import EventScorer, FallForecaster
from barograph.core.errors import SettingError, StorageError
from barograph.core.late import late
from barograph.core.notes import noted
from barograph.core.version import VERSION
from barograph.deploy.bundle import manifest_hash

PINNED = ("onnxruntime", "numpy", "scipy", "polars", "pandas", "pyarrow", "mlflow-skinny")
"""What, beside Barograph, makes the figures or carries tables; none of it trains."""
QUIET = "MLFLOW_DISABLE_TELEMETRY"
"""Set before MLflow is imported, unless it is set already: an export tells nobody of itself."""


@dataclasses.dataclass(frozen=True, slots=True)
class Exported:
    """An MLflow model as a folder."""

    folder: Path
    study: str
    inputs: tuple[str, ...]
    """Columns of a request, those that may be left out last."""
    outputs: tuple[str, ...]
    """Columns of an answer."""
    state: str
    """What was exported of a live state, one sentence."""


def export(bundle: str | Path, *, mlflow: str | Path) -> Exported:
    """Write a bundle as an MLflow model, whole or not at all.

    The model holds the bundle, its columns as a signature, a small example, the versions of what it needs
    (nothing that trains), and study, verdict, hashes and age as metadata. Its loader is Barograph's: hashes
    and parity are checked again wherever MLflow loads it. Needs the extra ``barograph[mlflow]``.

    Parameters
    ----------
    bundle : str or Path
        Of any engine.
    mlflow : str or Path
        Folder of the model; must not exist yet.

    Raises
    ------
    BundleError
        The bundle does not pass its checks.
    SettingError
        The folder is there already, or the extra is not installed.
    StorageError
        The folder cannot be written.
    """
    folder = Path(mlflow)
    if folder.exists():
        raise SettingError(
            f"the folder {folder} of an export must not exist yet",
            came="it does",
            do="Name another, or remove it",
        )
    model = load(bundle)
    example = example_of(model)
    answers, state = _answers(model, example), _state(model)
    metadata = {**_metadata(model.manifest), "state": state}
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".barograph-") as own:
            fresh = Path(own) / folder.name
            _save(fresh, Path(bundle), example, answers, metadata)
            os.replace(fresh, folder)
    except OSError as error:
        raise StorageError(
            f"the folder {folder} must be writable and its disk must have room",
            came=f"the system said: {error.strerror or error}",
            do="Free space or name another folder",
        ) from error
    inputs = (*example.table.columns, *example.optional)
    return Exported(folder, model.manifest["study"], inputs, tuple(answers.columns), state)


def _answers(model: AnyForecaster | Scorer | EventScorer, example: Example) -> pl.DataFrame:
    """An answer of the model, for the columns of the signature."""
    if isinstance(model, Scorer | EventScorer):
        return pl.DataFrame(model.predict(example.table))
    return model.forecast()


def _state(model: AnyForecaster | Scorer | EventScorer) -> str:
    live = isinstance(model, Predictor | PanelForecaster | FallForecaster | EventScorer)
    return noted("notes.exported.live" if live else "notes.exported.stateless")


def _metadata(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What a reader of the registry should know before the model is loaded."""
    kept = ("study", "question", "engine", "champion", "verdict", "verdict_note", "created", "barograph")
    return {
        **{key: manifest[key] for key in kept},
        "fitted_until": manifest["fitted_until"],
        "data_hash": manifest["data"]["content_hash"],
        "data_source": manifest["data"]["source"],
    }


def _save(
    folder: Path, bundle: Path, example: Example, answers: pl.DataFrame, metadata: Mapping[str, Any]
) -> None:
    mlflow, digest = _mlflow(), manifest_hash(bundle)
    types = _late("mlflow.types")
    columns = [(name, kind, True) for name, kind in example.table.schema.items()]
    columns += [(name, kind, False) for name, kind in example.optional.items()]
    mlflow.pyfunc.save_model(
        folder,
        loader_module=registered.__name__,
        data_path=str(bundle),
        model_config={registered.HASH: digest},
        signature=_late("mlflow.models").ModelSignature(
            inputs=types.Schema(
                [types.ColSpec(_type(kind), name, required=must) for name, kind, must in columns]
            ),
            outputs=types.Schema([types.ColSpec(_type(kind), name) for name, kind in answers.schema.items()]),
        ),
        input_example=example.table.to_pandas(),
        pip_requirements=requirements(),
        metadata={"barograph": {**metadata, registered.HASH: digest}},
    )


def requirements() -> list[str]:
    """What a server of the model installs, each at the version that is here."""
    return [f"barograph=={VERSION}", *(f"{name}=={version(name)}" for name in PINNED)]


def _type(kind: pl.DataType) -> str:
    """MLflow's name of a column's type."""
    if kind.is_temporal():
        return "datetime"
    if kind.is_integer():
        return "long"
    return {pl.Boolean: "boolean", pl.String: "string"}.get(type(kind), "double")


def _mlflow() -> Any:
    """MLflow, imported when it is first needed: it takes a second or two."""
    os.environ.setdefault(QUIET, "true")
    for name in ("pandas", "pyarrow", "mlflow.pyfunc"):
        _late(name)
    return _late("mlflow")


def _late(name: str) -> Any:
    return late(name, need="an export to MLflow", install="pip install 'barograph[mlflow]'")
