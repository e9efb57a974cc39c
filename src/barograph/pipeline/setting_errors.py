"""What is wrong with a setting, in words: the key, what came, and the nearest right thing."""

from __future__ import annotations

from types import UnionType
from typing import Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticUndefined

from barograph.core.described import described
from barograph.core.errors import SettingError, nearest
from barograph.core.ledger_study import LedgerClaim
from barograph.core.level_study import LevelClaim
from barograph.core.panel_study import PanelClaim
from barograph.core.recipe import STUDY_KINDS
from barograph.core.record_sections import JoinSection
from barograph.core.scoring_study import ScoringClaim
from barograph.core.section import Section
from barograph.core.section_errors import must, shown
from barograph.core.study import Claim

__all__ = ["SETTINGS", "engine_of", "in_words", "refuse_booleans", "unknown_key"]


def _leaves(model: type[BaseModel], prefix: str = "") -> dict[str, FieldInfo]:
    found: dict[str, FieldInfo] = {}
    for name, field in described(model).items():
        sections = [kind for kind in _kinds(field) if isinstance(kind, type) and issubclass(kind, Section)]
        if len(sections) < len(_kinds(field)):  # a value of its own, such as null for no section
            found[f"{prefix}{name}"] = field
        for section in sections:
            found |= _leaves(section, f"{prefix}{name}.")
    return found


def _kinds(field: FieldInfo) -> tuple[Any, ...]:
    """The types a setting may have, those of a union one by one."""
    union = get_origin(field.annotation) in (Union, UnionType)
    return get_args(field.annotation) if union else (field.annotation,)


SETTINGS: Final[dict[str, dict[str, FieldInfo]]] = {
    engine: _leaves(kind) for engine, kind in STUDY_KINDS.items()
}
"""Engine -> every setting of its studies by its dotted key, such as ``train.seeds``."""

_CLAIMS: Final[dict[str, type[Section]]] = {
    "forecasting": Claim,
    "scoring": ScoringClaim,
    "levels": LevelClaim,
    "ledgers": LedgerClaim,
    "panels": PanelClaim,
}


def engine_of(plain: dict[str, Any]) -> str:
    """The engine a plain study names; one that does not exist is left to the check of its values."""
    engine = plain.get("engine")
    return engine if isinstance(engine, str) and engine in STUDY_KINDS else "forecasting"


def unknown_key(path: str, *, where: str, engine: str = "forecasting") -> SettingError:
    """The error for a key that no section has, naming the nearest one that exists.

    Examples
    --------
    >>> str(unknown_key("train.sedes", where="in my.yaml"))
    "a setting must be a known key; got 'train.sedes' in my.yaml. Did you mean 'train.seeds'?"
    """
    hint = _nearest_key(path, engine)
    return SettingError(
        "a setting must be a known key", came=f"got '{path}' {where}", do=hint[:1].upper() + hint[1:]
    )


def _nearest_key(path: str, engine: str) -> str:
    leaf, known = path.rpartition(".")[2], SETTINGS[engine]
    if path.startswith("evaluate.claims."):
        return nearest(leaf, _CLAIMS[engine].model_fields)
    if path.startswith("collect.join."):
        return nearest(leaf, JoinSection.model_fields)
    namesakes = [key for key in known if key.rpartition(".")[2] == leaf]
    if namesakes:
        return f"did you mean '{namesakes[0]}'?"
    hint = nearest(path, known)
    section = path.partition(".")[0]
    if hint.startswith("did"):
        return hint
    siblings = [key for key in known if key.startswith(f"{section}.")]
    return nearest(path, siblings or STUDY_KINDS[engine].model_fields)


def refuse_booleans(plain: dict[str, Any], *, where: str) -> None:
    """Raise where `true` or `false` stands for a number (pydantic would read them as 1 and 0)."""
    for key, field in SETTINGS[engine_of(plain)].items():
        if field.annotation is bool:
            continue
        section, _, leaf = key.rpartition(".")
        holder = plain.get(section) if section else plain
        value = holder.get(leaf) if isinstance(holder, dict) else None
        items = value if isinstance(value, list | tuple) else [value]
        if any(isinstance(item, bool) for item in items):
            raise SettingError(
                f"{key} must not be true or false",
                came=f"got {shown(value)} {where}",
                do=f"Correct it. {field.description or ''}".strip(),
            )


def in_words(error: ValidationError, *, where: str, engine: str = "forecasting") -> SettingError:
    """The first of pydantic's complaints as one message of ours; the others are counted and named.

    Parameters
    ----------
    error : ValidationError
        Raised by `Study.model_validate`.
    where : str
        Where the value stood: ``in my.yaml``, ``among the settings``.
    engine : str
        Whose settings they are.
    """
    details = error.errors(include_url=False)
    first = next((d for d in details if d["type"] == "extra_forbidden"), details[0])
    others = [_path(d) for d in details if d is not first]
    also = f" (and {len(others)} more: {', '.join(others[:5])})" if others else ""
    path = _path(first)
    if first["type"] == "extra_forbidden":
        wrong = unknown_key(path, where=where, engine=engine)
        return SettingError(wrong.must, came=wrong.came + also, do=wrong.do)
    if first["type"] == "missing":
        return SettingError(
            f"{path} must be given", came=f"it is missing {where}{also}", do="Write a line for it"
        )
    return SettingError(
        f"{path} {must(first)}",
        came=f"got {shown(first['input'])} {where}{also}",
        do=_do(first, path, engine),
    )


def _path(detail: ErrorDetails) -> str:
    return ".".join(str(part) for part in detail["loc"]) or "the study"


def _do(detail: ErrorDetails, path: str, engine: str) -> str:
    if detail["type"] == "literal_error":
        expected = str(detail["ctx"]["expected"]).replace(" or ", ", ").split(", ")
        hint = nearest(str(detail["input"]), [word.strip("'") for word in expected])
        return hint[:1].upper() + hint[1:]
    if detail["type"] == "string_type":
        return "Put it in quotes if it is meant as text"
    field = SETTINGS[engine].get(path)
    if field is None or field.default is PydanticUndefined:
        return "Correct it"
    return (
        f"Correct it, or leave it out for the default, {field.default!r}. {field.description or ''}".strip()
    )
