"""Series of the European Central Bank's data portal."""

from __future__ import annotations

import os
from urllib.parse import parse_qs

import polars as pl

from barograph.collect.files import read_file
from barograph.collect.raw import RawTable, by_rows
from barograph.collect.reading.web import Web
from barograph.core.address import Address
from barograph.core.errors import DataError, SettingError
from barograph.core.notes import noted

SERVICE = "https://data-api.ecb.europa.eu/service/data"
OPTIONS = {"since": "startPeriod", "until": "endPeriod"}
NEEDED = ("KEY", "TIME_PERIOD", "OBS_VALUE")


def read_ecb(address: Address, web: Web) -> RawTable:
    """The series of ``ecb://EXR/D.USD+GBP.EUR.SP00.A?since=1999-01-04``: a date and a column for each.

    A column is called by what tells its key from the others', such as USD and GBP. ECB_URL names another
    server.
    """
    words, _, query = address.text.split("://", 1)[1].partition("?")
    options = {key: values[-1] for key, values in parse_qs(query).items()}
    unknown = sorted(set(options) - set(OPTIONS))
    if words.count("/") != 1 or not all(words.split("/")) or unknown:
        raise SettingError(
            "ecb:// must name a data flow and a key, and may say since and until",
            came=f"got '{unknown[0] if unknown else words}'",
            do="Write ecb://EXR/D.USD.EUR.SP00.A?since=1999-01-04",
        )
    params = {"format": "csvdata", **{OPTIONS[key]: value for key, value in options.items()}}
    path, notes = web.fetch(f"{os.environ.get('ECB_URL', SERVICE)}/{words}", params=params)
    frame = read_file(path, label=address.text).frame
    missing = [name for name in NEEDED if name not in frame.columns]
    if missing:
        raise DataError(
            f"{address.text} must answer with {', '.join(NEEDED)}",
            came=f"{missing[0]} is missing",
            do="Check the key",
        )
    return by_rows(_wide(frame, address.text), label=address.text, notes=(noted("notes.reading.ecb"), *notes))


def _wide(frame: pl.DataFrame, label: str) -> pl.DataFrame:
    names = _short(frame["KEY"].unique(maintain_order=True).to_list())
    values = pl.col("OBS_VALUE").replace("", None).cast(pl.Float64, strict=False)
    bad = frame.filter(values.is_null() & (pl.col("OBS_VALUE") != "") & (pl.col("OBS_VALUE") != "NaN"))
    if bad.height:
        raise DataError(
            f"{label} must hold numbers", came=f"one is '{bad['OBS_VALUE'][0]}'", do="Check the key"
        )
    long = frame.select(
        pl.col("TIME_PERIOD").alias("date"),
        pl.col("KEY").replace_strict(names).alias("key"),
        values.alias("value"),
    )
    return long.pivot("key", index="date", values="value").sort("date")


def _short(keys: list[str]) -> dict[str, str]:
    """Each key by the parts that differ between keys; a single one by its second part.

    Examples
    --------
    >>> _short(["EXR.D.USD.EUR.SP00.A", "EXR.D.GBP.EUR.SP00.A"])
    {'EXR.D.USD.EUR.SP00.A': 'USD', 'EXR.D.GBP.EUR.SP00.A': 'GBP'}
    """
    parts = [key.split(".") for key in keys]
    if len(keys) == 1:
        return {keys[0]: parts[0][2] if len(parts[0]) > 2 else keys[0]}
    width = max(len(one) for one in parts)
    padded = [one + [""] * (width - len(one)) for one in parts]
    differing = [place for place in range(width) if len({one[place] for one in padded}) > 1]
    return {key: ".".join(one[place] for place in differing) for key, one in zip(keys, padded, strict=True)}
