"""What is watched: scores above the threshold and figures beyond limits open alerts, which are worked on."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from barograph.govern.access import add_user
from barograph.govern.alerts import Cause
from barograph.govern.outcomes import outcomes_of
from barograph.govern.storage import open_database
from barograph.govern.tables import input_counts, scored
from barograph.service.monitoring import Monitors, Scored, by_model
from barograph.service.service import Service
from barograph.service.watching import Watch
from small_service import CREDIT, FRAUD, MARKET, Client, Roles, asked, events, record, service

APPROVER, VIEWER, ADMIN = ({"authorization": f"Bearer {role}"} for role in ("approver", "viewer", "admin"))
LIMIT = {"study": "market/volatility", "figure": "var_99", "hard": 1e-6, "owner": "ada", "why": "appetite"}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Service]]:
    """A service of all three bundles with a database for what is watched."""
    folder: Path = tmp_path_factory.mktemp("watched")
    database = open_database(f"sqlite:///{folder}/barograph.db")
    add_user(database, "ada", "approver", by="first-start")
    served = service(access=Roles())
    served.database = database
    with asked(served) as client:
        yield client, served


def said(client: Client, path: str, body: Any, status: int = 200) -> dict[str, Any]:
    answer = client.post(
        path, json=body, headers=APPROVER if "studies" not in path else {"authorization": "Bearer admin"}
    )
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def queue(client: Client, served: Service, path: str = "/v1/alerts") -> list[dict[str, Any]]:
    assert served.watch is not None
    client.run(served.watch.heard())
    return list(client.get(path, headers=VIEWER).json()["alerts"])


def test_a_figure_beyond_its_limit_opens_one_alert_for_each_entity(watched: tuple[Client, Service]) -> None:
    client, served = watched
    made = said(client, "/v1/limits", LIMIT)["id"]
    for _ in range(2):
        said(client, f"{MARKET}/predict", {})
    found = [one for one in queue(client, served) if one["kind"] == "limit"]
    assert sorted(one["entity"] for one in found) == ["alpha", "beta", "index"]
    assert {one["readings"] for one in found} == {3}  # one as it was set
    assert {one["severity"] for one in found} == {"hard"}
    (alpha,) = (one for one in found if one["entity"] == "alpha")
    path = f"/v1/alerts/{alpha['id']}"
    assert said(client, f"{path}/assign", {"to": "ada"})["assignee"] == "ada"
    said(client, f"{path}/comment", {"words": "the book is hedged"})
    assert said(client, f"{path}/close", {"disposition": "accepted"})["disposition"] == "accepted"
    said(client, f"{path}/close", {"disposition": "accepted"}, 409)
    told = client.get(f"{path}/notes", headers=VIEWER).json()["notes"]
    assert [one["kind"] for one in told] == ["opened", "assigned", "comment", "closed"]
    assert alpha["id"] in {one["id"] for one in queue(client, served, "/v1/alerts/closed")}
    assert [one["id"] for one in client.get("/v1/limits", headers=VIEWER).json()["limits"]] == [made]
    assert client.request("DELETE", f"/v1/limits/{made}", headers=APPROVER).status_code == 200
    assert client.get("/v1/limits", headers=VIEWER).json()["limits"] == []


def test_a_new_limit_is_held_at_once_to_what_the_model_says_already(
    watched: tuple[Client, Service],
) -> None:
    client, served = watched
    made = said(client, "/v1/limits", {**LIMIT, "figure": "es_97.5", "entity": "beta"})["id"]
    (alert,) = (one for one in queue(client, served) if one["figure"] == "es_97.5")
    assert (alert["entity"], alert["readings"]) == ("beta", 1)
    told = client.get(f"/v1/limits/{made}/readings", headers=VIEWER).json()["readings"]
    assert [(one["entity"], one["last"]) for one in told] == [("beta", alert["value"])]


def test_a_book_beyond_its_limit_opens_an_alert(watched: tuple[Client, Service]) -> None:
    client, served = watched
    said(client, "/v1/limits", {**LIMIT, "figure": "value_at_risk_99", "hard": 1.0})
    said(client, f"{MARKET}/assess", {"book": [{"entity": "alpha", "value": 1000.0}]})
    (found,) = (one for one in queue(client, served) if one["figure"] == "value_at_risk_99")
    assert found["value"] > 1.0


def test_an_event_above_the_threshold_opens_an_alert_whose_end_is_its_label(
    watched: tuple[Client, Service],
) -> None:
    client, served = watched
    answers = said(client, f"{FRAUD}/events", {"events": events(1_000)})["answers"]
    loud = {one["event_id"] for one in answers if one["alert"]}
    assert loud
    found = [one for one in queue(client, served) if one["kind"] == "score"]
    assert {one["subject"] for one in found} == loud
    said(client, f"{FRAUD}/events", {"events": events(1_000)[-20:]})
    assert len([one for one in queue(client, served) if one["kind"] == "score"]) == len(loud)
    one = found[0]
    said(client, f"/v1/alerts/{one['id']}/close", {"disposition": "fraud"})
    assert served.database is not None
    assert outcomes_of(served.database, "operational/fraud")[one["subject"]].label == 1.0
    label = {"event_id": one["subject"], "label": 1, "known_at": "2026-01-01T00:00:00Z"}
    (again,) = said(client, f"{FRAUD}/outcomes", {"outcomes": [label]})["answers"]
    assert again["status"] != "learned"  # the model had learnt it when the alert was closed


def test_labels_of_records_are_kept_and_corrected(watched: tuple[Client, Service]) -> None:
    client, served = watched
    label = {"event_id": record()["loan"], "label": 1, "known_at": "2026-01-01T00:00:00Z"}
    for body, status in ((label, "new"), (label, "repeated"), ({**label, "label": 0}, "corrected")):
        (answer,) = said(client, f"{CREDIT}/outcomes", {"outcomes": [body]})["answers"]
        assert answer["status"] == status
    said(client, f"{CREDIT}/outcomes", {"outcomes": [{**label, "known_at": "2026-01-01"}]}, 422)
    said(client, f"{CREDIT}/outcomes", {"outcomes": [{**label, "known_at": "2999-01-01T00:00:00Z"}]}, 422)
    assert served.database is not None
    assert outcomes_of(served.database, "credit/default")[record()["loan"]].label == 0.0


def monitors(client: Client, served: Service, study: str) -> dict[str, Any]:
    answer = client.get(f"{study}/monitors", headers=VIEWER)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_monitors_see_inputs_figures_and_labels(watched: tuple[Client, Service]) -> None:
    client, served = watched
    rows = [record(place) for place in range(300)]
    odd = [{**row, "income": 1_000.0, "loan": f"odd {place}"} for place, row in enumerate(rows)]
    before = {one["name"]: one["records"] for one in monitors(client, served, CREDIT)["drift"]}
    said(client, f"{CREDIT}/predict", {"records": odd})
    told = monitors(client, served, CREDIT)
    drift = {one["name"]: one for one in told["drift"]}
    assert drift["income"]["records"] == before.get("income", 0) + 300
    assert told["drift"][0]["name"] == "income"
    assert drift["income"]["index"] > 1.0 > drift["region"]["index"]
    assert told["performance"]["waiting"] >= 300
    known = told["performance"]["labelled"]
    labels = [
        {"event_id": f"odd {place}", "label": place % 2, "known_at": "2026-01-01T00:00:00Z"}
        for place in range(50)
    ]
    said(client, f"{CREDIT}/outcomes", {"outcomes": labels})
    performance = monitors(client, served, CREDIT)["performance"]
    assert (performance["labelled"], performance["waiting"]) == (
        known + 50,
        told["performance"]["waiting"] - 50,
    )


def test_monitors_count_the_exceptions_of_a_var(watched: tuple[Client, Service]) -> None:
    client, served = watched
    days = [("2021-06-01", 400.0), ("2021-06-02", 200.0), ("2021-06-03", 201.0)]
    for day, close in days:
        said(client, f"{MARKET}/update", {"entity": "beta", "time": day, "close": close})
    (beta,) = (one for one in monitors(client, served, MARKET)["exceptions"] if one["entity"] == "beta")
    assert (beta["days"], beta["waiting"], beta["last"]) == (
        2,
        1,
        "2021-06-01",
    )  # the fall came after that day


def test_a_loss_is_counted_across_a_restart_of_the_monitors_and_never_over_days_that_were_left_out(
    watched: tuple[Client, Service],
) -> None:
    client, served = watched
    assert served.watch is not None

    def counted() -> tuple[int, int]:
        found = monitors(client, served, MARKET)["exceptions"]
        (alpha,) = (one for one in found if one["entity"] == "alpha")
        return alpha["days"], alpha["waiting"]

    def take(day: str, close: float) -> None:
        said(client, f"{MARKET}/update", {"entity": "alpha", "time": day, "close": close})

    take("2021-06-03", 100.0)
    assert counted() == (0, 1)
    served.watch._monitors = Monitors(served.watch.database)  # as a process that was started again
    take("2021-06-04", 101.0)
    assert counted() == (1, 1)
    take("2021-06-07", 102.0)  # after a weekend
    assert counted() == (2, 1)
    take("2021-06-09", 50.0)  # after a holiday, for all that is known
    assert counted() == (3, 1)
    take("2021-06-14", 10.0)  # a Thursday and a Friday were left out: that loss is of three days
    assert counted() == (3, 2)
    said(client, f"{MARKET}/update", {"entity": "index", "time": "2021-06-15", "close": 9.0})
    take("2021-06-16", 5.0)  # on the day between, another moved
    assert counted() == (3, 3)


def test_monitors_see_the_features_of_events(watched: tuple[Client, Service]) -> None:
    client, served = watched
    said(client, f"{FRAUD}/events", {"events": events(1_000)})
    told = monitors(client, served, FRAUD)
    assert {one["records"] for one in told["drift"]} == {1_000}
    assert told["estimate"]["records"] == 1_000
    assert told["performance"]["waiting"] + told["performance"]["labelled"] == 1_000


def test_a_limit_that_is_none_is_refused(watched: tuple[Client, Service]) -> None:
    client, _ = watched
    said(client, "/v1/limits", {**LIMIT, "hard": None}, 422)
    said(client, "/v1/limits", {**LIMIT, "soft": 2.0, "hard": 1.0}, 422)
    said(client, "/v1/limits", {**LIMIT, "owner": "Ada Lovelace"}, 422)


@pytest.mark.parametrize("word", ["NA", "", "n/a"], ids=["NA", "empty", "n-a"])
def test_a_word_in_the_place_of_a_number_is_counted_as_missing_and_stops_nothing(
    watched: tuple[Client, Service], word: str
) -> None:
    client, served = watched
    rows = [{**record(place), "income": word, "loan": f"{word} {place}"} for place in range(3)]
    before = cells(served, "income").get("missing", 0)
    said(client, f"{CREDIT}/predict", {"records": rows})
    assert served.watch is not None
    client.run(asyncio.wait_for(served.watch.heard(), 20))
    assert cells(served, "income")["missing"] == before + 3
    assert served.watch.left_out == 0
    alerted(client, served, f"after {word}")


def test_a_monitor_that_fails_stops_no_alert_and_is_counted(watched: tuple[Client, Service]) -> None:
    client, served = watched
    assert served.watch is not None
    one = next(one for one in served.studies if one.study == "credit/default")
    before = served.watch.left_out
    served.see([Scored(one, [record()], [0.5], ["too", "many"])])  # names and figures differ: ValueError
    alerted(client, served, "after a failure")
    assert served.watch.left_out == before + 1
    metrics = client.get("/metrics", headers=VIEWER).text
    assert f"barograph_not_watched_total {before + 1}" in metrics.splitlines()


def test_what_came_at_one_time_is_written_down_at_one_time_and_the_first_figure_of_a_name_stays(
    tmp_path: Path,
) -> None:
    database = open_database(f"sqlite:///{tmp_path}/barograph.db")
    one, other = service("credit", "fraud").studies
    seen = [Scored(one, [record(n)], [0.01 * n], [f"record {n % 40}"]) for n in range(50)]
    seen.insert(3, Scored(other, [{}, {}], [0.5, None], ["event 1", "event 2"]))
    assert [(each.served, len(each.records)) for each in by_model(seen)] == [(one, 50), (other, 2)]
    written: list[str] = []
    sa.event.listen(database.engine, "commit", lambda _: written.append("commit"))

    async def watched() -> None:
        watch = Watch(database)
        watch.start()
        watch.tell(seen)
        await watch.stop()
        assert watch.left_out == 0

    asyncio.run(watched())
    assert len(written) == 4, "figures and counts of two models, each once"
    kept = database.read(lambda c: c.execute(sa.select(scored.c.subject, scored.c.figure)).all())
    assert dict(map(tuple, kept)) == {f"record {n}": 0.01 * n for n in range(40)} | {"event 1": 0.5}


def test_a_watch_stops_although_its_last_work_failed(watched: tuple[Client, Service]) -> None:
    client, served = watched
    assert served.database is not None
    one, database = next(iter(served.studies)), served.database

    async def ended() -> int:
        watch = Watch(database)
        watch.start()
        watch.tell([Scored(one, [record()], [0.5], ["too", "many"])])
        await asyncio.wait_for(watch.stop(), 20)
        return watch.left_out

    assert client.run(ended()) == 1


def governed(folder: Path, *, watched: bool = True) -> Service:
    """A service on events that keeps its state and, where it is watched, its alerts in a folder."""
    served = service("fraud", access=Roles())
    served.state = folder / "state"
    served.database = open_database(f"sqlite:///{folder}/barograph.db") if watched else None
    for one in served.studies:
        served.recall(one)
    return served


def of_scores(client: Client) -> list[tuple[str, int]]:
    told = client.get("/v1/alerts", headers=VIEWER).json()["alerts"]
    return sorted((one["subject"], one["readings"]) for one in told)


async def unheard(served: Service) -> None:
    """As if it were killed right after each reply: what waits is never looked at."""
    assert served.watch is not None
    assert served.watch._task is not None
    served.watch._task.cancel()
    served.watch._task = None


def test_an_event_is_acknowledged_only_once_its_alert_stands(tmp_path: Path) -> None:
    served = governed(tmp_path)
    with asked(served) as client:
        client.run(unheard(served))
        answers = said(client, f"{FRAUD}/events", {"events": events(1_000)})["answers"]
        loud = [(one["event_id"], 1) for one in answers if one["alert"]]
        assert loud
        assert of_scores(client) == sorted(loud)


def test_an_event_that_was_killed_before_its_reply_gets_its_alert_when_it_comes_again(tmp_path: Path) -> None:
    with asked(governed(tmp_path, watched=False)) as client:  # it is taken in, and nobody opens an alert
        said(client, f"{FRAUD}/events", {"events": events(1_000)})
    with asked(governed(tmp_path)) as client:
        for _ in range(2):
            answers = said(client, f"{FRAUD}/events", {"events": events(1_000)[-300:]})["answers"]
            loud = [(one["event_id"], 1) for one in answers if one["alert"] and one["status"] == "duplicate"]
            assert loud
            assert of_scores(client) == sorted(loud)
        (first, _), *rest = sorted(loud)
        ended = next(
            one["id"]
            for one in client.get("/v1/alerts", headers=VIEWER).json()["alerts"]
            if one["subject"] == first
        )
        said(client, f"/v1/alerts/{ended}/close", {"disposition": "false_alarm"})
        said(client, f"{FRAUD}/events", {"events": events(1_000)[-300:]})
        assert of_scores(client) == rest


def test_a_day_is_acknowledged_only_once_the_alert_of_its_limit_stands(tmp_path: Path) -> None:
    served = service("market", access=Roles())
    served.database = open_database(f"sqlite:///{tmp_path}/barograph.db")
    add_user(served.database, "ada", "approver", by="first-start")
    with asked(served) as client:
        said(client, "/v1/limits", {**LIMIT, "entity": "alpha"})
        client.run(unheard(served))
        said(client, f"{MARKET}/update", {"entity": "alpha", "time": "2021-06-01", "close": 400.0})
        told = client.get("/v1/alerts", headers=VIEWER).json()["alerts"]
        assert [(one["entity"], one["figure"], one["readings"]) for one in told] == [("alpha", "var_99", 2)]


def test_what_the_database_does_not_take_is_not_acknowledged_and_what_can_never_stand_is(
    tmp_path: Path,
) -> None:
    served = governed(tmp_path)
    with asked(served) as client:
        assert served.watch is not None
        with sqlite3.connect(tmp_path / "barograph.db") as other:
            other.execute("DROP TABLE alert_notes")
        answer = client.post(f"{FRAUD}/events", json={"events": events(1_000)}, headers=ADMIN)
        assert answer.status_code == 503, answer.text
        assert served.watch.left_out == 0
        odd = Cause("odd", "s", "no-such-kind", "f", 1.0, 0.5, "medium")  # type: ignore[arg-type]
        client.run(served.watch.stand([odd]))
        assert served.watch.left_out == 1


def alerted(client: Client, served: Service, key: str) -> None:
    """A cause that is told now opens its alert."""
    cause = Cause(key, "credit/default", "score", "score", 0.9, 0.5, "hard", "", key)
    served.see([cause])
    assert served.watch is not None
    client.run(asyncio.wait_for(served.watch.heard(), 20))
    assert key in {one["subject"] for one in queue(client, served)}


def cells(served: Service, name: str) -> dict[str, int]:
    """Records of an input that were counted so far, by cell."""
    assert served.database is not None
    wanted = sa.select(input_counts.c.cell, sa.func.sum(input_counts.c.records)).where(
        input_counts.c.name == name
    )
    rows = served.database.read(lambda c: c.execute(wanted.group_by(input_counts.c.cell)).all())
    return {cell: int(n) for cell, n in rows}
