"""The disk is full: what cannot be kept is not acknowledged, and all goes on by itself once there is room."""

from __future__ import annotations

import os
import resource
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from patience import PATIENCE, until
from small_books import assert_all_kept
from small_faults import Books, House, Load, Stream, rest_acknowledged, running
from small_service import events

KINDS = ("fraud-events", "prediction", "limit", "comment", "label")
MOST = 48 * 2**20
"""Bytes of the disk."""


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own; skips where none may be mounted."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={MOST}", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def filled(folder: Path) -> Path:
    """A file that takes all the room that is left."""
    file = folder / "filler"
    with file.open("ab", buffering=0) as out:
        for size in (2**20, 2**12, 1):
            try:
                while True:
                    out.write(b"x" * size)
            except OSError:
                continue
    return file


def acknowledged(books: Books, load: Load) -> None:
    """Something of every kind, since now."""
    before = Counter(books.kinds[name] for name in books.acknowledged())

    def grown() -> bool:
        assert not load.errors, load.errors
        now = Counter(books.kinds[name] for name in books.acknowledged())
        return all(now[kind] > before[kind] for kind in KINDS)

    until(grown, "something of every kind is acknowledged")


def refused(books: Books, load: Load, kinds: tuple[str, ...]) -> None:
    """Something of every kind is refused, since now."""
    before = len(books.refusals)

    def found() -> bool:
        assert not load.errors, load.errors
        names = {books.kinds[one.headers["x-request-id"]] for one in list(books.refusals)[before:]}
        return names >= set(kinds)

    until(found, f"refused: {kinds}")


def ready(address: str) -> httpx.Response:
    return httpx.get(f"{address}/readyz", timeout=PATIENCE)


@pytest.mark.parametrize("times", [1, pytest.param(10, marks=pytest.mark.soak)])
def test_a_full_disk_is_503_and_nothing_acknowledged_is_lost(tmp_path: Path, times: int) -> None:
    with small_disk(tmp_path / "disk") as disk:
        house = House.made(tmp_path, f"sqlite:///{disk / 'govern.db'}", disk)
        books, stream = Books(), Stream.of(events(2_000))
        with running(house) as service:
            service.ready()
            with Load(house, service.address, books, stream) as load:
                for _ in range(times):
                    acknowledged(books, load)
                    filler = filled(disk)
                    refused(books, load, ("prediction", "limit", "comment", "label"))
                    told = until(
                        lambda: (found := ready(service.address)).status_code == 503 and found, "told"
                    )
                    assert told.json()["journal"] == "No space left on device"
                    assert httpx.get(f"{service.address}/healthz", timeout=PATIENCE).status_code == 200
                    filler.unlink()
                    until(lambda: ready(service.address).status_code == 200, "it is ready again")
                    acknowledged(books, load)
                filler = filled(disk)
                refused(books, load, ("prediction",))
            assert service.stopped() in (0, -15)
        assert "Traceback" not in house.log.read_text()
        filler.unlink()
        with running(house) as service:
            service.ready()
            rest_acknowledged(house, service.address, books, stream)
            assert service.stopped() in (0, -15)
        assert set(books.stands.values()) == {200, 503}
        for answer in books.refusals:
            assert answer.headers["retry-after"]
            assert "room" in answer.json()["detail"], answer.text
        assert_all_kept(house, books, stream)
        print(f"{times} times full: {len(books.refusals)} refused, {len(books.acknowledged())} acknowledged")


def test_files_that_may_not_grow_are_as_good_as_a_full_disk(tmp_path: Path) -> None:
    """As under a quota; it needs no disk of its own, and so runs everywhere."""
    house = House.made(tmp_path, f"sqlite:///{tmp_path / 'govern.db'}")
    books, stream = Books(), Stream.of(events(2_000))
    with running(house) as service:
        service.ready()
        with Load(house, service.address, books, stream) as load:
            acknowledged(books, load)
            pid, hard = service.process.pid, resource.RLIM_INFINITY
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (1024, hard))
            refused(books, load, ("prediction", "limit", "comment", "label"))
            until(lambda: ready(service.address).status_code == 503, "it is not ready")
            assert ready(service.address).json()["journal"] == os.strerror(27)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
            until(lambda: ready(service.address).status_code == 200, "it is ready again")
            acknowledged(books, load)
        rest_acknowledged(house, service.address, books, stream)
        assert service.stopped() in (0, -15)
    assert set(books.stands.values()) == {200, 503}
    assert_all_kept(house, books, stream)
