"""PostgreSQL is restarted under load: 503 with a hint, then everything goes on by itself, nothing is lost."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path

import httpx
import pytest

from own_postgresql import own_postgresql
from patience import PATIENCE, until
from small_books import assert_all_kept
from small_faults import Books, House, Load, Stream, rest_acknowledged, running
from small_service import events

KINDS = ("fraud-events", "fraud-outcomes", "prediction", "limit", "comment", "label")


@pytest.mark.parametrize("restarts", [2, pytest.param(20, marks=pytest.mark.soak)])
def test_a_database_restarted_under_load_is_503_and_nothing_is_lost(tmp_path: Path, restarts: int) -> None:
    with own_postgresql() as server:
        house, books, stream = House.made(tmp_path, server.url), Books(), Stream.of(events(2_000))
        with running(house) as service:
            service.ready()
            with Load(house, service.address, books, stream) as load:
                for number in range(restarts):
                    all_acknowledged(books, load)
                    server.stop(signal.SIGINT if number % 2 else signal.SIGQUIT)
                    refused_and_not_ready(books, load, service.address)
                    server.start()
                    service.ready()
                all_acknowledged(books, load)
            rest_acknowledged(house, service.address, books, stream)
            assert service.stopped() in (0, -15)
        assert set(books.stands.values()) == {200, 503}
        for answer in books.refusals:
            assert int(answer.headers["retry-after"]) >= 1
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["detail"]
        assert_all_kept(house, books, stream)
        told = Counter(books.kinds[name] for name in books.acknowledged())
        print(f"{restarts} restarts, {len(books.refusals)} refused, acknowledged: {told}")


def all_acknowledged(books: Books, load: Load) -> None:
    """Something of every kind, since now."""
    before = Counter(books.kinds[name] for name in books.acknowledged())

    def grown() -> bool:
        assert not load.errors, load.errors
        now = Counter(books.kinds[name] for name in books.acknowledged())
        return all(now[kind] > before[kind] for kind in KINDS)

    until(grown, "something of every kind is acknowledged")


def refused_and_not_ready(books: Books, load: Load, address: str) -> None:
    """All kinds are refused, tokens known for some seconds or not; and the service says so."""
    before = len(books.refusals)

    def refused() -> bool:
        assert not load.errors, load.errors
        found = {books.kinds[one.headers["x-request-id"]] for one in list(books.refusals)[before:]}
        return found >= set(KINDS[2:]) and bool(found & set(KINDS[:2]))  # whichever of them is next

    until(refused, "requests are refused")
    assert until(
        lambda: httpx.get(f"{address}/readyz", timeout=PATIENCE).status_code == 503, "it is not ready"
    )
    assert httpx.get(f"{address}/healthz", timeout=PATIENCE).status_code == 200
