"""The API does what its description says, to every role: no 5xx, statuses and answers as described."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from barograph.govern.access import PERMISSIONS, ROLES, add_user
from barograph.govern.alerts import Cause, raise_alerts
from barograph.govern.limits import set_limit
from barograph.govern.storage import open_database
from barograph.service.description import described
from barograph.service.operations import OPERATIONS
from barograph.service.recording import opened
from small_service import Client, Roles, asked, events, record, service

CASES, SOAK = 60, 10_000
"""Of each role."""
STUDIES = ("credit/default", "operational/fraud", "market/volatility")
schemathesis.checks.load_all_checks()
SCHEMA = schemathesis.openapi.from_dict(json.loads(json.dumps(described(OPERATIONS))))
LISTENING = {one.path for one in OPERATIONS if one.listens}
"""Their answers do not end; they have tests of their own."""
ALL = [one.ok() for one in SCHEMA.get_all_operations() if one.ok().path not in LISTENING]
PERMISSION = {(one.method, one.path.replace(":path", "")): one.permission for one in OPERATIONS}
NAMES = {name: "0" for one in OPERATIONS for name in re.findall(r"\{(\w+)", one.path)}
NAMES |= {"study": "credit/default", "at": "2027-03-03T14:05:00+00:00"}
"""What stands in paths, filled with what is there."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A service of all bundles with database, audit log, an alert and a limit."""
    folder = tmp_path_factory.mktemp("described")
    database = open_database(f"sqlite:///{folder}/barograph.db")
    for role in ROLES:
        add_user(database, role, role, by="first-start")
    (alert,) = raise_alerts(database, [Cause("k", STUDIES[0], "limit", "loss", 2.0, 1.0, "hard", "", "")])
    limit = set_limit(
        database, STUDIES[0], "loss", soft=None, hard=1.0, entity="", below=False,
        owner="admin", why="appetite", by="approver", days=300,
    )  # fmt: skip
    NAMES.update(alert=alert.id, limit=limit, user="viewer")
    made = service(access=Roles())
    made.database, made.recorder = database, opened(database, folder / "audit")
    with asked(made) as one:
        yield one


def cases() -> st.SearchStrategy[Any]:
    """Requests as described, and requests that break the description in one place, of every operation."""
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    return st.one_of([one.as_strategy(generation_mode=mode) for one in ALL for mode in modes])


bodies = st.sampled_from(
    [
        {"records": [record()]},
        {"records": [record()], "reasons": True},
        {"record": record(), "changes": [{"income": 1.0}]},
        {"book": [record()]},
        {"entities": ["alpha"]},
        events(1)[0],
        {"events": events(3)},
        {"entity": "alpha", "time": "2021-06-01", "close": 400.0},
        {"outcomes": [{"event_id": "x", "label": 1, "known_at": "2026-01-01T00:00:00Z"}]},
        {"name": "bob", "role": "viewer"},
        {"owner": "viewer"},
    ]
)
"""Some that are sound for what is served, which a description that fits all bundles cannot say."""


@st.composite
def asked_for(draw: st.DrawFn) -> Any:
    """A case, often with names that are there, sometimes with a body that is sound."""
    case = draw(cases())
    if case.path_parameters and draw(st.booleans()):
        names = {**NAMES, "study": draw(st.sampled_from(STUDIES))}
        case.path_parameters = {name: names[name] for name in case.path_parameters}
    body = draw(bodies) if case.method == "POST" and draw(st.integers(0, 3)) == 0 else None
    return case, body


def sent(client: Client, case: Any, body: Any, role: str) -> httpx.Response:
    given = case.as_transport_kwargs(base_url="http://service")
    kept = {key.lower(): value for key, value in given["headers"].items() if key.isascii()}
    headers = {key: value for key, value in kept.items() if key in ("content-type", "x-request-id")}
    content = given.get("data", b"")
    if "json" in given or body is not None:
        content = json.dumps(given.get("json") if body is None else body)
        headers["content-type"] = "application/json"
    if isinstance(content, dict):
        content = b""
    headers["authorization"] = f"Bearer {role}"
    return client.request(given["method"], given["url"], content=content, headers=headers)


def check(client: Client, role: str, asking: Any, found: Counter[int]) -> None:
    case, body = asking
    answer = sent(client, case, body, role)
    found[answer.status_code] += 1
    case.validate_response(answer, checks=DESCRIBED)
    told = answer.json()
    if answer.status_code != 200:
        assert told["status"] == answer.status_code
        assert told["detail"]
    allowed = PERMISSION[case.method.upper(), case.path] in PERMISSIONS[role]  # type: ignore[index]
    assert allowed or answer.status_code in (403, 404, 405), answer.text  # a name may lead to no path at all


DESCRIBED = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    ]
)
NOTHING_IS_WRONG = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def run(client: Client, role: str, most: int) -> None:
    found: Counter[int] = Counter()

    @settings(max_examples=most, suppress_health_check=NOTHING_IS_WRONG)
    @given(asking=asked_for())
    def all_of_them(asking: Any) -> None:
        check(client, role, asking, found)

    all_of_them()
    print(f"{role}: {sum(found.values()):,} requests, by status {dict(sorted(found.items()))}")
    assert found[200] or role == "viewer"


@pytest.mark.parametrize("role", ROLES)
def test_it_answers_as_described(client: Client, role: str) -> None:
    run(client, role, CASES)


@pytest.mark.soak
@pytest.mark.parametrize("role", ROLES)
def test_it_answers_very_many_as_described(client: Client, role: str) -> None:
    run(client, role, SOAK)


@pytest.mark.parametrize("one", OPERATIONS, ids=lambda one: f"{one.method} {one.path}")
def test_without_a_token_it_is_401_and_with_a_role_that_may_not_403(client: Client, one: Any) -> None:
    path = one.path.replace("{study:path}", "credit/default").format(**NAMES)
    for header in ({}, {"authorization": "Bearer nobody"}):
        answer = client.request(one.method, path, headers={"authorization": "", **header})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    for role in ROLES:
        if one.permission not in PERMISSIONS[role]:
            answer = client.request(one.method, path, headers={"authorization": f"Bearer {role}"})
            assert answer.status_code == 403, answer.text
