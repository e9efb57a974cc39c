"""Dates that name a month, a quarter or a month in words: 2020-05, May-20, 5. März 2020, Q1 2005, 2020年5月.

A month or quarter is read as its first day. A year of two digits lies in 1970 … 2069.
"""

from __future__ import annotations

import polars as pl

MONTHS: dict[str, int] = {
    word: number
    for number, words in enumerate(
        (
            "jan january januar janvier janv enero ene gennaio gen janeiro januari",
            "feb february februar février févr fév fevrier febrero febbraio fevereiro fev februari",
            "mar march märz mär mrz maerz mars marzo março mrt maart",
            "apr april avril avr abril abr aprile",
            "may mai mayo maggio mag maio mei",
            "jun june juni juin junio giugno giu junho",
            "jul july juli juillet juil julio luglio lug julho",
            "aug august août aout agosto ago agosto augustus",
            "sep sept september septembre septiembre settembre set setembro",
            "oct october oktober okt octobre octubre ottobre ott outubro out",
            "nov november novembre noviembre novembro",
            "dec december dezember dez décembre déc decembre diciembre dic dicembre dezembro",
        ),
        start=1,
    )
    for word in words.split()
}
"""A month's name or its short form, in seven languages -> its number."""
PERIODS: dict[str, tuple[str, str]] = {
    "YYYY-MM": (r"^(?<year>(?:1[89]|2[01])\d{2})[-/](?<month>\d{1,2})$", "month"),
    "YYYYMmm": (r"^(?<year>(?:1[89]|2[01])\d{2})[-: ]?M(?<month>\d{1,2})$", "month"),
    "MM/YYYY": (r"^(?<month>\d{1,2})[-/](?<year>(?:1[89]|2[01])\d{2})$", "month"),
    "YYYY-Qq": (r"^(?<year>(?:1[89]|2[01])\d{2})[-:. ]*[QqTt](?<quarter>[1-4])$", "quarter"),
    "Qq YYYY": (r"^[QqTt](?<quarter>[1-4])[-:/. ]*(?<year>(?:1[89]|2[01])\d{2}|\d{2})$", "quarter"),
    "qQ YYYY": (r"^(?<quarter>[1-4])[QqTt][-:/. ]*(?<year>(?:1[89]|2[01])\d{2}|\d{2})$", "quarter"),
    "YYYY年M月": (r"^(?<year>\d{4})年(?<month>\d{1,2})月$", "month"),
    "YYYY年M月D日": (r"^(?<year>\d{4})年(?<month>\d{1,2})月(?<day>\d{1,2})日$", "month"),
    "Mon-YY": (r"^(?<name>\p{L}{3,10})\.?[-/ ,]*'?(?<year>\d{4}|\d{2})$", "name"),
    "YYYY-Mon": (r"^(?<year>(?:1[89]|2[01])\d{2})[-/ ]*(?<name>\p{L}{3,10})\.?$", "name"),
    "D-Mon-YYYY": (
        r"^(?<day>\d{1,2})\.?[-/ ]*(?:de )?(?<name>\p{L}{3,10})\.?[-/ ,]*(?:de )?(?<year>\d{4}|\d{2})$",
        "name",
    ),
    "Mon D, YYYY": (r"^(?<name>\p{L}{3,10})\.? (?<day>\d{1,2})(?:st|nd|rd|th)?,? (?<year>\d{4})$", "name"),
}
"""Form -> its pattern, and what says the month: `month`, `quarter` or `name`."""


def read_periods(words: pl.Series) -> tuple[pl.Series, pl.Series, tuple[str, ...]]:
    """Text as dates (null where no form fits or no calendar has the day), which fitted, and the forms met."""
    values = pl.Series(words.name, [None] * len(words), dtype=pl.Date)
    looks = pl.Series([False] * len(words))
    forms: list[str] = []
    for form, (pattern, kind) in PERIODS.items():
        fits = words.str.contains(pattern).fill_null(False) & ~looks
        if not fits.any():
            continue
        parts = words.set(~fits, None).str.extract_groups(pattern).struct.unnest()
        month = _month(parts, kind)
        if kind == "name":
            fits = fits & month.is_not_null()  # "Lot 12" is no month
        if fits.any():
            day = parts["day"] if "day" in parts.columns else pl.Series(["1"] * len(words))
            values = values.zip_with(~fits, _date(parts["year"], month, day))
            looks, forms = looks | fits, [*forms, form]
    return values, looks, tuple(forms)


def full_year(year: pl.Series) -> pl.Series:
    """Years as Int64; two digits lie in 1970 … 2069."""
    number = year.cast(pl.Int64)
    short = (year.str.len_chars() == 2).fill_null(False)
    return number.zip_with(
        ~short, number.set(~short, None) + pl.Series([1900]) + 100 * (number < 70).cast(pl.Int64)
    )


def _month(parts: pl.DataFrame, kind: str) -> pl.Series:
    if kind == "month":
        return parts["month"].cast(pl.Int64)
    if kind == "quarter":
        return 3 * parts["quarter"].cast(pl.Int64) - 2
    return parts["name"].str.to_lowercase().replace_strict(MONTHS, default=None, return_dtype=pl.Int64)


def _date(year: pl.Series, month: pl.Series, day: pl.Series) -> pl.Series:
    whole, named = full_year(year).cast(pl.String), month.cast(pl.String).str.zfill(2)
    return (whole + "-" + named + "-" + day.str.zfill(2)).str.to_date("%Y-%m-%d", strict=False)
