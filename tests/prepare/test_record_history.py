"""The constructed history: only months that had ended, only facts dated by then, the same in the bundle."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from math import log

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepare_records import NO_DAY, made_records

from barograph.core.errors import DataError, SettingError
from barograph.core.record_table import Records
from barograph.prepare.history import History, from_arrays, stale, to_arrays, with_history
from barograph.prepare.history_build import PRIOR, RUNNING, build_history

BY = ("state", "sector")
MONTHS = 6
STATES, SECTORS = ("CA", "NY", "TX"), ("11", "44")


def month(day: np.datetime64) -> int:
    return int(day.astype("datetime64[M]").astype(int))


def book_of(*, n: int, seed: int, years: int = 6, default_rate: float = 0.3) -> Records:
    random = np.random.default_rng(seed)
    time = np.sort(np.datetime64("2000-01-01") + random.integers(0, 365 * years, n))
    event = time + random.integers(-20, 1600, n)
    event[random.random(n) > default_rate] = NO_DAY
    amount = random.lognormal(10.0, 1.0, n)
    amount[random.random(n) < 0.05] = np.nan
    return made_records(
        {"jobs": random.integers(0, 9, n).astype(float).tolist()},
        {
            "state": random.choice([*STATES, None], n).tolist(),
            "sector": random.choice(SECTORS, n).tolist(),
        },
        time=time,
        event_time=event,
        amount=amount,
    )


def macro_table(seed: int = 0) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    days = np.datetime64("2000-02-10") + np.cumsum(random.integers(1, 60, 60))
    rate = random.normal(size=60)
    rate[::7] = np.nan
    return pl.DataFrame({"time": days, "y10": rate, "unemployment": random.normal(size=60)})


def built(records: Records, macro: pl.DataFrame | None = None) -> History:
    return build_history(records, by=BY, months=MONTHS, macro=macro)


def same_bits(first: Records, second: Records) -> None:
    np.testing.assert_array_equal(first.sequence, second.sequence)
    assert first.table.equals(second.table)
    assert first.numeric == second.numeric
    assert first.channels == second.channels


@st.composite
def futures(draw: st.DrawFn) -> tuple[Records, int, np.random.Generator]:
    records = book_of(n=draw(st.integers(40, 200)), seed=draw(st.integers(0, 10_000)))
    return records, draw(st.integers(1, records.n - 1)), np.random.default_rng(draw(st.integers(0, 10_000)))


def corrupted(records: Records, kept: int, random: np.random.Generator) -> Records:
    """Everything dated in the month of the kept record, or later, replaced by garbage."""
    n, cut = records.n, month(records.time[kept])
    first_day = np.datetime64(cut, "M").astype("datetime64[D]")
    late = records.time.astype("datetime64[M]").astype(int) >= cut
    moved = np.where(late, first_day + random.integers(0, 900, n), records.time)
    unknown_yet = late | ~(records.event_time < first_day)
    garbage = np.where(random.random(n) < 0.5, NO_DAY, first_day + random.integers(0, 900, n))
    before_its_own_day = late & (random.random(n) < 0.3)
    garbage = np.where(before_its_own_day, first_day - random.integers(1, 600, n), garbage)
    words = {
        name: np.where(
            late, random.choice(["CA", "XX", "44"], n), records.table[name].fill_null("").to_numpy()
        )
        for name in BY
    }
    table = records.table.with_columns(
        [
            pl.Series(name, [str(word) or None for word in values], dtype=pl.String)
            for name, values in words.items()
        ]
    )
    wrong = replace(
        records,
        table=table,
        time=moved,
        event_time=np.where(unknown_yet, garbage, records.event_time),
        amount=np.where(late, random.lognormal(20.0, 1.0, n), records.amount),
    )
    keep = ~late | (random.random(n) < 0.5)
    keep[kept] = True
    wrong.time[kept] = records.time[kept]  # it is scored in the same month
    return wrong.take(np.flatnonzero(keep))


@given(futures())
def test_nothing_dated_in_a_records_own_month_or_later_moves_its_history(
    future: tuple[Records, int, np.random.Generator],
) -> None:
    records, kept, random = future
    wrong = corrupted(records, kept, random)
    if np.isnat(wrong.event_time).all():
        return
    macro = macro_table()
    own_month = np.datetime64(month(records.time[kept]), "M").astype("datetime64[D]").item()
    wrong_macro = macro.with_columns(y10=pl.when(pl.col("time") >= own_month).then(1e9).otherwise("y10"))
    one = records.take(np.array([kept]))
    same_bits(with_history(one, built(records, macro)), with_history(one, built(wrong, wrong_macro)))


def test_a_change_in_the_month_before_does_move_it() -> None:
    records = book_of(n=300, seed=3)
    kept = 250
    cut = np.datetime64(month(records.time[kept]), "M").astype("datetime64[D]")
    event = records.event_time.copy()
    event[np.flatnonzero((records.time < cut - 40) & np.isnat(event))[-5:]] = cut - 1
    one = records.take(np.array([kept]))
    before = with_history(one, built(records)).sequence
    after = with_history(one, built(replace(records, event_time=event))).sequence
    assert not np.array_equal(before[:, -1], after[:, -1])
    np.testing.assert_array_equal(before[:, :-1], after[:, :-1])


def slow_counts(records: Records, at: int, width: int, rows: list[int]) -> tuple[int, float, int, int]:
    """Applications, amount, charge-offs and loan-months of `width` months up to month `at`, by loops."""
    applications, amount, charge_offs, loan_months = 0, 0.0, 0, 0
    for now in range(at - width + 1, at + 1):
        for row in rows:
            opened = month(records.time[row])
            event = records.event_time[row]
            gone = 10**9 if np.isnat(event) else max(month(event), opened)
            applications += opened == now
            if opened == now and np.isfinite(records.amount[row]):
                amount += records.amount[row]
            charge_offs += gone == now and gone - opened <= RUNNING
            loan_months += opened <= now <= min(gone, opened + RUNNING)
    return applications, amount, charge_offs, loan_months


def test_each_figure_is_that_of_plain_loops() -> None:
    records = book_of(n=250, seed=5)
    seen = with_history(records, built(records))
    everyone = list(range(records.n))
    for row in (160, 200, 249):
        state = records.table["state"][row]
        named = [one for one in everyone if records.table["state"][one] is not None]
        own = [one for one in named if records.table["state"][one] == state]
        for step in (0, MONTHS - 1):
            at = month(records.time[row]) - MONTHS + step
            figures = dict(zip(seen.channels, seen.sequence[row, step].tolist(), strict=True))
            now, before = (slow_counts(records, at - back, 3, everyone) for back in (0, 12))
            year = slow_counts(records, at, 12, everyone)
            close = {"rel": 1e-5, "abs": 1e-6}
            assert figures["applications_growth"] == pytest.approx(
                log((now[0] + 0.5) / (before[0] + 0.5)), **close
            )
            assert figures["amount_growth"] == pytest.approx(log(now[1] / before[1]), **close)
            rate = log((year[2] + 0.5) / (year[3] / 12 + 0.5))
            assert figures["charge_off_rate"] == pytest.approx(rate, **close)
            book, group = (slow_counts(records, at, 12, rows) for rows in (named, own))
            expected = group[3] * book[2] / book[3]
            risk = log((group[2] + PRIOR) / (expected + PRIOR))
            assert figures["state_charge_offs"] == pytest.approx(risk, **close)
            book_then, group_then = (slow_counts(records, at - 12, 12, rows) for rows in (named, own))
            expected = group_then[0] * book[0] / book_then[0]
            growth = log((group[0] + PRIOR) / (expected + PRIOR))
            assert figures["state_growth"] == pytest.approx(growth, **close)
        assert seen.table["state_charge_offs"][row] == pytest.approx(risk, rel=1e-12)
        assert seen.table["state_growth"][row] == pytest.approx(growth, rel=1e-12)


def test_macro_is_the_last_value_known_before_a_month_ended() -> None:
    records = book_of(n=200, seed=6)
    macro = macro_table()
    seen = with_history(records, built(records, macro))
    for row in (0, 90, 199):
        for step in range(MONTHS):
            ended = np.datetime64(month(records.time[row]) - MONTHS + step + 1, "M").astype("datetime64[D]")
            for name in ("y10", "unemployment"):
                known = macro.filter((pl.col("time") < ended.item()) & pl.col(name).is_not_nan())[name]
                found = seen.sequence[row, step, seen.channels.index(name)]
                expected = np.float32(known[-1]) if known.len() else np.float32(np.nan)
                np.testing.assert_array_equal(found, expected)


def test_a_bad_sector_shows_and_a_calm_one_does_not() -> None:
    random = np.random.default_rng(0)
    n = 4000
    time = np.sort(np.datetime64("2000-01-01") + random.integers(0, 2000, n))
    sector = random.choice(SECTORS, n)
    bad = random.random(n) < np.where(sector == "44", 0.30, 0.05)
    event = np.where(bad, time + random.integers(100, 1000, n), NO_DAY)
    records = made_records({}, {"sector": sector.tolist()}, time=time, event_time=event)
    seen = with_history(records, build_history(records, by=("sector",), months=3, macro=None))
    late = time > np.datetime64("2003-01-01")
    figure = seen.table["sector_charge_offs"].to_numpy()
    assert figure[late & (sector == "44")].min() > 0.2 > -0.2 > figure[late & (sector == "11")].max()


@given(st.integers(0, 10_000))
def test_rows_may_be_taken_before_or_after(seed: int) -> None:
    records = book_of(n=120, seed=seed)
    history = built(records, macro_table())
    rows = np.random.default_rng(seed).permutation(records.n)[:17]
    same_bits(with_history(records.take(rows), history), with_history(records, history).take(rows))


def test_figures_join_the_numeric_columns_and_the_rest_stays() -> None:
    records = book_of(n=120, seed=1)
    history = built(records, macro_table())
    seen = with_history(records, history)
    assert seen.numeric == (
        "jobs",
        "state_charge_offs",
        "state_growth",
        "sector_charge_offs",
        "sector_growth",
    )
    assert tuple(seen.table.columns) == seen.columns
    assert seen.table.select(records.columns).equals(records.table)
    assert seen.channels[:5] == (
        "applications_growth",
        "amount_growth",
        "charge_off_rate",
        "y10",
        "unemployment",
    )
    assert seen.sequence.shape == (120, MONTHS, 9)
    assert seen.sequence.dtype == np.float32
    assert not any(seen.table[name].is_nan().any() for name in seen.numeric)
    assert seen.table["state_growth"][0] is None  # two years have to pass first
    assert np.isnan(seen.sequence[0, :, :3]).all()


def test_a_record_without_a_group_or_of_a_new_one_stands_where_the_book_stands() -> None:
    records = book_of(n=300, seed=2)
    last = records.take(np.array([299, 299]))
    words = last.table.with_columns(state=pl.Series([None, "never"], dtype=pl.String))
    seen = with_history(replace(last, table=words), built(records))
    assert seen.table["state_charge_offs"].to_list() == [0.0, 0.0]
    assert seen.table["state_growth"].to_list() == [0.0, 0.0]


def test_a_record_after_the_historys_end_has_its_last_months_and_is_stale() -> None:
    records = book_of(n=300, seed=4)
    history = built(records)
    assert month(history.last) == month(records.time[-1]) - 1
    next_day = (history.last + 1).astype("datetime64[D]")
    days = np.array([next_day, next_day + 40, next_day + 400, np.datetime64("1990-01-01")])
    later = replace(records.take(np.array([299] * 4)), time=days)
    seen = with_history(later, history)
    assert stale(later, history).tolist() == [0, 1, 13, 0]
    np.testing.assert_array_equal(seen.sequence[1], seen.sequence[0])
    np.testing.assert_array_equal(seen.sequence[2], seen.sequence[0])
    assert np.isnan(seen.sequence[3]).all()
    assert not stale(records, history).any()


def test_a_history_goes_through_npz_without_pickle() -> None:
    records = book_of(n=200, seed=8)
    history = built(records, macro_table())
    file = io.BytesIO()
    np.savez(file, **to_arrays(history))
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        again = from_arrays({name: arrays[name] for name in arrays.files})
    same_bits(with_history(records, again), with_history(records, history))
    assert again.last == history.last


def test_without_groups_the_history_is_the_books() -> None:
    records = book_of(n=200, seed=8)
    history = build_history(records, by=(), months=2, macro=None)
    again = from_arrays(to_arrays(history))
    seen = with_history(records, again)
    assert seen.numeric == records.numeric
    assert seen.sequence.shape == (200, 2, 3)


def test_no_records_have_an_empty_history() -> None:
    records = book_of(n=60, seed=0)
    history = built(records)
    seen, none = with_history(records, history), records.take(np.arange(0))
    empty = with_history(none, history)
    assert (empty.numeric, empty.channels) == (seen.numeric, seen.channels)
    assert empty.sequence.shape == (0, *seen.sequence.shape[1:])
    assert stale(none, history).shape == (0,)


def test_what_has_no_history_is_refused_in_words() -> None:
    records = book_of(n=60, seed=0)
    history = built(records)
    with pytest.raises(SettingError, match="history_by must be one of"):
        build_history(records, by=("stat",), months=3, macro=None)
    with pytest.raises(SettingError, match="history_months must be at least 1"):
        build_history(records, by=BY, months=0, macro=None)
    timeless = replace(records, time=np.full(60, NO_DAY))
    for refuse in (built, lambda one: with_history(one, history), lambda one: stale(one, history)):
        with pytest.raises(DataError, match="the records have no time"):
            refuse(timeless)
    with pytest.raises(DataError, match="no record has a day of default"):
        built(replace(records, event_time=np.full(60, NO_DAY)))
    with pytest.raises(DataError, match="a record has one history"):
        with_history(with_history(records, history), history)
    with pytest.raises(DataError, match="state_growth"):
        with_history(replace(records, table=records.table.with_columns(state_growth=pl.lit(1.0))), history)


def test_a_macro_series_may_not_be_named_like_a_figure_of_the_book() -> None:
    macro = macro_table().rename({"y10": "state_growth"})
    with pytest.raises(DataError, match="state_growth occurs twice"):
        built(book_of(n=60, seed=0), macro)


@pytest.mark.parametrize(
    "macro",
    [
        pl.DataFrame({"time": ["2000-01-01"], "y10": [1.0]}),
        pl.DataFrame({"time": [date(2000, 1, 1)], "y10": ["1.0"]}),
        pl.DataFrame({"time": [date(2000, 1, 1), None], "y10": [1.0, 2.0]}),
        pl.DataFrame({"time": [date(2000, 1, 1)]}),
    ],
)
def test_a_macro_table_of_another_shape_is_refused(macro: pl.DataFrame) -> None:
    with pytest.raises(DataError, match="a macro table must have"):
        built(book_of(n=60, seed=0), macro)
