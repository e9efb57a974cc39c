"""From a name, a YAML file and single settings to one frozen `Study`.

What is set later wins: the recipe, then the file, then a budget asked for, then single settings. Whatever is
wrong is a `SettingError` that names the key, what came, and the nearest right key.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import ValidationError

from barograph.core.errors import SettingError, StorageError, unknown
from barograph.core.ledger_study import LedgerStudy
from barograph.core.level_study import LevelStudy
from barograph.core.panel_study import PanelStudy
from barograph.core.plain_yaml import parse
from barograph.core.recipe import STUDY_KINDS, AnyStudy, Recipe
from barograph.core.scoring_study import ScoringStudy
from barograph.core.section import Budget
from barograph.core.study import Study
from barograph.pipeline.setting_errors import SETTINGS, engine_of, in_words, refuse_booleans, unknown_key
from barograph.pipeline.setting_rules import check
from barograph.pipeline.study_text import dump
from barograph.risks.catalogue import DEFAULT_STUDY, RECIPES

__all__ = ["dump", "load", "shipped", "with_budget", "with_overrides"]

_BUDGETS: Final[tuple[Budget, ...]] = get_args(Budget)
_AMONG: Final = "among the settings"


def load(study: str | Path | AnyStudy, *, budget: str | None = None) -> AnyStudy:
    """A study by its name, from a YAML file, or as given.

    Parameters
    ----------
    study : str, Path or Study
        ``market/volatility``, a risk (``market``), the path of a YAML file, or a study. In a file, what is
        left out comes from the recipe of that `name`, at the `budget` the file states.
    budget : str, optional
        ``quick``, ``standard`` or ``full``; what the recipe's budgets change is then set again. For a name,
        None means ``standard``.

    Raises
    ------
    SettingError
        A name, key, value or file is not usable.

    Examples
    --------
    >>> load("market/volatility", budget="quick").train.seeds
    2
    """
    if isinstance(study, Study | ScoringStudy | LevelStudy | LedgerStudy | PanelStudy):
        chosen: AnyStudy = study
    elif _is_file(study):
        chosen = _from_file(Path(study))
    else:
        chosen = with_budget(_recipe(str(study)).study, "standard")
    return chosen if budget is None else with_budget(chosen, budget)


def with_budget(study: AnyStudy, budget: str) -> AnyStudy:
    """The study with a budget of its recipe; keys that no budget of the recipe touches stay as they are."""
    if budget not in _BUDGETS:
        raise unknown("a budget", budget, _BUDGETS)
    recipe = RECIPES.get(study.name)
    if recipe is None:
        raise SettingError(
            "a budget belongs to a shipped study",
            came=f"'{study.name}' is your own",
            do="Leave the budget out and set its keys, such as train.seeds",
        )
    base = recipe.study.model_dump()
    touched = {key for changes in recipe.budgets.values() for key in changes}
    values = {key: _look(base, key) for key in touched} | recipe.budgets[budget]
    return with_overrides(study, values | {"budget": budget})


def with_overrides(study: AnyStudy, overrides: Mapping[str, Any]) -> AnyStudy:
    """The study with single settings changed.

    Parameters
    ----------
    study : Study
        What to start from.
    overrides : mapping
        Dotted key -> value. A text is read as YAML where the setting is not itself a text; a list may be
        written ``a,b``. Keys of a mapping are reached by one more dot (``model.settings.rnn.hidden``).

    Examples
    --------
    >>> with_overrides(load("market"), {"train.seeds": "4"}).train.seeds
    4
    """
    plain = study.model_dump()
    for key, value in overrides.items():
        _place(plain, key, value)
    return _validated(plain, where=_AMONG)


def shipped() -> list[dict[str, Any]]:
    """One plain mapping per shipped study: name, question, and data, models and minutes of each budget."""
    rows = []
    for name, recipe in sorted(RECIPES.items()):
        budgets = {}
        for budget in _BUDGETS:
            study = with_budget(recipe.study, budget)
            budgets[budget] = {
                "entities": list(study.collect.entities) if isinstance(study, Study) else [],
                "networks": list(study.model.networks),
                "minutes": recipe.minutes[budget],
            }
        rows.append(
            {
                "study": name,
                "question": recipe.study.question,
                "source": recipe.study.collect.source,
                "baselines": list(recipe.study.model.baselines),
                "budgets": budgets,
            }
        )
    return rows


def _recipe(name: str) -> Recipe:
    full = DEFAULT_STUDY.get(name, name)
    if full not in RECIPES:
        raise unknown("a study", name, RECIPES)
    return RECIPES[full]


def _is_file(study: str | Path) -> bool:
    if isinstance(study, Path) or study.lower().endswith((".yaml", ".yml")):
        return True
    return study not in RECIPES and study not in DEFAULT_STUDY and Path(study).is_file()


def _from_file(path: Path) -> AnyStudy:
    given = parse(_read(path), where=path.name)
    if not isinstance(given, dict):
        raise SettingError(
            "a study file must be a mapping of keys to values",
            came=f"{path.name} holds {'nothing' if given is None else type(given).__name__}",
            do="Start from `barograph init market/volatility > my.yaml`",
        )
    plain = _base(given, path.name)
    for key, value in given.items():
        section = plain.get(key)
        if isinstance(section, dict) and isinstance(value, dict | type(None)):
            plain[key] = section | (value or {})
        else:
            plain[key] = value
    return _validated(plain, where=f"in {path.name}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SettingError(
            "a study file must be UTF-8 text",
            came=f"{path} is not, from byte {error.start} on",
            do="Save it as UTF-8",
        ) from error
    except OSError as error:
        raise StorageError(
            "a study file must be readable",
            came=f"{path}: {error.strerror}",
            do="Check the path, or write one with `barograph init market/volatility > my.yaml`",
        ) from error


def _base(given: dict[str, Any], file: str) -> dict[str, Any]:
    name, budget = given.get("name"), given.get("budget")
    if isinstance(name, str) and name in RECIPES:
        return with_budget(RECIPES[name].study, budget if budget in _BUDGETS else "standard").model_dump()
    if "question" not in given:
        raise SettingError(
            "a study file must name a shipped study, or state its own name and question",
            came=f"{file} has name: {name!r} and no question",
            do=str(unknown("a name", str(name), RECIPES).do),
        )
    return STUDY_KINDS[engine_of(given)](name="", question="").model_dump(exclude={"name"})


def _place(plain: dict[str, Any], key: str, value: Any) -> None:
    engine = engine_of(plain)
    known = SETTINGS[engine]
    named = [s for s in known if key == s or key.startswith(f"{s}.")]
    setting = max(named, key=len, default=None)  # of a section that may be missing: its settings, not itself
    if setting is None:
        raise unknown_key(key, where=_AMONG, engine=engine)
    kind = known[setting].annotation
    rest = key[len(setting) + 1 :]
    steps = setting.split(".")
    if rest and get_origin(kind) is not dict:
        raise SettingError(
            "a setting inside a list is changed in a YAML file",
            came=f"got '{key}' {_AMONG}",
            do=f"Use `barograph init`, edit {setting} there, and run the file",
        )
    while rest:
        kind = get_args(kind)[1]
        step, _, rest = rest.partition(".") if get_origin(kind) is dict else (rest, "", "")
        steps.append(step)
    for step in steps[:-1]:
        if plain.get(step) is None:
            plain[step] = {}
        plain = plain[step]
    plain[steps[-1]] = _typed(value, kind, key)


def _typed(value: Any, kind: Any, key: str) -> Any:
    is_list = get_origin(kind) is tuple
    if isinstance(value, str):
        if kind is str:
            return value
        if get_origin(kind) is Literal:
            return value
        if get_origin(kind) is UnionType and str in get_args(kind):
            return None if value.lower() in ("null", "none", "") else value
        if is_list and not value.lstrip().startswith("["):
            return [part.strip() for part in value.split(",") if part.strip()]
        return parse(value, where=f"the value of {key}")
    return (value,) if is_list and isinstance(value, int | float) else value


def _look(plain: dict[str, Any], key: str) -> Any:
    for step in key.split("."):
        plain = plain[step]
    return plain


def _validated(plain: dict[str, Any], *, where: str) -> AnyStudy:
    refuse_booleans(plain, where=where)
    engine = engine_of(plain)
    try:
        study = STUDY_KINDS[engine].model_validate(plain)
    except ValidationError as error:
        raise in_words(error, where=where, engine=engine) from error
    check(study, where=where)
    return study
