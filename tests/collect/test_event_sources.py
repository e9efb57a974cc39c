"""Sources of events: simulators by key, own files and frames; every column in its part, or one refusal."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.collect.events.catalogue import PACKAGED_EVENTS, events_from_frame, open_events
from barograph.collect.events.snapshot import events_hash
from barograph.core.errors import DataError, InputError, SettingError
from barograph.core.event_table import Events, EventSnapshot
from barograph.core.scoring_study import RecordsSection

TODAY = datetime.date(2026, 11, 22)
N = 200
RNG = np.random.default_rng(7)
START = datetime.datetime(2024, 3, 1, 12)
SECONDS = np.sort(RNG.choice(3_000_000, N, replace=False))
BASE = pl.DataFrame(
    {
        "tx": [f"t{number:03d}" for number in RNG.permutation(N)],
        "at": [START + datetime.timedelta(seconds=int(second)) for second in SECONDS],
        "card": RNG.choice(["a", "b", "c", "d"], N),
        "shop": RNG.choice(["x", "y", "z"], N),
        "eur": RNG.uniform(1, 900, N).round(2),
        "channel": RNG.choice(["shop", "online"], N),
        "age": RNG.integers(18, 90, N),
        "fraud": RNG.permutation([0] * 180 + [1] * 20),
    }
)
PARTS = {
    "source": "x",
    "target": "fraud",
    "time": "at",
    "entity": "card",
    "counterparty": "shop",
    "amount": "eur",
    "record_id": "tx",
}


def section(**changed: object) -> RecordsSection:
    return RecordsSection.model_validate({**PARTS, **changed})


def read(frame: pl.DataFrame = BASE, network: bool = False, **changed: object) -> EventSnapshot:
    return events_from_frame(frame, section(**changed), network=network, today=TODAY)


def refused(frame: pl.DataFrame = BASE, error: type[InputError] = DataError, **changed: object) -> str:
    with pytest.raises(error) as caught:
        read(frame, **changed)
    return str(caught.value)


def at(*values: object, name: str = "at") -> pl.DataFrame:
    """The base table with the first cells of a text or object column replaced."""
    column = BASE[name].to_list()
    return BASE.with_columns(pl.Series(name, [*values, *column[len(values) :]], strict=False))


def texts(*values: str | None, name: str = "at") -> pl.DataFrame:
    """The base table with a column as text, its first cells replaced."""
    column = BASE[name].cast(pl.String).to_list()
    return BASE.with_columns(pl.Series(name, [*values, *column[len(values) :]], dtype=pl.String))


def said(snapshot: EventSnapshot, words: str) -> bool:
    return any(words in note for note in snapshot.notes)


def assert_same(one: Events, other: Events) -> None:
    for name in ("event_id", "time", "actor", "counterparty", "amount", "label", "label_time"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert one.actors.tolist() == other.actors.tolist()
    assert one.counterparties.tolist() == other.counterparties.tolist()
    assert one.columns.equals(other.columns, null_equal=True)


def test_every_row_arrives_with_its_parts() -> None:
    snapshot = read()
    events = snapshot.events
    assert events.n == snapshot.provenance.rows == N
    for place, row in enumerate(BASE.rows(named=True)):
        assert events.event_id[place] == row["tx"]
        assert events.time[place] == np.datetime64(row["at"], "us")
        assert events.actors[events.actor[place]] == row["card"]
        assert events.counterparties[events.counterparty[place]] == row["shop"]
        assert events.amount[place] == row["eur"]
        assert events.label[place] == row["fraud"]
        assert events.label_time[place] == np.datetime64(row["at"] + datetime.timedelta(days=7), "us")
    assert events.columns.to_dict(as_series=False) == {
        "channel": BASE["channel"].to_list(),
        "age": [float(age) for age in BASE["age"]],
    }
    assert events.columns.dtypes == [pl.String, pl.Float64]
    assert events.pattern is None
    assert snapshot.provenance.content_hash == events_hash(events)
    assert snapshot.provenance.notes == snapshot.notes
    assert (snapshot.provenance.source, snapshot.provenance.since) == ("frame", str(events.time[0])[:10])


def test_a_kind_is_told_of_frauds_alone_and_is_never_a_feature() -> None:
    kinds = ["ring" if fraud else "plain" for fraud in BASE["fraud"]]
    kinds[BASE["fraud"].to_list().index(1)] = None
    frame = BASE.with_columns(kind=pl.Series(kinds, dtype=pl.String))
    snapshot = read(frame, pattern="kind")
    pattern = snapshot.events.pattern
    assert pattern is not None
    frauds = BASE["fraud"].sum()
    assert pattern.tolist().count("ring") == frauds - 1
    assert pattern.tolist().count("") == N - frauds + 1
    assert "kind" not in snapshot.events.columns.columns
    assert said(snapshot, f"kind: kinds, never a feature: ring {frauds - 1}")


def test_rows_are_sorted_by_time_and_equal_times_keep_their_order() -> None:
    tied = BASE.with_columns(at=pl.col("at").dt.truncate("1d"))
    mixed = tied.sample(fraction=1.0, shuffle=True, seed=3)
    events = read(mixed).events
    expected = sorted(mixed.rows(named=True), key=lambda row: row["at"])
    assert events.event_id.tolist() == [row["tx"] for row in expected]
    assert events.columns["channel"].to_list() == [row["channel"] for row in expected]
    assert said(read(mixed), "it has no order of arrival")


def test_csv_parquet_pandas_and_arrow_give_the_same_events(tmp_path: Path) -> None:
    frame = BASE.with_columns(pl.col("at").dt.replace_time_zone("UTC"))
    csv, parquet = tmp_path / "events.csv", tmp_path / "events.parquet"
    frame.write_csv(csv)
    frame.write_parquet(parquet)
    first = read(frame).events
    for other in (
        open_events(section(source=str(csv)), seed=0, today=TODAY),
        open_events(section(source=str(parquet)), seed=0, today=TODAY),
        events_from_frame(frame.to_pandas(), section(), today=TODAY),
        events_from_frame(frame.to_arrow(), section(), today=TODAY),
    ):
        assert_same(first, other.events)


UTC = "2024-03-01T10:30:15.250000"


@pytest.mark.parametrize(
    ("written", "note"),
    [
        ("2024-03-01T10:30:15.25", "no zone: read as UTC"),
        ("2024-03-01 10:30:15,250", "no zone: read as UTC"),
        ("2024-03-01T10:30:15.250Z", "converted from their zones"),
        ("2024-03-01 10:30:15.250000000 UTC", "converted from their zones"),
        ("2024-03-01T12:30:15.25+02:00", "converted from their zones"),
        ("2024-03-01T05:00:15.25-0530", "converted from their zones"),
        ("2024-03-01T00:30:15.25 -10", "converted from their zones"),
        ("01.03.2024 10:30:15.25", "no zone: read as UTC"),
        ("Mar 1, 2024 10:30:15.25 AM", "no zone: read as UTC"),
        ("1709289015.25", "seconds since 1970"),
        ("1709289015250", "milliseconds since 1970"),
        ("1709289015250000", "microseconds since 1970"),
    ],
)
def test_an_instant_is_read_however_it_is_written(written: str, note: str) -> None:
    frame = BASE.with_columns(at=pl.lit(written))
    snapshot = read(frame)
    assert set(snapshot.events.time.astype(str)) == {UTC}
    assert said(snapshot, note)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_typed_instants_are_converted_to_utc(unit: str) -> None:
    local = BASE["at"].dt.replace_time_zone("UTC").dt.convert_time_zone("America/New_York")
    zoned = read(BASE.with_columns(at=local.dt.cast_time_unit(unit)))
    assert_same(zoned.events, read().events)
    assert said(zoned, "converted from America/New_York")
    assert said(read(BASE.with_columns(at=BASE["at"].dt.cast_time_unit(unit))), "no zone: read as UTC")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(946_684_800, 1_790_000_000), min_size=2, max_size=8), st.integers(-14, 14))
def test_epochs_text_and_zones_agree(seconds: list[int], east: int) -> None:
    cycle = [seconds[place % len(seconds)] for place in range(N)]
    zone = datetime.timezone(datetime.timedelta(hours=east))
    expected = sorted(cycle)
    ways = [
        pl.Series("at", cycle),
        pl.Series("at", [float(second) for second in cycle]),
        pl.Series("at", [second * 1000 for second in cycle]),
        pl.Series("at", [datetime.datetime.fromtimestamp(one, zone).isoformat() for one in cycle]),
    ]
    for way in ways:
        time = read(BASE.with_columns(way)).events.time
        assert time.astype("datetime64[s]").astype(int).tolist() == expected


def test_days_are_midnight_and_said_so() -> None:
    days = read(BASE.with_columns(at=pl.col("at").dt.date()))
    assert (days.events.time == days.events.time.astype("datetime64[D]")).all()
    assert said(days, "midnight UTC")
    some = read(texts("2024-03-01", "2024-03-02"))
    assert some.events.time[0] == np.datetime64("2024-03-01T00:00")
    assert said(some, "2 days without a time of day")


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (
            texts("soon", "2024-03-01T25:00", "2024-03-01T10:61"),
            ["hold instants", "3 of 200", "row 1", "'soon'"],
        ),
        (texts("2024-02-30 10:00:00"), ["hold instants", "1 of 200", "'2024-02-30 10:00:00'"]),
        (texts("2024-03-01T10:00:00+19:00"), ["hold instants", "+19:00"]),
        (texts("2024-03-01T13:00 PM"), ["hold instants"]),
        (texts("2024-03-01T10:00:00Z"), ["carry a zone in every row", "199 of 200", "row 2"]),
        (texts("03/04/2024 10:00"), ["show which number is the day", "1 of 200"]),
        (texts(None, ""), ["say in every row when it happened", "2 of 200", "an empty cell"]),
        (at(None), ["say in every row when it happened", "1 of 200"]),
        (at(datetime.datetime(1970, 1, 1)), ["not lie before 2000-01-01", "1 of 200", "row 1", "1970"]),
        (at(datetime.datetime(2090, 1, 1)), ["in the future (after 2026-11-22)", "1 of 200", "2090"]),
        (at(datetime.datetime(2026, 11, 23)), ["in the future"]),
        (BASE.with_columns(at=pl.arange(N, eager=True)), ["not lie before 2000", "200 of 200", "since 1970"]),
        (BASE.with_columns(at=pl.lit(10**19, dtype=pl.UInt64)), ["in the future"]),
        (BASE.with_columns(at=pl.lit(2**62).cast(pl.Datetime("ms"))), ["of a calendar", "200 of 200"]),
        (BASE.with_columns(at=pl.lit(True)), ["must hold instants", "Boolean"]),
    ],
)
def test_times_that_cannot_be_are_refused(frame: pl.DataFrame, says: list[str]) -> None:
    message = refused(frame)
    assert [words for words in says if words not in message] == []


def test_the_last_moment_of_today_is_not_the_future() -> None:
    late = datetime.datetime(2026, 11, 22, 23, 59, 59)
    snapshot = read(at(late), label_days=0)
    assert snapshot.events.time[-1] == np.datetime64(late, "us")
    assert snapshot.events.label[-1] == BASE["fraud"][0]


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (BASE.with_columns(tx=pl.lit("t1")), ["name each event once", "199 of 200", "row 2", "'t1'"]),
        (texts("", None, name="tx"), ["name every event", "2 of 200"]),
        (texts("", name="card"), ["say in every row who paid", "1 of 200"]),
        (texts(None, name="eur"), ["how much was paid", "1 of 200"]),
        (at(float("nan"), name="eur"), ["how much was paid", "1 of 200"]),
        (at(float("inf"), float("-inf"), name="eur"), ["finite numbers", "2 of 200", "'inf'"]),
        (texts("much", name="eur"), ["hold numbers", "1 of 200", "'much'"]),
        (BASE.with_columns(fraud=pl.col("age")), ["two values"]),
        (BASE.with_columns(fraud=pl.lit(0)), ["all 200 records have '0'"]),
        (BASE.with_columns(fraud=pl.lit(None, dtype=pl.Int8)), ["empty throughout"]),
        (BASE.head(99), ["at least 100 events", "it holds 99"]),
        (BASE.clear(), ["at least 100 events", "it holds 0"]),
    ],
)
def test_rows_that_cannot_be_are_refused_with_count_and_place(frame: pl.DataFrame, says: list[str]) -> None:
    message = refused(frame)
    assert [words for words in says if words not in message] == []


def test_the_line_of_a_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    texts(*["1.5"] * 6, "lots", name="eur").write_csv(path)
    with pytest.raises(DataError, match="first in line 8 with 'lots'"):
        open_events(section(source=str(path)), seed=0, today=TODAY)


@pytest.mark.parametrize(
    ("key", "flag"),
    [
        ("target", "--target COLUMN"),
        ("time", "--time COLUMN"),
        ("entity", "--entity COLUMN"),
        ("amount", "--set collect.amount=COLUMN"),
    ],
)
def test_a_part_without_a_column_is_asked_for_by_its_flag(key: str, flag: str) -> None:
    message = refused(error=SettingError, **{key: None})
    assert f"collect.{key} must name the column" in message
    assert flag in message
    assert "tx, at, card" in message


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"amount": "euro"}, "collect.amount must name a column"),
        ({"counterparty": "shops"}, "Did you mean 'shop'"),
        ({"counterparty": "card"}, "collect.entity and collect.counterparty must name different columns"),
        ({"positive": "maybe"}, "collect.positive must be one of the values"),
        ({"sequence": {"a": ("age",)}}, "collect.sequence must be empty for events"),
        ({"protected": ("age",)}, "collect.protected must be empty for events"),
        ({"lgd": "age"}, "collect.lgd must be empty for events"),
        ({"known_after": 3}, "collect.known_after must be empty for events"),
        ({"ignore": ("ages",)}, "Did you mean 'age'"),
    ],
)
def test_settings_that_do_not_fit_are_refused(changed: dict, says: str) -> None:
    message = refused(error=SettingError, **changed)
    assert all(part in message for part in says.split(" and ")), message


def test_a_denied_column_is_refused_unless_ignored() -> None:
    assert "give the answer away" in refused(deny={"age": "it is known later"})
    assert "age" not in read(deny={"age": "it is known later"}, ignore=("age",)).events.columns.columns


def test_money_is_read_as_people_write_it_and_odd_amounts_are_counted() -> None:
    money = [f"${value:,.2f}" for value in (BASE["eur"] * 10).round(2)]
    money[:3] = ["$1,200.50", "-$3.00", "$0.00"]
    snapshot = read(BASE.with_columns(eur=pl.Series(money)))
    assert snapshot.events.amount[:3].tolist() == [1200.5, -3.0, 0.0]
    assert said(snapshot, "currency signs")
    assert said(snapshot, "1 negative amounts")
    assert said(snapshot, "1 amounts are zero")
    fine = read(at(0.126, 5.0, name="eur"))
    assert fine.events.amount[:2].tolist() == [0.13, 5.0]
    assert said(fine, "1 amounts are rounded to hundredths")
    assert not said(read(), "rounded")


def test_text_labels_and_labels_not_known() -> None:
    words = [{0: "legit", 1: "fraud"}[value] for value in BASE["fraud"]]
    frame = BASE.with_columns(fraud=pl.Series([None, "", *words[2:]]))
    events = read(frame, positive="Fraud").events
    assert np.isnan(events.label[:2]).all()
    assert np.isnat(events.label_time[:2]).all()
    assert events.label[2:].tolist() == BASE["fraud"][2:].to_list()
    assert said(read(frame, positive="fraud"), "empty in 2 rows")
    assert "collect.positive must say" in refused(frame, SettingError)


def test_a_label_not_yet_known_today_is_none_yet() -> None:
    last = BASE["at"].to_list()[-1]
    today = (last + datetime.timedelta(days=3)).date()
    snapshot = events_from_frame(BASE, section(label_days=10), today=today)
    events = snapshot.events
    for place, moment in enumerate(BASE["at"]):
        known = moment + datetime.timedelta(days=10)
        assert np.isnan(events.label[place]) == (known.date() > today) == np.isnat(events.label_time[place])
    young = int(np.isnan(events.label).sum())
    assert 0 < young < N
    assert said(snapshot, f"{young} events are younger than 10 days")


def test_no_counterparty_is_a_code_of_its_own() -> None:
    some = read(texts(None, "", name="shop"))
    assert some.events.counterparty[:2].tolist() == [-1, -1]
    assert (some.events.counterparty[2:] >= 0).all()
    assert "" not in some.events.counterparties
    assert said(some, "empty in 2 rows: no counterparty")
    none = read(counterparty=None)
    assert set(none.events.counterparty.tolist()) == {-1}
    assert none.events.counterparties.size == 0
    assert "shop" in none.events.columns.columns
    assert said(none, "set collect.counterparty")


def test_accounts_of_one_network_share_their_names() -> None:
    accounts = BASE.with_columns(shop=pl.Series(RNG.choice(["a", "b", "z"], N)))
    events = read(accounts, network=True).events
    assert events.actors.tolist() == events.counterparties.tolist() == ["a", "b", "c", "d", "z"]
    assert events.actors[events.actor].tolist() == accounts["card"].to_list()
    assert events.actors[events.counterparty].tolist() == accounts["shop"].to_list()
    with pytest.raises(SettingError, match=r"--set collect\.counterparty=COLUMN"):
        read(accounts, network=True, counterparty=None)


def test_whole_numbers_name_cards_without_a_point_and_rows_number_events() -> None:
    frame = BASE.drop("tx").with_columns(card=pl.Series(RNG.choice([1.0, 20.0, 3.0], N)))
    events = read(frame, record_id=None).events
    assert events.actors.tolist() == ["1", "20", "3"]
    assert events.event_id.tolist() == [str(number) for number in range(1, N + 1)]


def test_columns_that_tell_nothing_are_left_out_and_dates_become_days_before() -> None:
    frame = BASE.with_columns(
        same=pl.lit("EUR"),
        nothing=pl.lit(None, dtype=pl.String),
        reference=pl.Series([f"ref{number}" for number in range(N)]),
        number=pl.arange(N, eager=True),
        opened=pl.lit("2024-02-28"),
    ).with_columns(opened=pl.when(pl.arange(N) == 3).then(None).otherwise("opened"))
    snapshot = read(frame)
    columns = snapshot.events.columns
    assert columns.columns == ["channel", "age", "opened"]
    assert [said(snapshot, f"{name}: left out") for name in ("same", "nothing", "reference", "number")] == [
        True
    ] * 4
    assert columns["opened"][3] is None
    days = [(moment.date() - datetime.date(2024, 2, 28)).days for moment in BASE["at"]]
    assert columns["opened"].to_list()[4:] == days[4:]
    assert "without" not in " ".join(note for note in snapshot.notes if "channel" in note)


@pytest.mark.parametrize("key", sorted(PACKAGED_EVENTS))
def test_settings_of_own_files_are_refused_for_simulators(key: str) -> None:
    for part in ("target", "positive", "time", "entity", "counterparty", "amount", "record_id"):
        with pytest.raises(SettingError, match=rf"collect\.{part} must be empty .* '{key}'"):
            open_events(RecordsSection.model_validate({"source": key, part: "x"}), seed=0)


def test_the_card_simulator_is_the_world_that_is_written_down() -> None:
    snapshot = open_events(RecordsSection(source="card-simulator"), seed=5)
    events = snapshot.events
    assert 400_000 < events.n < 480_000
    assert (events.actors.size, events.counterparties.size) == (1_500, 3_000)
    days = events.time.astype("datetime64[D]")
    assert (str(days.min()), str(days.max())) == ("2024-01-01", "2024-05-29")
    assert 0.005 < events.label.mean() < 0.010
    assert set(events.pattern) == {"", "amount", "terminal", "card"}
    assert ((events.label_time - events.time) == np.timedelta64(7, "D")).all()
    assert "seed=5" in snapshot.provenance.notes[0]
    assert snapshot.provenance.rows == events.n


def test_the_account_simulator_has_its_label_delay_from_the_study_and_its_seed() -> None:
    made = [
        open_events(RecordsSection(source="account-simulator", label_days=30), seed=seed)
        for seed in (1, 1, 2)
    ]
    events = made[0].events
    assert 150_000 < events.n < 250_000
    assert events.actors.tolist() == events.counterparties.tolist()
    assert 0.003 < events.label.mean() < 0.010
    assert set(events.pattern) == {"", "fan-in", "fan-out", "cycle", "scatter-gather"}
    assert ((events.label_time - events.time) == np.timedelta64(30, "D")).all()
    hashes = [one.provenance.content_hash for one in made]
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_simulated_column_can_be_left_out() -> None:
    lean = open_events(RecordsSection(source="card-simulator", ignore=("channel",)), seed=5)
    assert lean.events.columns.columns == []
    assert lean.provenance.content_hash == events_hash(lean.events)
    whole = dataclasses.replace(lean.events, columns=pl.DataFrame({"channel": ["shop"] * lean.events.n}))
    assert events_hash(whole) != lean.provenance.content_hash
    with pytest.raises(SettingError, match=r"collect\.ignore"):
        open_events(RecordsSection(source="card-simulator", ignore=("chanel",)), seed=5)


@pytest.mark.parametrize(
    ("source", "error", "says"),
    [
        ("card-simulatr", SettingError, "Did you mean 'card-simulator'"),
        ("nowhere.csv", DataError, "not there"),
        ("src", DataError, "must hold files"),
    ],
)
def test_a_source_that_is_neither_key_nor_file_is_refused(
    source: str, error: type[InputError], says: str
) -> None:
    with pytest.raises(error) as caught:
        open_events(section(source=source), seed=0)
    assert says in str(caught.value)
