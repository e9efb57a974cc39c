"""Live scoring of events: the figures of a table in whatever calls; nothing lost, nothing bent.

That features are those of a table to the bit over a hundred thousand events is tested in
`tests/prepare/test_event_live.py`; here they are compared again, with their scores.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import barograph
from barograph.api.live import EventScorer
from barograph.core.arrays import AnyArray, FloatArray
from barograph.core.compiled import has_compiler
from barograph.core.errors import BundleError, DataError
from barograph.core.fitted_events import SECOND
from barograph.core.record_table import Records
from barograph.engines.scoring.answer import Predictor, load
from barograph.engines.scoring.event_records import event_records, names_of
from barograph.engines.scoring.live import SCORE_BYTES, LiveScorer
from barograph.engines.scoring.live_events import LiveAnswer, LiveEvent, instant
from barograph.engines.scoring.live_rows import LIVE_TOLERANCE
from barograph.engines.scoring.serving import figures
from barograph.prepare.record_columns import numbers
from small_events import as_live, bundle, labels_by_time, past_and_rest, small_fraud, world

Arrive = Callable[[LiveScorer, Sequence[LiveEvent]], list[LiveAnswer]]


@functools.cache
def predictor() -> Predictor:
    return load(bundle())


@functools.cache
def arriving() -> tuple[LiveEvent, ...]:
    return tuple(as_live(past_and_rest()[1]))


def sizes_of(*sizes: int) -> Arrive:
    """Events in micro-batches of these sizes, in turn."""

    def arrive(scorer: LiveScorer, events: Sequence[LiveEvent]) -> list[LiveAnswer]:
        answers: list[LiveAnswer] = []
        turn = 0
        while len(answers) < len(events):
            start = len(answers)
            answers += scorer.update_many(events[start : start + sizes[turn % len(sizes)]])
            turn += 1
        return answers

    return arrive


def one_by_one(scorer: LiveScorer, events: Sequence[LiveEvent]) -> list[LiveAnswer]:
    return [scorer.update(one) for one in events]


def told(scorer: LiveScorer, events: Sequence[LiveEvent], arrive: Arrive = one_by_one) -> list[LiveAnswer]:
    """Send events, and every label when it becomes known."""
    labels = [one for one in labels_by_time(world().events) if one[0] > started()]
    answers: list[LiveAnswer] = []
    for time, event_id, label in labels:
        before = [one for one in events[len(answers) :] if one.time < time]
        answers += arrive(scorer, before)
        scorer.learn(event_id, label, time)
    return answers + arrive(scorer, events[len(answers) :])


def started() -> int:
    """Newest time that the bundle has seen."""
    part = predictor().parts.events
    assert part is not None
    return int(part.state["events:watermark"][0])


@functools.cache
def live() -> tuple[LiveAnswer, ...]:
    return tuple(told(LiveScorer(predictor()), arriving()))


@functools.cache
def in_a_table() -> tuple[Records, FloatArray]:
    """The same events as records of a table, and their served figures."""
    records = event_records(world(), small_fraud()).records
    ids = {one.event_id for one in arriving()}
    rows = np.flatnonzero([name in ids for name in records.record_id])
    last = records.take(rows)
    return last, figures(predictor().parts, last)


def said(answers: Sequence[LiveAnswer]) -> list[tuple[Any, ...]]:
    """Answers to be compared to the bit, NaN included."""
    return [(*one[:4], np.array(one.row).tobytes()) for one in answers]


def same_rows(a: Sequence[LiveAnswer], b: Sequence[LiveAnswer]) -> bool:
    return [np.array(one.row).tobytes() for one in a] == [np.array(one.row).tobytes() for one in b]


def farthest(a: Sequence[LiveAnswer], b: Sequence[LiveAnswer]) -> float:
    """Largest difference between scores; infinite where one has none and the other does."""
    gaps = [0.0]
    for one, other in zip(a, b, strict=True):
        if one.score is None or other.score is None:
            gaps.append(0.0 if one.score is other.score else math.inf)
        else:
            gaps.append(abs(one.score - other.score))
    return max(gaps)


def same_arrays(a: Mapping[str, AnyArray], b: Mapping[str, AnyArray]) -> bool:
    return sorted(a) == sorted(b) and all(
        a[name].shape == b[name].shape and a[name].tobytes() == b[name].tobytes() for name in a
    )


def test_live_is_the_table_features_to_the_bit_and_scores_to_a_millionth() -> None:
    records, expected = in_a_table()
    answers = {one.event_id: one for one in live()}
    scorer = LiveScorer(predictor())
    table = numbers(records.table, scorer.names)
    assert records.n == len(answers) > 1_000
    for row, (name, figure) in enumerate(zip(records.record_id, expected, strict=True)):
        assert np.array(answers[name].row).tobytes() == table[row].tobytes()
        assert answers[name].score == pytest.approx(figure, abs=LIVE_TOLERANCE)
        assert answers[name].alert == ((answers[name].score or 0.0) > predictor().manifest.threshold)
    assert np.ptp(expected) > 0.01
    assert {one.status for one in live()} == {"new"}


def test_the_bundle_blends_a_table_network_a_sequence_network_and_a_baseline() -> None:
    parts = predictor().parts
    assert parts.stack is not None
    assert set(parts.networks) == {"tabm", "cnn"}
    assert parts.events is not None
    assert parts.live is not None
    assert parts.live.inputs == ("numbers", "steps")
    assert names_of(parts.events.plan, parts.events.graph) == LiveScorer(predictor()).names


def test_labels_told_live_move_scores() -> None:
    scorer = LiveScorer(predictor())
    untold = one_by_one(scorer, arriving())
    assert not same_rows(untold, live())


@pytest.mark.parametrize("sizes", [(64,), (1,), (2, 7, 1, 300), (100_000,)])
def test_micro_batches_of_any_sizes_give_the_same(sizes: tuple[int, ...]) -> None:
    answers = told(LiveScorer(predictor()), arriving(), sizes_of(*sizes))
    assert same_rows(answers, live())
    assert farthest(answers, live()) <= LIVE_TOLERANCE


@settings(max_examples=10)
@given(st.lists(st.integers(1, 90), min_size=1, max_size=6), st.integers(0, 2**16))
def test_any_split_gives_the_same_with_duplicates_and_refusals_among_them(
    sizes: list[int], seed: int
) -> None:
    random = np.random.default_rng(seed)
    events = [*arriving()[:150]]
    for place in random.integers(10, 150, 25).tolist():
        events.insert(place, events[place - int(random.integers(0, 9))])  # comes again
    events.insert(70, events[0]._replace(event_id="old", time=started() - 10**14))
    a, b = LiveScorer(predictor()), LiveScorer(predictor())
    single, batched = one_by_one(a, events), sizes_of(*sizes)(b, events)
    assert [one[:2] for one in single] == [one[:2] for one in batched]
    assert same_rows(single, batched)
    assert farthest(single, batched) <= LIVE_TOLERANCE
    assert {"new", "duplicate", "too_late"} <= {one.status for one in single}
    assert a.counts == b.counts


@pytest.mark.parametrize("arrive", [one_by_one, sizes_of(16)])
def test_a_restart_from_a_snapshot_loses_nothing(arrive: Arrive) -> None:
    events = arriving()[:640]
    through = LiveScorer(predictor())
    whole = arrive(through, events)
    stopped = LiveScorer(predictor())
    first = arrive(stopped, events[:320])
    stopped.learn(events[5].event_id, 1.0, events[319].time)
    through_too = LiveScorer(predictor())
    arrive(through_too, events[:320])
    through_too.learn(events[5].event_id, 1.0, events[319].time)
    back = LiveScorer.restored(predictor(), stopped.snapshot())
    again = arrive(back, [*events[300:320], *events[320:]])  # the last ones are sent again
    assert said(first) == said(whole[:320])
    assert [one.status for one in again[:20]] == ["duplicate"] * 20
    assert [one.score for one in again[:20]] == [one.score for one in whole[300:320]]
    assert said(again) == said(arrive(through_too, [*events[300:320], *events[320:]]))
    assert same_arrays(through_too.snapshot(), back.snapshot())


def test_a_snapshot_of_another_bundle_or_cut_short_is_refused() -> None:
    arrays = LiveScorer(predictor()).snapshot()
    for name in ("live:score", "events:actor", "graph:cents"):
        with pytest.raises(DataError):
            LiveScorer.restored(predictor(), {key: one for key, one in arrays.items() if key != name})
    longer = {**arrays, "live:score": np.zeros(arrays["live:score"].size + 1)}
    with pytest.raises(DataError, match="scores"):
        LiveScorer.restored(predictor(), longer)


def test_corrupting_later_events_changes_no_earlier_answer() -> None:
    events = arriving()[:300]
    garbage = [
        one._replace(amount=1e9 - i, time=one.time + 17 * SECOND, columns={"age": -1e20, "device": "garbage"})
        for i, one in enumerate(events[200:])
    ]
    clean = sizes_of(100)(LiveScorer(predictor()), events)
    bent = sizes_of(100)(LiveScorer(predictor()), [*events[:200], *garbage])
    assert said(clean[:200]) == said(bent[:200])
    assert [a.score for a in clean[200:]] != [b.score for b in bent[200:]]
    assert all(one.score is not None and 0.0 < one.score < 1.0 for one in bent)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "before 2000": ({"time": 0}, "bad_time"),
    "1970 in seconds": ({"time": 1_700_000_000}, "bad_time"),
    "2090": ({"time": instant("2090-01-01T00:00:00Z")}, "bad_time"),
    "too late": ({"time": -2 * 86_400 * SECOND}, "too_late"),
    "amount not a number": ({"amount": math.nan}, "bad_amount"),
    "amount infinite": ({"amount": math.inf}, "bad_amount"),
    "amount too large": ({"amount": 1e11}, "bad_amount"),
    "text for a number": ({"columns": {"age": "old", "device": "web"}}, "bad_column"),
    "infinite column": ({"columns": {"age": math.inf, "device": "web"}}, "bad_column"),
    "number for a text": ({"columns": {"age": 1.0, "device": 3}}, "bad_column"),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_what_is_refused_has_no_score_and_changes_nothing_but_a_count(name: str) -> None:
    change, status = BAD[name]
    scorer = LiveScorer(predictor())
    events = arriving()[:40]
    one_by_one(scorer, events[:20])
    before, counted = scorer.snapshot(), scorer.counts
    if name == "too late":
        change = {"time": events[19].time + change["time"]}
    answer = scorer.update(events[20]._replace(event_id="bad", **change))
    assert answer == ("bad", status, None, False, ())
    assert scorer.counts == {**counted, status: counted[status] + 1}
    after = scorer.snapshot()
    told_apart = {key for key in before if before[key].tobytes() != after[key].tobytes()}
    assert told_apart == {"live:bad_columns" if status == "bad_column" else "events:counts"}
    untouched = LiveScorer(predictor())
    one_by_one(untouched, events[:20])
    assert said(one_by_one(scorer, events[20:])) == said(one_by_one(untouched, events[20:]))


def test_refunds_unknown_accounts_and_absent_columns_are_scored() -> None:
    scorer = LiveScorer(predictor())
    model = arriving()[0]
    odd = {
        "refund": model._replace(amount=-12.5),
        "nothing": model._replace(amount=0.0),
        "unknown": model._replace(actor="never seen", counterparty="neither"),
        "nobody": model._replace(counterparty=""),
        "no columns": model._replace(columns={}),
        "empty columns": model._replace(columns={"age": None, "device": None, "further": object()}),
        "not a number": model._replace(columns={"age": math.nan, "device": ""}),
    }
    for place, (name, event) in enumerate(odd.items()):
        answer = scorer.update(event._replace(event_id=name, time=model.time + place))
        assert answer.status == "new"
        assert answer.score is not None
        assert 0.0 < answer.score < 1.0


def test_a_duplicate_is_answered_as_the_first_time_and_scored_once() -> None:
    scorer = LiveScorer(predictor())
    first = scorer.update(arriving()[0])
    others = one_by_one(scorer, arriving()[1:30])
    again = scorer.update(arriving()[0]._replace(columns={"device": 5}))
    assert again.status == "duplicate"
    assert again.score == first.score
    assert again.alert == first.alert
    assert np.array(again.row).tobytes() == np.array(first.row).tobytes()
    assert len(scorer.snapshot()["live:score"]) == 1 + len(others)


def from_before() -> tuple[list[LiveEvent], FloatArray]:
    """Events of the bundle's last day, and their figures as records of a table of the past."""
    past = past_and_rest()[0]
    events = as_live(past.events)
    recent = [one for one in events if one.time >= started() - 86_400 * SECOND]
    records = event_records(past, small_fraud()).records
    place = {name: row for row, name in enumerate(records.record_id.tolist())}
    rows = np.array([place[one.event_id] for one in recent])
    return recent, figures(predictor().parts, records.take(rows))


@pytest.mark.parametrize("arrive", [one_by_one, sizes_of(7)], ids=["one", "seven"])
def test_an_event_from_before_the_bundle_is_scored_as_it_was_then_and_only_once(arrive: Arrive) -> None:
    events, expected = from_before()
    assert len(events) > 50
    scorer = LiveScorer(predictor())
    answers = arrive(scorer, events)
    assert {one.status for one in answers} == {"duplicate"}
    assert max(abs(one.score - p) for one, p in zip(answers, expected, strict=True)) <= LIVE_TOLERANCE
    others = arrive(scorer, arriving()[:20])
    moved = [one._replace(amount=one.amount + 1_000.0, time=one.time + 5) for one in events]
    again = arrive(scorer, [one for one in moved if one.time >= scorer._events.recent])
    kept = {one.event_id: said([one]) for one in answers}
    assert again
    assert all(said([one]) == kept[one.event_id] for one in again)
    assert said(others) == said(arrive(LiveScorer(predictor()), arriving()[:20]))  # they moved nothing


def test_an_event_from_before_the_bundle_that_comes_twice_in_one_batch_is_scored_once() -> None:
    last = from_before()[0][-1]
    scorer = LiveScorer(predictor())
    first, second = scorer.update_many([last, last._replace(amount=1.0)])
    assert first.score is not None
    assert said([first]) == said([second])
    assert scorer.snapshot()["live:score"].size == 1


@pytest.mark.parametrize(
    "change", [{"columns": {"age": "old"}}, {"actor": "nobody ever"}], ids=["bad column", "another actor"]
)
def test_an_event_from_before_that_does_not_say_what_it_said_has_its_features_and_no_score(
    change: dict[str, Any],
) -> None:
    last = from_before()[0][-1]
    answer = LiveScorer(predictor()).update(last._replace(**change))
    assert (answer.status, answer.score, answer.alert) == ("duplicate", None, False)
    assert answer.row


def test_scores_are_forgotten_with_the_answers_and_take_no_more_than_stated() -> None:
    scorer = LiveScorer(predictor())
    one_by_one(scorer, arriving())
    kept = scorer.snapshot()
    day = 86_400 * SECOND
    newest = arriving()[-1].time
    assert kept["live:time"].min() >= newest - day
    assert kept["live:score"].size == sum(one.time >= newest - day for one in arriving())
    assert scorer.bytes_at_most > SCORE_BYTES * kept["live:score"].size
    one = sys.getsizeof((1, "x")) + 2 * sys.getsizeof(1 << 50) + sys.getsizeof(0.5) + 16
    table = max(sys.getsizeof(dict.fromkeys(range(n))) / n for n in range(100, 3_000, 7))
    assert one + table <= SCORE_BYTES


def test_part_by_part_gives_the_same_where_there_is_no_live_graph() -> None:
    ours = predictor()
    assert ours.parts.events is not None
    without = dataclasses.replace(ours.parts, live=None)
    slow = LiveScorer(Predictor(ours.bundle, without, ours.checks))
    events = arriving()[:120]
    fast = LiveScorer(ours)
    expected = one_by_one(fast, events)
    answers = [*slow.update_many(events[:118]), *one_by_one(slow, events[118:])]
    assert same_rows(answers, expected)
    assert farthest(answers, expected) <= LIVE_TOLERANCE


def plain(event: LiveEvent) -> dict[str, Any]:
    when = datetime.fromtimestamp(event.time / SECOND, UTC).isoformat()
    names = ("event_id", "actor", "counterparty", "amount")
    return {"time": when, **{name: getattr(event, name) for name in names}, **event.columns}


def test_from_python_a_bundle_on_events_scores_learns_and_restarts() -> None:
    model = barograph.load(bundle())
    assert isinstance(model, EventScorer)
    first = model.update(plain(arriving()[0]))
    expected = LiveScorer(predictor()).update(arriving()[0])
    assert first["score"] == expected.score
    assert tuple(first["features"]) == model.scorer.names
    assert first["features"]["amount"] == arriving()[0].amount
    kept = model.snapshot()
    many = model.update_many([plain(one) for one in arriving()[1:10]])
    assert [one["status"] for one in many] == ["new"] * 9
    assert model.learn(arriving()[1].event_id, 1.0, datetime(2024, 3, 1, tzinfo=UTC)) == "learned"
    model.restore(kept)
    again = model.update_many([plain(one) for one in arriving()[1:10]])
    assert repr(again) == repr(many)
    assert model.manifest["study"] == "operational/fraud"


@pytest.mark.parametrize(
    "change",
    [
        {"time": "2024-02-10T10:00:00"},
        {"time": "yesterday"},
        {"time": 1.5},
        {"time": None},
        {"amount": "5"},
        {"amount": None},
        {"amount": True},
        {"event_id": ""},
        {"actor": None},
        {"counterparty": 2.5},
    ],
)
def test_what_cannot_be_read_says_so_and_takes_nothing_in(change: dict[str, Any]) -> None:
    model = barograph.load(bundle())
    assert isinstance(model, EventScorer)
    good = [plain(one) for one in arriving()[:3]]
    before = model.snapshot()
    with pytest.raises(DataError, match="nothing was taken in"):
        model.update_many([*good, {**good[0], **change}])
    assert same_arrays(before, model.snapshot())


def test_an_event_too_far_ahead_of_the_clock_is_refused_and_makes_none_of_today_too_late() -> None:
    now = arriving()[-1].time / SECOND
    model = EventScorer(predictor(), LiveScorer(predictor()), clock=lambda: now)
    calm = EventScorer(predictor(), LiveScorer(predictor()), clock=lambda: now)
    events = [plain(one) for one in arriving()[:40]]
    expected = [calm.update(one) for one in events]
    day, hour, century = 86_400, 3_600, 66 * 365 * 86_400
    for number, (one, answer) in enumerate(zip(events, expected, strict=True)):
        far = datetime.fromtimestamp(now + (day + 1, century)[number % 2], UTC).isoformat()
        (refused,) = model.update_many([{**one, "event_id": f"far-{number}", "time": far}])
        assert (refused["status"], refused["score"], refused["features"]) == ("bad_time", None, {})
        ancient = model.update({**one, "event_id": f"old-{number}", "time": "1970-01-01T00:00:00Z"})
        assert ancient["status"] == "bad_time"
        assert repr(model.update(one)) == repr(answer)
    soon = datetime.fromtimestamp(now + hour, UTC).isoformat()
    assert model.update({**events[0], "event_id": "soon", "time": soon})["status"] == "new"
    table = model.predict([{**events[0], "event_id": "far", "time": far}, {**events[1], "event_id": "near"}])
    assert table["status"][0] == "bad_time"
    assert table["probability"][0] is None


def test_a_check_of_the_bundle_says_how_its_features_are_made_here() -> None:
    found = {check["name"]: check["detail"] for check in barograph.verify(bundle())}
    wanted = "compiled" if has_compiler() else "in plain Python: the extra [fast] is not installed"
    assert found["live features"] == wanted


def test_times_are_read_with_their_zone() -> None:
    noon = 1_714_557_600 * SECOND
    assert instant("2024-05-01T12:00:00+02:00") == instant("2024-05-01T10:00:00Z") == noon
    assert instant(datetime(2024, 5, 1, 10, tzinfo=UTC)) == instant(noon) == noon
    assert instant("2024-05-01T10:00:00.000007Z") == noon + 7


def test_a_bundle_on_records_is_refused() -> None:
    ours = predictor()
    records = Predictor(ours.bundle, dataclasses.replace(ours.parts, events=None), ours.checks)
    with pytest.raises(BundleError, match="events"):
        LiveScorer(records)
