"""Which column of a user's table plays which part: target, time, customer … and which are features."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from barograph.collect.columns import own_name, plain
from barograph.collect.raw import NAMELESS, RawTable
from barograph.collect.violation import quoted, shortened
from barograph.core.errors import DataError, SettingError, nearest
from barograph.core.record_table import TERMS
from barograph.core.records import Assumed
from barograph.core.scoring_study import RecordsSection

ROW_LABELS = ("__index_level_", "unnamed:")  # how pandas calls a row's label in files and in tables
USUAL_TARGETS = (
    *("default", "defaulted", "target", "label", "bad", "y", "class", "outcome", "status", "loan status"),
    *("charged off", "creditability", "credit risk", "default payment next month", "is default", "good bad"),
)
SINGLE = ("target", "time", "entity", "record_id", "amount", "default_day")
KEPT = ("amount", "maturity")
"""Parts whose column stays a feature too."""
OF_OWN_TABLES = (*SINGLE, *TERMS, "positive", "sequence", "stream")


@dataclass(frozen=True, slots=True)
class Roles:
    """The table's own names of the columns that play a part; "" where none does."""

    target: str
    time: str
    entity: str
    record_id: str
    amount: str
    default_day: str
    terms: dict[str, str]  # of `core.record_table.TERMS`, those with a column
    protected: tuple[str, ...]
    sequence: dict[str, tuple[str, ...]]
    stream: tuple[str, ...]
    features: tuple[str, ...]  # in the table's order
    notes: tuple[str, ...] = field(default=())
    assumed: tuple[Assumed, ...] = field(default=())


def find_roles(raw: RawTable, section: RecordsSection) -> Roles:
    """The parts that a section gives to the columns of a table.

    Raises
    ------
    SettingError
        No target is named, or a named column is not there.
    DataError
        The table carries a denied column that the section does not ignore.
    """
    if section.target is None:
        raise _no_target(raw)
    column = ColumnFinder(raw)
    target = _target(raw, section.target)
    named_too = section.model_copy(update={"target": target})
    single = {
        key: column(f"collect.{key}", value) if (value := getattr(named_too, key)) else "" for key in SINGLE
    }
    named = {key: value for key in TERMS if (value := getattr(section, key))}
    terms = {key: column(f"collect.{key}", value) for key, value in named.items()}
    ignored = {column("collect.ignore", name) for name in section.ignore}
    protected = tuple(column("collect.protected", name) for name in section.protected)
    sequence = {
        channel: tuple(column(f"collect.sequence.{channel}", name) for name in names)
        for channel, names in section.sequence.items()
    }
    stream = tuple(column("collect.stream", name) for name in section.stream)
    _check_denied(raw, section.deny, ignored)
    _check_sequence(sequence, {single["target"], *protected, *ignored})
    labels = [name for name in raw.frame.columns if name.startswith(NAMELESS) or _is_row_label(name)]
    parts = {key: name for key, name in (single | terms).items() if key not in KEPT}
    taken = set(parts.values()) | ignored | set(protected)
    features = tuple(name for name in raw.frame.columns if name not in taken and name not in labels)
    numbering = [name for name in labels if name not in taken]
    notes = [f"{name}: left out, it numbers the rows" for name in numbering]
    assumed = [Assumed("ignored", "numbering", name, "collect.ignore") for name in numbering]
    if target != section.target:
        assumed.insert(0, Assumed("target", target, setting="collect.target"))
        notes.insert(0, f"'{target}' is taken for the target '{section.target}'")
    return Roles(
        **single,
        terms=terms,
        protected=protected,
        sequence=sequence,
        stream=stream,
        features=features,
        notes=tuple(notes),
        assumed=tuple(assumed),
    )


def _target(raw: RawTable, asked: str) -> str:
    """The column of a target, also where its name says more (`default.payment.next.month`)."""
    columns = raw.frame.columns
    words = _words(asked)
    if asked in columns or any(_words(name) == words for name in columns):
        return asked
    alike = [name for name in columns if set(words) <= set(_words(name)) and _two_valued(raw.frame[name])]
    if len(alike) == 1:
        return alike[0]
    likely, hint = alike or likely_targets(raw), nearest(asked, columns) if columns else "it has no column"
    misspelt = hint.startswith("did you mean") and not alike
    flags = " or ".join(f"--target {quoted(name)}" for name in likely[:3])
    raise SettingError(
        f"collect.target must name a column of {raw.label}",
        came=f"got '{asked}'",
        do=_meant(hint) if misspelt else f"Add {flags}" if likely else hint[:1].upper() + hint[1:],
    )


def _meant(hint: str) -> str:
    """A hint that names one column, with the flag that takes it."""
    name = hint.split("'")[1]
    return f"{hint[:1].upper()}{hint[1:]} Add --target {quoted(name)}"


def _words(name: str) -> list[str]:
    return re.findall(r"\w+", plain(name))


@dataclass(frozen=True, slots=True, eq=False)
class ColumnFinder:
    """Finds the columns that settings name."""

    raw: RawTable

    def __call__(self, key: str, name: str) -> str:
        """The table's own name of a column, upper and lower case alike if that is clear."""
        columns = self.raw.frame.columns
        own = own_name(name, columns)
        if own is not None:
            return own
        hint = nearest(name, columns) if columns else "the table has no column"
        raise SettingError(
            f"{key} must name a column of {self.raw.label}",
            came=f"got '{name}'",
            do=hint[:1].upper() + hint[1:],
        )


def _check_denied(raw: RawTable, deny: Mapping[str, str], ignored: set[str]) -> None:
    reasons = {plain(name): reason for name, reason in deny.items()}
    found = [name for name in raw.frame.columns if plain(name) in reasons and name not in ignored]
    if found:
        said = "; ".join(f"'{name}': {reasons[plain(name)]}" for name in found)
        raise DataError(
            f"{raw.label} must not carry columns that give the answer away",
            came=f"it has {said}",
            do=f"Leave them out: collect.ignore: [{', '.join(found)}]",
        )


def _check_sequence(sequence: Mapping[str, tuple[str, ...]], taken: set[str]) -> None:
    lengths = {channel: len(names) for channel, names in sequence.items()}
    if len(set(lengths.values())) > 1 or 0 in lengths.values():
        came = ", ".join(f"{channel} has {length}" for channel, length in lengths.items())
        raise SettingError(
            "every history of collect.sequence must have the same number of columns",
            came=came,
            do="List the same steps for each, oldest first",
        )
    for channel, names in sequence.items():
        inside = next((name for name in names if name in taken), None)
        if inside is not None:
            raise SettingError(
                f"collect.sequence.{channel} must hold features only",
                came=f"'{inside}' is the target, protected or ignored",
                do="Leave it out of the history",
            )


def _is_row_label(name: str) -> bool:
    return name.lower().startswith(ROW_LABELS)


def _no_target(raw: RawTable) -> SettingError:
    """The error for a study without a target, naming the columns that look like one."""
    columns = raw.frame.columns
    likely = ", ".join(shortened(name) for name in likely_targets(raw)[:5])
    hint = f"likely columns: {likely}" if likely else f"it has {', '.join(map(shortened, columns[:12]))}"
    return SettingError(
        f"collect.target must name the column of {raw.label} that is to be predicted",
        came=f"got none; {hint}",
        do="Name it: --target COLUMN, or collect.target in the study",
    )


def likely_targets(raw: RawTable) -> list[str]:
    """Columns that look like a target: called so, then those of two values."""
    usual = [name for name in raw.frame.columns if plain(name) in USUAL_TARGETS]
    return usual + [name for name in raw.frame.columns if name not in usual and _two_valued(raw.frame[name])]


def _two_valued(series: pl.Series) -> bool:
    return not series.dtype.is_nested() and series.drop_nulls().n_unique() == 2
