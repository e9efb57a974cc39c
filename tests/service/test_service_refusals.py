"""What the service refuses, and how: problem details, headers, tokens, roles, sizes; never a 5xx."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from barograph.core.errors import BundleError, InputError
from barograph.service.app import application
from barograph.service.operations import OPERATIONS
from barograph.service.settings import Limits
from barograph.service.studies import Served, Studies
from barograph.service.wire import MOST, decoder
from small_service import (
    CREDIT,
    FRAUD,
    HEADERS,
    TOKEN,
    Client,
    Roles,
    asked,
    bundles,
    events,
    record,
    service,
)

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with asked(service("credit", "fraud")) as one:
        yield one


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = dict(answer.json())
    assert told["status"] == status
    assert told["type"].startswith("urn:barograph:problem:")
    assert told["instance"].endswith(answer.headers["x-request-id"])
    assert len(told["detail"]) < 5_000
    return told


BODIES = {
    "no JSON": (b"{", 400),
    "nothing": (b"", 415),
    "not UTF-8": (b'{"records": [{"a": "\xff"}]}', 400),
    "half a surrogate": (b'{"records": [{"a": "\\ud800"}]}', 400),
    "NaN": (b'{"records": [{"a": NaN}]}', 400),
    "infinity": (b'{"records": [{"a": Infinity}]}', 400),
    "a number beyond floats": (b'{"records": [{"a": 1e999}]}', 422),
    "a whole number beyond 64 bits": (b'{"records": [{"a": 123456789012345678901234567890}]}', 422),
    "a whole number of 5,000 digits": (b'{"records": [{"a": ' + b"9" * 5_000 + b"}]}", 422),
    "100,000 lists in one another": (b'{"records": ' + b"[" * 100_000, 422),
    "100,000 objects in one another": (b'{"records": [' + b'{"a":' * 100_000, 422),
    "a list where a mapping must be": (b"[]", 422),
    "a text where a list must be": (b'{"records": "a"}', 422),
    "a nested value": (b'{"records": [{"a": {"b": 1}}]}', 422),
    "a field that nobody knows": (b'{"recrods": []}', 422),
    "a huge text": (json.dumps({"records": [{"a": "x" * 5_000}]}).encode(), 422),
    "a huge name": (json.dumps({"records": [{"x" * 201: 1}]}).encode(), 422),
    "too many records": (json.dumps({"records": [{"a": 1}] * (MOST + 1)}).encode(), 422),
    "too many columns": (json.dumps({"records": [{f"c{i}": 1 for i in range(2_001)}]}).encode(), 422),
    "no record": (b'{"records": []}', 422),
    "a record without a column": (b'{"records": [{}]}', 422),
    "columns that are not the model's": (b'{"records": [{"a": 1}]}', 422),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body_is_refused_at_once(client: Client, name: str) -> None:
    body, status = BODIES[name]
    headers = {} if name == "nothing" else JSON
    problem(
        client.post(f"{CREDIT}/predict", content=body, headers=headers), 422 if name == "nothing" else status
    )


ROWS = {
    "a text for a number": {"income": "much"},
    "SQL for a number": {"income": "1; DROP TABLE loans"},
    "a day that is none": {"made": "2016-13-45"},
    "a day long ago": {"made": "-4712-01-01"},
    "no day": {"made": None},
    "true for a number": {"income": True},
}


@pytest.mark.parametrize("name", ROWS)
def test_a_value_that_the_model_cannot_read_is_told_with_its_column(client: Client, name: str) -> None:
    told = problem(client.post(f"{CREDIT}/predict", json={"records": [{**record(), **ROWS[name]}]}), 422)
    assert next(iter(ROWS[name])) in told["detail"]


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE models; --", "<script>alert(1)</script>", "../../etc", "%00", "零"]
)
def test_a_strange_text_is_a_category_like_any_other(client: Client, text: str) -> None:
    answer = client.post(f"{CREDIT}/predict", json={"records": [{**record(), "region": text, "loan": text}]})
    assert answer.status_code == 200, answer.text
    assert answer.json()["answers"][0]["unseen"] == "region"


EVENTS: dict[str, Any] = {
    "no time": {"time": None},
    "a time without a zone": {"time": "2024-02-19T00:00:00"},
    "an amount in words": {"amount": "ten"},
    "no id": {"event_id": ""},
    "an id that is a fraction": {"event_id": 1.5},
    "a whole number of 64 bits for a time": {"time": 2**63 - 1},
    "a negative time": {"time": -(2**63)},
    "a column of another type": {"device": 5},
}


@pytest.mark.parametrize("name", EVENTS)
def test_a_bad_event_is_refused_or_answered_with_its_status(client: Client, name: str) -> None:
    answer = client.post(f"{FRAUD}/events", json={**events(1)[0], **EVENTS[name]})
    if answer.status_code == 200:
        assert answer.json()["status"] in ("bad_time", "bad_amount", "bad_column")
        assert answer.json()["score"] is None
    else:
        problem(answer, 422)


def test_events_beside_an_event_are_refused(client: Client) -> None:
    one = events(1)[0]
    problem(client.post(f"{FRAUD}/events", json={**one, "events": [one]}), 422)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/studies/../../etc/passwd", 404),
        ("/v1/studies/..%2F..%2Fetc%2Fpasswd", 404),
        ("/v1/studies/credit/defualt", 404),
        ("/v1/studies/" + "x" * 5_000, 404),
        ("/v1/studies/%00", 404),
        ("/v1/studies/'%20OR%201=1", 404),
        ("/nowhere", 404),
        ("/docs", 404),
    ],
    ids=range(8),
)
def test_paths_lead_nowhere_else(client: Client, path: str, status: int) -> None:
    problem(client.get(path), status)


def test_a_name_that_is_nearly_right_is_told_the_right_one(client: Client) -> None:
    assert (
        "did you mean 'credit/default'?"
        in problem(client.get("/v1/studies/credit/defualt"), 404)["detail"].lower()
    )


@pytest.mark.parametrize("named", ["../../../etc/passwd", "/etc/passwd", "crisis_2009"])
@pytest.mark.parametrize("what", ["scenario", "calibration"])
def test_no_file_of_the_machine_is_opened_by_name(client: Client, what: str, named: str) -> None:
    answer = client.post(f"{CREDIT}/assess", json={"book": [record()], what: named})
    problem(answer, 404)


def test_a_method_that_is_not_there_is_refused(client: Client) -> None:
    answer = client.request("DELETE", "/v1/studies")
    problem(answer, 405)
    assert "GET" in answer.headers["allow"]
    answer = client.request("HEAD", "/v1/studies")  # no body may follow it
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_a_body_that_is_not_said_to_be_json_is_refused(client: Client) -> None:
    answer = client.post(f"{CREDIT}/predict", content=b"{}", headers={"content-type": "text/plain"})
    problem(answer, 415)


@pytest.mark.parametrize(
    ("path", "body"),
    [(f"{CREDIT}/events", {"event_id": "1"}), (f"{CREDIT}/update", {"a": 1}), (f"{FRAUD}/update", {"a": 1})],
    ids=["events of records", "a day of records", "a day of events"],
)
def test_a_study_of_another_kind_says_so(client: Client, path: str, body: dict[str, Any]) -> None:
    problem(client.post(path, json=body), 409)


def test_nothing_but_health_is_open_without_a_token(client: Client) -> None:
    for path in ("/healthz", "/readyz"):
        assert client.get(path, headers={"authorization": ""}).status_code == 200
    for header in ("", "Bearer", "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \xff"):
        for path in ("/v1/studies", "/metrics", "/openapi.json", f"{CREDIT}/predict", "/nowhere"):
            answer = client.get(path, headers={"authorization": header.encode("latin-1")})
            problem(answer, 401)
            assert answer.headers["www-authenticate"] == "Bearer"


def test_a_role_that_does_not_allow_it_is_told_so_before_the_body_is_read() -> None:
    with asked(service("credit", access=Roles())) as client:
        viewer, scorer = ({"authorization": f"Bearer {role}"} for role in ("viewer", "scorer"))
        assert client.get("/v1/studies", headers=viewer).status_code == 200
        told = problem(client.post(f"{CREDIT}/predict", content=b"{", headers=viewer), 403)
        assert "score" in told["detail"]
        assert (
            client.post(f"{CREDIT}/predict", json={"records": [record()]}, headers=scorer).status_code == 200
        )


def test_a_body_that_is_too_large_is_refused_by_its_length_and_while_it_comes() -> None:
    with asked(service("credit", limits=Limits(body=10_000))) as client:
        problem(client.post(f"{CREDIT}/predict", content=b" " * 10_001, headers=JSON), 413)

        async def parts() -> Any:
            for _ in range(100):
                yield b" " * 1_000

        problem(client.post(f"{CREDIT}/predict", content=parts(), headers=JSON), 413)
        problem(client.post(f"{CREDIT}/predict", content=b"", headers={"content-length": "9" * 5_000}), 413)


def test_a_token_that_asks_too_often_waits() -> None:
    with asked(service("credit", limits=Limits(rate=0.001, burst=3))) as client:
        found = [client.get("/v1/studies") for _ in range(4)]
        assert [one.status_code for one in found] == [200, 200, 200, 429]
        problem(found[-1], 429)
        assert int(found[-1].headers["retry-after"]) > 100
        assert client.get("/healthz").status_code == 200


def test_too_much_long_work_at_once_is_told_to_come_again() -> None:
    with asked(service("credit", limits=Limits(waiting=0))) as client:
        answer = client.post(f"{CREDIT}/predict", json={"records": [record()] * 5})
        problem(answer, 503)
        assert answer.headers["retry-after"] == "2"


def test_every_answer_has_safe_headers_its_time_and_its_id(client: Client) -> None:
    for path in ("/healthz", "/v1/studies", "/nowhere"):
        answer = client.get(path, headers={"x-request-id": "of-the-sender:1"})
        assert answer.headers["x-request-id"] == "of-the-sender:1"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["server-timing"].rpartition(";dur=")[0].endswith("total")
    answer = client.post(f"{CREDIT}/predict", json={"records": [record()]})
    stages = [one.split(";")[0].strip() for one in answer.headers["server-timing"].split(",")]
    assert stages == ["read", "model", "write", "total"]
    made = {
        client.get("/healthz", headers={"x-request-id": bad}).headers["x-request-id"]
        for bad in ("a b", "", "\t")
    }
    assert len(made) == 3
    assert all(one.isalnum() for one in made)


def test_a_tampered_bundle_is_not_served(tmp_path: Any) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(bundles()["credit"], folder)
    (folder / "parts" / "maps.json").write_bytes((folder / "parts" / "maps.json").read_bytes() + b" ")
    with pytest.raises(BundleError, match=r"maps\.json must have the hash"):
        Served.open(folder)


def test_two_bundles_of_one_study_are_not_served() -> None:
    one, other = (Served.open(bundles()["credit"]) for _ in range(2))
    with pytest.raises(InputError, match="answered by one bundle"):
        Studies([one, other])


def test_a_service_that_is_not_ready_says_so() -> None:
    closed = service("credit")
    client = Client(application(closed, log=False), **HEADERS)
    try:
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
    finally:
        client.close()
        closed.close()


def test_metrics_count_requests_and_answers() -> None:
    with asked(service("credit")) as client:
        client.post(f"{CREDIT}/predict", json={"records": [record()] * 7})
        client.get("/v1/studies/nobody")
        lines = client.get("/metrics").text.splitlines()
    route = 'route="/v1/studies/{study}/predict"'
    assert f'barograph_requests_total{{{route},method="POST",status="200"}} 1' in lines
    assert 'barograph_answers_total{study="credit/default",what="predicted"} 7' in lines
    assert f'barograph_request_seconds_bucket{{{route},le="+Inf"}} 1' in lines
    assert any(line.startswith("barograph_resident_bytes ") for line in lines)
    assert any('champion="combination"' in line for line in lines)
    assert sum('status="404"' in line for line in lines) == 1


def test_every_operation_is_described_with_examples_that_are_read(client: Client) -> None:
    told = client.get("/openapi.json").json()
    assert told["openapi"] == "3.1.0"
    for operation in OPERATIONS:
        described = told["paths"][operation.path.replace(":path", "")][operation.method.lower()]
        assert described["summary"]
        for example in (operation.examples or {}).values():
            decoder(operation.body).decode(msgspec.json.encode(example))
    references = set(json.dumps(told).split("#/components/schemas/")[1:])
    assert {one.partition('"')[0] for one in references} <= set(told["components"]["schemas"])
