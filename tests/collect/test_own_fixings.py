"""Own currency rates: what stops, pauses, comes late or never moves leaves; what is wrong is refused."""

from __future__ import annotations

import datetime

import numpy as np
import polars as pl
import pytest

from barograph.collect.frames import from_frame
from barograph.core.errors import DataError
from barograph.core.records import Snapshot
from barograph.core.study import CollectSection

DAYS = 900
TODAY = datetime.date(2026, 11, 29)
CALENDAR = np.busday_offset(np.datetime64("2020-01-01"), np.arange(DAYS), roll="forward")


def rates(seed: int, *, start: float = 1.1) -> list[float | None]:
    moves = np.random.default_rng(seed).normal(0, 0.005, DAYS)
    return list(start * np.exp(np.cumsum(moves)))


def wide(**columns: list[float | None]) -> pl.DataFrame:
    return pl.DataFrame({"date": CALENDAR, "usd": rates(1), **columns})


def read(table: pl.DataFrame, **changes: object) -> Snapshot:
    section = CollectSection(source="frame", quotes="fixings").model_copy(update=changes)
    return from_frame(table, section, today=TODAY)


def without(values: list[float | None], gone: slice) -> list[float | None]:
    kept = list(values)
    kept[gone] = [None] * len(kept[gone])
    return kept


def test_a_series_that_stopped_leaves_and_the_others_stay() -> None:
    snapshot = read(wide(gbp=without(rates(2), slice(700, None))))
    assert snapshot.panel.entities == ("usd",)
    assert f"gbp: stopped on {CALENDAR[699]} and left out" in snapshot.provenance.notes


def test_a_series_begins_behind_its_pause() -> None:
    snapshot = read(wide(gbp=without(rates(2), slice(100, 150))))
    assert snapshot.panel.of("gbp")["time"][0] == CALENDAR[150].item()
    assert any(note.startswith(f"gbp: paused until {CALENDAR[150]}") for note in snapshot.provenance.notes)


def test_a_hard_peg_leaves_with_its_reason() -> None:
    snapshot = read(wide(eek=[15.6466] * DAYS))
    assert snapshot.panel.entities == ("usd",)
    assert "eek: never moves, a peg of variance zero, left out" in snapshot.provenance.notes


def test_a_late_comer_leaves_with_its_reason() -> None:
    snapshot = read(wide(gbp=without(rates(2), slice(0, 500))))
    assert "gbp: only 400 rows, fewer than 600, left out" in snapshot.provenance.notes


def test_a_holiday_of_one_series_is_a_day_without_a_fixing() -> None:
    snapshot = read(wide(gbp=without(rates(2), slice(100, 102))))
    assert snapshot.panel.of("gbp").height == DAYS - 2
    assert any("2 blank cells read as days without trading" in note for note in snapshot.provenance.notes)


@pytest.mark.parametrize("factor", [1e-6, 1e-4, 1000.0, 9.6])
def test_zeros_lost_or_gained_are_refused_as_a_redenomination(factor: float) -> None:
    values = [value * (factor if place >= 400 else 1.0) for place, value in enumerate(rates(2))]
    with pytest.raises(DataError, match="redenomination") as caught:
        read(wide(old=values))
    assert str(CALENDAR[400]) in str(caught.value)
    assert "new unit" in str(caught.value)


def test_a_collapse_is_no_redenomination() -> None:
    values = [value * (3.0 if place >= 400 else 1.0) for place, value in enumerate(rates(2))]
    assert read(wide(crash=values)).panel.entities == ("crash", "usd")


def test_negative_rates_and_days_twice_are_refused() -> None:
    negative = rates(2)
    negative[10] = -1.0
    with pytest.raises(DataError, match="zero or negative price"):
        read(wide(gbp=negative))
    table = wide()
    with pytest.raises(DataError, match="duplicate date"):
        read(pl.concat([table, table.tail(1)]))


def test_a_series_named_stays_to_be_judged_by_the_contract() -> None:
    with pytest.raises(DataError, match="constant"):
        read(wide(eek=[15.6466] * DAYS), entities=("eek", "usd"))


def test_prices_are_judged_as_before() -> None:
    table = wide(gbp=without(rates(2), slice(700, None)))
    assert from_frame(table, CollectSection(source="frame"), today=TODAY).panel.entities == ("gbp", "usd")


def test_long_tables_are_settled_the_same_way() -> None:
    table = wide(gbp=without(rates(2), slice(700, None)))
    long = table.unpivot(index="date", variable_name="entity", value_name="close").drop_nulls()
    assert read(long).panel.table.equals(read(table).panel.table)
