"""Monitors: drift, labels, exceptions, alerts; each against a plain computation of its own."""

from __future__ import annotations

import datetime as dt
import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from clocks import SetClock

from barograph.core.errors import BundleError, DataError, StorageError
from barograph.govern.alerts import Cause, close_alert, raise_alerts
from barograph.govern.monitors import (
    InputCounts,
    alert_precision,
    drift_of,
    estimate_of,
    exceptions_of,
    note_loss,
    note_scores,
    note_var,
    performance_of,
    profile_of,
)
from barograph.govern.outcomes import Outcome, record_outcomes
from barograph.govern.storage import Database
from barograph.govern.tables import input_counts
from barograph.measures.credit.stability import psi_of

STUDY, MODEL = "credit/default", "m1"
DAY = dt.date(2026, 3, 3)
LEVELS = [i / 10 for i in range(11)]


def trained(seed: int = 0, n: int = 5_000) -> tuple[dict[str, Any], np.ndarray]:
    draw = np.random.default_rng(seed)
    amount = draw.lognormal(size=n)
    plain = {
        "levels": LEVELS,
        "rows": n,
        "numeric": {
            "amount": {"missing": 0.1, "quantiles": np.quantile(amount, LEVELS).tolist()},
            "flag": {"missing": 0.0, "quantiles": [0.0] * 8 + [1.0] * 3},
            "empty": {"missing": 1.0, "quantiles": [None] * 11},
        },
        "categorical": {"state": {"NY": 0.5, "CA": 0.3, "other": 0.2}},
        "figure": np.quantile(draw.uniform(size=n), LEVELS).tolist(),
    }
    return plain, amount


def records(seed: int, n: int = 4_000, *, scale: float = 1.0, state: float = 0.5) -> list[dict[str, Any]]:
    draw = np.random.default_rng(seed)
    amounts = scale * draw.lognormal(size=n)
    gaps, flags, places = draw.uniform(size=n) < 0.1, draw.uniform(size=n) < 0.2, draw.uniform(size=n)
    return [
        {"amount": None if gap else float(a), "flag": float(f), "empty": None}
        | {"state": "NY" if p < state else "CA" if p < state + 0.3 else "TX"}
        for a, gap, f, p in zip(amounts, gaps, flags, places, strict=True)
    ]


def drifts(database: Database, rows: list[dict[str, Any]]) -> dict[str, Any]:
    profile = profile_of(trained()[0])
    counts = InputCounts(MODEL, profile)
    figures = np.random.default_rng(9).uniform(size=len(rows))
    counts.count(rows, figures.tolist(), DAY)
    counts.flush(database)
    return {one.name: one for one in drift_of(database, MODEL, profile, since=DAY, until=DAY)}


def test_records_like_those_of_training_are_stable(database: Database) -> None:
    found = drifts(database, records(1))
    assert set(found) == {"amount", "flag", "empty", "state", ""}
    assert {one.band for one in found.values()} == {"stable"}
    assert all(one.index < 0.01 and one.records == 4_000 for one in found.values())


def test_what_moved_is_named_with_its_cell(database: Database) -> None:
    found = drifts(database, records(1, scale=3.0, state=0.05))
    assert (found["amount"].band, found["flag"].band, found["state"].band) == ("shifted", "stable", "shifted")
    assert (found["state"].worst, found["state"].share_then) == ("NY", 0.5)
    assert found["state"].share_now == pytest.approx(0.05, abs=0.02)


def test_the_index_is_that_of_measures_over_the_same_bins(database: Database) -> None:
    plain, amount = trained()
    rows = [{**row, "amount": row["amount"] or 1.0} for row in records(2, scale=1.5)]
    plain["numeric"]["amount"]["missing"] = 0.0
    profile = profile_of(plain)
    counts = InputCounts(MODEL, profile)
    counts.count(rows, [], DAY)
    counts.flush(database)
    found = {one.name: one for one in drift_of(database, MODEL, profile, since=DAY, until=DAY)}
    edges = np.quantile(amount, LEVELS[1:-1])
    assert found["amount"].index == pytest.approx(
        psi_of(amount, [row["amount"] for row in rows], edges).index, abs=1e-6
    )


def test_few_records_raise_no_alarm(database: Database) -> None:
    assert drifts(database, records(3, n=199))["amount"].band == "unknown"
    assert drifts(database, records(4, n=1))["amount"].band == "stable"  # now there are 200


def test_workers_add_to_the_same_counts_and_days_add_up(database: Database) -> None:
    profile = profile_of(trained()[0])

    def work(number: int) -> None:
        counts = InputCounts(MODEL, profile)
        for day in (DAY, DAY + dt.timedelta(days=1)):
            counts.count(records(number, n=50), [0.5] * 50, day)
            counts.flush(database)
        counts.flush(database)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    two_days = drift_of(database, MODEL, profile, since=DAY, until=DAY + dt.timedelta(days=1))
    assert {one.records for one in two_days} == {400}
    one_day = drift_of(database, MODEL, profile, since=DAY, until=DAY)
    assert {one.records for one in one_day} == {200}
    assert drift_of(database, "other", profile, since=DAY, until=DAY) == []


def test_counts_that_could_not_be_kept_are_kept_next_time(database: Database) -> None:
    counts = InputCounts(MODEL, profile_of(trained()[0]))
    counts.count(records(1, n=10), [0.5] * 10, DAY)
    rename = "ALTER TABLE input_counts RENAME TO away", "ALTER TABLE away RENAME TO input_counts"
    database.write(lambda connection: connection.execute(sa.text(rename[0])))
    with pytest.raises(StorageError):
        counts.flush(database)
    database.write(lambda connection: connection.execute(sa.text(rename[1])))
    counts.flush(database)
    total = sa.select(sa.func.sum(input_counts.c.records)).where(input_counts.c.name == "amount")
    assert database.read(lambda c: c.scalar(total)) == 10


def test_a_forecasting_profile_is_read_too() -> None:
    profile = profile_of({"levels": LEVELS, "rows": 9, "features": {"vol": list(range(11))}})
    assert profile.inputs["vol"].cell(0.5) == "0"
    assert profile.inputs["vol"].cell(1.0) == "1"
    assert profile.inputs["vol"].cell(99) == "9"
    assert profile.inputs["vol"].cell(math.nan) == "missing"
    assert sum(profile.inputs["vol"].shares.values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "spoilt", [{}, {"levels": LEVELS}, {"levels": [0, 1], "rows": 1, "features": {"a": [1]}}]
)
def test_what_is_no_profile_is_refused(spoilt: dict[str, Any]) -> None:
    with pytest.raises(BundleError, match=r"profile\.json must hold"):
        profile_of(spoilt)


def span(clock: SetClock) -> dict[str, dt.datetime]:
    return {"since": clock.at - dt.timedelta(days=1), "until": clock.at + dt.timedelta(days=1)}


def test_labels_judge_what_was_scored_as_they_arrive(database: Database, clock: SetClock) -> None:
    draw = np.random.default_rng(0)
    figures = draw.uniform(size=300)
    bad = draw.uniform(size=300) < figures
    names = [f"e{number:03d}" for number in range(300)]
    note_scores(database, STUDY, MODEL, dict(zip(names, figures.tolist(), strict=True)))
    note_scores(database, STUDY, "other", dict.fromkeys(names, 0.5))
    before = performance_of(database, STUDY, MODEL, **span(clock))
    assert (before.labelled, before.waiting, math.isnan(before.auc)) == (0, 300, True)
    labels = [Outcome(name, float(one), clock.at) for name, one in zip(names[:200], bad[:200], strict=True)]
    record_outcomes(database, STUDY, [Outcome("e000", 1.0 - labels[0].label, clock.at)], by="ops")
    record_outcomes(database, STUDY, labels, by="ops")  # the first is a correction
    found = performance_of(database, STUDY, MODEL, **span(clock))
    scores, truth = figures[:200], bad[:200]
    pairs = [(a > b) + 0.5 * (a == b) for a in scores[truth] for b in scores[~truth]]
    assert (found.labelled, found.waiting, found.bad) == (200, 100, int(truth.sum()))
    assert found.auc == pytest.approx(np.mean(pairs))
    assert found.brier == pytest.approx(np.mean((scores - truth) ** 2))
    assert (found.expected, found.observed) == (pytest.approx(scores.mean()), pytest.approx(truth.mean()))
    assert abs(found.deviations) < 3.0
    assert performance_of(database, STUDY, "other", **span(clock)).auc == 0.5


def test_figures_that_are_too_low_are_many_deviations_off(database: Database, clock: SetClock) -> None:
    names = [f"e{number}" for number in range(100)]
    note_scores(database, STUDY, MODEL, dict.fromkeys(names, 0.1))
    record_outcomes(
        database, STUDY, [Outcome(one, float(n % 2), clock.at) for n, one in enumerate(names)], by="ops"
    )
    found = performance_of(database, STUDY, MODEL, **span(clock))
    assert found.deviations == pytest.approx((50 - 10) / 3.0)


def test_the_estimate_before_labels_is_what_calibrated_labels_say(
    database: Database, clock: SetClock
) -> None:
    draw = np.random.default_rng(5)
    figures = draw.beta(1.0, 4.0, size=400)
    note_scores(database, STUDY, MODEL, {f"e{n}": float(one) for n, one in enumerate(figures)})
    found = estimate_of(database, STUDY, MODEL, **span(clock))
    drawn = []
    for _ in range(300):
        bad = draw.uniform(size=400) < figures
        order = figures.argsort().argsort()
        wins = order[bad].sum() - bad.sum() * (bad.sum() - 1) / 2
        drawn.append(wins / (bad.sum() * (~bad).sum()))
    assert found.auc == pytest.approx(np.mean(drawn), abs=0.006)
    assert found.bad_rate == pytest.approx(figures.mean())
    assert found.brier == pytest.approx((figures * (1 - figures)).mean())
    nothing = estimate_of(database, STUDY, "other", **span(clock))
    assert (nothing.records, math.isnan(nothing.auc)) == (0, True)


def test_the_first_figure_of_an_event_stays_and_only_probabilities_are_kept(
    database: Database, clock: SetClock
) -> None:
    note_scores(database, STUDY, MODEL, {"a": 0.2})
    note_scores(database, STUDY, MODEL, {"a": 0.9})
    note_scores(database, STUDY, MODEL, {})
    assert estimate_of(database, STUDY, MODEL, **span(clock)).bad_rate == pytest.approx(0.2)
    for wrong in (math.nan, 1.1, -0.1):
        with pytest.raises(DataError, match="must be a probability"):
            note_scores(database, STUDY, MODEL, {"b": wrong})


def test_alerts_are_counted_by_what_they_turned_out_to_be(database: Database, clock: SetClock) -> None:
    for number, end in enumerate(("fraud", "fraud", "false_alarm", "accepted", None)):
        cause = Cause(
            key=str(number), study=STUDY, kind="score", figure="p", value=0.9, threshold=0.5,
            severity="hard", subject=str(number),
        )  # fmt: skip
        alert = raise_alerts(database, [cause])[0]
        if end is not None:
            close_alert(database, alert.id, disposition=end, by="ops")
    found = alert_precision(database, STUDY, **span(clock))
    assert (found.fraud, found.false_alarm, found.open) == (2, 1, 1)
    assert found.precision == pytest.approx(2 / 3)
    assert math.isnan(alert_precision(database, "other", **span(clock)).precision)


def test_exceptions_turn_the_light(database: Database) -> None:
    days = [DAY + dt.timedelta(days=number) for number in range(250)]
    for number, day in enumerate(days):
        note_var(database, STUDY, MODEL, day, {"book": 1.0, "calm": 1.0}, alpha=0.01)
        note_loss(database, STUDY, day, {"book": 2.0 if number % 40 == 0 else 0.5, "calm": -3.0})
    note_var(database, STUDY, MODEL, days[-1] + dt.timedelta(days=1), {"book": 1.0}, alpha=0.01)
    found = {one.entity: one for one in exceptions_of(database, STUDY, MODEL)}
    book = found["book"]
    assert (book.days, book.waiting, book.light.exceptions, book.light.zone) == (250, 1, 7, "yellow")
    assert book.last == days[240]
    assert (found["calm"].light.exceptions, found["calm"].last) == (0, None)
    assert {one.light.exceptions for one in exceptions_of(database, STUDY, MODEL, window=50)} == {0, 2}


def test_a_statement_after_the_loss_of_its_day_is_held_against_the_loss_that_was_told(
    database: Database,
) -> None:
    note_var(database, STUDY, MODEL, DAY, {"book": 1.0}, alpha=0.01)
    assert note_loss(database, STUDY, DAY, {"book": 2.0}) == 1
    note_var(database, STUDY, "late", DAY, {"book": 3.0, "other": 1.0}, alpha=0.01)
    assert note_loss(database, STUDY, DAY, {"book": 9.0}) == 0
    (late,) = (one for one in exceptions_of(database, STUDY, "late") if one.entity == "book")
    assert (late.days, late.waiting, late.light.exceptions) == (1, 0, 0)
    (other,) = (one for one in exceptions_of(database, STUDY, "late") if one.entity == "other")
    assert (other.days, other.waiting) == (0, 1)


def test_what_was_stated_first_stays(database: Database) -> None:
    note_var(database, STUDY, MODEL, DAY, {"book": 1.0}, alpha=0.01)
    note_var(database, STUDY, MODEL, DAY, {"book": 9.0}, alpha=0.01)
    assert note_loss(database, STUDY, DAY, {"book": 2.0, "unknown": 2.0}) == 1
    assert note_loss(database, STUDY, DAY, {"book": 0.0}) == 0
    (found,) = exceptions_of(database, STUDY, MODEL)
    assert found.light.exceptions == 1
    with pytest.raises(DataError, match="finite"):
        note_var(database, STUDY, MODEL, DAY, {"book": math.nan}, alpha=0.01)
    with pytest.raises(DataError, match="finite"):
        note_loss(database, STUDY, DAY, {"book": math.inf})
