"""A contract's file: YAML to terms, each wrong key answered by the nearest right one."""

from __future__ import annotations

import datetime
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from barograph.collect.contracts.terms import ColumnTerms, FreshTerms, TableContract
from barograph.collect.plain_mapping import file_text, sentence
from barograph.core.errors import SettingError, StorageError, nearest
from barograph.core.plain_yaml import parse
from barograph.core.section_errors import must, shown

TODAY = "today"
PROPOSE = "Correct it there; `barograph inspect FILE --write-contract contract.yaml` writes one that is right"


def read_contract(source: str | Path) -> TableContract:
    """The contract in a YAML file.

    Raises
    ------
    SettingError
        The file is no contract; the message names the key, what came, and the nearest right key.
    StorageError
        It cannot be read.
    """
    path = Path(source).expanduser()
    if not path.is_file():
        raise StorageError(
            "a contract must be a YAML file",
            came=f"{path} is not there",
            do=f"Check the path, or propose one: {PROPOSE.partition('`')[2].partition('`')[0]}",
        )
    plain = parse(file_text(path), where=path.name, do=PROPOSE)
    if not isinstance(plain, dict):
        raise SettingError(
            f"{path.name} must be a mapping of keys to values",
            came="it is empty" if plain is None else f"it holds {type(plain).__name__}",
            do=PROPOSE,
        )
    try:
        terms = TableContract.model_validate(plain)
    except ValidationError as error:
        raise _in_words(error, path.name) from error
    _check(terms, path.name)
    return terms if terms.name else terms.model_copy(update={"name": path.name})


def _in_words(error: ValidationError, file: str) -> SettingError:
    """The first complaint, strange keys before others; how many more there are."""
    details = error.errors(include_url=False)
    first = next((one for one in details if one["type"] == "extra_forbidden"), details[0])
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    key = ".".join(str(part) for part in first["loc"]) or "the file"
    if first["type"] == "extra_forbidden":
        return SettingError(
            f"a key of {file} must be a known one",
            came=f"got '{key}'{more}",
            do=sentence(nearest(str(first["loc"][-1]), _section_of(first["loc"]).model_fields)),
        )
    if first["type"] == "missing":
        return SettingError(f"{key} must be given", came=f"{file} lacks it{more}", do="Write a line for it")
    return SettingError(
        f"{key} {must(first)}", came=f"got {shown(first['input'])} in {file}{more}", do=_do(first)
    )


def _section_of(loc: tuple[int | str, ...]) -> type[ColumnTerms | FreshTerms | TableContract]:
    """The section in which a strange key stands."""
    if len(loc) == 1:
        return TableContract
    return FreshTerms if loc[0] == "freshness" else ColumnTerms


def _do(detail: ErrorDetails) -> str:
    if detail["type"] != "literal_error":
        return "Correct it"
    expected = str(detail["ctx"]["expected"]).replace(" or ", ", ").split(", ")
    return sentence(nearest(str(detail["input"]), [word.strip("'") for word in expected]))


def _check(terms: TableContract, file: str) -> None:
    """What must hold between the keys."""
    named = [("freshness.column", terms.freshness.column)] if terms.freshness else []
    named += [(f"keys.{place}", name) for place, names in enumerate(terms.keys) for name in names]
    for key, name in named:
        if name not in terms.columns:
            raise SettingError(
                f"{key} must name a column of the contract",
                came=f"got '{name}' in {file}",
                do=sentence(nearest(name, terms.columns)) if terms.columns else "Add it to columns",
            )
    if terms.freshness and terms.columns[terms.freshness.column].type != "date":
        kind = terms.columns[terms.freshness.column].type
        raise SettingError(
            "freshness.column must be a column of type date",
            came=f"'{terms.freshness.column}' is of type {kind} in {file}",
            do=f"Write columns.{terms.freshness.column}.type: date",
        )
    for name, column in terms.columns.items():
        for bound in ("minimum", "maximum"):
            _check_bound(f"columns.{name}.{bound}", getattr(column, bound), column, file)


def _check_bound(key: str, bound: float | str | None, column: ColumnTerms, file: str) -> None:
    if bound is None:
        return
    if column.type in ("any", "text"):
        came = f"it goes with type {column.type} in {file}"
        raise SettingError(
            f"{key} must go with type number, whole or date", came=came, do="Set the type, or leave it out"
        )
    if column.type == "date" and (not isinstance(bound, str) or bound_day(bound) is None):
        raise SettingError(
            f"{key} must be an ISO day or today", came=f"got {bound!r} in {file}", do="Write it as 2020-12-31"
        )
    if column.type != "date" and isinstance(bound, str):
        raise SettingError(
            f"{key} must be a number", came=f"got {bound!r} in {file}", do="Write it plainly: 12500.5"
        )


def bound_day(bound: str, today: datetime.date | None = None) -> datetime.date | None:
    """The day that a bound names; None where it names none."""
    if bound == TODAY:
        return today or datetime.date.max
    try:
        return datetime.date.fromisoformat(bound)
    except ValueError:
        return None
