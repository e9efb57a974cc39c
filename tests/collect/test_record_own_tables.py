"""Own tables of records: every column in its type and part, or one refusal that says what to do."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph.collect.records import open_records, records_from_frame
from barograph.core.errors import DataError, InputError, SettingError
from barograph.core.record_table import RecordSnapshot
from barograph.core.scoring_study import RecordsSection

TODAY = datetime.date(2026, 11, 22)
N = 200
RNG = np.random.default_rng(5)
DAYS = [datetime.date(2015, 1, 1) + datetime.timedelta(int(x)) for x in RNG.permutation(N) * 5]
BASE = pl.DataFrame(
    {
        "income": RNG.uniform(10, 90, N).round(2),
        "region": RNG.choice(["north", "south"], N),
        "made": DAYS,
        "bad": RNG.permutation([0] * 150 + [1] * 50),
    }
)


def read(frame: pl.DataFrame, loss: bool = False, **section: object) -> RecordSnapshot:
    chosen = RecordsSection.model_validate({"source": "x", "target": "bad", **section})
    return records_from_frame(frame, chosen, loss=loss, today=TODAY)


def refused(frame: pl.DataFrame, error: type[InputError] = DataError, **section: object) -> str:
    with pytest.raises(error) as caught:
        read(frame, **section)
    return str(caught.value)


def with_column(name: str, values: object) -> pl.DataFrame:
    return BASE.with_columns(pl.Series(name, values, strict=False))


def cells(first: object, rest: object) -> list[object]:
    return [rest] * 4 + [first] + [rest] * (N - 5)


def test_records_stand_in_order_of_time_whatever_the_files_order() -> None:
    records = read(BASE, time="made", known_after=12).records
    ordered = BASE.sort("made")
    assert records.time.tolist() == ordered["made"].to_list()
    assert records.label.tolist() == ordered["bad"].to_list()
    assert records.table["income"].to_list() == ordered["income"].to_list()
    assert records.vintage.tolist() == [day.year for day in ordered["made"]]
    assert records.label_time.tolist() == ordered["made"].dt.offset_by("12mo").to_list()
    assert records.record_id.tolist() == [
        str(i + 1) for i in np.argsort(BASE["made"].to_numpy(), kind="stable")
    ]
    assert "made" not in records.columns


def test_without_time_the_order_stays_and_nothing_is_dated() -> None:
    snapshot = read(BASE, ignore=("made",))
    records = snapshot.records
    assert records.table["income"].to_list() == BASE["income"].to_list()
    assert not records.has_time
    assert np.isnat(records.label_time).all()
    assert (records.vintage == 0).all()
    assert (records.outcome == records.label).all()
    assert (snapshot.provenance.since, snapshot.provenance.until) == ("", "")


def test_polars_pandas_arrow_csv_and_parquet_give_the_same_records(tmp_path: Path) -> None:
    section = {"time": "made", "known_after": 6}
    expected = read(BASE, **section).provenance.content_hash
    assert read(BASE.to_pandas(), **section).provenance.content_hash == expected
    assert read(BASE.to_arrow(), **section).provenance.content_hash == expected
    BASE.write_csv(tmp_path / "a.csv", separator=";")
    BASE.write_parquet(tmp_path / "a.parquet")
    parquet, text = (
        open_records(RecordsSection(source=str(tmp_path / name), target="bad", **section), today=TODAY).read()
        for name in ("a.parquet", "a.csv")
    )
    assert parquet.provenance.content_hash == expected
    assert text.records.table.equals(parquet.records.table)
    assert text.records.record_id[0] == str(int(parquet.records.record_id[0]) + 1), "lines count the header"


def test_the_label_of_a_pandas_row_is_no_feature() -> None:
    shuffled = BASE.to_pandas().sample(frac=1.0, random_state=1)
    snapshot = read(shuffled, time="made")
    assert set(snapshot.records.columns) == {"income", "region"}
    assert any("numbers the rows" in note for note in snapshot.notes)


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        *(("1", "0"), ("yes", "no"), ("Y", "N"), ("TRUE", "False"), ("bad", "good"), ("default", "paid")),
        *(
            ("charged_off", "paid"),
            ("Charged Off", "Fully Paid"),
            ("CHGOFF", "P I F"),
            (1.0, 0.0),
            (True, False),
        ),
    ],
)
def test_the_usual_words_for_bad_are_known(bad: object, good: object) -> None:
    values = [bad if x else good for x in BASE["bad"]]
    snapshot = read(BASE.with_columns(pl.Series("bad", values)), ignore=("made",))
    assert snapshot.records.label.tolist() == BASE["bad"].to_list()
    assert any("means bad (50 of 200 records)" in note for note in snapshot.notes)


def test_unclear_words_need_positive() -> None:
    frame = BASE.with_columns(pl.Series("bad", ["B" if x else "A" for x in BASE["bad"]]), paid=BASE["bad"])
    flags = '--set "collect.positive=A" or --set "collect.positive=B"'
    assert f"Add {flags}" in refused(frame, SettingError, ignore=("made", "paid"))
    assert read(frame, ignore=("made", "paid"), positive="B").records.label.sum() == 50
    assert f"Take {flags}" in refused(frame, SettingError, ignore=("made", "paid"), positive="C")
    said = refused(frame, SettingError, target="paid", ignore=("made", "bad"))
    assert "which value of 'paid' means bad" in said


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (cells(None, "x"), "all 199 records have 'x'"),
        (["no"] * N, "all 200 records have 'no'"),
        (["a", "b"] * 99 + ["c", "d"], "it has 4: "),
        ([float(i) for i in range(N)], "it has 200: "),
    ],
)
def test_a_target_that_is_not_binary_is_refused(values: list[object], says: str) -> None:
    said = refused(with_column("bad", values), ignore=("made",))
    assert says in said


def test_a_missing_target_is_asked_for_with_likely_columns() -> None:
    said = refused(BASE.rename({"bad": "loan_status"}), SettingError, target=None)
    assert "likely columns: loan_status, region" in said
    assert "--target" in said


@pytest.mark.parametrize("key", ["target", "time", "entity", "record_id", "amount", "ignore", "protected"])
def test_a_named_column_must_be_there(key: str) -> None:
    value = ("incom",) if key in ("ignore", "protected") else "incom"
    said = refused(BASE, SettingError, **{key: value})
    assert f"collect.{key} must name a column" in said
    assert "Did you mean 'income'" in said


def test_denied_columns_are_refused_with_their_reason_unless_ignored() -> None:
    frame = with_column("Charge_Off-Date", ["2020-01-01", "2020-05-07"] * 100)
    deny = {"charge_off_date": "it is known only after the default"}
    said = refused(frame, ignore=("made",), deny=deny)
    assert "'Charge_Off-Date': it is known only after the default" in said
    assert "collect.ignore: [Charge_Off-Date]" in said
    records = read(frame, ignore=("made", "Charge_Off-Date"), deny=deny).records
    assert set(records.columns) == {"income", "region"}


def test_few_rows_are_refused() -> None:
    assert "at least 100 records; it holds 50" in refused(BASE.head(50), ignore=("made",))
    assert "it holds" in refused(BASE, time="made", since="2017-06-01")


@pytest.mark.parametrize(
    ("values", "kind", "first"),
    [
        ([f"${i:,}" for i in range(900, 900 + N * 3, 3)], pl.Float64, 900.0),
        ([f"{i},5" for i in range(0, N * 3, 3)], pl.Float64, 0.5),
        ([True, False] * 100, pl.String, "true"),
        (["True", "FALSE"] * 100, pl.String, "true"),
        ([f"{i % 37:03d}" for i in range(N)], pl.String, "000"),
        (["none", "some"] * 100, pl.String, "none"),
        ([" a", "b "] * 100, pl.String, "a"),
        ([1, None] * 100, pl.Float64, 1.0),
        ([float("nan"), 2.0] * 100, pl.Float64, None),
    ],
)
def test_columns_get_the_type_their_values_show(values: list[object], kind: object, first: object) -> None:
    records = read(with_column("x", values), ignore=("made",)).records
    assert (records.table["x"].dtype, records.table["x"][0]) == (kind, first)
    assert ("x" in records.numeric) == (kind == pl.Float64)


def test_dates_become_days_before_the_record() -> None:
    born = [day - datetime.timedelta(9000 + i) for i, day in enumerate(DAYS)]
    forms = ["%Y-%m-%d", "%d.%m.%Y", "%Y%m%d"]
    written = [f"{day:{forms[i % 3]}}" for i, day in enumerate(born)]
    snapshot = read(with_column("born", written), time="made")
    place = {day: 9000.0 + i for i, day in enumerate(DAYS)}
    assert snapshot.records.table["born"].to_list() == [place[day] for day in sorted(DAYS)]
    assert snapshot.schema.dates == ("born",)
    assert any("written in 3 ways" in note for note in snapshot.notes)
    timeless = read(with_column("born", written), ignore=("made",)).records.table["born"]
    assert timeless[0] == (datetime.date(1970, 1, 1) - born[0]).days


def test_dates_after_the_record_are_pointed_out() -> None:
    later = [day + datetime.timedelta(1 + i % 9) for i, day in enumerate(DAYS)]
    assert any(
        "200 of its dates lie after" in note for note in read(with_column("x", later), time="made").notes
    )


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (["same"] * N, "it is 'same' throughout"),
        ([None] * N, "all its values are missing"),
        (["", " "] * 100, "all its values are missing"),
        ([f"note {i}" for i in range(N)], "every record has a text of its own"),
        (list(range(7, N + 7)), "it numbers the records"),
    ],
)
def test_columns_that_tell_nothing_are_left_out_and_named(values: list[object], why: str) -> None:
    snapshot = read(with_column("x", values), ignore=("made",))
    assert "x" not in snapshot.records.columns
    assert f"x: left out, {why}" in snapshot.notes


def test_ten_thousand_categories_are_kept_with_a_note() -> None:
    n = 20_000
    frame = pl.DataFrame({"code": [f"c{i // 2}" for i in range(n)], "bad": [0, 1] * (n // 2)})
    snapshot = read(frame)
    assert snapshot.records.table["code"].n_unique() == 10_000
    assert any("10,000 categories" in note for note in snapshot.notes)


def test_missing_values_everywhere_are_fine_but_a_table_of_them_is_not() -> None:
    holes = BASE.with_columns(
        pl.when(pl.arange(N) % 3 == 0).then(pl.col(name)).alias(name) for name in ("income", "region")
    )
    assert read(holes, ignore=("made",)).records.table.null_count().row(0) == (133, 133)
    empty = BASE.with_columns(income=None, region=None)
    assert "at least one feature" in refused(empty, ignore=("made",))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (cells(float("inf"), 1.0), "1 of 200 rows do not, the first in row 5 with 'inf'"),
        (cells("-inf", "1.0"), "1 of 200 rows do not, the first in row 5 with '-inf'"),
        (["1,200", "3,450"] * 100, "may be 1200 or 1.200"),
        (["03/04/2020", "05/06/2021"] * 100, "day before month or month before day"),
        (
            ["2020-01-01", "31.12.2019"] * 99 + ["03/04/2020", "01/02/2019"],
            "2 of 200 rows do not, the first in row 199",
        ),
        (cells("2020-02-30", "2020-02-01"), "1 of 200 rows do not, the first in row 5 with '2020-02-30'"),
        ([[1, 2]] * N, "List(Int64)"),
    ],
)
def test_columns_in_doubt_are_refused_with_count_and_first_row(values: list[object], says: str) -> None:
    assert says in refused(with_column("x", values), ignore=("made",))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (cells(None, "2020-01-01"), "1 of 200 rows do not, the first in row 5 with an empty cell"),
        (cells("2030-01-01", "2020-01-01"), "not lie in the future (after 2026-11-22)"),
        (cells("whenever", "2020-01-01"), "with 'whenever'"),
        ([1.5] * N, "with '1.5'"),
    ],
)
def test_a_time_that_is_none_is_refused(values: list[object], says: str) -> None:
    assert says in refused(with_column("made", values), time="made")


def test_the_first_row_named_is_the_first_of_the_file_not_of_the_records() -> None:
    """Row 5 was made after row 9, so it comes later among the records."""
    values = [1.0] * N
    values[4] = values[8] = float("inf")
    made = [datetime.date(2020, 1, 1)] * N
    made[4] = datetime.date(2021, 1, 1)
    frame = BASE.with_columns(x=pl.Series(values), made=pl.Series(made))
    assert "2 of 200 rows do not, the first in row 5" in refused(frame, time="made")


def test_a_label_whose_window_is_still_open_is_not_known() -> None:
    made = [datetime.date(2020, 1, 1)] * (N - 50) + [datetime.date(2026, 1, 1)] * 50
    frame = BASE.with_columns(made=pl.Series(made))
    snapshot = read(frame, time="made", known_after=12)
    assert np.isnan(snapshot.records.label).tolist() == [False] * 150 + [True] * 50
    assert any("50 records are younger than 12 months" in note for note in snapshot.notes)


def test_record_names_must_be_there_once() -> None:
    names = [f"r{i}" for i in range(N)]
    assert read(with_column("key", names), ignore=("made",), record_id="key").records.record_id[3] == "r3"
    twice = [*names[:-1], "r0"]
    said = refused(with_column("key", twice), ignore=("made",), record_id="key")
    assert "name each record once; 1 of 200 rows do not, the first in row 200 with 'r0'" in said


def test_records_of_a_customer_share_a_group_and_the_amount_stays_a_feature() -> None:
    customers = [f"c{i % 40}" for i in range(N)]
    snapshot = read(with_column("who", customers), ignore=("made",), entity="who", amount="income")
    records = snapshot.records
    assert len(set(zip(records.group.tolist(), customers, strict=True))) == 40
    assert "who" not in records.columns
    assert records.amount.tolist() == records.table["income"].to_list()


def test_protected_columns_are_kept_aside() -> None:
    records = read(BASE, ignore=("made",), protected=("region",)).records
    assert records.columns == ("income",)
    assert records.protected["region"].tolist() == BASE["region"].to_list()


def test_histories_are_stacked_oldest_first() -> None:
    frame = BASE.with_columns(
        *(pl.Series(name, RNG.normal(size=N)) for name in ("pay3", "pay2", "pay1", "bill3", "bill2", "bill1"))
    )
    sequence = {"pay": ("pay3", "pay2", "pay1"), "bill": ("bill3", "bill2", "bill1")}
    records = read(frame, ignore=("made",), sequence=sequence).records
    assert records.sequence.shape == (N, 3, 2)
    assert records.channels == ("pay", "bill")
    assert records.sequence[:, 0, 1].tolist() == frame["bill3"].to_list()
    assert {"pay3", "bill1"} <= set(records.numeric)
    uneven = sequence | {"bill": ("bill3",)}
    assert "pay has 3, bill has 1" in refused(frame, SettingError, ignore=("made",), sequence=uneven)
    of_text = {"x": ("region",)}
    assert "hold numbers" in refused(frame, ignore=("made",), sequence=of_text)
    assert "is the target" in refused(frame, SettingError, ignore=("made",), sequence={"x": ("bad",)})


def test_a_loss_is_a_share_between_0_and_1() -> None:
    losses = RNG.uniform(0, 1, N).round(3)
    records = read(with_column("bad", losses), loss=True, ignore=("made",)).records
    assert records.label.tolist() == losses.tolist()
    percent = read(
        with_column("bad", [f"{x * 100:.1f}%" for x in losses]), loss=True, ignore=("made",)
    ).records
    assert percent.label == pytest.approx(losses)
    said = refused(with_column("bad", [*losses[:-1], 1.5]), loss=True, ignore=("made",))
    assert "1 of 200 rows do not, the first in row 200 with '1.5'" in said


def test_a_window_needs_a_time() -> None:
    assert "time column" in refused(BASE, SettingError, ignore=("made",), since="2015-01-01")
    records = read(BASE, time="made", since="2016-01-01").records
    assert records.n == sum(day.year >= 2016 for day in DAYS)
