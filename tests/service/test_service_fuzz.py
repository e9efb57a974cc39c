"""Whatever JSON comes, the service answers it or says what is wrong with it; it never fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from small_service import CREDIT, FRAUD, Client, asked, events, record, service

CASES = 2_000
SOAK = 50_000
PATHS = [
    *(f"{study}/{what}" for study in (CREDIT, FRAUD) for what in ("predict", "what-if", "assess", "update")),
    f"{FRAUD}/events",
    f"{FRAUD}/outcomes",
]
ALLOWED = {200, 400, 404, 409, 415, 422}

numbers = st.one_of(
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, -1, 1e300, -1e300, 1.7e308, -1.7e308, 5e-324, 2**63, 2**63 - 1, -(2**63), 10**30]),
)
words = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["'; DROP TABLE models; --", "../../etc/passwd", "<script>", "2016-01-01", "9" * 400, "\x00", "NaN"]
    ),
)
values = st.one_of(st.none(), st.booleans(), numbers, words)
anything = st.recursive(
    values,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=4)),
    max_leaves=12,
)


def changed(plain: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A sound record of which some columns hold something else, or are gone."""
    other = st.dictionaries(st.sampled_from(sorted(plain)), st.one_of(values, anything), max_size=3)
    gone = st.sets(st.sampled_from(sorted(plain)), max_size=1)
    return st.builds(
        lambda more, less: {k: v for k, v in {**plain, **more}.items() if k not in less}, other, gone
    )


def bodies() -> st.SearchStrategy[Any]:
    rows = st.one_of(changed(record()), changed(events(1)[0]))
    some = st.lists(rows, max_size=3)
    outcome = changed({"event_id": events(1)[0]["event_id"], "label": 1, "known_at": "2024-02-20T00:00:00Z"})
    scenario = st.one_of(words, changed({"name": "mine", "shocks": {"all": -0.1}, "rates": {"USD": 100.0}}))
    return st.one_of(
        anything,
        rows,
        st.fixed_dictionaries(
            {"records": some}, optional={"entities": st.lists(words, max_size=2), "lang": words}
        ),
        st.fixed_dictionaries({"records": some, "reasons": st.just(True)}),
        st.fixed_dictionaries({"events": some}),
        st.fixed_dictionaries({"outcomes": st.lists(outcome, max_size=2)}),
        st.fixed_dictionaries({"record": rows, "changes": some}),
        st.fixed_dictionaries(
            {"book": some}, optional={"scenario": scenario, "calibration": words, "yields": words}
        ),
    )


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with asked(service("credit", "fraud")) as one:
        yield one


def check(client: Client, path: str, body: Any) -> None:
    content = json.dumps(body).encode()
    answer = client.post(path, content=content, headers={"content-type": "application/json"})
    assert answer.status_code in ALLOWED, (path, content, answer.text)
    told = answer.json()
    if answer.status_code != 200:
        assert told["status"] == answer.status_code
        assert told["detail"]


@settings(max_examples=CASES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(path=st.sampled_from(PATHS), body=bodies())
def test_no_body_makes_the_service_fail(client: Client, path: str, body: Any) -> None:
    check(client, path, body)


@pytest.mark.parametrize("amount", [1.7e308, -1.7e308, 1e15, 0.005])
def test_an_amount_beyond_all_money_is_answered(client: Client, amount: float) -> None:
    plain = events(1)[0] | {"amount": amount}
    for path in PATHS:
        check(client, path, {"records": [plain], "events": [plain]})
    for body in (
        {"records": [plain, plain | {"event_id": "another"}]},
        {"record": plain, "changes": [plain]},
    ):
        check(client, f"{FRAUD}/predict", body)


@pytest.mark.soak
@settings(max_examples=SOAK, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(path=st.sampled_from(PATHS), body=bodies())
def test_no_body_of_very_many_makes_the_service_fail(client: Client, path: str, body: Any) -> None:
    check(client, path, body)


@settings(max_examples=200)
@given(content=st.binary(max_size=200))
def test_no_bytes_make_the_service_fail(client: Client, content: bytes) -> None:
    answer = client.post(f"{CREDIT}/predict", content=content, headers={"content-type": "application/json"})
    assert answer.status_code in ALLOWED
