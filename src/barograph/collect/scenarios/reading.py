"""From a scenario's YAML to a `Scenario`; what is not understood is refused with the nearest right word.

    title: Black Monday            what people call it
    source: where the figures come from
    shocks:                        entity or class -> relative price move, decimals
      equity: -0.2047
    volatility: 4.0                factor on every daily volatility; 1 where left out
    rates, currencies, macro       see `rates.py` beside this file

Every scalar is read as text first, so that a ticker such as ON or NO stays one.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from barograph.collect.plain_mapping import Mapping, file_text, number, parsed, scalar, sentence
from barograph.collect.scenarios.rates import currency_moves, macro_changes, rate_shocks
from barograph.core.errors import SettingError, nearest
from barograph.core.scenario import SHOCK_WORDS, Scenario

KEYS = ("currencies", "macro", "rates", "shocks", "source", "title", "volatility")
ENDINGS = (".yaml", ".yml")
FLOOR = -1.0
"""No price falls by more than all of it."""


def packaged() -> tuple[str, ...]:
    """The names of the scenarios that come with Barograph, sorted."""
    files = resources.files("barograph.collect.scenarios").iterdir()
    return tuple(sorted(f.name.removesuffix(".yaml") for f in files if f.name.endswith(".yaml")))


def open_scenario(scenario: str | Path, *, entities: Iterable[str] | None) -> Scenario:
    """A scenario by the name of a packaged one, or from a YAML file.

    Parameters
    ----------
    scenario : str or Path
    entities : iterable of str, optional
        Names that a shock may be given for, beside `core.scenario.SHOCK_WORDS`; None takes any name, as a
        book without prices does.

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
    return parse_scenario(file_text(path), name=path.stem, label=path.name, entities=entities)


def parse_scenario(content: str, *, name: str, label: str, entities: Iterable[str] | None) -> Scenario:
    """A scenario from its YAML text; `label` is what messages call it (see `open_scenario`)."""
    top = parsed(content, label)
    for key in top:
        if key not in KEYS:
            raise SettingError(
                f"{label} may have the keys {', '.join(KEYS)}",
                came=f"got '{key}'",
                do=sentence(nearest(key, KEYS)),
            )
    known = None if entities is None else [*entities, *SHOCK_WORDS]
    scenario = Scenario(
        name=name,
        source=scalar(top.get("source"), "source", label),
        shocks=_shocks(top.get("shocks"), label, known),
        volatility=_factor(top.get("volatility"), label),
        title=scalar(top.get("title"), "title", label),
        rates=rate_shocks(top.get("rates"), label),
        currencies=currency_moves(top.get("currencies"), label),
        macro=macro_changes(top.get("macro"), label),
    )
    if not scenario.shocks_something:
        raise SettingError(
            f"{label} must shock something",
            came="it has neither shocks nor rates, currencies, macro or a volatility other than 1",
            do="Add a line such as `equity: -0.2` under `shocks:`",
        )
    return scenario


def _shocks(found: str | Mapping | None, label: str, known: list[str] | None) -> dict[str, float]:
    if found is None or found == "":
        return {}
    if isinstance(found, str):
        raise SettingError(
            f"shocks of {label} must map entities or classes to moves",
            came=f"got '{found}'",
            do="Write `ko: -0.2` on a line of its own below `shocks:`",
        )
    for word in found:
        if known is not None and word not in known:
            raise SettingError(
                f"a shock of {label} must name an entity of the bundle or one of {', '.join(SHOCK_WORDS)}",
                came=f"got '{word}'",
                do=sentence(nearest(word, known)),
            )
    return {word: _move(word, written, label) for word, written in found.items()}


def _move(word: str, written: str | Mapping, label: str) -> float:
    if isinstance(written, dict):
        raise SettingError(
            f"a shock of {label} must be one number", came=f"'{word}' holds keys", do="Write `ko: -0.2`"
        )
    move = number(written)
    if move is None or move < FLOOR:
        raise SettingError(
            f"a shock of {label} must be a relative price move of at least -1",
            came=f"'{word}' has '{written}'",
            do="Write decimals: -0.2 is a fall by a fifth",
        )
    return move


def _factor(found: str | Mapping | None, label: str) -> float:
    if found is None:
        return 1.0
    factor = number(found)
    if factor is None or factor <= 0.0:
        raise SettingError(
            f"volatility of {label} must be a factor above zero",
            came=f"got '{found}'",
            do="Write 2 to double every daily volatility",
        )
    return factor
