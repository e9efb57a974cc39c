"""An owner of a shared state whose model, challengers or log fail: it answers, and lets others try."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from barograph.api.live import EventScorer
from barograph.core.errors import StorageError
from barograph.service import owning
from barograph.service.owning import Owner
from barograph.service.service import Service
from barograph.service.shadow import Shadow
from barograph.service.shared import memory as memories
from barograph.service.shared.mailbox import ROOM, Mailbox
from barograph.service.shared.memory import SharedMemory
from barograph.service.studies import Served
from patience import until
from small_service import FRAUD, asked, bundles, events
from small_shared import FORGETFUL, a_shared_place, own_server, owner_of, sharing

STUDY = "operational/fraud"


@pytest.fixture
def place() -> Iterator[str]:
    with a_shared_place() as address:
        yield address


def memory_of(one: Service) -> SharedMemory:
    assert one.shared is not None
    return one.shared.memory(STUDY)


def failing_at(monkeypatch: pytest.MonkeyPatch, event_id: str) -> list[Any]:
    """Let models fail at one event; the list of their tries."""
    plain: Any = EventScorer.update_many
    tries: list[Any] = []

    def update_many(self: EventScorer, many: Any) -> Any:
        if any(one["event_id"] == event_id for one in many):
            tries.append(many)
            raise ZeroDivisionError("a fault of the model")
        return plain(self, many)

    monkeypatch.setattr(EventScorer, "update_many", update_many)
    return tries


def test_an_entry_at_which_the_model_fails_is_refused_and_those_behind_it_are_answered(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = events(6)
    with asked(sharing(place, "fraud")) as client:
        assert client.post(f"{FRAUD}/events", json=some[0]).status_code == 200
        tries = failing_at(monkeypatch, some[1]["event_id"])
        failed = client.post(f"{FRAUD}/events", json={"events": [some[1]]})
        assert failed.status_code == 500, failed.text
        assert failed.headers["content-type"] == "application/problem+json"
        assert len(tries) == 3
        said = client.post(f"{FRAUD}/events", json={"events": some[2:]}).json()["answers"]
        assert {one["status"] for one in said} == {"new"}
    follower = sharing(place, "fraud")  # it comes to the same state
    (served,) = follower.studies
    follower.recall(served)
    monkeypatch.undo()
    assert isinstance(served.model, EventScorer)
    assert [one["status"] for one in served.model.update_many(some[:3])] == ["duplicate", "late", "duplicate"]


def test_events_that_wait_together_with_one_at_which_the_model_fails_are_answered(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = events(5)
    one = sharing(place, "fraud")
    with asked(one) as client:
        assert owner_of(STUDY, one) is one
        failing_at(monkeypatch, some[2]["event_id"])

        async def together() -> list[Any]:
            assert one.shared is not None
            asks = [one.shared.ask(STUDY, "events", [event]) for event in some]
            return await asyncio.gather(*asks, return_exceptions=True)

        said = client.run(together())
    assert [getattr(answer, "status", 200) for answer in said] == [200, 200, 500, 200, 200]


def test_a_challenger_that_cannot_be_recalled_does_not_keep_its_study_from_being_owned(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = sharing(place, "fraud")
    shadow = Shadow(Served.open(bundles()["fraud"]))
    one.shadows.append(shadow)
    plain = SharedMemory.recall

    def recall(self: SharedMemory, served: Served) -> int:
        if served is shadow.served:
            raise StorageError("its state must be whole", came="it is not", do="Put it back")
        return plain(self, served)

    monkeypatch.setattr(SharedMemory, "recall", recall)
    with asked(one) as client:
        answer = client.post(f"{FRAUD}/events", json=events(1)[0])
        assert answer.status_code == 200, answer.text
        assert "its state must be whole" in shadow.why


def test_an_owner_that_fails_lets_another_worker_try(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = sharing(place, "fraud"), sharing(place, "fraud")
    plain: Any = Owner._work

    async def work(self: Owner) -> bool:
        if self.service is one:
            raise ZeroDivisionError("a fault of this worker")
        return bool(await plain(self))

    monkeypatch.setattr(Owner, "_work", work)
    with asked(one) as first:
        (owner,) = one.owners
        until(lambda: owner._last_owner)
        with asked(other):
            answer = first.post(f"{FRAUD}/events", json=events(1)[0])
            assert answer.status_code == 200, answer.text
            until(lambda: not owner._last_owner, "it takes itself for the last owner no more")
            assert owner_of(STUDY, one, other) is other


def test_a_server_that_comes_back_is_the_last_owner_s_however_late_that_one_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only that one knows what a server that forgets has lost."""
    some, looks, plain = events(3), threading.Event(), Owner._stand_by
    monkeypatch.setattr(owning, "PRECEDENCE", 0.05)
    with own_server(tmp_path / "redis", FORGETFUL) as server, ExitStack() as stack:
        one, other = sharing(server.url, "fraud"), sharing(server.url, "fraud")

        async def stand_by(self: Owner) -> None:
            while self.service is one and not looks.is_set():
                await asyncio.sleep(0.02)
            await plain(self)

        first = stack.enter_context(asked(one))
        assert first.post(f"{FRAUD}/events", json={"events": some}).status_code == 200
        second = stack.enter_context(asked(other))
        monkeypatch.setattr(Owner, "_stand_by", stand_by)
        server.kill()
        assert second.post(f"{FRAUD}/events", json={"events": some}).status_code == 503
        (stands_by,) = other.owners
        until(lambda: stands_by._gives_way, "the stand-by knows that the server is away")
        monkeypatch.setattr(owning, "PRECEDENCE", 3_600.0)
        server.start()
        time.sleep(1.0)  # time to do it wrongly
        looks.set()
        assert owner_of(STUDY, one, other) is one


def test_no_more_is_trimmed_than_the_kept_state_has_taken_in(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memories, "LOG_BYTES", 1_000)
    one = sharing(place, "fraud")
    memory, (served,) = memory_of(one), one.studies
    assert memory.lease.owned()

    def add() -> bytes:
        fields = {"kind": "events", "given": "[]" + " " * 500, "worker": "", "number": ""}
        return bytes(memory.client.xadd(memory.log.key, fields))

    taken = [add() for _ in range(500)]
    memory.recall(served)
    memory.log.prepare(taken[-1])
    served.seen = memories.Seen(taken[-1], 500)
    waiting = [add() for _ in range(500)]
    assert memory.keep(served)
    left = [key for key, _ in memory.client.xrange(memory.log.key)]
    assert left[-500:] == waiting
    assert len(left) < 1_000
    memory.lease.release()


def test_all_answers_that_a_worker_may_wait_for_are_kept_until_it_reads_them() -> None:
    assert memories.ANSWERS >= ROOM


def test_a_worker_reads_answers_on_whatever_went_wrong(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one, plain, failures = sharing(place, "fraud"), Mailbox._answers, []

    def answers(self: Mailbox, last: bytes) -> Any:
        if not failures:
            failures.append(last)
            raise ValueError("an answer that cannot be read")
        return plain(self, last)

    monkeypatch.setattr(Mailbox, "_answers", answers)
    with asked(one) as client:
        until(lambda: bool(failures))
        assert client.post(f"{FRAUD}/events", json=events(1)[0]).status_code == 200
        assert one.shared is not None
        assert one.shared.mailbox.listening
    assert not one.shared.mailbox.listening
