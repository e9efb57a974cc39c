"""Long lists over HTTP: every row once, a page at a time, none cut off without a word."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from barograph.govern.access import add_user
from barograph.govern.alerts import Cause, close_alert, raise_alerts
from barograph.govern.messages import add_receiver, try_receiver
from barograph.govern.monitors import note_loss, note_var
from barograph.govern.storage import Database, open_database
from barograph.govern.tables import outbox
from barograph.service.alerting import DAYS
from barograph.service.monitoring import ALPHA
from barograph.service.operations import OPERATIONS
from barograph.service.operations_watched import ALERTS
from small_service import MARKET, Client, Roles, asked, service

ADMIN = {"authorization": "Bearer admin"}
MANY = ALERTS + 7


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Database]]:
    folder: Path = tmp_path_factory.mktemp("pages")
    database = open_database(f"sqlite:///{folder}/barograph.db")
    add_user(database, "ada", "approver", by="first-start")
    served = service("market", access=Roles())
    served.database = database
    with asked(served) as client:
        yield client, database


def pages(client: Client, path: str, rows: str, **query: Any) -> list[list[dict[str, Any]]]:
    """Every page of a list, each by what the one before called next."""
    found: list[list[dict[str, Any]]] = []
    after: dict[str, str] = {}
    while not found or after:
        answer = client.get(path, params=query | after, headers=ADMIN)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert told[rows] not in found, "a page is told again"
        found.append(told[rows])
        after = {} if told["next"] is None else {"after": told["next"]}
    return found


def test_alerts_beyond_a_page_are_told_too(place: tuple[Client, Database]) -> None:
    client, database = place
    causes = [Cause(f"of {n}", "s", "score", "score", 0.9, 0.5, "hard", subject=f"s{n}") for n in range(MANY)]
    raised = [one.id for one in raise_alerts(database, causes)]
    whole = pages(client, "/v1/alerts", "alerts")
    assert [len(page) for page in whole] == [ALERTS, MANY - ALERTS]
    assert sorted(one["id"] for page in whole for one in page) == sorted(raised)
    assert [one for page in pages(client, "/v1/alerts", "alerts", limit=333) for one in page] == [
        one for page in whole for one in page
    ]
    for one in raised[:5]:
        close_alert(database, one, disposition="fixed", by="ada")
    closed = pages(client, "/v1/alerts/closed", "alerts", limit=2)
    assert [len(page) for page in closed] == [2, 2, 1]
    assert [one["id"] for page in closed for one in page] == raised[4::-1]


def test_messages_beyond_a_page_are_told_too(place: tuple[Client, Database]) -> None:
    client, database = place
    made, _ = add_receiver(database, "https://hooks.bank.example/risk", by="ada")
    sent = {try_receiver(database, made, by="ada") for _ in range(5)}
    found = pages(client, f"/v1/receivers/{made}/messages", "messages", limit=2)
    assert [len(page) for page in found] == [2, 2, 1]
    assert {one["id"] for page in found for one in page} == sent
    database.write(lambda c: c.execute(sa.delete(outbox)))


def test_days_of_a_var_beyond_a_page_are_told_too(place: tuple[Client, Database]) -> None:
    client, database = place
    version = client.get(MARKET, headers=ADMIN).json()["version"]
    first = dt.date(2019, 1, 1)
    days = [first + dt.timedelta(days=n) for n in range(DAYS + 3)]
    for day in days:
        note_var(database, "market/volatility", version, day, {"alpha": 0.02}, alpha=ALPHA)
    note_loss(database, "market/volatility", first, {"alpha": math.log(2.0)})
    found = pages(client, f"{MARKET}/var-days/alpha", "days")
    assert [len(page) for page in found] == [DAYS, 3]
    told = [one["day"] for page in reversed(found) for one in page]
    assert told == [day.isoformat() for day in days]


@pytest.mark.parametrize("limit", ["0", "-1", str(ALERTS + 1), "ten", "", "1e3", "9" * 40])
def test_a_limit_of_a_page_that_is_none_is_refused(place: tuple[Client, Database], limit: str) -> None:
    answer = place[0].get("/v1/alerts", params={"limit": limit}, headers=ADMIN)
    assert answer.status_code == 422
    assert "limit of a page" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/v1/alerts", "/v1/alerts/closed", f"{MARKET}/var-days/alpha"])
def test_a_page_behind_nothing_is_refused(place: tuple[Client, Database], path: str) -> None:
    answer = place[0].get(path, params={"after": "none"}, headers=ADMIN)
    assert answer.status_code == 422
    assert "next" in answer.json()["detail"]


def test_the_description_says_how_lists_go_on(place: tuple[Client, Database]) -> None:
    told = place[0].get("/openapi.json", headers=ADMIN).json()["paths"]
    for one in OPERATIONS:
        about = told[one.path.replace(":path", "")][one.method.lower()]
        queries = [each for each in about["parameters"] if each["in"] == "query"]
        named = {each["name"]: each["schema"] for each in queries}
        assert ("after" in named) == ("limit" in named) == bool(one.paged)
        if one.paged:
            assert named["limit"]["maximum"] == one.paged
            assert "next" in about["description"]
    assert sum(bool(one.paged) for one in OPERATIONS) == 4
