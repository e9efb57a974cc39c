"""What the service answers is what the bundle answers, in any order of requests."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import barograph as bg
from barograph.api.answer import Predictor, Scorer
from barograph.api.live import EventScorer
from barograph.engines.scoring.quick import QuickScorer
from barograph.service.access import OneToken
from barograph.service.monitoring import profile_of
from barograph.service.service import Service
from barograph.service.studies import Served, Studies
from small_service import CREDIT, FRAUD, MARKET, TOKEN, Client, asked, bundles, events, record, service


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Of a service whose state no test of this file may count on."""
    with asked(service()) as one:
        yield one


@pytest.fixture
def fraud() -> Iterator[Client]:
    """Of a service on events, fresh."""
    with asked(service("fraud")) as one:
        yield one


def post(client: Client, path: str, body: Any, status: int = 200) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def test_records_get_the_figures_of_the_bundle(client: Client) -> None:
    rows = [record(place) for place in (0, 500, 1000)]
    model = bg.load(bundles()["credit"])
    assert isinstance(model, Scorer)
    answer = post(client, f"{CREDIT}/predict", {"records": rows})
    for said, expected in zip(answer["answers"], model.predict(rows).to_dicts(), strict=True):
        assert said.keys() == expected.keys()
        for key, value in expected.items():
            assert said[key] == (pytest.approx(value, rel=1e-6) if isinstance(value, float) else value), key


def test_a_record_alone_gets_what_it_gets_among_others(client: Client) -> None:
    rows = [record(place) for place in range(0, 2000, 100)]
    together = post(client, f"{CREDIT}/predict", {"records": rows})["answers"]
    for row, among in zip(rows, together, strict=True):
        alone = post(client, f"{CREDIT}/predict", {"records": [row]})["answers"][0]
        assert alone.keys() == among.keys()
        for key in alone:
            assert alone[key] == (
                pytest.approx(among[key], rel=1e-6) if isinstance(among[key], float) else among[key]
            )


def test_a_few_figures_of_one_record_are_those_of_the_table(client: Client) -> None:
    model = bg.load(bundles()["credit"])
    assert isinstance(model, Scorer)
    wanted = ["record_id", "probability", "grade", "decision", "unseen"]
    rows = [record(place) for place in range(0, 2000, 40)]
    assert any(row["income"] is None for row in rows)
    assert any(row["region"] is None for row in rows)
    table = model.predict(rows).select(wanted).to_dicts()
    for row, expected in zip(rows, table, strict=True):
        assert model.quick([row])[0] is not None, "the quick way must be the one under test"
        said = post(client, f"{CREDIT}/predict", {"records": [row], "figures": wanted})["answers"]
        assert said == [{**expected, "probability": pytest.approx(expected["probability"], abs=1e-6)}]


@pytest.mark.parametrize(
    "other",
    [
        {"region": "nowhere"}, {"region": 5}, {"income": "3.5"}, {"income": True}, {"made": "2016-02-30"},
        {"made": "01.02.2016"}, {"made": None}, {"made": "1066-01-01"}, {"amount": -5.0}, {"loan": " L1"},
        {"loan": None}, {"loan": "NA"}, {"loan": True}, {"income": 1e31}, {"loan": 17},
    ],
    ids=range(15),
)  # fmt: skip
def test_a_record_that_must_be_read_is_answered_as_in_a_table(client: Client, other: dict[str, Any]) -> None:
    body = {"records": [{**record(), **other}], "figures": ["record_id", "probability", "unseen"]}
    alone = client.post(f"{CREDIT}/predict", json=body)
    among = client.post(f"{CREDIT}/predict", json={**body, "records": body["records"] * 2})
    assert alone.status_code == among.status_code, alone.text
    if alone.status_code == 200:
        first, second = alone.json()["answers"][0], among.json()["answers"][0]
        assert first.pop("probability") == pytest.approx(second.pop("probability"), abs=1e-6)
        assert first == second


class Broken:
    """A net that has no figure."""

    def one(self, row: Any) -> float:
        return float("nan")

    def many(self, rows: Sequence[Any]) -> list[float]:
        return [float("nan"), *(0.5 for _ in rows[1:])]


def test_what_is_no_probability_is_not_answered_quickly() -> None:
    model = bg.load(bundles()["credit"])
    assert isinstance(model, Scorer)
    quick = QuickScorer.of(model.predictor)
    assert quick is not None
    quick._figure = Broken()  # type: ignore[assignment]
    assert quick.many([record()]) == [None]
    assert [found is None for found in quick.many([record(), record(1)])] == [True, False]


def test_a_figure_that_is_not_one_is_refused(client: Client) -> None:
    told = post(client, f"{CREDIT}/predict", {"records": [record()], "figures": ["propability"]}, 404)
    assert "probability" in told["detail"]


def test_reasons_add_up_to_the_figure(client: Client) -> None:
    answer = post(client, f"{CREDIT}/predict", {"records": [record()], "reasons": True})["answers"][0]
    assert answer["base"] + sum(answer["reasons"].values()) == pytest.approx(answer["probability"], abs=1e-9)


def test_a_changed_record_moves_the_figure_by_the_difference(client: Client) -> None:
    answer = post(
        client, f"{CREDIT}/what-if", {"record": record(), "changes": [{"income": 20.0}, {"income": 0.5}]}
    )
    before = answer["answer"]["probability"]
    for changed in answer["changed"]:
        alone = post(client, f"{CREDIT}/predict", {"records": [{**record(), **changed["change"]}]})[
            "answers"
        ][0]
        assert changed["moved"] == pytest.approx(alone["probability"] - before, abs=1e-6)
    assert [one["moved"] != 0 for one in answer["changed"]] == [True, True]


def test_a_book_of_loans_is_assessed(client: Client) -> None:
    rows = [record(place) for place in range(30)]
    figures = post(client, f"{CREDIT}/assess", {"book": rows})["figures"]
    assert sum(one["records"] for one in figures["grades"]) == 30


def test_series_are_forecast_updated_once_and_forecast_from_there() -> None:
    model = bg.load(bundles()["market"])
    assert isinstance(model, Predictor)
    day = {"entity": "alpha", "time": "2021-06-01", "close": 400.0}
    with asked(service("market")) as client:
        newest = post(client, f"{MARKET}/predict", {})["answers"]
        assert newest == [{**one, "time": one["time"].isoformat()} for one in model.forecast().to_dicts()]
        made_up = post(client, f"{MARKET}/predict", {"records": [day]})["answers"]
        assert post(client, f"{MARKET}/predict", {})["answers"] == newest
        assert post(client, f"{MARKET}/update", day)["answers"] == made_up
        assert post(client, f"{MARKET}/update", day)["answers"] == made_up  # as after a lost reply
        assert (
            "must carry the prices it has seen"
            in post(client, f"{MARKET}/update", {**day, "close": 1.0}, 422)["detail"]
        )
        alpha = post(client, f"{MARKET}/predict", {"entities": ["alpha"]})["answers"]
    assert {one["time"] for one in alpha} == {"2021-06-01"}
    assert {one["entity"] for one in alpha} == {"alpha"}


def test_a_book_is_assessed_under_a_scenario_of_ones_own(client: Client) -> None:
    book = [{"entity": "alpha", "value": 1000.0}]
    own = {"name": "mine", "shocks": {"alpha": -0.25}}
    figures = post(client, f"{MARKET}/assess", {"book": book, "scenario": own})["figures"]
    assert [one["scenario"] for one in figures["scenarios"]] == ["mine"]
    assert figures["scenarios"][0]["profit"] == pytest.approx(-250.0)
    packaged = post(client, f"{MARKET}/assess", {"book": book, "scenario": "black_monday_1987"})["figures"]
    assert [one["scenario"] for one in packaged["scenarios"]] == ["black_monday_1987"]


def test_events_are_scored_as_the_bundle_scores_them_one_by_one_and_together(fraud: Client) -> None:
    model = bg.load(bundles()["fraud"])
    assert isinstance(model, EventScorer)
    some = events(40)
    expected = [{key: one[key] for key in ("status", "score", "alert")} for one in map(model.update, some)]
    said = [post(fraud, f"{FRAUD}/events", one) for one in some[:20]]
    said += post(fraud, f"{FRAUD}/events", {"events": some[20:]})["answers"]
    for one, wanted in zip(said, expected, strict=True):
        assert (one["status"], one["alert"]) == (wanted["status"], wanted["alert"])
        assert one["score"] == pytest.approx(wanted["score"], abs=1e-6)


def test_an_event_that_comes_again_is_answered_as_the_first_time(fraud: Client) -> None:
    one = events(1)[0]
    first, again = (post(fraud, f"{FRAUD}/events", one) for _ in range(2))
    assert (first["status"], again["status"]) == ("new", "duplicate")
    assert first["score"] == again["score"]


def test_many_at_once_get_what_they_get_one_after_the_other(fraud: Client) -> None:
    """Each three times, from eight threads, at one instant and of accounts that never met: none is late."""
    some, parties = [], set()
    for one in events(400):
        if not parties & {one["actor"], one["counterparty"]}:
            parties |= {one["actor"], one["counterparty"]}
            some.append({**one, "time": "2024-02-19T12:00:00Z"})
    assert len(some) > 20
    model = bg.load(bundles()["fraud"])
    assert isinstance(model, EventScorer)
    expected = {one["event_id"]: model.update(one)["score"] for one in some}
    with ThreadPoolExecutor(8) as pool:
        asks = [pool.submit(post, fraud, f"{FRAUD}/events", one) for one in some * 3]
        asides = [pool.submit(post, fraud, f"{FRAUD}/predict", {"records": some[:5]}) for _ in range(3)]
        said = [ask.result() for ask in asks]
        for aside in asides:
            for one in aside.result()["answers"]:
                assert one["probability"] == pytest.approx(expected[one["event_id"]], abs=1e-6)
    assert sorted(one["status"] for one in said) == ["duplicate"] * 2 * len(some) + ["new"] * len(some)
    for one in said:
        assert one["score"] == pytest.approx(expected[one["event_id"]], abs=1e-6)


def test_one_of_many_updates_at_once_is_taken() -> None:
    day = {"entity": "alpha", "time": "2021-06-01", "close": 400.0}
    with asked(service("market")) as client, ThreadPoolExecutor(8) as pool:
        days = [{**day, "close": 400.0 + number} for number in range(12)]
        found = list(pool.map(lambda one: client.post(f"{MARKET}/update", json=one).status_code, days))
    assert sorted(found) == [200] + [422] * 11


def test_a_table_of_events_leaves_the_live_state_as_it_is(fraud: Client) -> None:
    some = events(6)
    apart = post(fraud, f"{FRAUD}/predict", {"records": some})["answers"]
    assert [one["status"] for one in apart] == ["new"] * 6
    live = post(fraud, f"{FRAUD}/events", {"events": some})["answers"]
    assert [one["status"] for one in live] == ["new"] * 6
    assert [one["score"] for one in live] == pytest.approx([one["probability"] for one in apart], abs=1e-6)


def test_a_changed_event_is_scored_as_one_that_was_never_sent(fraud: Client) -> None:
    one = events(1)[0]
    post(fraud, f"{FRAUD}/events", one)
    answer = post(fraud, f"{FRAUD}/what-if", {"record": one, "changes": [{"amount": 50_000.0}]})
    assert [answer["answer"]["status"], answer["changed"][0]["answer"]["status"]] == ["new", "new"]
    assert answer["changed"][0]["moved"] != 0.0


def test_outcomes_are_learnt_all_or_none(fraud: Client) -> None:
    some = events(3)
    post(fraud, f"{FRAUD}/events", {"events": some})
    good = {"event_id": some[0]["event_id"], "label": 1, "known_at": some[2]["time"]}
    bad = {**good, "event_id": some[1]["event_id"], "known_at": "soon"}
    assert "time of the label" in post(fraud, f"{FRAUD}/outcomes", {"outcomes": [good, bad]}, 422)["detail"]
    answer = post(fraud, f"{FRAUD}/outcomes", {"outcomes": [good, good]})["answers"]
    assert answer[0]["status"] == "learned"
    assert answer[1]["status"] != "learned"


def test_studies_are_told_with_their_models_and_checks(client: Client) -> None:
    told = client.get("/v1/studies").json()["studies"]
    assert [one["study"] for one in told] == ["credit/default", "operational/fraud", "market/volatility"]
    for one in told:
        alone = client.get(f"/v1/studies/{one['study']}").json()
        assert alone["version"] == one["version"]
        assert alone["checks"]
        assert all(check["passed"] for check in alone["checks"])
        assert alone["manifest"]["study"] == one["study"]


def test_a_scenario_of_no_volatility_is_refused_not_taken_for_one_that_leaves_it(client: Client) -> None:
    own = {"name": "mine", "shocks": {"alpha": -0.25}, "volatility": 0}
    book = [{"entity": "alpha", "value": 1000.0}]
    told = post(client, f"{MARKET}/assess", {"book": book, "scenario": own}, 422)
    assert "above zero" in told["detail"]


@pytest.mark.parametrize("n", [1, 2], ids=["quickly", "as a table"])
def test_a_figure_that_this_bundle_lacks_is_refused(client: Client, n: int) -> None:
    rows = [record(place) for place in range(n)]
    for figures in (["alert"], ["probability", "alert"]):
        told = post(client, f"{CREDIT}/predict", {"records": rows, "figures": figures}, 404)
        assert "'alert'" in told["detail"]
    twice = {"records": rows, "figures": ["grade", "grade"]}
    assert {tuple(one) for one in post(client, f"{CREDIT}/predict", twice)["answers"]} == {("grade",)}


def test_work_aside_is_refused_once_the_folder_holds_another_bundle(tmp_path: Path) -> None:
    folder = tmp_path / "fraud"
    shutil.copytree(bundles()["fraud"], folder)
    served = Service(Studies([Served.open(folder)]), OneToken.of(TOKEN))
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "created": "later"}))
    (folder / "profile.json").unlink()
    shutil.copy(bundles()["fraud"] / "profile.json", folder)
    with asked(served) as client:
        told = post(client, f"{FRAUD}/predict", {"records": events(1)}, 422)
        assert "another hash" in told["detail"]
        post(client, f"{FRAUD}/events", events(1)[0])  # the model that was loaded still answers


def test_the_profile_is_the_one_that_was_loaded(tmp_path: Path) -> None:
    folder = tmp_path / "credit"
    shutil.copytree(bundles()["credit"], folder)
    served = Served.open(folder)
    loaded = profile_of(served)
    (folder / "profile.json").unlink()
    assert loaded is not None
    assert profile_of(served) == loaded
