"""From a scenario's YAML to a `Scenario`; what is not understood is refused with the nearest right word.

    title: Black Monday            what people call it
    source: where the figures come from
    shocks:                        entity or class -> relative price move, decimals
      equity: -0.2047
    volatility: 4.0                factor on every daily volatility; 1 where left out

Every scalar is read as text first, so that a ticker such as ON or NO stays one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

import yaml

from barograph.core.book import SHOCK_WORDS, Scenario
from barograph.core.errors import SettingError, StorageError, nearest

KEYS = ("shocks", "source", "title", "volatility")
ENDINGS = (".yaml", ".yml")
FLOOR = -1.0
"""No price falls by more than all of it."""

Mapping = dict[str, str | dict[str, str]]


def packaged() -> tuple[str, ...]:
    """The names of the scenarios that come with Barograph, sorted."""
    files = resources.files("barograph.collect.scenarios").iterdir()
    return tuple(sorted(f.name.removesuffix(".yaml") for f in files if f.name.endswith(".yaml")))


def open_scenario(scenario: str | Path, *, entities: Iterable[str]) -> Scenario:
    """A scenario by the name of a packaged one, or from a YAML file.

    Parameters
    ----------
    scenario : str or Path
    entities : iterable of str
        Names that a shock may be given for, beside `core.book.SHOCK_WORDS`.

    Raises
    ------
    SettingError
        It is neither; a key or an entity is not known; a figure is not one.

    Examples
    --------
    >>> open_scenario("volatility_doubles", entities=["ko"]).volatility
    2.0
    """
    path = Path(scenario)
    if str(scenario) in packaged():
        file = resources.files("barograph.collect.scenarios") / f"{scenario}.yaml"
        return parse_scenario(
            file.read_text(encoding="utf-8"), name=str(scenario), label=file.name, entities=entities
        )
    if not path.is_file():
        hint = nearest(path.stem, packaged())
        raise SettingError(
            "a scenario must be a YAML file or the name of a packaged one",
            came=f"'{scenario}' is neither",
            do=hint[:1].upper() + hint[1:],
        )
    return parse_scenario(_text(path), name=path.stem, label=path.name, entities=entities)


def parse_scenario(content: str, *, name: str, label: str, entities: Iterable[str]) -> Scenario:
    """A scenario from its YAML text; `label` is what messages call it (see `open_scenario`)."""
    try:
        node = yaml.compose(content, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        at = f"line {mark.line + 1}: " if mark else ""
        came = f"{at}{getattr(error, 'problem', None) or getattr(error, 'reason', None) or 'it is not'}"
        raise SettingError(f"{label} must be valid YAML", came=came, do="Correct it there") from error
    top = _mapping(node, label)
    for key in top:
        if key not in KEYS:
            raise SettingError(
                f"{label} may have the keys {', '.join(KEYS)}",
                came=f"got '{key}'",
                do=_sentence(nearest(key, KEYS)),
            )
    shocks = _shocks(top.get("shocks"), label, [*entities, *SHOCK_WORDS])
    factor = _factor(top.get("volatility"), label)
    if not shocks and factor == 1.0:
        raise SettingError(
            f"{label} must shock something",
            came="it has neither shocks nor a volatility other than 1",
            do="Add a line such as `equity: -0.2` under `shocks:`",
        )
    return Scenario(
        name=name,
        source=_scalar(top.get("source"), "source", label),
        shocks=shocks,
        volatility=factor,
        title=_scalar(top.get("title"), "title", label),
    )


def _text(path: Path) -> str:
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


def _mapping(node: yaml.Node | None, label: str) -> Mapping:
    """A mapping of texts to texts or to such mappings; each key once."""
    if not isinstance(node, yaml.MappingNode):
        raise SettingError(
            f"{label} must be a mapping of keys to values",
            came="it is empty" if node is None else f"line {node.start_mark.line + 1} is none",
            do="Write lines such as `volatility: 2`",
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
        found[key.value] = value.value if isinstance(value, yaml.ScalarNode) else _flat(value, label)
    return found


def _flat(node: yaml.MappingNode, label: str) -> dict[str, str]:
    inner = _mapping(node, label)
    deep = [key for key, value in inner.items() if isinstance(value, dict)]
    if deep:
        raise SettingError(
            f"a shock of {label} must be one number", came=f"'{deep[0]}' holds keys", do="Write `ko: -0.2`"
        )
    return {key: value for key, value in inner.items() if isinstance(value, str)}


def _shocks(found: str | dict[str, str] | None, label: str, known: list[str]) -> dict[str, float]:
    if found is None or found == "":
        return {}
    if isinstance(found, str):
        raise SettingError(
            f"shocks of {label} must map entities or classes to moves",
            came=f"got '{found}'",
            do="Write `ko: -0.2` on a line of its own below `shocks:`",
        )
    for word in found:
        if word not in known:
            raise SettingError(
                f"a shock of {label} must name an entity of the bundle or one of {', '.join(SHOCK_WORDS)}",
                came=f"got '{word}'",
                do=_sentence(nearest(word, known)),
            )
    return {word: _move(word, written, label) for word, written in found.items()}


def _move(word: str, written: str, label: str) -> float:
    move = _number(written)
    if move is None or move < FLOOR:
        raise SettingError(
            f"a shock of {label} must be a relative price move of at least -1",
            came=f"'{word}' has '{written}'",
            do="Write decimals: -0.2 is a fall by a fifth",
        )
    return move


def _factor(found: str | dict[str, str] | None, label: str) -> float:
    if found is None:
        return 1.0
    factor = _number(found) if isinstance(found, str) else None
    if factor is None or factor <= 0.0:
        raise SettingError(
            f"volatility of {label} must be a factor above zero",
            came=f"got '{found}'",
            do="Write 2 to double every daily volatility",
        )
    return factor


def _scalar(found: str | dict[str, str] | None, key: str, label: str) -> str:
    if isinstance(found, dict):
        raise SettingError(f"{key} of {label} must be text", came="it holds keys", do="Put it in quotes")
    return " ".join((found or "").split())


def _number(written: str) -> float | None:
    try:
        value = float(written)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _sentence(hint: str) -> str:
    return hint[:1].upper() + hint[1:]
