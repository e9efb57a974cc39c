"""YAML in and out: plain data only, each key once, and no surprises of YAML 1.1.

Numbers, `true`, `false` and `null` are read as such; everything else is text. So a day (2015-01-01), a ticker
(ON, NO, 0700) or a time (1:30) stays what was written, and 1e-3 is a number. No tag can make an object.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import yaml

from barograph.core.errors import SettingError

__all__ = ["parse", "written"]

_RULES = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
)


class _Loader(yaml.SafeLoader):
    """The safe loader with the rules above; a key given twice is an error."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's own class attribute, emptied and refilled below

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping with text keys, each given once."""
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is not text", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{key}' is given twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


class _Dumper(yaml.SafeDumper):
    """The safe dumper; quotes whatever either reading rule would take for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write values out each time."""
        return True


for _name, _pattern, _first in _RULES:
    for _side in (_Loader, _Dumper):
        _side.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(rf"^(?:{_pattern})$"), _first)
_Dumper.add_representer(tuple, lambda dumper, data: dumper.represent_list(list(data)))


def parse(
    text: str, *, where: str, do: str = "Correct it there; `barograph init` writes a file that is right"
) -> Any:
    """The plain data of a YAML text.

    Parameters
    ----------
    text : str
        YAML of one document.
    where : str
        What the text is, for the message: a file's name, a flag.
    do : str
        What the message says is to be done.

    Raises
    ------
    SettingError
        The text is not YAML, holds a key twice, or asks for more than plain data.

    Examples
    --------
    >>> parse("{since: 2015-01-01, rate: 1e-3}", where="an example")
    {'since': '2015-01-01', 'rate': 0.001}
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a subclass of the safe loader
    except (yaml.YAMLError, RecursionError) as error:
        raise SettingError(
            f"{where} must be valid YAML",
            came=_place(error),
            do=do,
        ) from error


def _place(error: Exception) -> str:
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it is nested too deeply"
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else str(problem)


def written(value: Any) -> str:
    """A value as YAML on one line, such as ``[1, 5, 22]``; `parse` gives an equal value back.

    Examples
    --------
    >>> written({"since": "2015-01-01"})
    "{since: '2015-01-01'}"
    """
    text = yaml.dump(
        value, Dumper=_Dumper, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**9
    )
    return str(text).removesuffix("...\n").rstrip("\n")
