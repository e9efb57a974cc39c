"""Joins in time against their definition, row by row; and through a study, with the future corrupted."""

from __future__ import annotations

import dataclasses
import datetime
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.api.collected import records_of
from barograph.api.own_table import own_table
from barograph.collect.as_of import Published, as_of, joined
from barograph.collect.raw import by_rows
from barograph.collect.records.column_types import typed
from barograph.core.errors import DataError, InputError, SettingError
from barograph.core.record_sections import JoinSection
from barograph.core.record_table import RecordSnapshot
from barograph.core.scoring_study import RecordsSection, ScoringStudy
from barograph.pipeline import settings
from small_scoring import book, small_scoring

START = datetime.datetime(2020, 1, 1)


def moment(day: int | None) -> datetime.datetime | None:
    return None if day is None else START + datetime.timedelta(days=day)


days = st.integers(0, 3)
names = st.one_of(st.none(), st.sampled_from(["a", "b"]))
rows = st.lists(st.tuples(days, names), max_size=8)
values = st.lists(
    st.tuples(days, st.one_of(st.none(), days), names, st.one_of(st.none(), st.integers(0, 9))), max_size=12
)
"""Period, day known, entity, value: few of each, so that ties of every kind abound."""

Value = tuple[int, int | None, str | None, int | None]


def seen(day: int, name: str | None, table: list[Value], *, same: bool, keyed: bool) -> Value | None:
    """The definition: of what was known the newest period, of that the last vintage, then the lowest row."""
    known = [
        (period, from_day, order, one)
        for order, one in enumerate(table)
        for period, from_day, whose, value in [one]
        if value is not None
        and from_day is not None
        and (from_day <= day if same else from_day < day)
        and (not keyed or (name is not None and whose == name))
    ]
    return max(known)[3] if known else None


@given(rows=rows, table=values, same=st.booleans(), keyed=st.booleans())
def test_each_row_sees_what_the_definition_says(
    rows: list[tuple[int, str | None]], table: list[Value], same: bool, keyed: bool
) -> None:
    period, known, whose, value = ([one[place] for one in table] for place in range(4))
    of = Published(
        pl.Series([moment(day) for day in period], dtype=pl.Datetime("us")),
        pl.Series([moment(day) for day in known], dtype=pl.Datetime("us")),
        [pl.Series(whose, dtype=pl.String)] if keyed else [],
        pl.Series(value, dtype=pl.Int64),
    )
    origin = pl.Series([moment(day) for day, _ in rows], dtype=pl.Datetime("us"))
    keys = [pl.Series([name for _, name in rows], dtype=pl.String)] if keyed else []
    told, periods = as_of(origin, keys, of, same_moment=same)
    expected = [seen(day, name, table, same=same, keyed=keyed) for day, name in rows]
    assert told.to_list() == [None if one is None else one[3] for one in expected]
    assert periods.to_list() == [None if one is None else moment(one[0]) for one in expected]


def test_a_late_revision_of_an_old_period_does_not_hide_the_newer_one() -> None:
    of = Published(
        pl.Series([moment(0), moment(1), moment(0)]),
        pl.Series([moment(2), moment(3), moment(4)]),
        [],
        pl.Series([1.0, 2.0, 1.5]),
    )
    told, _ = as_of(pl.Series([moment(2), moment(3), moment(4), moment(9)]), [], of)
    assert told.to_list() == [None, 1.0, 2.0, 2.0]


def test_of_several_vintages_the_last_known_is_seen_whatever_their_order_in_the_table() -> None:
    known = [moment(5), moment(1), moment(3)]
    of = Published(pl.Series([moment(0)] * 3), pl.Series(known), [], pl.Series(["third", "first", "second"]))
    told, _ = as_of(pl.Series([moment(1), moment(2), moment(4), moment(6)]), [], of)
    assert told.to_list() == [None, "first", "second", "third"]


def economy(folder: Path, *, future: datetime.date | None = None) -> Path:
    """Unemployment of two regions by month, in two vintages; garbage in what is known from `future` on."""
    made = []
    for month in pl.date_range(datetime.date(2009, 1, 1), datetime.date(2017, 1, 1), "1mo", eager=True):
        for place, region in enumerate(("north", "south")):
            for vintage in (1, 2):
                known = month + datetime.timedelta(days=40 * vintage)
                rate = 4.0 + place + (month.month % 7) / 10 + 0.01 * vintage
                bad = future is not None and known >= future
                made.append((month, known, region, -1e9 if bad else rate))
    table = pl.DataFrame(made, schema=["month", "published", "area", "unemployment"], orient="row")
    table.write_csv(folder / "economy.csv")
    return folder / "economy.csv"


def joining(source: Path, **changes: Any) -> ScoringStudy:
    one = {"source": str(source), "time": "month", "known": "published", "by": {"region": "area"}, **changes}
    return small_scoring(collect__join=[one])


def read(plan: ScoringStudy, table: pl.DataFrame) -> RecordSnapshot:
    return records_of(plan, own_table(plan, table).data)


def test_a_study_of_records_sees_of_another_table_what_was_known_before_each(tmp_path: Path) -> None:
    made = read(joining(economy(tmp_path), columns=["unemployment"], prefix="eco_"), book(60))
    records = made.records
    assert "eco_unemployment" in records.numeric
    values = records.table["eco_unemployment"].to_list()
    regions = records.table["region"].to_list()
    for time, region, value in zip(records.time.tolist(), regions, values, strict=True):
        if region not in ("north", "south"):
            assert value is None
            continue
        month = max(
            month
            for month in pl.date_range(datetime.date(2009, 1, 1), time, "1mo", eager=True)
            if month + datetime.timedelta(days=40) < time
        )
        vintage = 2 if month + datetime.timedelta(days=80) < time else 1
        rate = 4.0 + (region == "south") + (month.month % 7) / 10 + 0.01 * vintage
        assert value == pytest.approx(rate)
    assert any("eco_unemployment: joined from economy.csv as known before" in note for note in made.notes)


@pytest.mark.parametrize("delay", ["", "1mo15d"])
def test_garbage_in_what_was_published_later_changes_no_earlier_record(tmp_path: Path, delay: str) -> None:
    cut = datetime.date(2014, 3, 1)
    plan, table = joining(economy(tmp_path), delay=delay), book(60)
    before = read(plan, table).records
    economy(tmp_path, future=cut)
    after = read(plan, table).records
    # what is known from `cut` on is seen by records made after it, and after the delay
    reached = pl.Series([cut]).dt.offset_by(delay)[0] if delay else cut
    early = before.time <= reached
    assert before.table.filter(pl.Series(early)).equals(after.table.filter(pl.Series(early)))
    assert not before.table.equals(after.table)


def test_a_day_later_is_seen_and_the_day_itself_only_where_that_is_said(tmp_path: Path) -> None:
    table = book(60).with_columns(region=pl.lit("north"))
    day = table["made"][200]
    pl.DataFrame({"day": [day], "rate": [7.0]}).write_csv(tmp_path / "rates.csv")
    for same in (False, True):
        plan = joining(tmp_path / "rates.csv", time="day", known="", by={}, same_moment=same)
        records = read(plan, table).records
        seen_at = records.time[records.table["rate"].is_not_null().to_numpy()].min()
        assert (seen_at == day) == same, (seen_at, day)
        assert seen_at >= day


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a strange column": ({"columns": ["unemploymnt"]}, "Did you mean 'unemployment'?"),
    "a strange time": ({"time": "mnth"}, "Did you mean 'month'?"),
    "a strange entity": ({"by": {"regin": "area"}}, "Did you mean 'region'?"),
    "nothing known": ({"delay": "50y"}, "must be known before some row"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_join_that_cannot_be_made_says_why(tmp_path: Path, case: str) -> None:
    changes, words = WRONG[case]
    with pytest.raises((SettingError, DataError)) as caught:
        read(joining(economy(tmp_path), **changes), book(60))
    assert words in str(caught.value)


def test_names_that_meet_a_strange_key_and_a_table_without_time_are_refused(tmp_path: Path) -> None:
    source = economy(tmp_path)
    taken = book(60).with_columns(unemployment=1.0)
    with pytest.raises(SettingError, match=r"Set collect\.join\.0\.prefix"):
        read(joining(source), taken)
    with pytest.raises(InputError, match="Did you mean 'columns'"):
        joining(source, colums=["unemployment"])
    with pytest.raises(InputError, match=r"collect\.join\.0\.delay"):
        joining(source, delay="soon")
    plan = settings.with_overrides(joining(source), {"collect.time": None})
    assert isinstance(plan, ScoringStudy)
    with pytest.raises(SettingError, match="must go with a time column"):
        read(plan, book(60))


ZONE = st.sampled_from([-11 * 60, -8 * 60, 0, 9 * 60, 14 * 60])


@given(
    made=st.lists(st.tuples(st.integers(0, 72), ZONE), min_size=1, max_size=6),
    known=st.lists(st.tuples(st.integers(0, 72), ZONE), min_size=1, max_size=6),
    record=st.sampled_from(["day", "zoned day", "zoned instant"]),
    zone_typed=st.booleans(),
)
def test_no_mix_of_zones_looks_ahead(
    made: list[tuple[int, int]], known: list[tuple[int, int]], record: str, zone_typed: bool
) -> None:
    """A record in a zone sees what is known before its moment, or its own midnight; a day without a zone what
    the publisher's clock showed on an earlier day."""

    def at(hours: int, east: int) -> datetime.datetime:
        return datetime.datetime(2020, 3, 5, tzinfo=zone(east)) + datetime.timedelta(hours=hours)

    def zone(east: int) -> datetime.timezone:
        return datetime.timezone(datetime.timedelta(minutes=east))

    records, values = [at(*one) for one in made], [at(*one) for one in known]
    words = [f"{one:%Y-%m-%d}" if record == "day" else one.isoformat() for one in records]
    raw = by_rows(pl.DataFrame({"made": words}), label="records")
    first = datetime.datetime(1999, 1, 1, tzinfo=datetime.UTC)
    published = [first, *values]
    instants = pl.Series(published, dtype=pl.Datetime("us", "UTC"))
    if zone_typed:
        values = [one.astimezone(zone(9 * 60)) for one in values]
        instants = instants.dt.convert_time_zone("Asia/Tokyo")
    frame = pl.DataFrame(
        {
            "known": instants if zone_typed else [one.isoformat() for one in published],
            "value": pl.int_range(len(published), eager=True),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        frame.write_parquet(f"{folder}/t.parquet")
        section = RecordsSection(time="made", join=(JoinSection(source=f"{folder}/t.parquet", time="known"),))
        told = joined(raw, section, instants=record == "zoned instant").frame["value"].to_list()

    def before(value: datetime.datetime, moment: datetime.datetime) -> bool:
        if record == "day":
            return value.date() < moment.date()
        start = moment if "instant" in record else moment.replace(hour=0, minute=0)
        return value < start

    for moment, value in zip(records, told, strict=True):
        seen_at = None if value == 0 else values[value - 1]
        assert seen_at is None or before(seen_at, moment), (moment, seen_at)
        if record != "day":
            best = max((one for one in values if before(one, moment)), default=None)
            assert seen_at == best, (moment, seen_at, best)


@pytest.mark.parametrize("zoned", ["records", "values"])
def test_a_clock_without_a_zone_is_not_held_against_one_with_a_zone(tmp_path: Path, zoned: str) -> None:
    written = ["2020-03-05 10:00:00+09:00", "2020-03-05 08:00:00"]
    made, known = written if zoned == "records" else reversed(written)
    pl.DataFrame({"known": [known], "value": [1]}).write_csv(tmp_path / "t.csv")
    section = RecordsSection(time="made", join=(JoinSection(source=str(tmp_path / "t.csv"), time="known"),))
    raw = by_rows(pl.DataFrame({"made": [made]}), label="records")
    with pytest.raises(DataError, match="without a zone"):
        joined(raw, section, instants=True)


@pytest.mark.parametrize(("same", "seen"), [(False, ["0", "0", "1"]), (True, ["0", "1", "1"])])
def test_a_value_of_a_day_is_seen_by_the_instants_of_later_days(
    tmp_path: Path, same: bool, seen: list[str]
) -> None:
    """When in its day a value was published is not known: it may have been after the record was made."""
    pl.DataFrame({"known": ["2020-01-01", "2020-03-05"], "value": [0, 1]}).write_csv(tmp_path / "t.csv")
    join = JoinSection(source=str(tmp_path / "t.csv"), time="known", same_moment=same)
    made = ["2020-03-04 23:59:59", "2020-03-05 09:00:00", "2020-03-06 00:00:01"]
    raw = by_rows(pl.DataFrame({"made": made}), label="records")
    told = joined(raw, RecordsSection(time="made", join=(join,)), instants=True)
    assert told.frame["value"].to_list() == seen


def test_numbers_of_a_joined_table_are_read_with_its_own_decimal_sign(tmp_path: Path) -> None:
    made = [f"2020-03-{day:02d}" for day in range(2, 22)]
    other = "\n".join(f'2020-03-{day:02d},"{day},000",0.{day:02d}' for day in range(1, 21))
    (tmp_path / "t.csv").write_text(f"known,large,share\n{other}\n")
    raw = by_rows(pl.DataFrame({"made": made, "own": ["1,5"] * 20}), label="records")
    raw = dataclasses.replace(raw, decimal="comma")
    section = RecordsSection(time="made", join=(JoinSection(source=str(tmp_path / "t.csv"), time="known"),))
    got = joined(raw, section, instants=False)
    assert typed(got, "large").values.to_list() == [1000.0 * day for day in range(1, 21)]
    assert typed(got, "own").values.to_list() == [1.5] * 20
