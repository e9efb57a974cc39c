"""Snapshots of own tables, kept by content: the table a study read, to be read again exactly.

One folder per table, named after the SHA-256 of its content: `table.parquet` and `card.json`. The table is as
the study got it – after contract, quarantine and joins – so that neither source, nor contract, nor
clock matters then. The card says where it came from, what it holds, and which studies ran on it how.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from barograph.collect.raw import RawTable
from barograph.collect.reading.web import from_environment
from barograph.collect.snapshot import replace_file
from barograph.core.errors import DataError, SettingError, StorageError
from barograph.core.records import Assumed

TABLE, CARD = "table.parquet", "card.json"
FORMAT = 1
NUMBERS = "(number)"
"""Column of the file that holds the rows' numbers; a table's own column never stands before it."""
CHUNK = 1 << 16
"""Texts that are Python strings at a time."""
SHOWN = 12
"""Digits of a hash that are shown."""
LEAST_DIGITS = 4
WHICH = ("study", "engine", "hash")
"""What tells one entry of a card's studies from another."""


@dataclass(frozen=True, slots=True)
class Card:
    """What a kept table is."""

    hash: str  # SHA-256 of the table's content, hex
    label: str  # how the source was called
    source: str  # what was read, as named by the user; "frame" for one in memory
    place: str  # what its rows' numbers count: "line" or "row"
    kept: str  # UTC moment it was kept, ISO
    rows: int
    columns: dict[str, dict[str, Any]]  # name -> type, empty cells, least and largest value
    bytes: int  # of the file
    notes: tuple[str, ...]  # what was assumed or done while reading
    assumed: tuple[dict[str, str], ...]  # the same, as settings that repeat it
    decimal: str  # sign before decimals that the table as a whole shows
    written: dict[str, str]  # column -> how its text is written, where that was said
    set_aside: int  # rows that broke its contract
    set_aside_in: str
    studies: tuple[dict[str, Any], ...] = ()  # study, hash of what it made of the table, settings of collect


def folder_of_snapshots() -> Path:
    """The folder in which snapshots are kept: `snapshots` of BAROGRAPH_CACHE."""
    return from_environment().cache / "snapshots"


def content_hash(raw: RawTable) -> str:
    """SHA-256 over a table as read, the same on every platform and polars version.

    Hashed are plain bytes: the label, what rows are counted in and their numbers; then of each column its
    name, type and length, a validity byte per row and the values – text as little-endian int32 lengths and
    UTF-8, numbers, days and instants as their little-endian bytes (missing as 0, minus zero as zero),
    anything nested as JSON lines.
    """
    digest = hashlib.sha256(f"barograph table 1\n{raw.label}\n{raw.place}\n".encode())
    for series in (raw.numbers.alias(NUMBERS), *raw.frame):
        digest.update(
            f"{len(series.name.encode())} {series.name} {_kind(series.dtype)} {len(series)}\n".encode()
        )
        digest.update(series.is_not_null().to_numpy().astype("u1").tobytes())
        for part in _bytes(series):
            digest.update(part)
    return digest.hexdigest()


def _kind(dtype: pl.DataType) -> str:
    """A type by its name, instants and durations with unit and zone, however polars writes it."""
    name = type(dtype).__name__
    if isinstance(dtype, pl.Datetime):
        return f"{name} {dtype.time_unit} {dtype.time_zone or ''}"
    return f"{name} {dtype.time_unit}" if isinstance(dtype, pl.Duration) else name


def _bytes(series: pl.Series) -> Iterator[bytes]:
    if series.dtype.is_nested():
        yield series.to_frame().write_ndjson().encode()
    elif series.dtype == pl.Binary:
        yield from _bytes(series.bin.encode("hex"))
    elif series.dtype == pl.Boolean:
        yield series.fill_null(False).to_numpy().astype("u1").tobytes()
    elif series.dtype.is_temporal():
        yield series.to_physical().fill_null(0).to_numpy().astype("<i8").tobytes()
    elif series.dtype.is_float():
        yield (series.cast(pl.Float64).fill_null(0.0).to_numpy() + 0.0).astype("<f8").tobytes()
    elif series.dtype.is_integer():
        values = series.fill_null(0).to_numpy()
        yield values.astype("<u8" if np.issubdtype(values.dtype, np.unsignedinteger) else "<i8").tobytes()
    elif series.dtype != pl.Null:
        filled = series.cast(pl.String).fill_null("")
        yield filled.str.len_bytes().to_numpy().astype("<i4").tobytes()
        for some in filled.to_frame().iter_slices(CHUNK):
            yield "".join(some.to_series().to_list()).encode()


def keep(
    raw: RawTable, told: Mapping[str, Any], study: Mapping[str, Any], *, store: Path | None = None
) -> Card:
    """Keep a table, or add a study to the card of one that is kept.

    Parameters
    ----------
    raw : RawTable
        As the study got it.
    told : mapping
        `source`, `set_aside` and `set_aside_in` of the card.
    study : mapping
        What ran on it: `study`, `hash`, `collect`.
    store : Path, optional
        The folder of all snapshots.

    Raises
    ------
    StorageError
        It cannot be written.
    DataError
        A column holds Python objects, which no file keeps, or has the name of the rows' numbers.
    """
    if NUMBERS in raw.frame.columns:
        raise DataError(
            f"{raw.label} must leave the name '{NUMBERS}' free for the numbers of its rows to be kept",
            came="it has a column of that name",
            do="Rename that column, or leave out --keep-snapshot",
        )
    odd = next((name for name, dtype in raw.frame.schema.items() if dtype == pl.Object), None)
    if odd is not None:
        raise DataError(
            f"column '{odd}' of {raw.label} must hold plain values to be kept",
            came="it holds Python objects",
            do="Give it one type, or leave out --keep-snapshot",
        )
    key = content_hash(raw)
    folder = (store or folder_of_snapshots()) / key
    known = _card(folder) if (folder / CARD).is_file() else None
    try:
        if known is None:
            folder.mkdir(parents=True, exist_ok=True)
            _write_table(raw, folder)
        size = (folder / TABLE).stat().st_size
        card = known or _new_card(raw, key, size, told)
        others = (one for one in card.studies if any(one.get(key) != study[key] for key in WHICH))
        studies = (*others, dict(study))
        card = Card(**{**_plain(card), "notes": card.notes, "studies": studies})
        words = json.dumps({"format": FORMAT, **asdict(card)}, ensure_ascii=False, indent=2)
        replace_file(folder / CARD, words.encode())
    except OSError as error:
        raise StorageError(
            f"the snapshot must be written to {folder}",
            came=error.strerror or type(error).__name__,
            do="Free space, or set BAROGRAPH_CACHE to another folder",
        ) from error
    return card


def _plain(card: Card) -> dict[str, Any]:
    return {name: getattr(card, name) for name in Card.__dataclass_fields__}


def _write_table(raw: RawTable, folder: Path) -> None:
    """Beside its place, then moved: what is there is whole."""
    beside = folder / f"{TABLE}.{os.getpid()}.part"
    try:
        frame = raw.frame.with_columns(raw.numbers.alias(NUMBERS))
        frame.write_parquet(beside, compression="zstd")
        beside.replace(folder / TABLE)
    finally:
        beside.unlink(missing_ok=True)


def _new_card(raw: RawTable, key: str, size: int, told: Mapping[str, Any]) -> Card:
    return Card(
        hash=key,
        label=raw.label,
        place=raw.place,
        kept=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        rows=raw.frame.height,
        columns={series.name: _range(series) for series in raw.frame},
        bytes=size,
        notes=raw.notes,
        assumed=tuple(asdict(one) for one in raw.assumed),
        decimal=raw.decimal,
        written=dict(raw.written),
        source=str(told["source"]),
        set_aside=int(told["set_aside"]),
        set_aside_in=str(told["set_aside_in"]),
    )


def _range(series: pl.Series) -> dict[str, Any]:
    found: dict[str, Any] = {"type": str(series.dtype), "empty": series.null_count()}
    if series.dtype.is_numeric() or series.dtype.is_temporal():
        plain = series.dtype.is_integer() or series.dtype.is_float()
        least, most = series.min(), series.max()
        found |= {"least": least if plain else str(least), "largest": most if plain else str(most)}
    return found


def listed(store: Path | None = None) -> list[Card]:
    """The cards of all snapshots, the newest first; what is no snapshot is passed over."""
    folder = store or folder_of_snapshots()
    cards = []
    for path in folder.glob(f"*/{CARD}"):
        try:
            cards.append(_card(path.parent))
        except StorageError:
            continue
    return sorted(cards, key=lambda card: (card.kept, card.hash), reverse=True)


def found(prefix: str, store: Path | None = None) -> tuple[RawTable, Card]:
    """The kept table whose hash, or the hash of what a study made of it, begins so.

    Raises
    ------
    SettingError
        None begins so, or several do; the message lists what is there.
    StorageError
        The table is not the one that was kept.
    """
    cards = listed(store)
    wanted = prefix.strip().lower()
    named = [card for card in cards if any(one.startswith(wanted) for one in _hashes(card))]
    if len(wanted) < LEAST_DIGITS or len(named) != 1:
        raise _not_one(prefix, named if len(wanted) >= LEAST_DIGITS else [], cards, store)
    return _table((store or folder_of_snapshots()) / named[0].hash, named[0]), named[0]


def _hashes(card: Card) -> tuple[str, ...]:
    return (card.hash, *(str(one["hash"]) for one in card.studies))


def _not_one(prefix: str, named: list[Card], cards: list[Card], store: Path | None) -> SettingError:
    some = named or cards
    lines = [
        f"  {card.hash[:SHOWN]}  {card.kept[:10]}  {card.rows:,} rows  {card.label}  "
        f"{', '.join(dict.fromkeys(str(one['study']) for one in card.studies))}"
        for card in some
    ]
    there = "\n".join(lines) if lines else f"  none in {store or folder_of_snapshots()}"
    came = f"{len(named)} begin with '{prefix}'" if named else f"got '{prefix}'"
    do = "Write more digits" if named else "Take one that is there; --keep-snapshot keeps the data of a run"
    return SettingError(
        f"--snapshot must be the hash of one kept table, at least {LEAST_DIGITS} digits of it",
        came=came,
        do=f"{do}:\n{there}",
    )


def _card(folder: Path) -> Card:
    try:
        told = json.loads((folder / CARD).read_bytes())
        if told.pop("format") != FORMAT or told["hash"] != folder.name:
            raise ValueError(folder.name)
        listed = {key: tuple(told[key]) for key in ("notes", "assumed", "studies")}
        return Card(**{**told, **listed})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unusable(folder, f"its card is damaged ({type(error).__name__})") from error


def _table(folder: Path, card: Card) -> RawTable:
    try:
        frame = pl.read_parquet((folder / TABLE).read_bytes())
        numbers = frame[NUMBERS].alias("row")
        assumed = tuple(Assumed(**one) for one in card.assumed)
        said = (card.notes, assumed, card.decimal, card.written)
        raw = RawTable(frame.drop(NUMBERS), numbers, card.place, card.label, *said)
        actual = content_hash(raw)
    except (OSError, ValueError, TypeError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise _unusable(folder, f"its table cannot be read ({type(error).__name__})") from error
    if actual != folder.name:
        raise _unusable(folder, "its content is not that which its name stands for")
    return raw


def _unusable(folder: Path, came: str) -> StorageError:
    return StorageError(
        f"{folder} must hold a snapshot as it was kept", came=came, do="Delete that folder and keep it anew"
    )
