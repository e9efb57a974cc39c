"""A hundred damaged files made by chance from one good table, each with what may be read of it."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

ROWS = 160
NAMES = ("loan", "income", "age", "purpose", "opened", "default")
Table = dict[str, list[str]]


@dataclass(frozen=True)
class Damaged:
    """A file and what a right reading of it holds.

    `truth` is the text of every column as a right reading has it, None where every reading would be wrong:
    the file must be refused. Where only the beginning is left, `beginning` says that its rows are right too.
    """

    name: str
    content: bytes
    truth: Table | None
    beginning: bool = False
    must_read: bool = False


def clean(draw: random.Random) -> Table:
    """Loans as text, one in twenty cells of three columns empty."""

    def gap(word: str) -> str:
        return "" if draw.random() < 0.05 else word

    day = range(ROWS)
    return {
        "loan": [f"L{i:04d}" for i in range(ROWS)],
        "income": [gap(f"{draw.uniform(900, 9000):.2f}") for _ in range(ROWS)],
        "age": [gap(str(draw.randint(20, 70))) for _ in range(ROWS)],
        "purpose": [gap(draw.choice(["car", "house", "other"])) for _ in range(ROWS)],
        "opened": [f"20{10 + i % 11}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}" for i in day],
        "default": [draw.choice(["no", "no", "yes"]) for _ in range(ROWS)],
    }


def lines_of(table: Table, sign: str = ",") -> list[str]:
    return [sign.join(table), *(sign.join(row) for row in zip(*table.values(), strict=True))]


def csv_of(table: Table, sign: str = ",") -> bytes:
    return ("\n".join(lines_of(table, sign)) + "\n").encode()


def changed(table: Table, column: str, cells: dict[int, str]) -> Table:
    return table | {column: [cells.get(i, word) for i, word in enumerate(table[column])]}


def rows_of(table: Table, places: list[int]) -> Table:
    return {name: [words[i] for i in places] for name, words in table.items()}


Maker = Callable[[Table, random.Random], Damaged]
KINDS: dict[str, Maker] = {}


def kind(make: Maker) -> Maker:
    KINDS[make.__name__] = make
    return make


@kind
def truncated(table: Table, draw: random.Random) -> Damaged:
    content = csv_of(table)
    return Damaged("t.csv", content[: draw.randint(200, len(content) - 1)], table, beginning=True)


@kind
def shuffled_columns(table: Table, draw: random.Random) -> Damaged:
    names = draw.sample(NAMES, len(NAMES))
    table = {name: table[name] for name in names}
    return Damaged("t.csv", csv_of(table), table, must_read=True)


@kind
def shuffled_rows(table: Table, draw: random.Random) -> Damaged:
    table = rows_of(table, draw.sample(range(ROWS), ROWS))
    return Damaged("t.csv", csv_of(table), table, must_read=True)


@kind
def wrong_types(table: Table, draw: random.Random) -> Damaged:
    words = {i: draw.choice(["n.a.?", "abc", "12-", "#", "1.2.3"]) for i in draw.sample(range(ROWS), 6)}
    table = changed(table, draw.choice(["income", "age"]), words)
    return Damaged("t.csv", csv_of(table), table)


@kind
def mixed_encodings(table: Table, draw: random.Random) -> Damaged:
    table = changed(table, "purpose", dict.fromkeys(range(5), "Möbel"))
    content = csv_of(table).split(b"\n")
    content[3] = content[3].decode().encode("latin-1")
    return Damaged("t.csv", b"\n".join(content), None)


@kind
def zero_bytes(table: Table, draw: random.Random) -> Damaged:
    content = csv_of(table)
    place = draw.randrange(len(content))
    return Damaged("t.csv", content[:place] + b"\x00" * draw.randint(1, 3) + content[place:], None)


@kind
def an_open_quote(table: Table, draw: random.Random) -> Damaged:
    content = csv_of(table)
    place = draw.choice([i for i in range(len(content) - 1) if content[i : i + 1] in (b",", b"\n")])
    return Damaged("t.csv", content[: place + 1] + b'"' + content[place + 1 :], None)


@kind
def huge_numbers(table: Table, draw: random.Random) -> Damaged:
    large = draw.choice(["1e308", "-1e308", "1.7976931348623157e308"])
    table = changed(table, "income", {draw.randrange(ROWS): large})
    return Damaged("t.csv", csv_of(table), table)


@kind
def endless_numbers(table: Table, draw: random.Random) -> Damaged:
    table = changed(table, "income", {draw.randrange(ROWS): draw.choice(["1e309", "inf", "-Infinity"])})
    return Damaged("t.csv", csv_of(table), None)


@kind
def nothing(table: Table, draw: random.Random) -> Damaged:
    return Damaged("t.csv", draw.choice([b"", b"\n\n", b"  \r\n\t", b"\xef\xbb\xbf", b",,,\n,,,\n"]), None)


@kind
def header_only(table: Table, draw: random.Random) -> Damaged:
    return Damaged("t.csv", csv_of(table).split(b"\n")[0] + draw.choice([b"", b"\n"]), None)


@kind
def header_twice(table: Table, draw: random.Random) -> Damaged:
    lines = lines_of(table)
    lines.insert(draw.randint(5, ROWS), lines[0])
    return Damaged("t.csv", "\n".join(lines).encode(), None)


@kind
def a_name_twice(table: Table, draw: random.Random) -> Damaged:
    lines = lines_of(table)
    name = draw.choice(NAMES[:-1])
    return Damaged("t.csv", "\n".join([lines[0].replace("default", name), *lines[1:]]).encode(), None)


@kind
def one_column(table: Table, draw: random.Random) -> Damaged:
    return Damaged("t.csv", "\n".join(["default", *table["default"]]).encode(), None)


@kind
def a_huge_cell(table: Table, draw: random.Random) -> Damaged:
    table = changed(table, "purpose", {draw.randrange(ROWS): "x" * draw.choice([50_000, 1_000_000])})
    return Damaged("t.csv", csv_of(table), table)


@kind
def mixed_line_ends(table: Table, draw: random.Random) -> Damaged:
    ends = [draw.choice(["\n", "\r\n"]) for _ in range(ROWS + 1)]
    text = "".join(line + end for line, end in zip(lines_of(table), ends, strict=True))
    return Damaged("t.csv", text.encode(), table, must_read=True)


@kind
def blank_lines(table: Table, draw: random.Random) -> Damaged:
    lines = lines_of(table)
    for _ in range(8):
        lines.insert(draw.randint(0, len(lines)), draw.choice(["", "   ", ",,,,,"]))
    return Damaged("t.csv", "\n".join(lines).encode(), table, must_read=True)


@kind
def a_cell_too_many(table: Table, draw: random.Random) -> Damaged:
    lines = lines_of(table)
    place = draw.randint(1, ROWS)
    lines[place] = lines[place] + ",1" if draw.random() < 0.5 else lines[place].rpartition(",")[0]
    return Damaged("t.csv", "\n".join(lines).encode(), None)


@kind
def another_delimiter_midway(table: Table, draw: random.Random) -> Damaged:
    half = draw.randint(20, ROWS - 20)
    lines = [*lines_of(table)[:half], *lines_of(table, ";")[half:]]
    return Damaged("t.csv", "\n".join(lines).encode(), None)


@kind
def delimiters_and_lines_in_cells(table: Table, draw: random.Random) -> Damaged:
    cells = {i: draw.choice(["a,b", "a;b", "two\nlines", 'say ""no""']) for i in draw.sample(range(ROWS), 10)}
    lines = lines_of(changed(table, "purpose", {i: f'"{word}"' for i, word in cells.items()}))
    table = changed(table, "purpose", {i: word.replace('""', '"') for i, word in cells.items()})
    return Damaged("t.csv", "\n".join(lines).encode(), table, must_read=True)


@kind
def trailing_delimiters(table: Table, draw: random.Random) -> Damaged:
    return Damaged("t.csv", "\n".join(line + "," for line in lines_of(table)).encode(), table, must_read=True)


@kind
def random_bytes(table: Table, draw: random.Random) -> Damaged:
    return Damaged("t.csv", draw.randbytes(draw.randint(10, 3000)), None)


@kind
def packed_and_damaged(table: Table, draw: random.Random) -> Damaged:
    pack = draw.choice([gzip.compress, bz2.compress, lzma.compress])
    content = bytearray(pack(csv_of(table)))
    if draw.random() < 0.5:
        return Damaged("t.csv.gz", bytes(content[: draw.randint(12, len(content) - 9)]), None)
    content[draw.randint(20, len(content) - 12)] ^= 1 << draw.randrange(8)
    return Damaged("t.csv.gz", bytes(content), None)


@kind
def packed_twice_or_two(table: Table, draw: random.Random) -> Damaged:
    if draw.random() < 0.5:
        return Damaged("t.csv.gz", gzip.compress(gzip.compress(csv_of(table))), None)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", csv_of(table))
        archive.writestr("b.csv", csv_of(table))
    return Damaged("t.zip", out.getvalue(), None)


@kind
def parquet_cut_off(table: Table, draw: random.Random) -> Damaged:
    out = io.BytesIO()
    pl.DataFrame(table).write_parquet(out)
    content = out.getvalue()
    return Damaged("t.parquet", content[: draw.randint(4, len(content) - 1)], None)


@kind
def arrow_cut_off(table: Table, draw: random.Random) -> Damaged:
    out = io.BytesIO()
    pl.DataFrame(table).write_ipc(out)
    content = out.getvalue()
    return Damaged("t.arrow", content[: draw.randint(10, len(content) - 1)], None)


@kind
def json_cut_off(table: Table, draw: random.Random) -> Damaged:
    rows = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
    content = json.dumps(rows).encode()
    return Damaged("t.json", content[: draw.randint(2, len(content) - 1)], None)


@kind
def json_lines_out_of_order(table: Table, draw: random.Random) -> Damaged:
    rows = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
    mixed = [dict(draw.sample(list(row.items()), len(row))) for row in rows]
    return Damaged("t.jsonl", "\n".join(map(json.dumps, mixed)).encode(), table, must_read=True)


@kind
def utf16_cut_off(table: Table, draw: random.Random) -> Damaged:
    content = csv_of(table).decode().encode("utf-16")
    return Damaged("t.csv", content[: draw.randrange(301, len(content), 2)], None)


@kind
def impossible_days(table: Table, draw: random.Random) -> Damaged:
    never = draw.choice(["2020-02-30", "2019-13-01", "0000-00-00"])
    table = changed(table, "opened", {draw.randrange(ROWS): never})
    return Damaged("t.csv", csv_of(table), None)


@kind
def zip_cut_off(table: Table, draw: random.Random) -> Damaged:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("loans.csv", csv_of(table))
    content = out.getvalue()
    return Damaged("t.zip", content[: draw.randint(5, len(content) - 1)], None)


@kind
def sixty_columns(table: Table, draw: random.Random) -> Damaged:
    more = {f"c{i}": [f"{draw.random():.2f}" for _ in range(ROWS)] for i in range(60)}
    return Damaged("t.csv", csv_of(more | table), more | table, must_read=True)


@kind
def one_endless_line(table: Table, draw: random.Random) -> Damaged:
    return Damaged("t.csv", draw.choice([b"1,", b",", b'"",', b"a;"]) * 300_000, None)


@kind
def no_header(table: Table, draw: random.Random) -> Damaged:
    return Damaged("t.csv", "\n".join(lines_of(table)[1:]).encode(), None)


def hundred(seed: int = 0, times: int = 3) -> dict[str, Damaged]:
    """Every kind several times: name of kind and number -> file."""
    found = {}
    for number in range(times):
        for name, make in KINDS.items():
            draw = random.Random(f"{seed} {number} {name}")
            found[f"{name}-{number}"] = make(clean(draw), draw)
    return found
