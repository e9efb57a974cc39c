"""YAML files of keys and figures: every scalar as the text it was written as, every key once.

A ticker such as ON or NO and a currency stay what they are; what a text means is the reader's business.
"""

from __future__ import annotations

import math
from pathlib import Path

import yaml

from barograph.core.errors import SettingError, StorageError

Mapping = dict[str, "str | Mapping"]


def parsed(content: str, label: str) -> Mapping:
    """The mapping in a YAML text; `label` is what messages call it.

    Raises
    ------
    SettingError
        It is no YAML, no mapping, or gives a key twice or a list.
    """
    try:
        node = yaml.compose(content, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        at = f"line {mark.line + 1}: " if mark else ""
        came = f"{at}{getattr(error, 'problem', None) or getattr(error, 'reason', None) or 'it is not'}"
        raise SettingError(f"{label} must be valid YAML", came=came, do="Correct it there") from error
    return _mapping(node, label)


def file_text(path: Path) -> str:
    """The text of a UTF-8 file."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        came = error.strerror or type(error).__name__
        raise StorageError(
            f"{path} must be a readable file", came=came, do="Check its permissions"
        ) from error
    except UnicodeDecodeError as error:
        raise SettingError(
            f"{path.name} must be UTF-8 text", came=f"byte {error.start} is not", do="Save it as UTF-8"
        ) from error


def scalar(found: str | Mapping | None, key: str, label: str) -> str:
    """A text value in one line; empty where the key is not there."""
    if isinstance(found, dict):
        raise SettingError(f"{key} of {label} must be text", came="it holds keys", do="Put it in quotes")
    return " ".join((found or "").split())


def number(written: str | Mapping | None) -> float | None:
    """A finite number, or None."""
    try:
        value = float(written) if isinstance(written, str) else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def sentence(hint: str) -> str:
    """A hint with a capital first letter."""
    return hint[:1].upper() + hint[1:]


def _mapping(node: yaml.Node | None, label: str) -> Mapping:
    if not isinstance(node, yaml.MappingNode):
        raise SettingError(
            f"{label} must be a mapping of keys to values",
            came="it is empty" if node is None else f"line {node.start_mark.line + 1} is none",
            do="Write lines such as `key: value`",
        )
    found: Mapping = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or not isinstance(value, yaml.ScalarNode | yaml.MappingNode):
            raise SettingError(
                f"{label} must give each key one value",
                came=f"line {line} holds something else",
                do="Correct it",
            )
        if key.value in found:
            raise SettingError(
                f"{label} must give each key once",
                came=f"line {line} gives '{key.value}' again",
                do="Remove one",
            )
        found[key.value] = value.value if isinstance(value, yaml.ScalarNode) else _mapping(value, label)
    return found
