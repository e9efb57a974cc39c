"""Records of several requests that are scored by one call: everybody gets their own answer, once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

import barograph as bg
from barograph.service.together import Together
from small_service import CREDIT, Client, asked, bundles, record, service


@dataclass
class Twice:
    """A model that answers a number with its double, nothing where there is none, and notes its calls."""

    calls: list[int] = field(default_factory=list)

    def quick(self, records: Sequence[Mapping[str, Any]]) -> list[Any]:
        self.calls.append(len(records))
        if any("broken" in one for one in records):
            raise ValueError("broken")
        return [({"probability": 2 * one["x"]}, []) if "x" in one else None for one in records]


def told_at_once(*questions: tuple[Any, Mapping[str, Any]]) -> list[Any]:
    """What all are told who ask in one turn of a loop."""

    async def all_at_once() -> list[Any]:
        together = Together()
        return await asyncio.gather(
            *(together.quick(model, one) for model, one in questions), return_exceptions=True
        )

    return asyncio.run(all_at_once())


def test_those_of_one_turn_are_scored_by_one_call_and_each_gets_its_own() -> None:
    model = Twice()
    assert told_at_once(*((model, {"x": n}) for n in range(9)), (model, {})) == [
        *(({"probability": 2 * n}, []) for n in range(9)),
        None,
    ]
    assert model.calls == [10]


def test_every_model_is_asked_its_own() -> None:
    one, other = Twice(), Twice()
    told = told_at_once((one, {"x": 1}), (other, {"x": 2}), (one, {"x": 3}))
    assert [found["probability"] for found, _ in told] == [2, 4, 6]
    assert (one.calls, other.calls) == ([2], [1])


def test_what_goes_wrong_is_heard_by_all_of_that_model_and_by_no_other() -> None:
    broken, other = Twice(), Twice()
    told = told_at_once((broken, {"x": 1}), (other, {"x": 2}), (broken, {"broken": True}))
    assert [type(one) for one in told] == [ValueError, tuple, ValueError]


def test_the_next_turn_is_another_call_also_after_one_who_waits_no_more() -> None:
    model = Twice()

    async def in_turns() -> Any:
        together = Together()
        gone = asyncio.ensure_future(together.quick(model, {"x": 1}))
        await asyncio.sleep(0)
        gone.cancel()
        stays = await together.quick(model, {"x": 2})
        return stays, await together.quick(model, {"x": 3})

    assert [found["probability"] for found, _ in asyncio.run(in_turns())] == [4, 6]
    assert sum(model.calls) in (2, 3)


@pytest.fixture(scope="module")
def client() -> Any:
    with asked(service("credit")) as made:
        yield made


def test_requests_at_one_time_get_what_each_gets_alone(client: Client) -> None:
    rows = [record(place) for place in range(0, 2000, 20)]
    rows[7] = {**rows[7], "income": "3.5"}  # must be read as a table
    model = bg.load(bundles()["credit"])
    expected = model.predict(rows)["probability"].to_list()

    def figure(row: Mapping[str, Any]) -> float:
        body = {"records": [row], "figures": ["probability"]}
        return float(client.post(f"{CREDIT}/predict", json=body).json()["answers"][0]["probability"])

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(figure, rows)) == pytest.approx(expected, abs=1e-6)
