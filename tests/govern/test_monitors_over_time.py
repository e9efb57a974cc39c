"""Monitors through time: by month, by the figure, by day, by cell."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from clocks import SetClock

from barograph.govern.access import add_user
from barograph.govern.alerts import Cause, close_alert, raise_alerts
from barograph.govern.monitors import (
    InputCounts,
    alerts_by_month,
    calibration_of,
    cells_of,
    note_loss,
    note_scores,
    note_var,
    profile_of,
    var_days_of,
)
from barograph.govern.outcomes import Outcome, record_outcomes
from barograph.govern.storage import Database

PROFILE = {
    "levels": [0.0, 0.5, 1.0],
    "rows": 100,
    "numeric": {"income": {"missing": 0.2, "quantiles": [0.0, 10.0, 50.0]}},
    "categorical": {"region": {"east": 0.75, "west": 0.25, "other": 0.0}},
    "figure": [0.0, 0.1, 1.0],
}


def scored(database: Database, clock: SetClock, name: str, figures: list[float], bad: list[int]) -> None:
    subjects = {f"{name}{number}": figure for number, figure in enumerate(figures)}
    note_scores(database, "credit/default", "m1", subjects)
    labels = [Outcome(subject, float(label), clock()) for subject, label in zip(subjects, bad, strict=False)]
    record_outcomes(database, "credit/default", labels, by="ada")


def test_labels_are_held_against_figures_by_the_month_they_were_stated(
    database: Database, clock: SetClock
) -> None:
    since = clock()
    scored(database, clock, "a", [0.1, 0.2, 0.3, 0.4], [0, 0, 1, 1])
    clock.go(days=31)
    scored(database, clock, "b", [0.5, 0.7], [1])
    by_month, by_figure = calibration_of(
        database, "credit/default", "m1", since=since, until=clock() + dt.timedelta(days=1)
    )
    first, second = by_month
    assert (first.name, first.labelled, first.observed) == ("2026-03", 4, 0.5)
    assert first.expected == pytest.approx(0.25)
    assert first.auc == 1.0
    assert 0.0 < first.low < 0.5 < first.high < 1.0
    assert (second.name, second.labelled, second.expected, second.observed) == ("2026-04", 1, 0.5, 1.0)
    assert np.isnan(second.auc)  # one label ranks nothing
    assert by_figure == []  # too few


def test_figures_are_grouped_once_there_are_enough_labels(database: Database, clock: SetClock) -> None:
    since = clock()
    figures = [number / 100 for number in range(100)]
    scored(database, clock, "a", figures, [int(figure > 0.5) for figure in figures])
    _, groups = calibration_of(
        database, "credit/default", "m1", since=since, until=since + dt.timedelta(days=1)
    )
    assert [one.labelled for one in groups] == [20] * 5
    assert [one.observed for one in groups] == [0.0, 0.0, pytest.approx(0.45), 1.0, 1.0]
    assert sorted(one.expected for one in groups) == [one.expected for one in groups]
    low, high = groups[0].low, groups[0].high  # Wilson's interval of 0 of 20: to z²/(n + z²)
    assert (low, high) == (0.0, pytest.approx(3.841459 / (20 + 3.841459), abs=1e-6))


def test_alerts_are_counted_by_month_and_what_they_were(database: Database, clock: SetClock) -> None:
    add_user(database, "ada", "admin", by="first-start")
    since = clock()
    for number, was in enumerate(["fraud", "fraud", "false_alarm", "accepted", None]):
        (one,) = raise_alerts(database, [Cause(f"k{number}", "s", "score", "score", 0.9, 0.5, "hard")])
        if was is not None:
            close_alert(database, one.id, disposition=was, by="ada")
    raise_alerts(database, [Cause("limit", "s", "limit", "var_99", 0.9, 0.5, "hard")])
    clock.go(days=31)
    raise_alerts(database, [Cause("later", "s", "score", "score", 0.9, 0.5, "hard")])
    first, second = alerts_by_month(database, "s", since=since)
    assert (first.month, first.fraud, first.false_alarm, first.other, first.open) == ("2026-03", 2, 1, 1, 1)
    assert (second.month, second.open) == ("2026-04", 1)


def test_the_days_of_a_var_come_oldest_first_and_the_newest_are_kept(database: Database) -> None:
    days = [dt.date(2027, 3, number) for number in (1, 2, 3)]
    for number, day in enumerate(days):
        note_var(database, "s", "m1", day, {"a": 0.01 * (number + 1), "b": 1.0}, alpha=0.01)
    note_loss(database, "s", days[0], {"a": 0.5})
    found = var_days_of(database, "s", "m1", "a", alpha=0.01, most=500)
    assert [(one.day, one.loss) for one in found] == [(days[0], 0.5), (days[1], None), (days[2], None)]
    assert [one.day for one in var_days_of(database, "s", "m1", "a", alpha=0.01, most=2)] == days[1:]
    assert var_days_of(database, "s", "m1", "a", alpha=0.05, most=500) == []


def test_cells_are_named_by_their_ends_and_shares_add_up(database: Database, clock: SetClock) -> None:
    profile = profile_of(PROFILE)
    counts = InputCounts("m1", profile)
    rows = [
        {"income": 5.0, "region": "east"},
        {"income": None, "region": "moon"},
        {"income": 99.0, "region": "east"},
    ]
    counts.count(rows, [0.05, 0.5, 0.9], clock().date())
    counts.flush(database)
    span = {"since": clock().date(), "until": clock().date()}
    income = cells_of(database, "m1", profile, "income", **span)
    assert [(one.name, one.low, one.high) for one in income] == [
        ("0", None, 10.0),
        ("1", 10.0, None),
        ("missing", None, None),
    ]
    assert [round(one.then, 6) for one in income] == [0.4, 0.4, 0.2]
    assert [round(one.now, 6) for one in income] == [round(1 / 3, 6)] * 3
    figure = cells_of(database, "m1", profile, "", **span)
    assert [(one.high, round(one.now, 6)) for one in figure if one.now] == [(0.1, 0.333333), (None, 0.666667)]
    region = {one.name: one.now for one in cells_of(database, "m1", profile, "region", **span)}
    assert region == {"east": pytest.approx(2 / 3), "west": 0.0, "other": pytest.approx(1 / 3)}
    assert cells_of(database, "m1", profile, "no such", **span) == []
    assert cells_of(database, "m2", profile, "income", **span) == []
