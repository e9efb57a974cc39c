"""Numbers as people write them: "$1,200", "1.200,50 €", "(300)", "5 %"; read only where beyond doubt.

Two conventions exist: a decimal point with commas between thousands, and a decimal comma with points. A
column is read by the one that fits all its values; where both fit and differ, a currency that settles it
(dollar or pound: point), the absence of any comma (a plain decimal point) or what the other columns of the
table show decides. Words and signs for "no figure" (ND, -, ?) count as blank in a column of numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from barograph.collect.values import text

GAP = r"[\s\x{00a0}\x{202f}\x{2009}'’]"  # what else stands between thousands
CODES = "USD|EUR|GBP|CHF|JPY|CNY|RMB|HKD|INR|AUD|CAD|NZD|SGD|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|ZAR|TRY|KRW"
MONEY = rf"US\$|R\$|HK\$|[$€£¥₹₩₽₺元]|\bkr\.?|\bzł|\bKč|\bRs\.?|\b(?:{CODES})\b"
THOUSANDS = r"[1-9]\d{0,2}"  # no number begins with a zero before its thousands
POINT = (
    rf"^[+-]?(?:(?:\d+|{THOUSANDS}(?:,\d{{3}})+|[1-9]\d?(?:,\d{{2}})+,\d{{3}}|{THOUSANDS}(?:{GAP}\d{{3}})+)"
    r"(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$"
)
COMMA = rf"^[+-]?(?:\d+|{THOUSANDS}(?:\.\d{{3}})+|{THOUSANDS}(?:{GAP}\d{{3}})+)(?:,\d*)?$"
PLAIN = r"^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$"
ENDLESS = r"^(?i)[+-]?(?:inf(?:inity)?|∞)$"
CODE = r"^\s*0\d+\s*$"  # a leading zero says code, not number
POINT_CURRENCIES = {"$", "US$", "USD", "£", "GBP", "₹", "INR", "HK$", "HKD", "CNY", "RMB", "¥", "JPY", "元"}
ABSENT = frozenset(
    (
        *(
            "-",
            "--",
            "---",
            "–",
            "—",
            "?",
            "..",
            "...",
            ":",
            "*",
            "nd",
            "n.d.",
            "n.a.",
            "(null)",
            "<na>",
            "-na-",
        ),
        *("missing", "unknown", "not available", "no data", "#value!", "#ref!", "#div/0!", "#num!", "#name?"),
        *("k.a.", "keine angabe", "s/d", "n.c.", "nc", "n/d", "无", "缺失", "未知"),
    )
)
"""What stands for no figure in a column whose other values are all numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class NumberText:
    """A text column looked at as numbers."""

    values: pl.Series  # Float64, null where blank or no number; infinite where the text says so
    is_number: pl.Series  # Boolean, false where blank
    how: str  # "", or the words "point", "comma", "percent" that reading it again needs
    doubt: str = ""  # why it cannot be read without guessing; the values are null then
    absent: tuple[str, ...] = ()  # words read as blank
    plain: bool = False  # whether plain numbers, blanks and those words are all there is


def number_words(series: pl.Series) -> pl.Series:
    """A text column stripped, null where blank or "nan"."""
    words = text(series)
    return words.set((words.str.to_lowercase() == "nan").fill_null(False), None)


def read_numbers(series: pl.Series, decimal: str = "") -> NumberText:
    """A text column as numbers, its convention found out from all its values; of two, `decimal` decides."""
    if (plainly := _plain_numbers(series)) is not None:
        return plainly
    words, absent = _without_absent(number_words(series))
    if absent and (plainly := _plain_numbers(words)) is not None:
        return replace(plainly, absent=absent)
    bare = _bare(words)
    plain = _fits(bare, PLAIN) | _fits(bare, ENDLESS)
    by_point, by_comma = plain | _fits(bare, POINT), _fits(bare, COMMA)
    as_point, as_comma = _value(bare, by_point, "point"), _value(bare, by_comma, "comma")
    use_comma = int(by_comma.sum()) > int(by_point.sum())
    differ = (by_point & by_comma & (as_point != as_comma)).fill_null(False)
    doubt = _sign_doubt(words, by_point | by_comma)
    if not doubt and differ.any() and bool((by_point == by_comma).all()):
        use_comma, doubt = _settled(words, bare.filter(differ), decimal)
    chosen, valid = (as_comma, by_comma) if use_comma else (as_point, by_point)
    unsigned = words.str.replace(r"\s*%$", "")
    how = (
        [] if bool((plain & (bare == unsigned)).filter(valid).all()) else ["comma" if use_comma else "point"]
    )
    how += ["percent"] if bool((unsigned != words).any()) else []
    return NumberText(chosen, valid, " ".join(how), doubt, absent)


def is_absent(words: pl.Series) -> pl.Series:
    """Which cells of text hold a word that stands for no figure."""
    return words.cast(pl.String).str.strip_chars().str.to_lowercase().is_in(list(ABSENT)).fill_null(False)


def _without_absent(words: pl.Series) -> tuple[pl.Series, tuple[str, ...]]:
    """Without the words that stand for no figure, if most of the others begin like numbers."""
    absent = is_absent(words)
    rest = words.filter(~absent).drop_nulls()
    if not absent.any() or 2 * int(rest.str.contains(r"\d").sum()) < max(len(rest), 1):
        return words, ()
    return words.set(absent, None), tuple(sorted(set(words.filter(absent).to_list())))


def read_again(series: pl.Series, how: str) -> NumberText:
    """A text column read as `how` says its training column was written; anything else is no number."""
    if not how and (plainly := _plain_numbers(series)) is not None:
        return plainly
    words, _ = _without_absent(number_words(series))
    if not how:
        valid = _fits(words, PLAIN) | _fits(words, ENDLESS)
        return NumberText(_value(words, valid, "point"), valid, how)
    signed = words.str.contains("%", literal=True).fill_null(False)
    bare = _bare(words)
    convention = "comma" if "comma" in how else "point"
    valid = _fits(bare, COMMA if convention == "comma" else POINT) | _fits(bare, ENDLESS)
    valid = valid & (signed if "percent" in how else ~signed)
    return NumberText(_value(bare, valid, convention), valid, how)


def _plain_numbers(series: pl.Series) -> NumberText | None:
    """A column that holds plain numbers and blanks only, the usual case; None for any other."""
    values = series.cast(pl.String).cast(pl.Float64, strict=False).fill_nan(None)
    blanks = values.null_count()
    if blanks == len(series) or (blanks and _any_words(series.filter(values.is_null()))):
        return None
    return NumberText(values, values.is_not_null(), "", plain=True)


def _any_words(series: pl.Series) -> bool:
    """Whether any cell holds something that is not blank."""
    words = number_words(series)
    return words.null_count() < len(words)


def holds_codes(series: pl.Series) -> bool:
    """Whether any value is written with a leading zero, as postcodes and sector codes are."""
    return bool(series.cast(pl.String).str.contains(CODE).any())


def _bare(words: pl.Series) -> pl.Series:
    """Without currency, percent sign and accountants' brackets."""
    bare = words.str.replace(r"^\((.*)\)$", "-${1}").str.replace(r"\s*%$", "")
    bare = bare.str.replace(rf"^([+-]?)\s*(?:{MONEY})\s*([+-]?)", "${1}${2}")
    return bare.str.replace(rf"\s*(?:{MONEY})$", "").str.strip_chars()


def _fits(words: pl.Series, pattern: str) -> pl.Series:
    return words.str.contains(pattern).fill_null(False)


def _value(bare: pl.Series, valid: pl.Series, convention: str) -> pl.Series:
    without = bare.str.replace_all(GAP, "").str.replace_all(r"\." if convention == "comma" else ",", "")
    pointed = without.str.replace(",", ".", literal=True).str.replace("∞", "inf", literal=True)
    return pointed.set(~valid, None).cast(pl.Float64, strict=False)


def _sign_doubt(words: pl.Series, valid: pl.Series) -> str:
    """Signs that do not go together: two currencies, or percent in some values only."""
    numbers = words.filter(valid)
    found = numbers.str.extract(f"({MONEY})").drop_nulls().unique().to_list()
    currencies = sorted({{"US$": "USD", "$": "USD", "€": "EUR", "£": "GBP"}.get(one, one) for one in found})
    if len(currencies) > 1:
        return f"its values are in {' and '.join(currencies)}"
    signed = int(numbers.str.contains("%", literal=True).sum())
    if 0 < signed < len(numbers.drop_nulls()):
        return f"{signed:,} of {len(numbers.drop_nulls()):,} values carry a percent sign, the others none"
    return ""


def _settled(words: pl.Series, unclear: pl.Series, decimal: str) -> tuple[bool, str]:
    """Where both conventions fit every value: whether the comma is decimal, and the doubt that is left."""
    found = set(words.str.extract(f"({MONEY})").drop_nulls().unique().to_list())
    if found & POINT_CURRENCIES:
        return False, ""
    if not found and not words.str.contains(",", literal=True).any():
        return False, ""
    if decimal:
        return decimal == "comma", ""
    example = str(unclear[0])
    plain = example.replace(",", "").replace(".", "")
    return False, f"'{example}' may be {plain} or {example.replace(',', '.')}"
