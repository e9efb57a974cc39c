"""What was acknowledged is not lost: a service that ended, however it ended, goes on from there."""

from __future__ import annotations

import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

import barograph as bg
from barograph.api.live import EventScorer
from barograph.core.errors import StorageError
from barograph.service.memory import Memory
from barograph.service.rolling import kept
from barograph.service.service import Service
from barograph.service.studies import Served
from patience import PATIENCE, until
from small_service import FRAUD, MARKET, asked, bundles, events, service, started

KILLS = 2
SOAK_KILLS = 100
DAY = {"entity": "alpha", "time": "2021-06-01", "close": 400.0}


def remembering(folder: Path, *names: str) -> Service:
    """A service that keeps what it takes in, and has taken in what was kept."""
    made = service(*names)
    made.state = folder
    for served in made.studies:
        made.recall(served)
    return made


def forgotten(one: Service) -> None:
    """The end of a service that could keep nothing more."""
    for memory in one.memories.values():
        memory.close()
    one.memories = {}


def expected(n: int) -> list[dict[str, Any]]:
    """What a model that was never interrupted says to the first events, and to an outcome after ten."""
    model = bg.load(bundles()["fraud"])
    assert isinstance(model, EventScorer)
    found = []
    for place, one in enumerate(events(n)):
        if place == 10:
            model.learn(events(1)[0]["event_id"], 1, events(10)[-1]["time"])
        found.append(model.update(one))
    return found


@pytest.mark.parametrize("snapshot", [False, True], ids=["from its lines", "from a kept state and its lines"])
def test_a_state_is_what_it_would_be_had_the_service_not_ended(tmp_path: Path, snapshot: bool) -> None:
    some, first = events(40), remembering(tmp_path, "fraud")
    with asked(first) as client:
        said = [client.post(f"{FRAUD}/events", json=one).json() for one in some[:10]]
        told = {"event_id": some[0]["event_id"], "label": 1, "known_at": some[9]["time"]}
        assert client.post(f"{FRAUD}/outcomes", json={"outcomes": [told]}).status_code == 200
        if snapshot:
            client.run(kept(first))
        said += client.post(f"{FRAUD}/events", json={"events": some[10:20]}).json()["answers"]
        forgotten(first)
    second = remembering(tmp_path, "fraud")
    with asked(second) as client:
        again = [client.post(f"{FRAUD}/events", json=one).json() for one in some[:20]]
        said += [client.post(f"{FRAUD}/events", json=one).json() for one in some[20:]]
    assert {one["status"] for one in again} == {"duplicate"}
    assert [one["score"] for one in again] == pytest.approx([one["score"] for one in said[:20]], abs=1e-6)
    for one, wanted in zip(said, expected(40), strict=True):
        assert (one["event_id"], one["status"]) == (wanted["event_id"], wanted["status"])
        assert one["score"] == pytest.approx(wanted["score"], abs=1e-6)


def test_days_are_taken_in_again(tmp_path: Path) -> None:
    first = remembering(tmp_path, "market")
    with asked(first) as client:
        said = client.post(f"{MARKET}/update", json=DAY).json()["answers"]
        forgotten(first)
    with asked(remembering(tmp_path, "market")) as client:
        assert client.post(f"{MARKET}/predict", json={"entities": ["alpha"]}).json()["answers"] == said
        assert client.post(f"{MARKET}/update", json=DAY).json()["answers"] == said
        assert client.post(f"{MARKET}/update", json={**DAY, "close": 1.0}).status_code == 422


def test_a_new_bundle_of_the_study_takes_in_what_came_since_it_was_written(tmp_path: Path) -> None:
    some, first = events(20), remembering(tmp_path / "state", "fraud")
    with asked(first) as client:
        said = client.post(f"{FRAUD}/events", json={"events": some}).json()["answers"]
    folder = tmp_path / "new"
    shutil.copytree(bundles()["fraud"], folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "created": "later"}))
    fresh = Served.open(folder)
    memory = Memory(tmp_path / "state", fresh.study)
    assert memory.recall(fresh) == 1
    memory.close()
    assert isinstance(fresh.model, EventScorer)
    again = fresh.model.update_many(some)
    assert {one["status"] for one in again} == {"duplicate"}
    assert [one["score"] for one in again] == pytest.approx([one["score"] for one in said], abs=1e-6)


def test_who_waits_while_a_model_is_exchanged_reaches_the_new_one() -> None:
    served, one = service("fraud"), events(1)[0]
    (old,), new = list(served.studies), Served.open(bundles()["fraud"])
    with asked(served) as client, ThreadPoolExecutor(1) as pool:
        client.run(old.lock.acquire())
        asking = pool.submit(client.post, f"{FRAUD}/events", json=one)
        until(lambda: old.lock._waiters, "it waits for the old model")
        served.studies.put(new)
        client.run(freed(old))
        assert asking.result().json()["status"] == "new"
    assert isinstance(new.model, EventScorer)
    assert new.model.update(one)["status"] == "duplicate"
    assert isinstance(old.model, EventScorer)
    assert old.model.update(one)["status"] == "new"


async def freed(one: Served) -> None:
    one.lock.release()


def test_two_services_do_not_share_a_memory(tmp_path: Path) -> None:
    first = remembering(tmp_path, "fraud")
    with pytest.raises(StorageError, match="another process"):
        remembering(tmp_path, "fraud")
    forgotten(first)


def test_a_memory_that_was_changed_is_not_taken_in(tmp_path: Path) -> None:
    first = remembering(tmp_path, "fraud")
    with asked(first) as client:
        client.post(f"{FRAUD}/events", json={"events": events(5)})
        client.post(f"{FRAUD}/events", json=events(6)[5])
        forgotten(first)
    (path,) = tmp_path.glob("*.journal")
    path.write_bytes(path.read_bytes().replace(events(1)[0]["event_id"].encode(), b"nobody", 1))
    with pytest.raises(StorageError, match="as it was written"):
        remembering(tmp_path, "fraud")


def killed_under_load(folder: Path, kills: int) -> None:
    """Kill the service while events arrive; whatever was acknowledged is known afterwards, with its score."""
    known: dict[str, float] = {}
    some = events(1_000)
    arguments = (str(bundles()["fraud"]), "--state", str(folder))
    for number in range(kills + 1):
        with started(*arguments, token="chosen") as (process, address):
            headers = {"authorization": "Bearer chosen"}
            with httpx.Client(headers=headers, timeout=PATIENCE) as client:
                for one in [one for one in some if one["event_id"] in known][-50:]:
                    told = client.post(f"{address}{FRAUD}/events", json=one).json()
                    assert told["status"] == "duplicate"
                    assert told["score"] == pytest.approx(known[one["event_id"]], abs=1e-6)
                if number == kills:
                    assert known
                    return
                timer = threading.Timer(0.05 + 0.1 * (number % 5), process.kill)
                for one in [one for one in some if one["event_id"] not in known]:
                    try:
                        answer = client.post(f"{address}{FRAUD}/events", json=one)
                    except httpx.TransportError:
                        break
                    assert answer.json()["status"] in ("new", "duplicate")  # one was cut off from its reply
                    known[one["event_id"]] = answer.json()["score"]
                    if timer.ident is None:  # once something is acknowledged
                        timer.start()
                timer.cancel()


def test_nothing_acknowledged_is_lost_when_the_service_is_killed(tmp_path: Path) -> None:
    killed_under_load(tmp_path, KILLS)


@pytest.mark.soak
def test_nothing_acknowledged_is_lost_however_often_the_service_is_killed(tmp_path: Path) -> None:
    killed_under_load(tmp_path, SOAK_KILLS)


def test_a_day_that_could_not_be_written_down_is_taken_in_when_it_comes_again(tmp_path: Path) -> None:
    first = remembering(tmp_path, "market")
    (memory,) = first.memories.values()
    put, full = memory.journal._put, OSError(28, "No space left on device")

    def refused(line: bytes) -> None:
        raise memory.journal._failed(full)

    with asked(first) as client:
        before = client.post(f"{MARKET}/predict", json={}).json()
        memory.journal._put = refused  # type: ignore[method-assign]
        assert client.post(f"{MARKET}/update", json=DAY).status_code == 503
        assert client.post(f"{MARKET}/predict", json={}).json() == before
        memory.journal._put = put  # type: ignore[method-assign]
        said = client.post(f"{MARKET}/update", json=DAY)
        assert said.status_code == 200, said.text
        forgotten(first)
    with asked(remembering(tmp_path, "market")) as client:
        again = client.post(f"{MARKET}/predict", json={"entities": ["alpha"]}).json()["answers"]
        assert again == said.json()["answers"]
