"""Files as newcomers bring them, each with the truth it was made from: layouts, encodings, dates, numbers."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np

Rates = dict[datetime.date, list[float | None]]


@dataclass(frozen=True)
class Untidy:
    """One file and what it says: the levels in percent by period, oldest first, or labels of records."""

    name: str
    content: bytes
    names: tuple[str, ...]
    rates: Rates


def walk(seed: int, columns: int, days: Sequence[datetime.date]) -> Rates:
    """Random rates in percent, two decimals, one in twenty missing."""
    stream = np.random.default_rng(seed)
    levels = 4.0 + np.arange(columns) + np.cumsum(0.05 * stream.normal(size=(len(days), columns)), axis=0)
    gone = stream.random(levels.shape) < 0.05
    return {
        day: [None if lost else round(float(value), 2) for value, lost in zip(row, lack, strict=True)]
        for day, row, lack in zip(days, levels, gone, strict=True)
    }


def months(n: int, year: int = 2000) -> list[datetime.date]:
    return [datetime.date(year + i // 12, i % 12 + 1, 1) for i in range(n)]


def business_days(n: int) -> list[datetime.date]:
    first = datetime.date(2015, 1, 1)
    every = (first + datetime.timedelta(days=i) for i in range(2 * n))
    return [day for day in every if day.weekday() < 5][:n]


def lines(
    rates: Rates, day: Callable[[datetime.date], str], cell: Callable[[float], str], gap: str, sign: str
) -> list[str]:
    return [
        sign.join([day(when), *(gap if value is None else cell(value) for value in row)])
        for when, row in rates.items()
    ]


def comma(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")


def point(value: float) -> str:
    return f"{value:.2f}"


def rate_files() -> list[Untidy]:
    """Twelve files of rates."""
    made: list[Untidy] = []

    def add(name: str, head: str, rows: list[str], rates: Rates, names: tuple[str, ...], **how: str) -> None:
        text = how.get("before", "") + how.get("newline", "\n").join([head, *rows]) + how.get("after", "\n")
        made.append(Untidy(name, text.encode(how.get("encoding", "utf-8")), names, rates))

    two = ("short", "long")
    days, month = walk(1, 2, business_days(400)), walk(2, 2, months(180))
    american = lines(days, lambda d: d.strftime("%m/%d/%Y"), point, "ND", ",")
    add("american.csv", "Date,short,long", american, days, two)
    german = lines(month, lambda d: d.strftime("%d.%m.%Y"), comma, "", ";")
    before = "Zinsen für Übungen\n\n"
    add(
        "german.csv",
        "Datum;Übernacht;Zehn",
        german,
        month,
        ("Übernacht", "Zehn"),
        encoding="cp1252",
        before=before,
    )
    excel = lines(days, lambda d: str((d - datetime.date(1899, 12, 30)).days), point, "NA", ",")
    add("serials.csv", "date,short,long", [*excel[:50], "", *excel[50:]], days, two)
    worded = lines(month, lambda d: d.strftime("%b-%y"), lambda v: f"{v:.2f}%", "n/a", "\t")
    add("worded.txt", "Month\tshort\tlong", worded, month, two, encoding="utf-16")
    backwards = lines(month, lambda d: d.strftime("%Y-%m"), point, "", ",")[::-1]
    add("backwards.csv", "\ufeffperiod,short,long", backwards, month, two, newline="\r\n")
    apart = lines(month, lambda d: f"{d.year},{d.month},1", point, "", ",")
    add("apart.csv", "Year,Month,Day,short,long", apart, month, two)
    quarter = walk(3, 2, months(480)[::3])
    quarters = lines(quarter, lambda d: f"{d.year}Q{(d.month + 2) // 3}", point, "", ",")
    quarters = [f"{row},Central bank" for row in quarters]
    means = [fmean(row[at] for row in quarter.values() if row[at] is not None) for at in range(2)]
    after = f"\nAverage,{means[0]:.2f},{means[1]:.2f},\nSource: our own sums\n"
    add("quarters.csv", "Quarter,short,long,Source", quarters, quarter, two, after=after)
    spanish = lines(days, lambda d: d.strftime("%d/%m/%Y"), lambda v: f'"{comma(v)}"', "-", ",")
    add("spanish.csv", "Fecha,Tasa única,Tasa", spanish, days, ("Tasa única", "Tasa"), encoding="latin-1")
    numbered = [f"{i},{row}" for i, row in enumerate(lines(days, str, point, "", "|"), 1)]
    numbered = [row.replace(",", "|", 1) for row in numbered]
    add("numbered.psv", "id|day|short|long", numbered, days, two)
    tenors = [
        f"{day:%Y%m%d};{tenor};{comma(value)}"
        for day, row in days.items()
        for tenor, value in zip(("3M", "10Y"), row, strict=True)
        if value is not None
    ]
    add("tenors.csv", "day;maturity;yield", tenors, days, ("m3", "y10"))
    countries = [
        f"{country},LTINT,{day:%Y-%m},{'' if value is None else point(value)}"
        for place, country in enumerate(("AUS", "JPN"))
        for day, row in month.items()
        for value in [row[place]]
    ]
    add("countries.csv", "LOCATION,SUBJECT,TIME,Value", countries, month, ("AUS:Value", "JPN:Value"))
    chinese = lines(month, lambda d: f"{d.year}年{d.month}月", point, "", ",")
    add("chinese.csv", "月份,利率一,利率二", chinese, month, ("利率一", "利率二"), encoding="gb18030")
    return made


@dataclass(frozen=True)
class Book:
    """One file of loans, the target's name in it, and what it says."""

    name: str
    content: bytes
    target: str
    labels: tuple[int, ...]  # of the rows that have one, in order
    income: tuple[float | None, ...]  # of those rows
    features: frozenset[str]


def loan_files(n: int = 150) -> list[Book]:
    """Nine files of loans."""
    stream = np.random.default_rng(5)
    income = [None if stream.random() < 0.05 else round(float(v), 2) for v in stream.lognormal(10, 0.6, n)]
    age, bad = stream.integers(21, 70, n), (stream.random(n) < 0.3).astype(int)
    purpose = stream.choice(["car", "house", "other"], n)
    made: list[Book] = []

    def add(
        name: str,
        head: str,
        row: Callable[[int], str],
        target: str,
        features: str,
        *,
        encoding: str = "utf-8",
        before: str = "",
        after: str = "",
        rows: Sequence[int] = range(n),
    ) -> None:
        text = before + "\n".join([head, *(row(i) for i in range(n))]) + "\n" + after
        labels, known = tuple(int(bad[i]) for i in rows), tuple(income[i] for i in rows)
        made.append(Book(name, text.encode(encoding), target, labels, known, frozenset(features.split())))

    def said(i: int, form: Callable[[float], str], gap: str = "") -> str:
        value = income[i]
        return gap if value is None else form(value)

    def european(value: float) -> str:
        return f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".") + " €"

    yes, no = ("no", "yes"), ("N", "Y")

    def loan(i: int) -> str:
        return f"LN{i},{said(i, str)},{age[i]},{yes[bad[i]]}"

    def club(i: int) -> str:
        paid = said(i, lambda v: f"${v:,.2f}")
        return (
            f'{i + 1000},{("Jan-2016", "Dec-2015")[i % 2]},"{paid}",1,{("Fully Paid", "Charged Off")[bad[i]]}'
        )

    def german(i: int) -> str:
        day, word = f"{1 + i % 28:02d}.{1 + i % 12:02d}.2019", ("Nein", "Ja")[bad[i]]
        return f"K-{i};{said(i, european)};{('Möbel', 'Auto')[i % 2]};{day};{word}"

    def gaps(i: int) -> str:
        label = "" if i % 30 == 7 else bad[i]
        return f"{5000 + i},{said(i, str, '?')},{age[i]},EUR,{label}" + ("\n" if i % 40 == 0 else "")

    def titled(i: int) -> str:
        return f'A{i},"{said(i, lambda v: f"{v:,.2f}")}",{age[i]},{no[bad[i]]}'

    def tabs(i: int) -> str:
        return f"{said(i, str)}\t{age[i]}\t{purpose[i]}\t{bool(bad[i])}"

    def piped(i: int) -> str:
        return f"{1 + i % 12:02d}/{13 + i % 15}/2018|{said(i, str)}|{bad[i]}"

    def coded(i: int) -> str:
        return f"{i + 1},{said(i, str)},{1 + i % 2},{bad[i]}"

    def chinese(i: int) -> str:
        return f"{i},{said(i, str)},{('汽车', '住房')[i % 2]},{'否是'[bad[i]]}"

    held = [i for i in range(n) if i % 30 != 7]
    add("plain.csv", "loan_id,income,age,default", loan, "default", "income age")
    add("club.csv", "id,issue_d,income,policy,loan_status", club, "loan_status", "income issue_d")
    german_head = "Nummer;income;Zweck;Tag;default"
    add("german.csv", german_head, german, "default", "income Zweck Tag", encoding="cp1252")
    add("gaps.csv", "client,income,age,currency,default", gaps, "default", "income age", rows=held)
    whole = sum(value for value in income if value is not None)
    title, total = "Loans as of 31 Dec 2020,,,\n", f'Total,"{whole:,.2f}",,\n'
    add("titled.csv", "No,income,age,default", titled, "default", "income age", before=title, after=total)
    head = "income\tage\tpurpose\tdefault"
    add("tabs.tsv", head, tabs, "default", "income age purpose", encoding="utf-16-le")
    add("pipe.psv", "Opened|income|Default", piped, "default", "income Opened")
    add("twice.csv", ",X1,X2,Y\nID,income,SEX,default payment next month", coded, "default", "income SEX")
    add("chinese.csv", "编号,income,用途,default", chinese, "default", "income 用途", encoding="gb18030")
    return made


def written(folder: Path, one: Untidy | Book) -> Path:
    path = folder / one.name
    path.write_bytes(one.content)
    return path
