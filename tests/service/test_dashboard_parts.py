"""Parts of pages: lights say the same everywhere, and one study that is away does not take a page with it."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from barograph.core.errors import StorageError
from barograph.govern.alerts import Cause, Sought, alert_counts, assign_alert, close_alert, raise_alerts
from barograph.govern.storage import Database
from barograph.service import alerting
from barograph.service.access import OneToken
from barograph.service.dashboard import assets
from barograph.service.dashboard.lights import lights_of
from barograph.service.problems import missing
from barograph.service.rolling import refreshed
from barograph.service.service import Service
from barograph.service.studies import Served, Studies
from small_dashboard import Visitor, governed
from small_service import TOKEN, Client, asked, bundles

MARKET = "market/volatility"


class Away(Studies):
    """Studies of which one is away as soon as it is asked for, though it is on the list."""

    def of(self, study: str) -> Served:
        if study == MARKET:
            raise missing("study", study, [])
        return super().of(study)


class Unreadable(Studies):
    """Studies whose forecasts cannot be read, as where a disk fails."""

    def turn(self, study: str) -> Any:
        raise StorageError("the disk must answer", came="it does not", do="Try again later")


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Service, Database]]:
    database, served, _ = governed(tmp_path_factory.mktemp("parts"))
    with asked(served) as client:
        client.run(refreshed(served))
        yield client, served, database


def test_the_first_page_says_of_each_monitor_what_its_own_page_says(
    watched: tuple[Client, Service, Database],
) -> None:
    client, served, _ = watched
    visitor = Visitor(client)
    assert visitor.log_in("ada").status_code == 303
    visitor.get("/dashboard")  # the forecast is made
    overview, monitors = (
        html.unescape(visitor.get(path).text) for path in ("/dashboard", "/dashboard/monitors")
    )
    seen = 0
    for name in served.studies.names:
        for light in lights_of(client.run(alerting.monitored(served, name)), "en"):
            assert light.said in overview
            assert light.said in monitors
            seen += 1
    assert seen
    assert "not yet</span>" in overview.split('href="#credit"')[1].split("</li>")[0]


def test_a_study_that_is_away_is_said_to_be_and_the_rest_is_shown() -> None:
    folders = bundles()
    studies = Away([Served.open(folders[name]) for name in ("market", "fraud")])
    with asked(Service(studies, OneToken.of(TOKEN))) as client:
        visitor = Visitor(client)
        visitor.get("/dashboard/login")
        assert visitor.post("/dashboard/login", token=TOKEN).status_code == 303
        for path in ("/dashboard", "/dashboard/risks/market", "/dashboard/risks/operational"):
            assert visitor.get(path).status_code == 200, path
        page = html.unescape(visitor.get("/dashboard/risks/market").text)
        assert MARKET in page
        assert missing("study", MARKET, []).detail in page


def test_a_study_of_which_nothing_can_be_read_is_503_and_a_part_that_is_away_is_logged_and_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    service = Service(Unreadable([Served.open(bundles()["market"])]), OneToken.of(TOKEN))
    with asked(service) as client:
        visitor = Visitor(client)
        visitor.get("/dashboard/login")
        assert visitor.post("/dashboard/login", token=TOKEN).status_code == 303
        assert visitor.get("/dashboard/studies/market/volatility").status_code == 503
        assert "the disk must answer" in visitor.get("/dashboard/risks/market").text
    assert service.metrics.parts_away == 2
    assert "barograph_page_parts_away_total 2" in service.metrics.text()
    assert capsys.readouterr().err.count("part of a page away") == 2


def test_an_asset_is_read_and_packed_once_however_many_ask_at_once() -> None:
    assets._kept.pop("plotly.js", None)
    start = threading.Barrier(8)

    def ask(_: int) -> assets.Asset:
        start.wait()
        return assets.asset("plotly.js")

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    assert len({id(one) for one in found}) == 1


def test_every_alert_is_opened_and_counted_however_many_there_are(
    watched: tuple[Client, Service, Database],
) -> None:
    client, _, database = watched
    causes = [
        Cause(f"of {n}", "operational/fraud", "score", "score", 0.9, 0.5, "soft", subject=f"s-{n}")
        for n in range(1_050)
    ]
    raised = raise_alerts(database, causes)
    assert len(raised) == len(causes)
    assign_alert(database, raised[0].id, to="bob", by="ada")
    visitor = Visitor(client)
    assert visitor.log_in("bob").status_code == 303
    for one in (raised[0], raised[-1]):
        assert one.subject in visitor.get(f"/dashboard/alerts/{one.id}").text
    assert visitor.get("/dashboard/alerts/none").status_code == 404
    count = sum(one.alerts for one in alert_counts(database, Sought("operational/fraud", "soft")))
    assert count >= 1_050
    assert str(count) in visitor.get("/dashboard").text
    mine = visitor.get("/dashboard/alerts?who=mine&study=operational/fraud").text
    assert raised[0].id in mine
    assert raised[1].id not in mine
    nobody = visitor.get("/dashboard/alerts?who=nobody&severity=soft&kind=score").text
    assert raised[0].id not in nobody
    assert sum(one.id in nobody for one in raised) == 200
    seen, page = [one.id for one in raised if f"alert-{one.id}" in nobody], nobody
    while (more := re.search(r'rel="next" href="([^"]+)"', page)) is not None:
        page = visitor.get(f"/dashboard/alerts{html.unescape(more[1])}").text
        seen += [one.id for one in raised if f"alert-{one.id}" in page]
        assert "The first ones" in page
    assert sorted(seen) == sorted(one.id for one in raised[1:])
    assert visitor.get("/dashboard/alerts?after=none").status_code == 422
    assert "More alerts: operational/fraud" in visitor.get("/dashboard/risks/operational").text
    close_alert(database, raised[1].id, disposition="accepted", by="bob")
    assert visitor.get(f"/dashboard/alerts/{raised[1].id}").status_code == 200
    assert raised[1].id in visitor.get("/dashboard/alerts?state=closed").text
