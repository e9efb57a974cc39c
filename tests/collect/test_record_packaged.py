"""The packaged records against the files they come from, read here with plain loops."""

from __future__ import annotations

import calendar
import datetime
import hashlib
import importlib.resources
import re
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph.collect.records import PACKAGED_RECORDS, open_records
from barograph.core.errors import DataError, InputError, SettingError
from barograph.core.record_table import RecordSnapshot
from barograph.core.scoring_study import RecordsSection

SAMPLES = importlib.resources.files("barograph.collect") / "samples"
LICENCES = Path(__file__).parents[2] / "DATA_LICENSES.md"
LEAKS = {
    *("term", "status", "chgoff_date", "chgoff_amount", "balance", "disbursement_date"),
    *("approval_date", "approval_fy", "disbursement_gross"),
}


def read(source: str, seed: int = 0, **section: object) -> RecordSnapshot:
    return open_records(RecordsSection.model_validate({"source": source, **section}), seed=seed).read()


@pytest.fixture(scope="module")
def loans() -> RecordSnapshot:
    return read("sba-loans")


@pytest.fixture(scope="module")
def rows() -> list[dict]:
    return pl.read_parquet((SAMPLES / "sba_loans.parquet").read_bytes()).rows(named=True)


def months_later(day: datetime.date, months: int) -> datetime.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def test_every_shipped_file_has_its_entry_with_its_hash() -> None:
    text = LICENCES.read_text(encoding="utf-8")
    entries = re.findall(
        r"^## Shipped: `src/barograph/collect/samples/([\w.]+)`\n(.*?)(?=^## )", text, re.M | re.S
    )
    stated = {name: set(re.findall(r"`([0-9a-f]{64})`", body)) for name, body in entries}
    shipped = [file for file in SAMPLES.iterdir() if file.name.endswith(".parquet")]
    assert stated == {file.name: {hashlib.sha256(file.read_bytes()).hexdigest()} for file in shipped}
    for _, body in entries:
        assert [
            word for word in ("Origin", "Terms", "Attribution", "Range") if f"| {word} |" not in body
        ] == []


def test_labels_are_those_of_a_plain_loop(loans: RecordSnapshot, rows: list[dict]) -> None:
    records = loans.records
    assert records.n == len(rows)
    unknown = 0
    for place in range(0, len(rows), 7):
        row = rows[place]
        approved = row["approval_date"].date()
        closes = months_later(approved, 36)
        off = row["status"] == "charged_off"
        event = row["chgoff_date"].date() if off and row["chgoff_date"] else None
        assert records.time[place] == np.datetime64(approved)
        assert records.label_time[place] == np.datetime64(closes)
        assert records.vintage[place] == row["approval_fy"]
        assert records.outcome[place] == float(off)
        assert records.amount[place] == row["gr_appv"]
        if closes > datetime.date(2014, 6, 30) or (off and event is None):
            unknown += 1
            assert np.isnan(records.label[place])
        else:
            assert records.label[place] == float(event is not None and event <= closes)
        assert (
            np.isnat(records.event_time[place])
            if event is None
            else records.event_time[place] == np.datetime64(event)
        )
    assert unknown > 100


def test_good_and_bad_become_known_equally_late(loans: RecordSnapshot) -> None:
    records = loans.records
    wait = (records.label_time - records.time).astype(int)
    assert set(np.unique(wait)) <= {1095, 1096}
    assert not records.known_at(np.datetime64("2004-09-30"))[records.vintage > 2001].any()
    assert (records.event_time > records.time)[~np.isnat(records.event_time)].all()


def test_default_rates_within_three_years_are_the_known_ones(loans: RecordSnapshot) -> None:
    records = loans.records
    rates = [100 * records.label[records.vintage == year].mean() for year in range(2004, 2011)]
    assert rates == pytest.approx([4.0, 5.6, 9.7, 17.4, 21.5, 11.7, 8.2], abs=0.1)


def test_no_column_that_gives_the_answer_away_is_a_feature(loans: RecordSnapshot) -> None:
    assert not LEAKS & set(loans.records.columns)
    early = loans.records.table.filter(pl.Series(loans.records.vintage < 1999))
    assert early["create_job"].null_count() == early["retained_job"].null_count() == early.height
    late = loans.records.table.filter(pl.Series(loans.records.vintage >= 1999))
    assert late["create_job"].null_count() == 0
    assert any("1999" in note for note in loans.notes)


def test_features_are_typed_and_finite(loans: RecordSnapshot) -> None:
    records = loans.records
    assert {records.table[name].dtype for name in records.numeric} == {pl.Float64}
    assert {records.table[name].dtype for name in records.categorical} == {pl.String}
    assert (
        records.table.columns == list(records.columns) == [*loans.schema.numeric, *loans.schema.categorical]
    )
    for name in records.numeric:
        assert bool(records.table[name].drop_nulls().is_finite().all())
    assert len(set(records.record_id)) == len(set(records.group.tolist())) == records.n


def test_losses_are_those_of_charged_off_loans_known_when_charged_off(rows: list[dict]) -> None:
    snapshot = read("sba-lgd")
    records = snapshot.records
    wanted = [row for row in rows if row["status"] == "charged_off" and row["chgoff_date"]]
    wanted.sort(key=lambda row: row["chgoff_date"])
    assert records.n == len(wanted) == 22_584
    expected = [min(1.0, max(0.0, row["chgoff_amount"] / row["disbursement_gross"])) for row in wanted]
    assert records.label == pytest.approx(np.array(expected))
    assert records.label_time.tolist() == [row["chgoff_date"].date() for row in wanted]
    assert records.time.tolist() == records.label_time.tolist()
    years = [row["chgoff_date"].year + (row["chgoff_date"].month >= 10) for row in wanted]
    assert records.vintage.tolist() == years
    assert set(records.columns) & LEAKS == {"disbursement_gross"}
    assert np.isnat(records.event_time).all()
    assert any("123 of 22,584 losses above 1 are capped" in note for note in snapshot.notes)


def test_german_credit_has_no_time_and_keeps_protected_columns_out_where_asked() -> None:
    plain = read("german-credit").records
    assert (plain.n, plain.label.sum(), plain.has_time) == (1000, 300, False)
    assert {"age_in_years", "foreign_worker", "personal_status_and_sex"} <= set(plain.columns)
    assert "none" in plain.table["telephone"].unique().to_list()
    asked = read("german-credit", protected=("age_in_years", "personal_status_and_sex")).records
    assert set(plain.columns) - set(asked.columns) == {"age_in_years", "personal_status_and_sex"}
    sexes = Counter(str(value).split()[0] for value in asked.protected["personal_status_and_sex"])
    assert sexes["male"] == 690
    assert sexes["female"] == 310


def test_the_window_and_the_denied_columns_are_kept(loans: RecordSnapshot) -> None:
    part = read(
        "sba-loans", since="2004-01-01", until="2004-12-31", deny={"term": "rewritten", "no_emp": "wrong"}
    ).records
    assert str(part.time.min()) >= "2004-01-01"
    assert str(part.time.max()) <= "2004-12-31"
    year = loans.records.time.astype("datetime64[Y]") == np.datetime64("2004")
    assert part.record_id.tolist() == loans.records.record_id[year].tolist()
    assert set(loans.records.columns) - set(part.columns) == {"no_emp"}


def test_a_share_keeps_the_default_rate_of_every_vintage_and_repeats_with_its_seed(
    loans: RecordSnapshot,
) -> None:
    part, again, other = (read("sba-loans", share=0.1, seed=seed) for seed in (3, 3, 4))
    assert part.provenance.content_hash == again.provenance.content_hash != other.provenance.content_hash
    whole, drawn = loans.records, part.records
    for year in np.unique(whole.vintage):
        for outcome in (0.0, 1.0):
            wanted = 0.1 * ((whole.vintage == year) & (whole.outcome == outcome)).sum()
            got = ((drawn.vintage == year) & (drawn.outcome == outcome)).sum()
            assert abs(got - wanted) <= 1
    assert (np.diff(drawn.time.astype(int)) >= 0).all()


def test_provenance_names_source_terms_and_span(loans: RecordSnapshot) -> None:
    assert loans.provenance.source == "sba-loans"
    assert "SBA" in loans.provenance.licence
    assert (loans.provenance.since, loans.provenance.until) == ("1988-10-03", "2013-09-30")
    assert loans.provenance.rows == 132_337
    assert loans.provenance.notes == loans.notes


@pytest.mark.parametrize("key", ["target", "positive", "time", "entity", "record_id", "amount"])
@pytest.mark.parametrize("source", sorted(PACKAGED_RECORDS))
def test_settings_of_own_files_are_refused_for_packaged_ones(source: str, key: str) -> None:
    with pytest.raises(SettingError, match=rf"collect\.{key} must be empty .* '{source}'"):
        read(source, since="2005-01-01" if source != "german-credit" else None, **{key: "x"})


@pytest.mark.parametrize(
    ("section", "error", "says"),
    [
        ({"source": "sba-loan"}, SettingError, "Did you mean 'sba-loans'"),
        ({"source": "nowhere.csv"}, DataError, "not there"),
        ({"source": "sba-loans", "since": "2005-13-01"}, SettingError, "Write it as YYYY-MM-DD"),
        ({"source": "sba-loans", "since": "2006-01-01", "until": "2005-01-01"}, SettingError, "Swap them"),
        ({"source": "sba-loans", "since": "2020-01-01"}, DataError, "at least 100 records; it holds 0"),
        ({"source": "sba-loans", "since": "2013-09-01", "share": 0.01}, DataError, "at least 100 records"),
        ({"source": "sba-loans", "ignore": ("stat",)}, SettingError, "Did you mean 'state'"),
        ({"source": "sba-loans", "protected": ("sex",)}, SettingError, "collect.protected"),
        ({"source": "german-credit", "since": "2005-01-01"}, SettingError, "these records have no time"),
    ],
)
def test_what_does_not_fit_is_refused_with_advice(section: dict, error: type[InputError], says: str) -> None:
    with pytest.raises(error) as caught:
        read(**section)
    assert says in str(caught.value)
