"""Killed at random moments under load, a governed service loses and doubles nothing that it acknowledged."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import pytest

from databases import KINDS, fresh_url
from patience import until
from small_books import assert_all_kept, assert_verified
from small_faults import Books, House, Load, Stream, rest_acknowledged, running
from small_service import events

LONG = [pytest.param(kind, 100, marks=pytest.mark.soak) for kind in KINDS]


@pytest.mark.parametrize(("kind", "kills"), [("sqlite", 3), ("postgresql", 2), *LONG])
def test_killed_under_load_it_loses_and_doubles_nothing(tmp_path: Path, kind: str, kills: int) -> None:
    with fresh_url(kind, tmp_path) as url:
        house, books, stream = House.made(tmp_path, url), Books(), Stream.of(events(2_000))
        chance = random.Random(kills)
        for _ in range(kills):
            killed_once(house, books, stream, chance)
            assert_verified(house)
        with running(house) as service:
            service.ready()
            rest_acknowledged(house, service.address, books, stream)
            assert service.stopped() in (0, -15)
        assert set(books.stands.values()) <= {0, 200}
        assert_all_kept(house, books, stream)
        print(f"{kind}, {kills} kills: {Counter(books.kinds[name] for name in books.acknowledged())}")


def killed_once(house: House, books: Books, stream: Stream, chance: random.Random) -> None:
    """While it starts, or while it answers, after some more acknowledgements."""
    with running(house) as service:
        if chance.random() < 0.15:
            time.sleep(3.0 * chance.random())
        else:
            service.ready()
            wanted = len(books.acknowledged()) + chance.randint(1, 60)
            with Load(house, service.address, books, stream):
                until(lambda: len(books.acknowledged()) >= wanted, "requests are acknowledged")
                service.kill()
        service.kill()
