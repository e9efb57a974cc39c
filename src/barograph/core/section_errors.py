"""What is wrong with a value of a section, in words: pydantic's complaints in the one wording of ours."""

from __future__ import annotations

from typing import Any, Final

from pydantic_core import ErrorDetails

__all__ = ["must", "shown"]

_MUST: Final[dict[str, str]] = {
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number of ordinary size",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "string_type": "must be text",
    "tuple_type": "must be a list, such as [a, b]",
    "dict_type": "must be a mapping of keys to values",
    "model_type": "must be a section of keys and values",
    "literal_error": "must be one of {expected}",
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be at most {le}",
    "recursion_loop": "must not contain itself",
}


def must(detail: ErrorDetails) -> str:
    """What the value of a complaint must be, continuing "KEY …"."""
    wording = _MUST.get(detail["type"])
    if wording is None:
        return f"is not usable ({detail['msg'][:1].lower()}{detail['msg'][1:]})"
    return wording.format(**detail.get("ctx", {}))


def shown(value: Any) -> str:
    """A value as it came, in at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
