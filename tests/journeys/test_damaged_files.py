"""A hundred damaged files: read right, or refused in words; never a traceback, never a half-written run."""

from __future__ import annotations

import datetime
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import polars as pl
import pytest
from command_line import flags_of

import barograph as bg
from barograph.cli import main
from barograph.collect.raw import RawTable
from barograph.collect.reading import read_table
from barograph.collect.records.catalogue import open_records
from barograph.core.errors import InputError
from barograph.core.record_table import Records
from barograph.core.scoring_study import RecordsSection
from damaged_files import Damaged, Table, clean, csv_of, hundred
from small_scoring import TINY

FILES = hundred()
TODAY = datetime.date(2026, 1, 1)
LONGEST = 30.0
"""Seconds of this process that looking at a file may take."""
SMALL = {
    key: TINY[key]
    for key in TINY
    if key.startswith(("prepare.bins", "train.", "evaluate.bootstrap", "deploy."))
}
SMALL |= {"evaluate.folds": 2, "evaluate.repeats": 1, "model.settings": {"mlp": {"hidden": [8]}}}


Answer = TypeVar("Answer")


def answered(read: Callable[[], Answer]) -> Answer | None:
    """What reading gave, or None where it was refused in words: what must hold, what came, what to do."""
    try:
        return read()
    except InputError as error:
        if error.must and error.came and error.do:
            return None
        raise


def begins(found: list[str], meant: list[str], *, beginning: bool) -> bool:
    return found == (meant[: len(found)] if beginning else meant)


def as_text(raw: RawTable, name: str) -> list[str]:
    return [("" if word is None else word).strip() for word in raw.frame[name].cast(pl.String).to_list()]


def holds_the_truth(raw: RawTable, one: Damaged, truth: Table) -> bool:
    extra = [name for name in raw.frame.columns if name not in truth]
    blank = all(not any(as_text(raw, name)) for name in extra)
    return blank and all(begins(as_text(raw, name), truth[name], beginning=one.beginning) for name in truth)


def learns_the_truth(records: Records, one: Damaged, truth: Table) -> bool:
    """Whether what models would be fitted on is what the file says."""
    labels = ["yes" if bad else "no" for bad in records.outcome]
    right = begins(labels, truth["default"], beginning=one.beginning)
    for name in records.numeric:
        if name not in ("income", "age"):
            continue
        meant = [float(word) if word else None for word in truth[name]]
        right = right and records.table[name].to_list() == meant[: records.n]
    for name in set(records.categorical) & {"income", "age", "purpose"}:
        meant_words = [word or None for word in truth[name]]
        right = right and records.table[name].to_list() == meant_words[: records.n]
    return right


def section(path: Path) -> RecordsSection:
    return RecordsSection(source=str(path), target="default")


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_read_right_or_refused(tmp_path: Path, name: str) -> None:
    one = FILES[name]
    path = tmp_path / one.name
    path.write_bytes(one.content)
    began = time.process_time()
    answered(lambda: bg.inspect(path))
    raw = answered(lambda: read_table(path))
    records = answered(lambda: open_records(section(path), today=TODAY).read().records)
    assert time.process_time() - began < LONGEST
    if one.truth is None:
        assert records is None
        return
    assert not (one.must_read and (raw is None or records is None))
    assert raw is None or holds_the_truth(raw, one, one.truth)
    assert records is None or learns_the_truth(records, one, one.truth)


def test_there_are_a_hundred_and_the_good_one_reads(tmp_path: Path) -> None:
    assert len(FILES) >= 100
    table = clean(random.Random(1))
    good = Damaged("t.csv", csv_of(table), table, must_read=True)
    path = tmp_path / "t.csv"
    path.write_bytes(good.content)
    assert learns_the_truth(open_records(section(path), today=TODAY).read().records, good, table)
    spoilt = table | {"income": ["1.0", *table["income"][1:]]}
    assert not learns_the_truth(open_records(section(path), today=TODAY).read().records, good, spoilt)


@pytest.mark.soak
def test_ten_thousand_columns_are_read_in_time(tmp_path: Path) -> None:
    table = clean(random.Random(2))
    wide = {f"c{i}": [f"{(i * j) % 97}.5" for j in range(len(table["loan"]))] for i in range(10_000)} | table
    path = tmp_path / "t.csv"
    path.write_bytes(csv_of(wide))
    began = time.process_time()
    found = bg.inspect(path)
    assert time.process_time() - began < LONGEST
    assert (len(found.columns), found.columns[7].kind) == (10_006, "numeric")


@pytest.mark.soak
@pytest.mark.parametrize("name", FILES)
def test_a_run_on_a_damaged_file_ends_with_an_answer_or_a_refusal(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    one = FILES[name]
    path = tmp_path / one.name
    path.write_bytes(one.content)
    words = [
        "run",
        "credit",
        "--data",
        str(path),
        "--target",
        "default",
        "--network",
        "mlp",
        "--budget",
        "quick",
    ]
    with pytest.raises(SystemExit) as left:
        main([*words, "--out", str(tmp_path / "run"), *flags_of(SMALL)])
    said = capsys.readouterr().err
    assert left.value.code in (0, 2), said
    assert "Traceback" not in said
    there = sorted(os.listdir(tmp_path))
    assert there == ([one.name, "run"] if left.value.code == 0 else [one.name])
    assert one.truth is not None or left.value.code == 2
