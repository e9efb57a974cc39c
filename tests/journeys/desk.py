"""The desk of somebody who follows the pages: the files that their commands name, made small."""

from __future__ import annotations

import datetime
import sqlite3
from pathlib import Path

import numpy as np
import polars as pl

from barograph.govern.audit.journal import Journal

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "src" / "barograph" / "collect" / "samples"
STOCKS = ("aapl", "ko")


def fill(desk: Path) -> None:
    """Write every file that a page names into a folder."""
    (desk / "docs").mkdir(parents=True)
    (desk / "docs" / "examples").symlink_to(ROOT / "docs" / "examples")
    prices().write_csv(desk / "prices.csv")
    curve().write_csv(desk / "curve.csv")
    curve().select("date", pl.col("2Y").alias("interest_rate")).write_csv(desk / "interest_rate.csv")
    made = loans(2000, seed=1)
    made.write_csv(desk / "loans.csv")
    made.write_parquet(desk / "loans.parquet")
    untidy(made).write_csv(desk / "loan_data.csv", separator=";")
    untidy(loans(300, seed=3)).write_csv(desk / "test_data.csv", separator=";")
    odd = pl.when(pl.int_range(pl.len()) % 400 == 0).then(-1.0).otherwise("amount").alias("amount")
    made.with_columns(odd).write_csv(desk / "dirty_loans.csv")
    macro().write_csv(desk / "macro.csv")
    asked = loans(30, seed=2).drop("defaulted", "sex", "age")
    asked.write_csv(desk / "applications.csv")
    asked.head(3).write_csv(desk / "three.csv")
    asked.write_parquet(desk / "big.parquet")
    with sqlite3.connect(desk / "bank.db") as bank:
        made.to_pandas().to_sql("loans", bank, index=False)
    journal = Journal(desk / "audit", "worker")
    journal.write("prediction", actor="robot", output={"probability": 0.1})
    journal.close()


def prices() -> pl.DataFrame:
    """Two packaged stocks since 2010, and five days that came after them."""
    table = pl.read_parquet(SAMPLES / "us_stocks.parquet").select(pl.col("date").dt.date(), *STOCKS)
    last = table.tail(1)
    later = pl.date_range(datetime.date(2022, 12, 29), datetime.date(2023, 1, 4), "1d", eager=True)
    days = pl.DataFrame({"date": later.filter(later.dt.weekday() < 6)})
    steps = 1 + 0.01 * (pl.int_range(1, pl.len() + 1) % 3)
    new = days.with_columns((last[name].item() * steps).alias(name) for name in STOCKS)
    both = pl.concat([table.filter(pl.col("date") >= datetime.date(2010, 1, 1)), new])
    return both.unpivot(STOCKS, index="date", variable_name="ticker", value_name="close")


def curve() -> pl.DataFrame:
    """Three packaged yields, in percent, since 2012, a few of them missing."""
    every = pl.read_parquet(SAMPLES / "treasury_par_curve.parquet").filter(
        pl.col("date") >= datetime.date(2012, 1, 1)
    )
    gone = pl.int_range(pl.len()) % 41 == 0
    return every.select(
        pl.col("date").dt.date(),
        pl.col("m3").alias("3M"),
        pl.when(gone).then(None).otherwise("y2").alias("2Y"),
        pl.col("y10").alias("10Y"),
    )


def loans(n: int, *, seed: int) -> pl.DataFrame:
    """Made loans of 2012 to 2018: amount, term, purpose and income say something of who defaults."""
    random = np.random.default_rng(seed)
    amount, income = random.lognormal(9.3, 0.6, n).round(), random.lognormal(10.4, 0.5, n).round()
    purpose = random.choice(["car", "house", "shop", "trip"], n)
    score = 1.2 * np.log(amount / income) + 0.9 * (purpose == "trip")
    day = np.datetime64("2012-01-01") + np.sort(random.integers(0, 7 * 365, n))
    return pl.DataFrame(
        {
            "loan": [f"L{seed}{i:05d}" for i in range(n)],
            "granted": day,
            "customer": [f"C{i}" for i in random.integers(0, n, n)],
            "amount": amount,
            "term": random.choice([12, 24, 36, 60], n),
            "income": income,
            "purpose": purpose,
            "region": random.choice(["north", "south", "east"], n),
            "sex": random.choice(["f", "m"], n),
            "age": random.integers(20, 70, n),
            "defaulted": (random.random(n) < 1.0 / (1.0 + np.exp(-0.6 - score))).astype(int),
        }
    )


def macro() -> pl.DataFrame:
    """A figure by month, as a statistical office may publish it."""
    months = pl.date_range(datetime.date(2011, 1, 1), datetime.date(2019, 1, 1), "1mo", eager=True)
    return pl.DataFrame({"month": months, "unemployment": [5.0 + i % 7 / 10 for i in range(len(months))]})


def untidy(table: pl.DataFrame) -> pl.DataFrame:
    """The same as a spreadsheet may hold it: money as text, a target of yes and no, gaps, a constant."""
    gone = pl.int_range(pl.len()) % 13 == 0
    return table.select(
        "loan",
        pl.col("granted").dt.strftime("%d.%m.%Y"),
        pl.format("€{}", pl.col("amount").cast(pl.Int64)).alias("amount"),
        "term",
        pl.when(gone).then(None).otherwise("income").alias("income"),
        "purpose",
        pl.when(gone.shift(3)).then(None).otherwise("region").alias("region"),
        pl.lit("EUR").alias("currency"),
        pl.when(pl.col("defaulted") == 1).then(pl.lit("yes")).otherwise(pl.lit("no")).alias("default"),
    )
