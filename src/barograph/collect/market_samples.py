"""The packaged market sample: two US indices with ranges, one commodity and twenty US stocks, daily.

The stocks ship with Barograph; the other three series are read from the files of the installed `arch`
package, found without importing it (importing takes about a second). Origin, terms and flaws of each:
`DATA_LICENSES.md`.
"""

from __future__ import annotations

import importlib.resources
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from barograph.core.errors import SettingError, StorageError
from barograph.core.notes import noted

STOCKS_FILE = "us_stocks.parquet"
STOCKS = (
    *("aapl", "amd", "bac", "bby", "cvx", "ge", "hd", "jnj", "jpm", "ko"),
    *("lly", "mrk", "msft", "pep", "pfe", "pg", "rrc", "unh", "wmt", "xom"),
)
ARCH_LICENCE = noted("notes.source.arch_licence")


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Series read from one file: a long table, the terms, and what was done to it or must be known."""

    table: pl.DataFrame  # entity, time and the price columns it carries
    licence: str
    notes: tuple[str, ...]


def _index(entity: str) -> Part:
    """An index with open, high, low, close and volume; `Close` equals `Adj Close` on every day."""
    table = _arch_table(entity)
    prices = table.select(
        pl.lit(entity).alias("entity"),
        pl.col("Date").str.to_date("%m/%d/%Y").alias("time"),
        *(pl.col(name).cast(pl.Float64).alias(name.lower()) for name in ("Open", "High", "Low", "Close")),
        pl.col("Volume").cast(pl.Float64).alias("volume"),
    )
    same = int((prices["open"] == prices["close"].shift(1)).sum())
    notes = (noted("notes.source.no_gap", entity=entity, same=same, rows=prices.height),)
    return Part(prices, f"{entity}: {ARCH_LICENCE}", notes)


def _wti() -> Part:
    """Crude oil, close only. FRED marks days without a quotation by a dot: they are left out and counted."""
    table = _arch_table("wti")
    closes = table.select(
        pl.lit("wti").alias("entity"),
        pl.col("Date").str.to_date("%m/%d/%Y").alias("time"),
        pl.col("DCOILWTICO").cast(pl.Float64, strict=False).alias("close"),
    )
    quoted = closes.drop_nulls("close")
    left_out = closes.height - quoted.height
    notes = (noted("notes.source.wti_days", days=left_out),)
    return Part(quoted, f"{noted('notes.source.wti_licence')}; {ARCH_LICENCE}", notes)


def _stocks() -> Part:
    """Twenty large US stocks, adjusted closes."""
    file = importlib.resources.files("barograph.collect") / "samples" / STOCKS_FILE
    table = pl.read_parquet(file.read_bytes())
    closes = table.unpivot(STOCKS, index="date", variable_name="entity", value_name="close")
    notes = (
        noted("notes.source.survivors"),
        noted("notes.source.three_decimals"),
    )
    prices = closes.select("entity", pl.col("date").cast(pl.Date).alias("time"), "close")
    return Part(prices, noted("notes.source.stocks_licence"), notes)


def _arch_table(series: str) -> pl.DataFrame:
    """A table from the data folder of the installed `arch` package, which is not imported."""
    found = importlib.util.find_spec("arch")
    if found is None or not found.submodule_search_locations:
        raise SettingError(
            f"the series {series} must be read from the arch package",
            came="arch is not installed",
            do="Install barograph[train], or set collect.entities to some of the packaged stocks",
        )
    path = Path(found.submodule_search_locations[0]) / "data" / series / f"{series}.csv.gz"
    try:
        return pl.read_csv(path.read_bytes())
    except (OSError, pl.exceptions.PolarsError) as error:
        raise StorageError(
            f"the arch package must hold its data file of {series}",
            came=f"{path} cannot be read ({type(error).__name__})",
            do="Install arch again",
        ) from error


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the sample: the series it holds and how it is read."""

    entities: tuple[str, ...]
    read: Callable[[], Part]


MEMBERS = (
    Member(("nasdaq",), lambda: _index("nasdaq")),
    Member(("sp500",), lambda: _index("sp500")),
    Member(STOCKS, _stocks),
    Member(("wti",), _wti),
)
ENTITIES = tuple(sorted(entity for member in MEMBERS for entity in member.entities))
"""The sample's 23 series."""


def read_parts(entities: tuple[str, ...]) -> list[Part]:
    """The files that hold any of the wanted series (all files if none is named); others stay closed."""
    wanted = set(entities or ENTITIES)
    return [member.read() for member in MEMBERS if wanted & set(member.entities)]
