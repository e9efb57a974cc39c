"""What fails between a model and the journal of its study; challengers that are let go."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from barograph.api.live import EventScorer
from barograph.core.errors import StorageError
from barograph.service.memory import EVENTS, Memory
from barograph.service.rolling import kept
from barograph.service.service import Service
from barograph.service.shadow import Asked, Shadow
from barograph.service.studies import Served
from small_service import FRAUD, MARKET, asked, bundles, events, service

STUDY = "operational/fraud"
DAY = {"entity": "alpha", "time": "2021-06-01", "close": 400.0}


def keeping(folder: Path, *names: str) -> tuple[Service, Memory]:
    """A service of one study that keeps what it takes in, and where it does."""
    made = service(*names)
    made.state = folder
    for served in made.studies:
        made.recall(served)
    (memory,) = made.memories.values()
    assert isinstance(memory, Memory)
    return made, memory


def full(memory: Memory) -> Any:
    """Let the journal of a memory have no room from now on; what it wrote lines with before."""
    put = memory.journal._put

    def refused(line: bytes) -> None:
        raise memory.journal._failed(OSError(28, "No space left on device"))

    memory.journal._put = refused  # type: ignore[method-assign]
    return put


def failing_sync(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the disk of a memory fail at the next sync."""

    def fails(sequence: int | None = None) -> None:
        memory.journal._broken = "a sync failed: Input/output error"
        memory.journal._check()

    monkeypatch.setattr(memory.journal, "sync", fails)


@pytest.mark.parametrize("n", [1, 100], ids=["on the event loop", "on a thread"])
def test_events_that_could_not_be_written_down_are_new_when_they_come_again(tmp_path: Path, n: int) -> None:
    made, memory = keeping(tmp_path, "fraud")
    with asked(made) as client:
        put = full(memory)
        assert client.post(f"{FRAUD}/events", json={"events": events(n)}).status_code == 503
        memory.journal._put = put  # type: ignore[method-assign]
        said = client.post(f"{FRAUD}/events", json={"events": events(n)}).json()["answers"]
    assert {one["status"] for one in said} == {"new"}


def test_outcomes_that_could_not_be_written_down_are_learned_when_they_come_again(tmp_path: Path) -> None:
    made, memory = keeping(tmp_path, "fraud")
    some = events(10)
    told = {"event_id": some[0]["event_id"], "label": 1, "known_at": some[9]["time"]}
    with asked(made) as client:
        client.post(f"{FRAUD}/events", json={"events": some})
        put = full(memory)
        assert client.post(f"{FRAUD}/outcomes", json={"outcomes": [told]}).status_code == 503
        memory.journal._put = put  # type: ignore[method-assign]
        said = client.post(f"{FRAUD}/outcomes", json={"outcomes": [told]}).json()["answers"]
    assert [one["status"] for one in said] == ["learned"]


def test_what_cannot_be_read_is_not_written_down(tmp_path: Path) -> None:
    made, memory = keeping(tmp_path, "fraud")
    with asked(made) as client:
        bad = [{**events(1)[0], "amount": "much"}]
        assert client.post(f"{FRAUD}/events", json={"events": bad}).status_code == 422
        assert memory.journal.head[0] == 0


def test_a_line_at_which_a_model_fails_does_not_keep_its_study_from_coming_into_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some, memory = events(3), Memory(tmp_path, STUDY)
    for one in some:
        memory.note(EVENTS, [one])
    plain, tries = EventScorer.update_many, []

    def failing(self: EventScorer, many: Any) -> Any:
        if many[0]["event_id"] == some[1]["event_id"]:
            tries.append(many)
            raise ZeroDivisionError("a fault of the model")
        return plain(self, many)

    monkeypatch.setattr(EventScorer, "update_many", failing)
    served = Served.open(bundles()["fraud"])
    assert (memory.recall(served), memory.refused, len(tries)) == (3, 1, 3)
    memory.close()
    monkeypatch.undo()
    assert isinstance(served.model, EventScorer)
    again = served.model.update_many(some)
    assert [one["status"] for one in again] == ["duplicate", "late", "duplicate"]


def test_a_day_that_did_not_reach_the_disk_is_not_acknowledged_when_it_comes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, memory = keeping(tmp_path, "market")
    with asked(made) as client:
        failing_sync(memory, monkeypatch)
        assert client.post(f"{MARKET}/update", json=DAY).status_code == 503
        assert client.post(f"{MARKET}/update", json=DAY).status_code == 503
        monkeypatch.undo()


def test_a_day_that_could_not_be_written_down_leaves_the_day_before_it_known(tmp_path: Path) -> None:
    made, memory = keeping(tmp_path, "market")
    with asked(made) as client:
        first = client.post(f"{MARKET}/update", json=DAY)
        assert first.status_code == 200, first.text
        put = full(memory)
        after = {**DAY, "time": "2021-06-02", "close": 401.0}
        assert client.post(f"{MARKET}/update", json=after).status_code == 503
        memory.journal._put = put  # type: ignore[method-assign]
        again = client.post(f"{MARKET}/update", json=DAY)
        assert again.status_code == 200, again.text
        assert again.json() == first.json()
        assert client.post(f"{MARKET}/update", json=after).status_code == 200


def test_a_state_is_not_kept_of_a_model_that_was_exchanged_meanwhile(tmp_path: Path) -> None:
    made, memory = keeping(tmp_path, "fraud")
    (old,), saved = list(made.studies), []
    fresh = Served.open(bundles()["fraud"])

    async def exchanged() -> None:
        await old.lock.acquire()
        keeping_it = asyncio.create_task(kept(made))
        for _ in range(5):  # it waits for the old model
            await asyncio.sleep(0)
        made.studies.put(fresh)
        old.lock.release()
        await keeping_it

    with asked(made) as client:
        client.post(f"{FRAUD}/events", json={"events": events(3)})
        keep = memory.keep
        memory.keep = lambda served: saved.append(served) or keep(served)  # type: ignore[method-assign]
        client.run(exchanged())
        assert saved == [fresh]


class Never:
    """No thread is ever free."""

    async def apart(self, work: Any, *arguments: Any) -> Any:
        await asyncio.Event().wait()


def test_who_waits_for_a_challenger_that_is_let_go_waits_for_nothing() -> None:
    shadow = Shadow(Served.open(bundles()["fraud"]))

    async def told() -> None:
        shadow.start(Never())
        for one in events(3):
            shadow.tell(Asked("events", [one], [0.5]))
        waiting = asyncio.create_task(shadow.heard())
        await asyncio.sleep(0)
        await shadow.stop()
        await asyncio.wait_for(waiting, 30)
        await asyncio.wait_for(shadow.heard(), 30)

    asyncio.run(told())


def test_a_journal_that_broke_does_not_say_that_its_last_line_is_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, memory = keeping(tmp_path, "fraud")
    memory.note(EVENTS, events(1))
    failing_sync(memory, monkeypatch)
    with pytest.raises(StorageError, match="a sync failed"):
        asyncio.run(made.noted(STUDY))
    monkeypatch.undo()
    made.close()
