"""From the target column to labels: 1 = bad, 0 = good; or a loss given default between 0 and 1."""

from __future__ import annotations

import polars as pl

from barograph.collect.columns import plain
from barograph.collect.raw import RawTable
from barograph.collect.records.column_types import categories, numbers_of
from barograph.collect.records.rows import refuse_rows
from barograph.collect.violation import shortened
from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError, SettingError

PAIRS: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (frozenset({"1", "yes", "y", "true", "t"}), frozenset({"0", "no", "n", "false", "f"})),
    (
        frozenset({"bad", "default", "defaulted", "charged off", "chargedoff", "chgoff", "non performing"}),
        frozenset(
            {"good", "paid", "paid in full", "fully paid", "p i f", "repaid", "no default", "non default"}
            | {"performing", "current"}
        ),
    ),
)
"""Values that mean bad, and values that mean good; a target is read where its two come from one pair."""
SAYS_GOOD = ("good", "paid", "repaid", "approved", "performing", "current", "survived")
SHOWN = 5


def labels_of(raw: RawTable, column: str, *, positive: str | None, loss: bool) -> tuple[FloatArray, str]:
    """The labels of a table's rows, and a note on which value means bad.

    Raises
    ------
    DataError
        A row without a target, one class only, more than two values, a loss outside 0 … 1.
    SettingError
        Two values of which nobody can tell which is bad, or `positive` is none of them.
    """
    return _losses(raw, column) if loss else _classes(raw, column, positive)


def _losses(raw: RawTable, column: str) -> tuple[FloatArray, str]:
    read = numbers_of(raw, column)
    values = read.values / 100 if "percent" in read.how else read.values
    do = "Fill it, or remove the rows"
    refuse_rows(raw, column, "hold the target in every row", values.is_null(), do=do)
    do = "Give the loss as a share of the exposure, 0 … 1"
    refuse_rows(raw, column, "hold losses given default between 0 and 1", ~values.is_between(0, 1), do=do)
    if values.n_unique() == 1:
        raise _one_class(raw, column, str(values[0]))
    return values.to_numpy(), f"{column}: loss given default, a share of the exposure"


def _classes(raw: RawTable, column: str, positive: str | None) -> tuple[FloatArray, str]:
    words = categories(raw.frame[column])
    refuse_rows(
        raw, column, "hold the target in every row", words.is_null(), do="Fill it, or remove the rows"
    )
    counts = words.value_counts(sort=True)
    found = sorted(counts[words.name].to_list())
    if len(found) > 2:
        most = [shortened(str(value)) for value in counts[words.name].head(SHOWN)]
        more = f" and {len(found) - SHOWN:,} more" if len(found) > SHOWN else ""
        raise DataError(
            f"target '{column}' of {raw.label} must have two values, one of them bad",
            came=f"it has {len(found):,}: {', '.join(most)}{more}",
            do="Give a column with two values, or merge the others",
        )
    if len(found) == 1:
        raise _one_class(raw, column, found[0])
    bad = _chosen(column, found, positive) if positive is not None else _recognised(column, found)
    label = (words == bad).cast(pl.Float64).to_numpy()
    return label, f"{column}: '{bad}' means bad ({int(label.sum()):,} of {len(label):,} records)"


def _chosen(column: str, found: list[str], positive: str) -> str:
    alike = [value for value in found if _word(value) == _word(str(positive))]
    if len(alike) != 1:
        raise SettingError(
            f"collect.positive must be one of the two values of '{column}'",
            came=f"got '{positive}'",
            do=f"Take '{found[0]}' or '{found[1]}'",
        )
    return alike[0]


def _recognised(column: str, found: list[str]) -> str:
    """The value that means bad, where the words leave no doubt."""
    told = {_word(value): value for value in found}
    for number, (bad, good) in enumerate(PAIRS):
        bads, goods = [w for w in told if w in bad], [w for w in told if w in good]
        yes_to_something_good = number == 0 and any(word in plain(column).split() for word in SAYS_GOOD)
        if len(bads) == 1 and len(goods) == 1 and not yes_to_something_good:
            return told[bads[0]]
    raise SettingError(
        f"collect.positive must say which value of '{column}' means bad",
        came=f"its values are '{found[0]}' and '{found[1]}'",
        do=f"Set collect.positive to '{found[0]}' or to '{found[1]}'",
    )


def _word(value: str) -> str:
    word = plain(value)
    return word.removesuffix(".0") if word in ("0.0", "1.0") else word


def _one_class(raw: RawTable, column: str, value: str) -> DataError:
    return DataError(
        f"target '{column}' of {raw.label} must hold good and bad records",
        came=f"all {raw.frame.height:,} records have '{shortened(value)}'",
        do="Give records of both kinds; collect.since and collect.until may have cut one off",
    )
