"""Challengers and new champions with a live state: they begin where the champion is, or say why not."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from barograph.api.live import EventScorer
from barograph.api.models import proposal_of
from barograph.govern import registry
from barograph.govern.storage import Database, open_database
from barograph.service import memory as memories
from barograph.service import rolling
from barograph.service import shadow as shadows
from barograph.service.memory import DAY, Memory
from barograph.service.rolling import kept, refreshed
from barograph.service.service import Service
from barograph.service.shadow import Asked, Shadow
from barograph.service.studies import Served, Studies
from patience import until
from small_service import FRAUD, Client, Roles, asked, bundles, events

ADMIN = {"authorization": "Bearer admin"}


@dataclass(slots=True)
class Place:
    """A service that answers with the models of its registry."""

    client: Client
    service: Service
    database: Database
    folder: Path

    def copied(self, name: str) -> Path:
        """The bundle on events under another hash: the same parts, another model."""
        folder = self.folder / name
        shutil.copytree(bundles()["fraud"], folder)
        manifest = json.loads((folder / "manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps({**manifest, "created": name}))
        return folder

    def approved(self, name: str, *, challenger: bool = False) -> str:
        model = registry.propose(self.database, proposal_of(self.copied(name)), by="dev", why="a run")
        registry.approve(self.database, model, by="boss", why="read", challenger=challenger)
        self.client.run(refreshed(self.service))
        return model

    def send(self, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
        answer = self.client.post(f"{FRAUD}/events", json={"events": given}, headers=ADMIN)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["answers"])

    def challenger(self) -> dict[str, Any]:
        (shadow,) = self.service.shadows
        self.client.run(shadow.heard())
        (told,) = self.client.get(FRAUD, headers=ADMIN).json()["challengers"]
        return dict(told)


@pytest.fixture(params=[True, False], ids=["what was taken in is kept", "nothing is kept"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with a_place(tmp_path, state=request.param) as made:
        yield made


@pytest.fixture
def keeping(tmp_path: Path) -> Iterator[Place]:
    with a_place(tmp_path, state=True) as made:
        yield made


class a_place:
    def __init__(self, folder: Path, *, state: bool) -> None:
        self.database = open_database(f"sqlite:///{folder}/barograph.db")
        self.service = Service(Studies(), Roles(), database=self.database)
        self.service.state = folder / "state" if state else None
        self.folder, self.asking = folder, asked(self.service)

    def __enter__(self) -> Place:
        return Place(self.asking.__enter__(), self.service, self.database, self.folder)

    def __exit__(self, *error: Any) -> None:
        self.asking.__exit__(*error)


def test_a_challenger_begins_where_the_champion_is(keeping: Place) -> None:
    keeping.approved("one")
    some = events(60)
    keeping.send(some[:40])
    keeping.approved("other", challenger=True)
    keeping.send(some[40:])
    told = keeping.challenger()
    assert (told["comparing"], told["why"], told["compared"], told["missed"]) == (True, "", 20, 0)
    assert told["largest_difference"] <= 1e-6


def test_a_challenger_of_a_champion_that_has_taken_in_nothing_yet_compares_in_any_case(place: Place) -> None:
    place.approved("one")
    place.approved("other", challenger=True)
    place.send(events(10))
    assert (place.challenger()["compared"], place.challenger()["comparing"]) == (10, True)


def test_a_challenger_that_cannot_be_brought_to_the_champion_does_not_compare_and_says_why(
    tmp_path: Path,
) -> None:
    with a_place(tmp_path, state=False) as place:
        place.approved("one")
        place.send(events(10))
        place.approved("other", challenger=True)
        place.send(events(20)[10:])
        told = place.challenger()
        assert (told["comparing"], told["compared"]) == (False, 0)
        assert "--state" in told["why"]


@dataclass
class Inline:
    async def apart(self, work: Any, *arguments: Any) -> Any:
        return work(*arguments)


@pytest.mark.parametrize("way", ["too many wait", "it refuses", "it fails"])
def test_a_challenger_that_missed_an_event_compares_no_more(
    keeping: Place, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(shadows, "ROOM", 1)
    some = events(3)
    shadow = Shadow(Served.open(bundles()["fraud"]))
    shadow._queue = shadows.asyncio.Queue(1)
    if way == "it fails":
        monkeypatch.setattr(shadows, "answered", lambda *_: 1 / 0)

    async def told() -> None:
        shadow.tell(Asked("events", [some[0]], [0.5]))
        if way == "too many wait":
            shadow.tell(Asked("events", [some[1]], [0.5]))
        shadow.start(Inline())
        await shadow.heard()
        if way == "it refuses":
            shadow.tell(Asked("events", [{**some[1], "amount": "much"}], [0.5]))
            await shadow.heard()
        shadow.tell(Asked("events", [some[2]], [0.5]))
        await shadow.heard()
        await shadow.stop()

    keeping.client.run(told())
    assert "missed what moved the champion's state" in shadow.summary()["why"]
    assert shadow.compared == (1 if way == "it refuses" else 0)
    assert shadow.missed == (3 if way == "too many wait" else 2)
    assert not shadow.summary()["comparing"]


def test_models_that_are_exchanged_while_events_flow_lose_none(keeping: Place) -> None:
    some, stop = events(2_000), threading.Event()
    keeping.approved("one")
    sent: list[dict[str, Any]] = []
    failures: list[str] = []

    def send(share: list[dict[str, Any]]) -> None:
        for one in share:
            if stop.is_set():
                return
            answer = keeping.client.post(f"{FRAUD}/events", json=one, headers=ADMIN)
            if answer.status_code != 200:
                failures.append(answer.text)
            sent.append(answer.json())

    threads = [threading.Thread(target=send, args=(some[k::3],)) for k in range(3)]
    for one in threads:
        one.start()
    versions = [keeping.approved(name) for name in ("two", "three")]
    until(
        lambda: len({one["version"] for one in sent}) == 3 or not any(one.is_alive() for one in threads),
        "each model has answered",
    )
    stop.set()
    for one in threads:
        one.join()
    assert failures == []
    assert versions[-1] in {one["version"] for one in sent}
    model = keeping.service.studies.of("operational/fraud").model
    assert isinstance(model, EventScorer)
    known = {one["event_id"]: one for one in some}
    again = [model.update(known[one["event_id"]]) for one in sent if one["status"] in ("new", "late")]
    assert again
    assert {one["status"] for one in again} <= {"duplicate", "used_id"}  # used: known, and long past


def test_a_bundle_that_was_refused_is_not_loaded_each_second_but_when_it_changed(
    keeping: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[Path] = []
    plain = Served.open.__func__  # type: ignore[attr-defined]

    def counted(cls: type[Served], folder: Path) -> Served:
        loads.append(folder)
        return plain(cls, folder)  # type: ignore[no-any-return]

    monkeypatch.setattr(Served, "open", classmethod(counted))
    monkeypatch.setattr(rolling, "FIRST_PAUSE", 3_600.0)
    folder = keeping.copied("bad")
    model = registry.propose(keeping.database, proposal_of(folder), by="dev", why="a run")
    whole = (folder / "profile.json").read_bytes() if (folder / "profile.json").exists() else None
    (folder / "profile.json").write_text("{}")
    registry.approve(keeping.database, model, by="boss", why="read")
    for _ in range(5):
        keeping.client.run(refreshed(keeping.service))
    assert len(loads) == 1
    assert model in keeping.service.refused
    if whole is None:
        (folder / "profile.json").unlink()
    else:
        (folder / "profile.json").write_bytes(whole)
    keeping.client.run(refreshed(keeping.service))
    assert len(loads) == 2
    assert keeping.service.studies.version("operational/fraud") == model
    assert keeping.service.refused == keeping.service.held_back == {}


def test_a_bundle_that_was_refused_is_tried_again_now_and_then(
    keeping: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was lacking may lie outside its folder."""
    folder = keeping.copied("bad")
    model = registry.propose(keeping.database, proposal_of(folder), by="dev", why="a run")
    registry.approve(keeping.database, model, by="boss", why="read")
    shutil.move(folder, keeping.folder / "elsewhere")
    keeping.client.run(refreshed(keeping.service))
    first = keeping.service.held_back[model]
    monkeypatch.setattr(time, "monotonic", lambda: first.until + 1.0)
    keeping.client.run(refreshed(keeping.service))
    assert keeping.service.held_back[model].pause == 2 * first.pause


def test_who_is_recalled_reads_on_where_it_was_not_from_the_beginning(
    keeping: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the champion is made to wait, only what came in the meantime may be read."""
    keeping.approved("one")
    some = events(40)
    for one in some[:30]:
        keeping.send([one])
    fresh = Served.open(keeping.copied("two"))
    memory = keeping.service.memories["operational/fraud"]
    assert memory.recall(fresh) == 30
    for one in some[30:]:
        keeping.send([one])
    read: list[bytes] = []
    plain = memories.decoded
    monkeypatch.setattr(memories, "decoded", lambda line: read.append(line) or plain(line))
    assert (memory.recall(fresh), len(read)) == (10, 10)
    assert (memory.recall(fresh), len(read)) == (0, 10)


def test_a_start_reads_only_what_came_after_the_kept_state(
    keeping: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping.approved("one")
    some = events(40)
    for one in some[:30]:
        keeping.send([one])
    keeping.client.run(kept(keeping.service))
    keeping.send(some[30:])
    champion = keeping.service.studies.of("operational/fraud")
    again, memory = Served.open(champion.folder), keeping.service.memories["operational/fraud"]
    read: list[bytes] = []
    plain = memories.decoded
    monkeypatch.setattr(memories, "decoded", lambda line: read.append(line) or plain(line))
    assert (memory.recall(again), len(read)) == (1, 1)
    assert isinstance(again.model, EventScorer)
    assert {one["status"] for one in again.model.update_many(some)} == {"duplicate"}


def test_what_a_model_refuses_when_it_is_recalled_is_counted_and_logged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    memory = Memory(tmp_path, "market/volatility")
    memory.note(DAY, {"entity": "alpha", "time": "2021-06-01", "close": 400.0})
    memory.note(DAY, {"entity": "nobody knows", "time": "2021-06-01", "close": 400.0})
    served = Served.open(bundles()["market"])
    assert memory.recall(served) == 2
    assert memory.refused == 1
    (line,) = (json.loads(one) for one in capsys.readouterr().err.splitlines() if "refused at recall" in one)
    assert (line["lines"], line["of"], line["study"]) == (1, 2, "market/volatility")
    assert "nobody knows" in line["first"]
    service = Service(Studies([served]), Roles(), memories={memory.study: memory})
    told = service.measured().splitlines()
    assert 'barograph_refused_at_recall_total{study="market/volatility"} 1' in told
    memory.close()
