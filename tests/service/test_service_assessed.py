"""The book assessed last: every worker shows it, also after a restart; an answer goes out once it is kept."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from barograph.api.models import proposal_of
from barograph.core.texts import text
from barograph.govern import registry
from barograph.govern.access import Authenticator, mint_token
from barograph.govern.assessments import Assessment, keep_assessment
from barograph.govern.storage import forget, open_database
from barograph.service.rolling import refreshed
from barograph.service.service import Service
from barograph.service.studies import Studies
from small_bundles import bundle_of
from small_dashboard import Visitor, governed
from small_service import MARKET, Client, asked, service

STUDY, CURVES = "market/volatility", "/v1/studies/test/panels"
BOOK = {"book": [{"entity": "alpha", "value": 1_000.0}, {"entity": "beta", "value": -500.0}]}
SHORT = {"book": [{"entity": "beta", "value": 7.0}]}
INSTRUMENTS = [
    {"instrument": f"bond {n}", "notional": 100.0 + n, "coupon": 0.03, "maturity": 5.0} for n in range(230)
]


class Place:
    """The database of a small service, its models, and who asks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database, self.first, _ = governed(folder)
        self.headers = {"authorization": f"Bearer {mint_token(self.database, 'dev', by='ada')}"}

    @contextmanager
    def another(self) -> Iterator[Client]:
        """A worker that has assessed nothing itself, on a connection of its own."""
        database = open_database(f"sqlite:///{self.folder}/barograph.db")
        made = Service(Studies(), Authenticator(database), database=database)
        with asked(made) as client:
            client.run(refreshed(made))
            yield client

    def assess(self, client: Client, book: dict[str, Any], of: str = MARKET) -> dict[str, Any]:
        answer = client.post(f"{of}/assess", json=book, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def assessed(self, client: Client, of: str = MARKET) -> Any:
        return client.get(f"{of}/assessed", headers=self.headers).json()["assessed"]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.database.close()


@contextmanager
def begun(place: Place) -> Iterator[Client]:
    with asked(place.first) as client:
        client.run(refreshed(place.first))
        yield client


def page(client: Client, risk: str = "market") -> str:
    visitor = Visitor(client)
    assert visitor.log_in("eve").status_code == 303
    return re.sub(r"\s+", " ", visitor.get(f"/dashboard/risks/{risk}").text)


def test_another_worker_and_one_started_later_show_the_book_with_its_time_and_who_asked(place: Place) -> None:
    with begun(place) as client, place.another() as beside:
        assert place.assessed(client) is place.assessed(beside) is None
        assert "keeps no assessed book" in page(beside)
        answer = place.assess(client, BOOK)
        here, there = place.assessed(client), place.assessed(beside)
        assert here == there
        assert (there["by"], there["version"], there["left_out"]) == ("dev", answer["version"], {})
        assert there["figures"]["positions"] == answer["figures"]["positions"]
        assert f"by dev, model {answer['version']}:" in page(beside)
        place.assess(beside, SHORT)
        assert place.assessed(client)["figures"]["value"] == 7.0
    with place.another() as later:
        assert place.assessed(later)["figures"]["value"] == 7.0
        found = page(later)
        assert "The book assessed last" in found
        assert ">beta</th>" in found


def test_of_a_long_book_every_worker_shows_the_largest_positions_and_says_how_many_follow(
    place: Place,
) -> None:
    with place.another() as beside:
        rows = [{"entity": f"e{n:03}", "value": float(n)} for n in range(230)]
        said = Assessment(STUDY, place.database.clock(), "dev", "model-1", {"positions": rows})
        keep_assessment(place.database, said)
        found = page(beside)
        assert ">e229</th>" in found
        assert ">e030</th>" in found
        assert ">e029</th>" not in found
        assert text("dashboard_risk.left_out", "en", n=30) in found


def test_of_many_instruments_the_answer_has_all_and_the_largest_are_kept(place: Place) -> None:
    proposed = registry.propose(place.database, proposal_of(bundle_of("panels")), by="dev", why="rates")
    registry.approve(place.database, proposed, by="bob", why="validated", months=12)
    with begun(place) as client, place.another() as beside:
        answer = place.assess(client, {"book": INSTRUMENTS}, of=CURVES)
        assert len(answer["figures"]["instruments"]) == 230
        kept = place.assessed(beside, of=CURVES)
        largest = [f"bond {n}" for n in range(229, 29, -1)]
        assert [one["instrument"] for one in kept["figures"]["instruments"]] == largest
        assert kept["left_out"] == {"instruments": 30}
        assert kept["figures"]["value"] == answer["figures"]["value"]


def test_no_answer_goes_out_that_could_not_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("barograph.govern.storage.engine.BUSY_SECONDS", 0.01)
    place = Place(tmp_path)
    with begun(place) as client:
        place.assess(client, BOOK)
        monkeypatch.setattr("barograph.govern.storage.database.AGAIN_TIMES", 3)
        blocker = sqlite3.connect(tmp_path / "barograph.db", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        refused = client.post(f"{MARKET}/assess", json=SHORT, headers=place.headers)
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) >= 1
        assert "figures" not in refused.json()
        blocker.execute("ROLLBACK")
        blocker.close()
        assert place.assessed(client)["figures"]["value"] == 500.0
        place.assess(client, SHORT)
        assert place.assessed(client)["figures"]["value"] == 7.0


def test_old_assessments_go_and_the_page_says_that_there_is_none(place: Place) -> None:
    with begun(place) as client:
        place.assess(client, BOOK)
        month = dt.timedelta(days=31)
        later = dataclasses.replace(place.database, clock=lambda: place.database.clock() + month)
        assert forget(later, "assessments", days=30) == 1
        assert place.assessed(client) is None
        assert "keeps no assessed book" in page(client)


def test_without_a_database_a_process_shows_its_own_book() -> None:
    with asked(service("market")) as client, asked(service("market")) as beside:
        assert client.post(f"{MARKET}/assess", json=BOOK).status_code == 200
        kept = client.get(f"{MARKET}/assessed").json()["assessed"]
        assert (kept["figures"]["value"], kept["left_out"]) == (500.0, {})
        assert beside.get(f"{MARKET}/assessed").json()["assessed"] is None
