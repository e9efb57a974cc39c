"""The packaged economy of the United States: the treasury par curve by day, macro series by quarter.

Every figure is dated by the day on which it could be known: a curve on the next business day, a quarter's
figures on the last day of the following quarter (see `us_macro`). Origin and flaws: `DATA_LICENSES.md`.
"""

from __future__ import annotations

import importlib.resources

import numpy as np
import polars as pl

CURVE_FILE, MACRO_FILE = "treasury_par_curve.parquet", "us_macro.parquet"
TREASURY_COLUMNS = ("treasury_3m", "treasury_slope")
QUARTERLY_COLUMNS = ("unemployment", "real_gdp_growth", "inflation")
MACRO_COLUMNS = (*TREASURY_COLUMNS, *QUARTERLY_COLUMNS)
"""Columns of `macro_table`, all in percent (a year)."""


def treasury_par_curve() -> pl.DataFrame:
    """US treasury par yields, percent a year, business days 1990-01-02 to 2017-03-29.

    Returns
    -------
    polars.DataFrame
        `date` (Date, ascending), then m1 m3 m6 y1 … y30 (Float64): the yield of that tenor, null where the
        Treasury published none.
    """
    table = _sample(CURVE_FILE)
    return table.select(pl.col("date").cast(pl.Date), pl.exclude("date").cast(pl.Float64))


def us_macro() -> pl.DataFrame:
    """Quarterly US series 1959Q1 to 2009Q3, as they stood in December 2009.

    Returns
    -------
    polars.DataFrame
        `date` (Date, last day of the quarter), `known_from` (Date: the last day of the next quarter, by when
        the third estimate of GDP is out), `real_gdp` (billions of 2005 dollars a year), `cpi` (1982-84 =
        100, end of quarter), `unemployment` (percent), `m1` (billions of dollars, end of quarter),
        `treasury_bill` (three months, percent a year).
    """
    return _sample(MACRO_FILE)


def macro_table() -> pl.DataFrame:
    """What was known of the economy at the end of each month, January 1990 to March 2017.

    Returns
    -------
    polars.DataFrame
        `time` (Date, month ends, ascending), then `MACRO_COLUMNS` (Float64, percent): three-month yield, ten
        years minus three months, unemployment, and growth of real GDP and of consumer prices over four
        quarters. Quarterly figures are null once their successor is overdue (from March 2010).
    """
    curve = _curve_as_known()
    quarterly = _quarterly_as_known()
    first, last = curve["time"].item(0), treasury_par_curve()["date"].item(-1)
    months = pl.date_range(first.replace(day=1), last.replace(day=1), "1mo", eager=True).dt.month_end()
    ends = pl.DataFrame({"time": months})
    known = ends.join_asof(curve, on="time", strategy="backward")
    table = known.join_asof(quarterly, on="time", strategy="backward")
    current = pl.col("overdue") > pl.col("time")
    stale = [pl.when(current).then(pl.col(name)).alias(name) for name in QUARTERLY_COLUMNS]
    return table.with_columns(stale).select("time", *MACRO_COLUMNS)


def _curve_as_known() -> pl.DataFrame:
    """The curve's level and slope, dated by the business day after."""
    curve = treasury_par_curve()
    next_day = np.busday_offset(curve["date"].to_numpy().astype("datetime64[D]"), 1, roll="forward")
    return curve.select(
        pl.Series("time", next_day),
        pl.col("m3").alias("treasury_3m"),
        (pl.col("y10") - pl.col("m3")).alias("treasury_slope"),
    )


def _quarterly_as_known() -> pl.DataFrame:
    """The quarterly figures, dated by the day they are known from, and the day their successor is due."""
    return us_macro().select(
        pl.col("known_from").alias("time"),
        pl.col("known_from").dt.offset_by("1d").dt.offset_by("3mo").dt.offset_by("-1d").alias("overdue"),
        "unemployment",
        _yearly_growth("real_gdp").alias("real_gdp_growth"),
        _yearly_growth("cpi").alias("inflation"),
    )


def _yearly_growth(name: str) -> pl.Expr:
    return 100.0 * (pl.col(name) / pl.col(name).shift(4) - 1.0)


def _sample(name: str) -> pl.DataFrame:
    file = importlib.resources.files("barograph.collect") / "samples" / name
    return pl.read_parquet(file.read_bytes())
