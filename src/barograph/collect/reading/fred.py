"""Series of the Federal Reserve Bank of St. Louis (FRED), as they stand or as they stood on a day."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import polars as pl

from barograph.collect.raw import RawTable, by_rows
from barograph.collect.reading.web import Web
from barograph.core.address import Address
from barograph.core.errors import DataError, SettingError
from barograph.core.notes import noted

SERVICE = "https://api.stlouisfed.org/fred"
LIMIT = 100_000
"""Most observations in one answer, as the service documents."""
OPTIONS = {
    "since": "observation_start",
    "until": "observation_end",
    "frequency": "frequency",
    "units": "units",
}


def read_fred(address: Address, web: Web) -> RawTable:
    """The series of ``fred://CPIAUCSL,UNRATE?since=1990-01-01&vintage=2009-12-31``, one column each.

    The key is FRED_API_KEY of the environment. With `vintage` the figures are those known on that day
    (ALFRED); FRED_URL names another server. Dates are the first day of each period, as FRED writes them.
    """
    names, options = _asked(address)
    vintage = options.pop("vintage", "")
    params = {OPTIONS[key]: value for key, value in options.items()}
    if vintage:
        params |= {"realtime_start": vintage, "realtime_end": vintage}
    notes: list[str] = []
    series = [_series(name, params, web, notes) for name in names]
    table = series[0]
    for one in series[1:]:
        table = table.join(one, on="date", how="full", coalesce=True)
    said = (
        noted("notes.reading.fred"),
        *([noted("notes.reading.vintage", day=vintage)] if vintage else []),
    )
    return by_rows(table.sort("date"), label=address.text, notes=(*said, *dict.fromkeys(notes)))


def _asked(address: Address) -> tuple[list[str], dict[str, str]]:
    words, _, query = address.text.split("://", 1)[1].partition("?")
    names = [name.strip().upper() for name in words.split(",") if name.strip()]
    options = {key: values[-1] for key, values in parse_qs(query).items()}
    unknown = sorted(set(options) - set(OPTIONS) - {"vintage"})
    if not names or unknown:
        raise SettingError(
            "fred:// must name series, and may say since, until, vintage, frequency, units",
            came=f"got '{unknown[0]}'" if unknown else "it names none",
            do="Write fred://CPIAUCSL,UNRATE?since=1990-01-01",
        )
    return names, options


def _series(name: str, params: dict[str, str], web: Web, notes: list[str]) -> pl.DataFrame:
    key = os.environ.get("FRED_API_KEY", "")
    if not key and not web.offline:
        raise SettingError(
            "fred:// needs a key of the service in the environment",
            came="FRED_API_KEY is not set",
            do="Ask for one at the service's site, then export FRED_API_KEY=…",
        )
    rows: list[tuple[str, str]] = []
    while True:
        asked = {
            "series_id": name,
            "file_type": "json",
            "limit": str(LIMIT),
            "offset": str(len(rows)),
            **params,
        }
        url = f"{os.environ.get('FRED_URL', SERVICE)}/series/observations"
        path, said = web.fetch(url, params={**asked, "api_key": key}, secret=("api_key",))
        notes += said
        found, count = _observations(path, name)
        rows += found
        if not found or len(rows) >= count:
            break
    values = [None if value == "." else value for _, value in rows]
    frame = pl.DataFrame(
        {"date": [day for day, _ in rows], name: values}, schema={"date": pl.String, name: pl.String}
    )
    return frame.select(pl.col("date").str.to_date("%Y-%m-%d"), pl.col(name).cast(pl.Float64))


def _observations(path: Path, name: str) -> tuple[list[tuple[str, str]], int]:
    try:
        answer: dict[str, Any] = json.loads(path.read_text("utf-8"))
        rows = [(str(one["date"]), str(one["value"])) for one in answer["observations"]]
        return rows, int(answer.get("count", len(rows)))
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"FRED must answer with observations of {name}",
            came=f"the answer cannot be read ({type(error).__name__})",
            do="Check the series' name at the service's site",
        ) from error
