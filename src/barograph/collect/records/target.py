"""From the target column to labels: 1 = bad, 0 = good; or a loss given default between 0 and 1."""

from __future__ import annotations

import polars as pl

from barograph.collect.columns import own_name, plain
from barograph.collect.raw import RawTable
from barograph.collect.records.column_types import categories, numbers_of
from barograph.collect.records.rows import kept, refuse_rows
from barograph.collect.violation import shortened
from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError, SettingError
from barograph.core.records import Assumed

PAIRS: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (
        frozenset(
            ("1", "yes", "y", "true", "t", "ja", "j", "oui", "o", "sí", "si", "s", "sim", "是", "有", "真")
        ),
        frozenset(("0", "no", "n", "false", "f", "nein", "non", "não", "nao", "nee", "否", "无", "假")),
    ),
    (
        frozenset(
            (
                *("bad", "default", "defaulted", "charged off", "chargedoff", "chgoff", "charge off", "npl"),
                *("non performing", "nonperforming", "written off", "write off", "bad loan", "delinquent"),
                *("in default", "in arrears", "late", "违约", "逾期", "坏"),
            )
        ),
        frozenset(
            (
                *(
                    "good",
                    "paid",
                    "paid in full",
                    "fully paid",
                    "p i f",
                    "repaid",
                    "no default",
                    "non default",
                ),
                *(
                    "nondefault",
                    "not default",
                    "performing",
                    "current",
                    "good loan",
                    "up to date",
                    "paid off",
                ),
                *("正常", "好"),
            )
        ),
    ),
)
"""Values that mean bad, and values that mean good; a target is read where its two come from one pair."""
SAYS_GOOD = ("good", "paid", "repaid", "approved", "performing", "current", "survived")
SHOWN = 5
FEW = 0.2
"""Share of rows without a target up to which they are left out, and not refused."""


def labelled_rows(
    raw: RawTable, column: str, rule: str
) -> tuple[RawTable, tuple[str, ...], tuple[Assumed, ...]]:
    """The rows that have a target; they are the ones that can teach and judge. What was left out is said.

    Parameters
    ----------
    raw : RawTable
    column : str
        The target.
    rule : str
        `auto`, `leave out` or `refuse` (`collect.unlabelled`).
    """
    without = categories(raw.frame[column]).is_null() if not raw.frame[column].dtype.is_nested() else None
    if without is None or not without.any():
        return raw, (), ()
    count, rows = int(without.sum()), raw.frame.height
    if rule == "refuse" or count == rows or (rule == "auto" and count > FEW * rows):
        do = 'Fill it, or leave those rows out: --set "collect.unlabelled=leave out"'
        refuse_rows(raw, column, "hold the target in every row", without, do=do)
    note = f"warning: {count:,} of {rows:,} rows have no '{column}' and are left out"
    said = Assumed("unlabelled", "leave out", column, "collect.unlabelled") if rule == "auto" else None
    return kept(raw, (~without).arg_true()), (note,), (said,) if said else ()


def outcome_words(raw: RawTable, column: str, label: FloatArray) -> tuple[frozenset[str], frozenset[str]]:
    """The words of a target that mean bad, and those that mean good, as `outcomes_of` compares them."""
    words = categories(raw.frame[column])
    sides = (words.filter(pl.Series(label == side)).unique().to_list() for side in (1, 0))
    bad, good = (frozenset(_word(word) for word in side) for side in sides)
    return bad, good


def outcomes_of(
    raw: RawTable,
    column: str,
    *,
    positive: str | None,
    loss: bool,
    trained: tuple[frozenset[str], frozenset[str]] | None = None,
) -> tuple[FloatArray | None, tuple[str, ...]]:
    """Outcomes of rows that are to be judged, not learnt from: NaN where the target is blank, and notes.

    None where the table has no such column, or nobody knows which value means bad.

    Parameters
    ----------
    raw : RawTable
    column : str
        The target.
    positive : str, optional
        The value that means bad.
    loss : bool
        Whether the target is a loss given default.
    trained : tuple of frozenset of str, optional
        Training's `outcome_words`: any other word is refused.

    Raises
    ------
    DataError
        A word is none of training's, or a loss lies outside 0 … 1.
    """
    found = own_name(column, raw.frame.columns)
    if found is None or (positive is None and not loss):
        return None, ()
    if loss:
        read = numbers_of(raw, found)
        values = read.values / 100 if "percent" in read.how else read.values
        _refuse_losses(raw, found, values)
        return values.fill_null(float("nan")).to_numpy(), ()
    words = categories(raw.frame[found])
    told = {value: _word(value) for value in words.drop_nulls().unique().to_list()}
    if trained is not None:
        strange = [value for value, word in told.items() if word not in trained[0] | trained[1]]
        rule = f"hold the outcomes of training: {_some(trained[0])} (bad), {_some(trained[1])} (good)"
        do = "Write them as training does, or leave the cells empty"
        refuse_rows(raw, found, rule, words.is_in(strange), do=do)
    bad = [value for value, word in told.items() if word == _word(str(positive))]
    good = sorted(set(told) - set(bad))
    label = words.is_in(bad).cast(pl.Float64).set(words.is_null(), None)
    note = f"{found}: '{positive}' means bad, good are: {', '.join(map(shortened, good[:SHOWN]))}"
    return label.fill_null(float("nan")).to_numpy(), (note,)


def _some(words: frozenset[str]) -> str:
    more = ", …" if len(words) > SHOWN else ""
    return ", ".join(f"'{shortened(word)}'" for word in sorted(words)[:SHOWN]) + more


def labels_of(
    raw: RawTable, column: str, *, positive: str | None, loss: bool
) -> tuple[FloatArray, str, tuple[Assumed, ...]]:
    """The labels of a table's rows, and a note on which value means bad.

    Raises
    ------
    DataError
        A row without a target, one class only, more than two values, a loss outside 0 … 1.
    SettingError
        Two values of which nobody can tell which is bad, or `positive` is none of them.
    """
    return (*_losses(raw, column), ()) if loss else _classes(raw, column, positive)


def _losses(raw: RawTable, column: str) -> tuple[FloatArray, str]:
    read = numbers_of(raw, column)
    values = read.values / 100 if "percent" in read.how else read.values
    do = "Fill it, or remove the rows"
    refuse_rows(raw, column, "hold the target in every row", values.is_null(), do=do)
    _refuse_losses(raw, column, values)
    if values.n_unique() == 1:
        raise _one_class(raw, column, str(values[0]))
    return values.to_numpy(), f"{column}: loss given default, a share of the exposure"


def _refuse_losses(raw: RawTable, column: str, values: pl.Series) -> None:
    do = "Give the loss as a share of the exposure, 0 … 1"
    refuse_rows(raw, column, "hold losses given default between 0 and 1", ~values.is_between(0, 1), do=do)


def _classes(raw: RawTable, column: str, positive: str | None) -> tuple[FloatArray, str, tuple[Assumed, ...]]:
    words = categories(raw.frame[column])
    refuse_rows(
        raw, column, "hold the target in every row", words.is_null(), do="Fill it, or remove the rows"
    )
    counts = words.value_counts(sort=True)
    found = sorted(counts[words.name].to_list())
    if len(found) > 2 and positive is None:
        most = [shortened(str(value)) for value in counts[words.name].head(SHOWN)]
        more = f" and {len(found) - SHOWN:,} more" if len(found) > SHOWN else ""
        raise DataError(
            f"target '{column}' of {raw.label} must have two values, one of them bad",
            came=f"it has {len(found):,}: {', '.join(most)}{more}",
            do=f'Say which one is bad, all others then being good: --set "collect.positive={found[-1]}"',
        )
    if len(found) == 1:
        raise _one_class(raw, column, found[0])
    bad = _chosen(column, found, positive) if positive is not None else _recognised(column, found)
    label = (words == bad).cast(pl.Float64).to_numpy()
    note = f"{column}: '{bad}' means bad ({int(label.sum()):,} of {len(label):,} records)"
    return label, note, () if positive is not None else (Assumed("bad", bad, column, "collect.positive"),)


def _chosen(column: str, found: list[str], positive: str) -> str:
    alike = [value for value in found if _word(value) == _word(str(positive))]
    if len(alike) != 1:
        raise SettingError(
            f"collect.positive must be one of the values of '{column}'",
            came=f"got '{positive}'",
            do=f"Take {_either(found)}",
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
        do=f"Add {_either(found)}",
    )


def _either(found: list[str]) -> str:
    return " or ".join(f'--set "collect.positive={value}"' for value in found[:SHOWN])


def _word(value: str) -> str:
    word = plain(value)
    return word.removesuffix(".0") if word in ("0.0", "1.0") else word


def _one_class(raw: RawTable, column: str, value: str) -> DataError:
    return DataError(
        f"target '{column}' of {raw.label} must hold good and bad records",
        came=f"all {raw.frame.height:,} records have '{shortened(value)}'",
        do="Give records of both kinds; collect.since and collect.until may have cut one off",
    )
