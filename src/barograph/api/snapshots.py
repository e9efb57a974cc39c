"""Tables kept as studies got them, and what a study needs to be repeated on one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from barograph.api.own_data import Columns
from barograph.api.own_table import OwnTable
from barograph.collect import kept
from barograph.collect.kept import Card
from barograph.core.errors import SettingError
from barograph.core.recipe import AnyStudy
from barograph.pipeline import settings as reading

__all__ = ["Card", "Recalled", "keep", "place", "recall", "snapshots"]

DONE = ("contract", "quarantine", "join")
"""Settings that were applied before a table was kept."""
NAMED_BY: dict[str, tuple[str, ...]] = {
    "target": ("target", "series", "columns"),
    "time": ("time", "columns"),
    "entity": ("entity", "loss_id", "columns"),
    "protected": ("protected",),
}
"""What names a column -> the settings of `collect` that it stands for."""


@dataclass(frozen=True, slots=True, eq=False)
class Recalled:
    """A kept table, and the settings of `collect` with which a study ran on it."""

    own: OwnTable
    settings: dict[str, Any]  # dotted key -> value


def snapshots() -> list[Card]:
    """The tables that are kept, the newest first."""
    return kept.listed()


def place() -> Path:
    """The folder in which they are kept."""
    return kept.folder_of_snapshots()


def recall(
    prefix: str, study: str | Path | AnyStudy, given: Columns, asked: Mapping[str, Any], data: object | None
) -> Recalled:
    """The table whose hash begins so. What the study leaves at its default is set as the card says.

    Parameters
    ----------
    prefix : str
        At least four digits of the hash of the table, or of what a study made of it (`data.hash`).
    study : str, Path or Study
        What is to run on it.
    given : Columns
        Columns that were named, which the card does not change.
    asked : mapping
        Settings that were asked for, which the card does not change.
    data : object
        Must be None.

    Raises
    ------
    SettingError
        No such table or several; or data, a contract or a join beside it.
    StorageError
        The table is not the one that was kept.
    """
    applied = [f"collect.{key}" for key in DONE if f"collect.{key}" in asked]
    if data is not None or applied:
        raise SettingError(
            "--snapshot must come without --data, contract, quarantine and join: it is the table after these",
            came=f"it came with {'--data' if data is not None else applied[0]}",
            do="Leave one of them out",
        )
    raw, card = kept.found(prefix)
    plan = reading.load(study)
    entry = _entry(card, prefix, plan)
    settings = _settings(entry, plan, given) if entry else {}
    own = OwnTable(raw, aside=(card.set_aside, card.set_aside_in), snapshot=card.hash)
    return Recalled(own, {"collect.source": card.source, **settings})


def _entry(card: Card, prefix: str, plan: AnyStudy) -> dict[str, Any] | None:
    """How a study of this engine ran on the table: of those named, else the last."""
    alike = [one for one in card.studies if one["engine"] == plan.engine]
    named = [one for one in alike if str(one["hash"]).startswith(prefix.lower())]
    same = [one for one in alike if one["study"] == plan.name]
    return next((some[-1] for some in (named, same, alike) if some), None)


def _settings(entry: Mapping[str, Any], plan: AnyStudy, given: Columns) -> dict[str, Any]:
    fields = type(plan.collect).model_fields
    now = plan.collect.model_dump(mode="json")
    default = {key: field.get_default(call_default_factory=True) for key, field in fields.items()}
    taken = {name for key, names in NAMED_BY.items() if getattr(given, key) for name in names}
    own = entry["study"] == plan.name
    return {
        f"collect.{key}": value
        for key, value in entry["collect"].items()
        if key in fields and key not in taken and (own or key not in DONE)
        if key != "source" and now[key] == _plain(default[key]) != value
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def keep(own: OwnTable, plan: AnyStudy, content_hash: str) -> OwnTable:
    """Keep the table that a study got; the run then says under which hash."""
    rows, file = own.aside
    told = {"source": plan.collect.source, "set_aside": rows, "set_aside_in": file}
    study = {
        "study": plan.name,
        "engine": plan.engine,
        "hash": content_hash,
        "collect": plan.collect.model_dump(mode="json"),
    }
    card = kept.keep(own.data, told, study)
    return OwnTable(own.data, own.aside, card.hash)
