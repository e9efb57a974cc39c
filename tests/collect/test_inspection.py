"""Looking at a table before anything is trained: types, parts, doubts, and what could be run."""

from __future__ import annotations

import datetime
import json
import random
from pathlib import Path

import polars as pl
import pytest

import barograph as bg
from barograph.cli import main
from barograph.collect import inspection
from barograph.collect.reading import large, table_of
from barograph.core.errors import DataError, StorageError
from barograph.core.section import FileSection


@pytest.fixture
def loans(tmp_path: Path) -> Path:
    draw, path = random.Random(0), tmp_path / "loan data.csv"
    lines = ["loan_id,granted,amount,rate,purpose,bank,notes,default"]
    for number in range(200):
        day = f"{draw.randint(1, 12):02d}/{draw.randint(1, 28):02d}/2019"
        money, share = f'"${draw.randint(1, 9)},{draw.randint(100, 999)}.50"', f"{draw.random() * 9:.1f}%"
        purpose, bad = draw.choice(["car", "house", ""]), draw.choice(["yes", "no"])
        lines.append(f"{number},{day},{money},{share},{purpose},ABC,,{bad}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def rates(tmp_path: Path) -> Path:
    path = tmp_path / "interest_rate.csv"
    lines = ["Date;Fed Funds;10Y"]
    lines += [
        f"{i % 12 + 1}/1/{1980 + i // 12};{5 + i % 7 / 10};{'' if i % 50 == 3 else 6}.5" for i in range(120)
    ]
    path.write_text("\n".join(lines).replace(";.5", ";") + "\n")
    return path


def test_every_column_is_told_by_type_and_by_what_it_could_be(loans: Path) -> None:
    found = bg.inspect(loans)
    told = {one.name: (one.kind, one.part) for one in found.columns}
    assert told == {
        "loan_id": ("numeric", "identifier"),
        "granted": ("date", "time"),
        "amount": ("numeric", "value"),
        "rate": ("numeric", "value"),
        "purpose": ("categorical", "value"),
        "bank": ("categorical", "constant"),
        "notes": ("categorical", "empty"),
        "default": ("categorical", "target"),
    }
    assert found.rows == found.looked_at == 200
    purpose = next(one for one in found.columns if one.name == "purpose")
    assert 0.2 < purpose.missing < 0.5
    assert set(purpose.examples) == {"car", "house"}


def test_what_would_be_assumed_is_said(loans: Path, rates: Path) -> None:
    said = [note for one in bg.inspect(loans).columns for note in one.notes]
    assert "granted: dates read month first" in said
    assert "amount: currency signs or commas between thousands left out" in said
    found = bg.inspect(rates)
    assert "delimiter: semicolon" in found.notes
    assert any("month first" in note for one in found.columns for note in one.notes)


def test_what_could_be_run_is_given_as_typed(loans: Path, rates: Path) -> None:
    assert bg.inspect(loans).commands[0] == f"barograph run credit --data '{loans}' --target default"
    assert not any("run rates" in one for one in bg.inspect(loans).commands)
    assert bg.inspect(rates).commands == (f"barograph run rates --data {rates}",)


def test_a_column_in_doubt_does_not_hide_the_others(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "when,amount\n" + "".join(f"0{i % 9 + 1}/0{(5 * i) % 9 + 1}/2020,{i}\n" for i in range(30))
    )
    found = bg.inspect(path)
    assert [one.part for one in found.columns] == ["in doubt", "value"]
    assert "day before month or month before day" in found.columns[0].notes[0]


def test_frames_in_memory_are_inspected_too() -> None:
    frame = pl.DataFrame(
        {"day": [datetime.date(2020, 1, i) for i in range(1, 31)], "rate": [i / 7 for i in range(30)]}
    )
    found = bg.inspect(frame)
    assert [(one.kind, one.part) for one in found.columns] == [("date", "time"), ("numeric", "value")]


def test_what_is_no_table_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("just words\n")
    with pytest.raises(DataError, match="one column only"):
        bg.inspect(tmp_path / "t.csv")
    with pytest.raises(StorageError):
        bg.inspect(tmp_path / "none.csv")


def test_a_large_file_is_counted_whole_and_known_by_rows_spread_over_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "big.csv"
    rows = 50_000
    path.write_text(
        "id;amount;late\n" + "".join(f"{i};{'' if i % 4 == 0 else i * 1.5};\n" for i in range(rows))
    )
    small = bg.inspect(path)
    monkeypatch.setattr(large, "LARGE", 1000)
    found = inspection.inspect_table(path)
    assert (found.rows, small.rows) == (rows, rows)
    assert found.looked_at < rows
    assert [(one.name, one.kind) for one in found.columns] == [(one.name, one.kind) for one in small.columns]
    assert [one.missing for one in found.columns] == pytest.approx([0.0, 0.25, 1.0])
    assert any("spread evenly" in note for note in found.notes)
    path.write_text("a,b\n1,2\n" + "1,2,3\n" * 1000)
    with pytest.raises(DataError, match="as many fields as the header"):
        inspection.inspect_table(path)


def test_a_large_file_must_be_in_utf_8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "LARGE", 1000)
    path = tmp_path / "big.csv"
    path.write_text("id;amount\n" + "é;1\n" * 1000, encoding="windows-1252")
    with pytest.raises(DataError, match="iconv -f windows-1252 -t utf-8"):
        inspection.inspect_table(path, FileSection(encoding="windows-1252"))
    path.write_text("id;amount\n" + "é;1\n" * 1000, encoding="utf-8")
    assert inspection.inspect_table(path, FileSection(encoding="UTF-8")).rows == 1000


def test_a_title_above_a_large_table_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "big.csv"
    rows = "".join(f"{i};{i * 1.5};north\n" for i in range(1000))
    path.write_text(f"Loans of the north\n\nid;amount;region\n{rows}")
    small = table_of(path)
    monkeypatch.setattr(large, "LARGE", 1000)
    for form in (FileSection(), FileSection(header=3)):
        raw, count, _ = large.sampled_text(path, form)
        assert (count, raw.frame.columns) == (1000, ["id", "amount", "region"])
        assert raw.numbers.to_list() == small.numbers.to_list()
        assert ("header: line 3" in raw.notes) == (form.header == 0)


def test_the_command_prints_the_reading_and_one_object(
    loans: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["inspect", str(loans)])
    assert left.value.code in (0, None)
    printed = capsys.readouterr().out
    assert "200 rows" in printed
    assert "barograph run credit --data" in printed
    with pytest.raises(SystemExit):
        main(["inspect", str(loans), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["rows"] == 200
    assert told["columns"][0]["name"] == "loan_id"


def test_a_study_that_refuses_a_table_is_not_offered_beside_one_that_takes_it(tmp_path: Path) -> None:
    """Loans with a day and a word of few values look like levels by word, until they are read as such."""
    path = tmp_path / "loans.csv"
    lines = ["loan_id,granted,term,amount,age,default"]
    for number in range(120):
        day = datetime.date(2019, 1, 1) + datetime.timedelta(days=number // 2)
        term, bad = ("short", "long")[number % 2], "yes" if number % 5 else "no"
        lines.append(f"{number:06d},{day},{term},{1000 + 7 * number},{20 + number % 40},{bad}")
    path.write_text("\n".join(lines) + "\n")
    suggested = inspection.inspect_table(path).suggestions
    assert "rates" in {one.study for one in suggested}
    found = bg.inspect(path)
    assert {one.study for one in found.suggestions} == {"credit"}
    assert not any(one.refused for one in found.readings)
    assert found.columns[0].part == "identifier"
    assert found.columns[0].notes == ()
