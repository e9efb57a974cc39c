"""The stream worker: every entry is answered once, as one scorer would have answered it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from barograph.api.answer import load
from barograph.api.live import AHEAD, EventScorer
from barograph.core.errors import SettingError, StorageError
from barograph.core.fitted_events import SECOND
from barograph.deploy.state import FolderStore
from barograph.service.shared.lease import Lease
from barograph.service.watch.start import Wanted, server_and_stream, state_name, store_at, watch
from small_events import bundle
from small_watch import Fields, Place, a_place, alone, arriving, as_entry, assert_equal


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with a_place(tmp_path) as made:
        yield made


def test_every_event_is_answered_under_its_own_id_as_one_scorer_would(place: Place) -> None:
    events = arriving(300)
    events[20] = events[3]
    keys = place.add([as_entry(one) for one in events])
    counts = watch(place.wanted(), until_idle=True)
    found = place.answers()
    assert list(found) == keys
    assert_equal(list(found.values()), alone(events))
    assert counts["duplicate"] == 1
    assert place.client.xpending(place.name, "barograph")["pending"] == 0


def test_a_worker_goes_on_with_the_state_of_the_one_before(place: Place) -> None:
    events = arriving(200)
    place.add([as_entry(one) for one in events[:120]])
    watch(place.wanted(), until_idle=True)
    place.add([as_entry(one) for one in events[120:]])
    counts = watch(place.wanted(), until_idle=True)
    assert sum(counts.values()) == 80
    assert_equal(list(place.answers().values()), alone(events))


def test_plain_fields_say_the_same_as_json(place: Place) -> None:
    event = arriving(1)[0]
    plain = {**event.columns, **event._asdict()}
    plain.pop("columns")
    place.add([{key: "" if value is None else str(value) for key, value in plain.items()}])
    watch(place.wanted(), until_idle=True)
    assert_equal(list(place.answers().values()), alone([event]))


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"event": '{"event_id": 1, "time": 1, "actor": "a", "amount": 1' + "0" * 400 + "}"}, "amount"),
        ({"event": '{"event_id": "\\ud800", "time": 1, "actor": "a", "amount": 1}'}, "written down"),
        ({"outcome": '{"event_id": "\\ud800", "label": 1}'}, "written down"),
        ({"event": "{"}, "cannot be read"),
        ({"event": "[1]"}, "no JSON object"),
        ({"event": '{"event_id": 1}'}, "amount"),
        ({"event": "[" * 100_000}, "cannot be read"),
        ({"amount": "many"}, "cannot be read"),
        ({"other": "1"}, "amount"),
        ({"outcome": '{"event_id": "x4286"}'}, "label"),
        ({"outcome": '{"label": 1}'}, "event_id"),
        ({"outcome": '{"event_id": "x4286", "label": 1, "known_at": "soon"}'}, "time of the label"),
    ],
    ids=[
        "digits",
        "half a sign",
        "half a sign told",
        "cut",
        "list",
        "incomplete",
        "deep",
        "no number",
        "stranger",
        "no label",
        "nobody",
        "no instant",
    ],
)
def test_what_cannot_be_read_is_answered_so_and_stops_nothing(
    place: Place, fields: Fields, word: str
) -> None:
    event = arriving(1)[0]
    place.add([fields, as_entry(event)])
    watch(place.wanted(), until_idle=True)
    bad, good = place.answers().values()
    assert bad["status"] == "unreadable"
    assert word in bad["detail"]
    assert_equal([good], alone([event]))


def test_an_outcome_counts_from_its_place_in_the_stream_on(place: Place) -> None:
    events = arriving(60)
    labels = {one.event_id: float(n % 2) for n, one in enumerate(events[:30])}
    outcomes = [
        {"outcome": json.dumps({"event_id": name, "label": label, "known_at": events[30].time})}
        for name, label in labels.items()
    ]
    place.add([*map(as_entry, events[:30]), *outcomes, *map(as_entry, events[30:])])
    watch(place.wanted(), until_idle=True)
    scorer = load(bundle())
    assert isinstance(scorer, EventScorer)
    scorer.take(events[:30])
    statuses = [scorer.learn(name, label, events[30].time) for name, label in labels.items()]
    told = [
        {"event_id": one.event_id, "status": one.status, "score": one.score}
        for one in scorer.take(events[30:])
    ]
    found = list(place.answers().values())
    assert [one["status"] for one in found[30:60]] == statuses
    assert_equal(found[60:], told)


def test_an_event_ahead_of_its_own_entry_is_refused_whatever_it_is_read_with(place: Place) -> None:
    """Also when the stream is read again much later: the clock is the entry's, not the reader's."""
    first, second = arriving(2)
    ahead = second._replace(time=int((time.time() + AHEAD - 60) * SECOND))
    entries = [as_entry(one) for one in (first, ahead)]
    long_ago = int((time.time() - 7200) * 1000)
    for n, one in enumerate(entries):
        place.client.xadd(place.name, one, id=f"{long_ago + n}-0")
    place.add([as_entry(second), {"event": "{}"}])  # by the clock of these, it would lie ahead no more
    watch(place.wanted(), until_idle=True)
    assert [one["status"] for one in place.answers().values()] == ["new", "bad_time", "new", "unreadable"]


def test_entries_deleted_before_they_were_read_are_missed_loudly(place: Place) -> None:
    events = arriving(40)
    place.add([as_entry(one) for one in events[:10]])
    watch(place.wanted(), until_idle=True)
    place.add([as_entry(one) for one in events[10:]])
    place.client.xtrim(place.name, maxlen=5, approximate=False)
    with pytest.raises(StorageError, match="25 or more were deleted from it"):
        watch(place.wanted(), until_idle=True)


def test_an_entry_deleted_from_the_middle_is_missed_too(place: Place) -> None:
    events = arriving(20)
    place.add([as_entry(one) for one in events[:10]])
    watch(place.wanted(), until_idle=True)
    keys = place.add([as_entry(one) for one in events[10:]])
    place.client.xdel(place.name, keys[4])
    with pytest.raises(StorageError, match="1 or more were deleted from it"):
        watch(place.wanted(), until_idle=True)


def test_a_stream_that_begins_anew_is_gone_on_with(place: Place) -> None:
    events = arriving(40)
    place.add([as_entry(one) for one in events[:30]])
    watch(place.wanted(), until_idle=True)
    place.client.delete(place.name)
    place.add([as_entry(one) for one in events[30:]])
    watch(place.wanted(), until_idle=True)
    assert_equal(list(place.answers().values()), alone(events))


def test_only_so_many_answers_are_kept(place: Place) -> None:
    place.add([as_entry(one) for one in arriving(500)])
    counts = watch(place.wanted(keep=100), until_idle=True)
    assert sum(counts.values()) == 500
    assert 100 <= len(place.answers()) < 300


def test_entries_deleted_after_they_were_taken_in_are_not_missed(place: Place) -> None:
    events = arriving(40)
    place.add([as_entry(one) for one in events[:30]])
    watch(place.wanted(), until_idle=True)
    place.client.xtrim(place.name, maxlen=0, approximate=False)
    place.add([as_entry(one) for one in events[30:]])
    watch(place.wanted(), until_idle=True)
    assert_equal(list(place.answers().values()), alone(events))


def test_another_writer_in_the_stream_of_answers_is_found(place: Place) -> None:
    place.add([as_entry(arriving(1)[0])])
    place.client.xadd(f"{place.name}:scores", {"answer": "{}"})
    with pytest.raises(StorageError, match="only writer"):
        watch(place.wanted(), until_idle=True)


def test_a_state_of_another_bundle_is_refused(place: Place) -> None:
    place.add([as_entry(arriving(1)[0])])
    watch(place.wanted(), until_idle=True)
    store = FolderStore(place.folder / "state")
    server, stream = server_and_stream(f"{place.url}/{place.name}")
    name = state_name(server, stream, "barograph")
    arrays = store.load(name)
    assert arrays is not None
    store.save(name, {**arrays, "watch:bundle": arrays["watch:bundle"][::-1]})
    with pytest.raises(StorageError, match="another --group"):
        watch(place.wanted(), until_idle=True)


def test_a_column_with_hundreds_of_digits_stops_nothing(place: Place) -> None:
    first, second = arriving(2)
    plain = json.loads(as_entry(first)["event"]) | {"age": int("9" * 400)}
    place.add([{"event": json.dumps(plain)}, as_entry(second)])
    watch(place.wanted(), until_idle=True)
    assert [one["status"] for one in place.answers().values()] == ["new", "new"]


def test_each_group_has_answers_of_its_own(place: Place) -> None:
    events = arriving(30)
    place.add([as_entry(one) for one in events])
    watch(place.wanted(), until_idle=True)
    watch(place.wanted(group="other"), until_idle=True)
    others = place.client.xrange(f"{place.name}:other:scores")
    assert [json.loads(fields[b"answer"]) for _, fields in others] == list(place.answers().values())


def test_answers_of_another_model_are_not_taken_for_its_own(place: Place) -> None:
    (key,) = place.add([as_entry(arriving(1)[0])])
    place.client.xadd(f"{place.name}:scores", {"answer": '{"model":"another","event_id":"x"}'}, id=key)
    with pytest.raises(StorageError, match="another answer"):
        watch(place.wanted(), until_idle=True)


def test_states_of_other_places_have_other_names() -> None:
    made = {
        state_name(*server_and_stream(source), group)
        for source in ("redis://a/0/x/y", "redis://b/0/x/y", "redis://a/1/x/y", "redis://a/0/x-y")
        for group in ("barograph", "other")
    }
    assert len(made) == 8
    assert all(len(one) <= 100 for one in (*made, state_name("redis://a/0", "x" * 300, "g")))


def test_a_key_that_is_no_stream_is_refused(place: Place) -> None:
    place.client.set(place.name, "text")
    with pytest.raises(StorageError, match="must be a stream"):
        watch(place.wanted(), until_idle=True)


def test_a_server_that_does_not_answer_is_named() -> None:
    with pytest.raises(StorageError, match=r"must answer at 127\.0\.0\.1"):
        watch(Wanted(bundle(), "redis://127.0.0.1:1/0/payments", None, "state"))


@pytest.mark.parametrize(
    "source",
    ["unix:///run/redis.sock/x", "payments", "redis://127.0.0.1:6379", "http://host/x", "redis://h/"],
)
def test_what_is_no_stream_s_address_is_refused(source: str) -> None:
    with pytest.raises(SettingError, match="--from must be redis://"):
        server_and_stream(source)


def test_an_address_without_a_database_means_the_first() -> None:
    assert server_and_stream("redis://h:1/payments") == ("redis://h:1/0", "payments")
    assert server_and_stream("rediss://h/3/a/b") == ("rediss://h/3", "a/b")


def test_a_state_lies_in_a_folder_or_in_redis(tmp_path: Path) -> None:
    server, lease = "redis://h:1/0", Lease(None, "of no server")
    assert isinstance(store_at(str(tmp_path), server, lease), FolderStore)
    with pytest.raises(SettingError, match="--state must be"):
        store_at("postgresql://host/bank", server, lease)


def test_the_state_may_lie_in_redis(place: Place) -> None:
    events = arriving(60)
    place.add([as_entry(one) for one in events[:30]])
    watch(place.wanted(state=place.url), until_idle=True)
    place.add([as_entry(one) for one in events[30:]])
    counts = watch(place.wanted(state=place.url), until_idle=True)
    assert sum(counts.values()) == 30
    assert_equal(list(place.answers().values()), alone(events))
