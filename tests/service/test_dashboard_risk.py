"""Pages of risks, studies, alerts, limits, monitors and trials: what they show, to whom, letter by letter."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator

import numpy as np
import pytest

from barograph.core.texts import LANGUAGES
from barograph.govern import limits
from barograph.govern.access import PERMISSIONS, mint_token
from barograph.govern.alerts import Cause, Sought, alerts_sought, raise_alerts
from barograph.govern.limits import KeptReading, LimitRecord, Reading, limits_of, newest_readings
from barograph.govern.outcomes import outcomes_of
from barograph.govern.storage import Database
from barograph.service.dashboard.catalogue import DEEDS, PAGES
from barograph.service.dashboard.usage import last_of, usage_of
from barograph.service.dashboard.views.overview import RISKS
from barograph.service.rolling import refreshed
from barograph.service.service import Service
from small_dashboard import PEOPLE, Visitor, governed
from small_service import CREDIT, FRAUD, Client, asked, events, record

HOSTILE = "<script>alert('x')</script>\"'&{{7*7}}"
STUDIES = ("credit/default", "operational/fraud", "market/volatility")


class Place:
    """A service with something to show, and somebody who looks."""

    def __init__(self, client: Client, served: Service, database: Database) -> None:
        self.client, self.served, self.database = client, served, database
        self._visitors: dict[str, Visitor] = {}

    def as_(self, name: str) -> Visitor:
        if name not in self._visitors:
            self._visitors[name] = Visitor(self.client)
            assert self._visitors[name].log_in(name).status_code == 303
        return self._visitors[name]

    def page(self, path: str, who: str = "ada", status: int = 200) -> str:
        answer = self.as_(who).get(f"/dashboard{path}")
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:600]}"
        return answer.text

    def send(self, page: str, path: str, who: str = "ada", status: int = 303, **fields: str) -> str:
        self.page(page, who)
        answer = self.as_(who).post(f"/dashboard{path}", **fields)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:600]}"
        return answer.text

    def seen(self) -> None:
        assert self.served.watch is not None
        self.client.run(self.served.watch.heard())

    def alert(self, subject: str = "p-1", **more: str) -> str:
        cause = Cause(
            f"of {subject} {more}", more.get("study", "operational/fraud"), "score", "score", 0.9, 0.5,
            "hard", subject=subject, entity=more.get("entity", ""),
        )  # fmt: skip
        return raise_alerts(self.database, [cause])[0].id


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    database, served, _ = governed(tmp_path_factory.mktemp("risk"))
    with asked(served) as client:
        client.run(refreshed(served))
        yield Place(client, served, database)


def paths() -> list[tuple[str, str]]:
    """Pages with names filled in, and who may see each."""
    found = []
    for page in PAGES:
        if "{study" in page.path:
            found += [(page.path.replace("{study:path}", study), page.permission) for study in STUDIES]
        elif "{risk}" in page.path:
            found += [(page.path.replace("{risk}", risk), page.permission) for risk in RISKS]
    return found


@pytest.mark.parametrize(("path", "permission"), paths())
def test_pages_of_studies_and_risks_open_in_each_language_for_who_may(
    place: Place, path: str, permission: str
) -> None:
    for name, role in PEOPLE.items():
        may = permission in PERMISSIONS[role]
        for lang in LANGUAGES if may else ("en",):
            place.as_(name).cookies["barograph_look"] = f"{lang}.auto"
            page = place.page(path, name, 200 if may else 403)
            assert f'lang="{"zh-Hans" if lang == "zh" else "en"}"' in page
        place.as_(name).cookies.pop("barograph_look", None)


def test_a_forecast_is_a_fan_and_a_table_of_the_entity_wanted(place: Place) -> None:
    page = place.page("/studies/market/volatility?of=beta")
    assert "beta, forecast at" in page
    assert page.count('class="plot"') >= 1
    assert '<td class="n">22</td>' in page
    assert "alpha, forecast at" in place.page("/studies/market/volatility?of=nobody")


def test_looking_is_not_held_to_limits_and_told_to_no_monitor(place: Place) -> None:
    before = newest_readings(place.database)
    for path in ("/studies/market/volatility", "/risks/market"):
        place.page(path)
    place.seen()
    assert newest_readings(place.database) == before


def test_a_fraud_alert_is_taken_commented_closed_and_becomes_the_label(place: Place) -> None:
    alert = place.alert("p-fraud")
    assert "p-fraud" in place.page("/alerts", "dev")
    one = f"/alerts/{alert}"
    place.send(one, f"{one}/assign", "dev", to="dev")
    place.send(one, f"{one}/comment", "dev", words="called the card's owner")
    page = place.page(one, "dev")
    assert "called the card&#39;s owner" in page
    assert "p-fraud" in place.page("/alerts?who=mine", "dev")
    assert "p-fraud" not in place.page("/alerts?who=nobody", "dev")
    place.send(one, f"{one}/close", "dev", disposition="fraud", words="a stolen card")
    assert outcomes_of(place.database, "operational/fraud")["p-fraud"].label == 1.0
    assert "p-fraud" not in place.page("/alerts", "dev")
    assert "p-fraud" in place.page("/alerts?state=closed&study=operational%2Ffraud", "dev")
    assert "closed by dev" in place.page(one, "dev")
    assert "already" not in place.send("/alerts", f"{one}/close", "dev", 409, disposition="fraud")


def test_who_may_not_work_on_alerts_sees_them_without_forms(place: Place) -> None:
    alert = place.alert("p-view")
    page = place.page(f"/alerts/{alert}", "eve")
    assert f'action="/dashboard/alerts/{alert}/close"' not in page
    place.send(f"/alerts/{alert}", f"/alerts/{alert}/close", "eve", 403, disposition="fraud")
    assert any(one.id == alert for one in alerts_sought(place.database, Sought(), most=100))


def test_a_limit_is_set_read_shown_against_its_bounds_and_ended(place: Place) -> None:
    fields = {"study": "market/volatility", "figure": "es_99", "soft": "1e-7", "hard": "0.9", "owner": "ada"}
    place.send("/limits", "/limits", "bob", **fields, why="of this test", days="30", entity="alpha", below="")
    (made,) = (one for one in limits_of(place.database) if one.why == "of this test")
    assert (made.soft, made.hard, made.entity, made.below, made.created_by) == (
        1e-7,
        0.9,
        "alpha",
        False,
        "bob",
    )
    assert "soft breach" in place.page("/limits", "bob")  # what the model says already breaks it
    assert 'class="plot"' in place.page(f"/limits/{made.id}", "bob")
    assert (
        place.client.post(
            "/v1/studies/market/volatility/predict", json={}, headers=_as("dev", place)
        ).status_code
        == 200
    )
    place.seen()
    assert "soft breach" in place.page("/limits", "bob")
    page = place.page(f"/limits/{made.id}", "bob")
    assert 'class="plot"' in page
    assert "es_99" in place.page("/risks/market", "bob")
    place.send(f"/limits/{made.id}", f"/limits/{made.id}/end", "bob")
    assert "was ended by bob" in place.page(f"/limits/{made.id}", "bob")


def test_a_limit_that_cannot_be_is_refused_and_what_was_written_stays(place: Place) -> None:
    fields = {"study": "market/volatility", "figure": "var_99", "soft": "3", "hard": "1", "owner": "ada"}
    page = place.send("/limits", "/limits", "bob", 422, **fields, why="the reason", days="30")
    assert "hard one beyond" in page
    assert 'value="the reason"' in page
    page = place.send(
        "/limits", "/limits", "bob", 422, **{**fields, "soft": "much"}, why="the reason", days="30"
    )
    assert 'role="alert"' in page


def test_a_record_is_tried_with_its_reasons_and_changed(place: Place) -> None:
    path, row = "/studies/credit/default/try", record()
    fields = {
        f"{'n' if isinstance(value, float) else 'c'}.{name}": f"{'' if value is None else value}"
        for name, value in row.items()
    }
    page = place.send(path, f"{path}/record", "dev", 200, **fields)
    assert "Answer" in page
    assert 'class="plot"' in page
    assert f'value="{row["amount"]}"' in page
    answer = place.client.post(f"{CREDIT}/predict", json={"records": [row]}, headers=_as("dev", place)).json()
    assert f"{100 * answer['answers'][0]['probability']:.2f} %" in page
    page = place.send(path, f"{path}/change", "dev", 200, **fields, **{"to.n.income": "9.5"})
    assert "income → 9.50" in page
    assert "name one input" not in page
    assert "unknown categories" not in page  # there is none before and none after
    assert "False" not in page
    place.as_("dev").cookies["barograph_look"] = "zh.auto"
    page = place.send(path, f"{path}/record", "dev", 200, **fields)
    assert "<b>通过</b>" in page or "<b>拒绝</b>" in page
    assert "<b>否</b>" in page
    place.as_("dev").cookies.pop("barograph_look")
    page = place.send(path, f"{path}/change", "dev", 422, **fields)
    assert "a change must name another value" in page
    page = place.send(path, f"{path}/record", "dev", 422, **{**fields, "n.amount": HOSTILE})
    assert "amount must be a number" in page
    assert HOSTILE not in page


def test_an_event_is_tried_and_the_live_state_stays_as_it_is(place: Place) -> None:
    path = "/studies/operational/fraud/try"
    one = events(1)[0]
    before = place.served.studies.of("operational/fraud").model.snapshot()  # type: ignore[union-attr]
    fields = {f"{'n' if isinstance(value, float) else 'c'}.{name}": str(value) for name, value in one.items()}
    page = place.send(path, f"{path}/record", "dev", 200, **fields)
    assert "a copy of the live state" in page
    assert 'class="plot"' in page
    after = place.served.studies.of("operational/fraud").model.snapshot()  # type: ignore[union-attr]
    assert before.keys() == after.keys()
    assert all(
        np.array_equal(before[name], after[name], equal_nan=before[name].dtype.kind == "f") for name in before
    )
    told = place.client.post(f"{FRAUD}/events", json=one, headers=_as("dev", place)).json()
    assert told["status"] == "new"  # the trial did not take it in


def test_a_day_is_forecast_from_and_only_taken_in_when_asked(place: Place) -> None:
    path = "/studies/market/volatility/try"
    day = {"c.entity": "alpha", "c.time": "2021-06-02", "n.open": "400", "n.high": "402", "n.low": "398"}
    day |= {"n.close": "401", "n.volume": "1000"}
    page = place.send(path, f"{path}/day", "dev", 200, **day)
    assert "2021-06-02" in page
    assert "2021-06-02" not in place.page("/studies/market/volatility?of=alpha")
    place.send(path, f"{path}/update", "dev", 200, **day)
    assert "2021-06-02" in place.page("/studies/market/volatility?of=alpha")


def test_a_book_is_assessed_under_scenarios_and_stands_in_the_inventory(place: Place) -> None:
    path = "/studies/market/volatility/scenario"
    book = "entity,value\nalpha,1000\nbeta,-500\n"
    page = place.send(path, f"{path}/assess", "dev", 200, book=book, scenario="", shocks="", name="")
    assert "black_monday_1987" in page
    assert 'class="plot"' in page
    assert html.escape(book.splitlines()[1]) in page
    assert "The book assessed last" in place.page("/risks/market")
    own = place.send(
        path,
        f"{path}/assess",
        "dev",
        200,
        book=book,
        scenario="",
        name="mine",
        shocks="alpha: -20 %\nbeta -0.1",
    )
    assert "mine" in own
    assert "−200" in own.replace("-200", "−200")
    for wrong, said in (("entity,value\nalpha", "as many cells"), ("entity\nnobody", "refused"), ("", "")):
        page = place.send(path, f"{path}/assess", "dev", 422, book=wrong, scenario="", shocks="", name="")
        assert said in page or 'role="alert"' in page
    page = place.send(
        path, f"{path}/assess", "dev", 422, book=book, scenario="", shocks="alpha much", name="x"
    )
    assert "a line of shocks must be a name and a number" in page


def test_loans_are_assessed_as_a_book(place: Place) -> None:
    path = "/studies/credit/default/scenario"
    example = re.search(r"<textarea[^>]*>(.*?)</textarea>", place.page(path), re.DOTALL)
    assert example is not None
    rows = [record(place_) for place_ in range(3)]
    names = list(rows[0])
    book = "\n".join(
        [
            ",".join(names),
            *(",".join("" if row[name] is None else str(row[name]) for name in names) for row in rows),
        ]
    )
    page = place.send(path, f"{path}/assess", "dev", 200, book=book)
    assert "expected loss" in page


def test_what_others_wrote_is_shown_letter_by_letter(place: Place) -> None:
    alert = place.alert(HOSTILE, entity=HOSTILE, study=f"s {HOSTILE}")
    limit = limits.set_limit(
        place.database, f"s {HOSTILE}", HOSTILE, hard=1.0, entity=HOSTILE, owner="ada", why=HOSTILE, by="ada"
    )
    one = f"/alerts/{alert}"
    place.send(one, f"{one}/comment", words=HOSTILE)
    for path in ("/alerts", one, "/limits", f"/limits/{limit}", "/monitors", f"/alerts?study={HOSTILE}"):
        page = place.page(path)
        assert "<script>alert" not in page, path
        assert "49" not in re.sub(r"[0-9a-f]{6,}|\d{4}-\d\d-\d\d|\d\d:\d\d", "", page) or "{{7*7}}" in page, (
            path
        )
    assert html.escape(HOSTILE) in place.page(one).replace("&#34;", "&quot;").replace("&#39;", "&#x27;")


def test_the_report_opens_in_a_place_of_its_own_and_claims_are_shown(place: Place) -> None:
    served = place.served.studies.of("credit/default")
    page = place.page("/studies/credit/default")
    assert served.about["verdict"][:40] in html.unescape(page)
    assert 'href="/dashboard/report/credit/default"' in page
    assert ">Floor<small>" in page
    assert "&lt; 0.001" in page
    report = place.as_("eve").get("/dashboard/report/credit/default")
    assert report.text.startswith("<!doctype html>")
    assert "Plotly" in report.text
    assert report.headers["content-security-policy"].startswith("sandbox allow-scripts;")
    older = place.page("/studies/market/volatility")  # a bundle that was written without papers
    assert "does not carry the claims and the report" in older
    place.page("/report/market/volatility", status=404)


def test_monitors_say_what_they_see(place: Place) -> None:
    rows = [{**record(number), "loan": f"seen {number}"} for number in range(250)]
    answer = place.client.post(f"{CREDIT}/predict", json={"records": rows}, headers=_as("dev", place))
    assert answer.status_code == 200
    labels = [
        {"event_id": f"seen {number}", "label": number % 2, "known_at": "2026-01-01T00:00:00Z"}
        for number in range(60)
    ]
    told = place.client.post(f"{CREDIT}/outcomes", json={"outcomes": labels}, headers=_as("dev", place))
    assert told.status_code == 200
    page = place.page("/studies/credit/default/monitors")
    assert page.count('class="plot"') >= 4  # distribution, drift, calibration twice
    assert "labelled" in page
    assert "credit/default" in place.page("/monitors")
    study = place.page("/studies/credit/default")
    assert "Where the figures lie" in study


def test_the_live_feed_is_for_who_is_logged_in(place: Place) -> None:
    answer = Visitor(place.client).get("/dashboard/stream")
    assert answer.status_code == 303


def test_every_form_of_these_pages_is_one_of_the_catalogue(place: Place) -> None:
    known = {re.sub(r"\{[^}]*\}", '[^"]+', deed.path) for deed in DEEDS}
    alert = place.alert("p-form")
    for path in (*(path for path, _ in paths()), f"/alerts/{alert}", "/limits"):
        found = re.findall(r'(?:formaction|method="post" action)="/dashboard([^"]*)"', place.page(path))
        for one in found:
            assert one in ("/logout", "/look") or any(re.fullmatch(way, one) for way in known), one


@pytest.mark.parametrize(
    ("below", "value", "level", "used"),
    [
        (False, 0.5, "ok", 0.25),
        (False, 1.5, "soft", 0.75),
        (False, 2.5, "hard", 1.25),
        (False, None, "hard", float("inf")),
        (True, 4.0, "ok", 0.5),
        (True, 1.0, "hard", 2.0),
    ],
)
def test_how_much_of_a_limit_is_used(below: bool, value: float | None, level: str, used: float) -> None:
    now = dt.datetime(2027, 3, 3, tzinfo=dt.UTC)
    limit = LimitRecord(
        "one", "s", "var_99", "", soft=3.0 if below else 1.0, hard=2.0, below=below, owner="ada", why="",
        expires_at=now, created_at=now, created_by="ada", ended_at=None, ended_by=None, expired=False,
    )  # fmt: skip
    read = last_of(KeptReading("s", "var_99", "alpha", now, value, value, value, 1, now))
    near = Reading("s", "var_99", 9.0 if below else 0.1, "beta")
    found = usage_of(limit, [near, read, Reading("s", "es_99", 99.0, "alpha")])
    assert (found.level, found.share, found.entity) == (level, used, "alpha")


def _as(name: str, place: Place) -> dict[str, str]:
    return {"authorization": f"Bearer {mint_token(place.database, name, by='ada')}"}
