"""Who owns a stream: stand-bys, those who were overtaken, and what is trimmed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from barograph.api.answer import load
from barograph.api.live import EventScorer
from barograph.core.errors import StorageError
from barograph.deploy.state import FolderStore
from barograph.deploy.state_redis import PREFIX
from barograph.service.watch.answering import Answerer
from barograph.service.watch.entries import reader
from barograph.service.watch.start import store_at
from barograph.service.watch.streams import Streams
from barograph.service.watch.worker import Worker
from small_events import bundle
from small_watch import Place, a_place, alone, arriving, as_entry, assert_equal


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with a_place(tmp_path) as made:
        yield made


def _workers(place: Place, n: int) -> list[Worker]:
    """Workers on one place, none of which has begun."""
    found = []
    for _ in range(n):
        scorer = load(bundle())
        assert isinstance(scorer, EventScorer)
        read = reader(scorer.scorer.numeric)
        streams = Streams(place.client, place.name, f"{place.name}:scores", "barograph", read)
        store = FolderStore(place.folder / "states")
        found.append(Worker(Answerer(scorer, "m"), streams, store, "s", "b", lambda *_: None, every=3600.0))
    return found


def test_a_stand_by_that_is_stopped_leaves_the_owner_s_state_alone(place: Place) -> None:
    place.add([as_entry(one) for one in arriving(20)])
    first, second = _workers(place, 2)
    first.run(until_idle=True)
    kept = first.store.load("s")
    second.stopped = True
    second._serve(until_idle=False)
    after = first.store.load("s")
    assert kept is not None
    assert after is not None
    assert after["watch:position"].tobytes() == kept["watch:position"].tobytes()


def test_a_stand_by_goes_on_from_what_was_kept_meanwhile(place: Place) -> None:
    """It began before the owner's snapshot, and the stream was trimmed since: its own state is of no use."""
    events = arriving(60)
    owner, other = _workers(place, 2)
    other.store.load("s")  # nothing yet
    place.add([as_entry(one) for one in events[:40]])
    owner.run(until_idle=True)
    place.client.xtrim(place.name, maxlen=0, approximate=False)
    place.add([as_entry(one) for one in events[40:]])
    other.run(until_idle=True)
    assert_equal(list(place.answers().values()), alone(events))


def test_who_was_overtaken_while_it_answered_writes_nothing_and_skips_nothing(place: Place) -> None:
    events = arriving(60)
    first, second = _workers(place, 2)
    place.add([as_entry(one) for one in events[:20]])
    assert first.streams.lease.owned()
    first.streams.log.prepare(first.position)
    entries, found = first.streams.log.after(first.position)
    first._look_for_gaps(found)
    first._take(entries)  # answered, not written: now it sleeps for longer than its lease
    place.client.delete(f"barograph:watch:{place.name}:barograph")
    second.run(until_idle=True)
    place.add([as_entry(one) for one in events[20:40]])
    assert second.streams.lease.owned()
    assert first._write() is False
    second.streams.lease.release()
    first.run(until_idle=True)
    place.add([as_entry(one) for one in events[40:]])
    second.run(until_idle=True)
    assert_equal(list(place.answers().values()), alone(events))


def test_entries_trimmed_while_it_works_are_missed_at_once(place: Place) -> None:
    events = arriving(60)
    place.add([as_entry(one) for one in events[:20]])
    (worker,) = _workers(place, 1)
    worker.run(until_idle=True)
    place.add([as_entry(one) for one in events[20:]])
    place.client.xtrim(place.name, maxlen=10, approximate=False)
    assert worker.streams.lease.owned()
    with pytest.raises(StorageError, match="30 or more were deleted"):
        worker._work(True)


def test_who_was_overtaken_while_it_kept_its_state_leaves_the_owner_s_state_alone(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, name = arriving(40), f"{place.name}-state"
    first, second = _workers(place, 2)
    for one in (first, second):
        one.store, one.name = store_at(place.url, place.url, one.streams.lease), name
    place.add([as_entry(one) for one in events[:20]])
    first.run(until_idle=True)
    assert first.streams.lease.owned()
    place.add([as_entry(one) for one in events[20:30]])
    entries, _ = first.streams.log.after(first.position)
    first._take(entries)
    assert first._write()
    slow, plain = first.answerer.scorer, EventScorer.snapshot

    def snapshot(self: EventScorer) -> Any:
        found = plain(self)
        if self is slow:  # for longer than its lease
            place.client.delete(f"barograph:watch:{place.name}:barograph")
            place.add([as_entry(one) for one in events[30:]])
            second.run(until_idle=True)
        return found

    monkeypatch.setattr(EventScorer, "snapshot", snapshot)
    try:
        first._snapshot()
        kept = second.store.load(name)
        assert kept is not None
        assert kept["watch:position"].tobytes() == second.position
        assert first._saved != first.position
    finally:
        place.client.delete(f"{PREFIX}{name}")
