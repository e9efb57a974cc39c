"""The journal: what was acknowledged is there, whatever became of the process or the disk."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from clocks import SetClock

from barograph.core.errors import SettingError, StorageError
from barograph.govern.audit import Journal, verify_journals
from barograph.govern.audit.files import parts_of
from barograph.govern.audit.lines import decoded
from patience import until

WRITER = Path(__file__).with_name("audit_writer.py")


def lines_of(folder: Path, chain: str = "worker") -> list[bytes]:
    return [line for path in parts_of(folder, chain) for line in path.read_bytes().splitlines(keepends=True)]


def test_a_record_comes_back_as_it_was_written(tmp_path: Path, clock: SetClock) -> None:
    journal = Journal(tmp_path, "worker", clock=clock)
    output = {"probability": 0.1, "text": "naïve\n零 \u2028", "none": None}
    words = {"actor": "anna", "study": "credit/default", "model": "m", "input_hash": "h", "request": "r"}
    assert journal.write("prediction", output=output, **words) == 1
    found = decoded(lines_of(tmp_path)[0])
    assert found is not None
    record, holds = found
    assert holds
    assert (record.sequence, record.kind, record.output) == (1, "prediction", output)
    assert {name: getattr(record, name) for name in words} == words
    assert record.at == "2026-03-03T14:00:00.000000+00:00"
    journal.close()


def test_a_figure_that_is_not_finite_is_not_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "worker")
    with pytest.raises(ValueError, match="not JSON compliant"):
        journal.write("prediction", output=float("nan"))
    assert journal.write("prediction") == 1
    journal.close()
    assert verify_journals(tmp_path).passed


def test_a_chain_goes_on_where_it_ended(tmp_path: Path) -> None:
    for start in range(3):
        journal = Journal(tmp_path, "worker")
        assert [journal.write("prediction") for _ in range(4)] == list(range(4 * start + 1, 4 * start + 5))
        journal.close()
    verified = verify_journals(tmp_path)
    assert (verified.passed, verified.lines, verified.chains) == (True, 12, ("worker",))


def test_a_chain_goes_on_in_further_files(tmp_path: Path) -> None:
    for _ in range(2):
        journal = Journal(tmp_path, "worker", part_bytes=2_000)
        for _ in range(30):
            journal.write("prediction", output="x" * 100)
        journal.close()
    assert len(parts_of(tmp_path, "worker")) > 5
    verified = verify_journals(tmp_path)
    assert (verified.passed, verified.lines) == (True, 60)


def test_threads_write_one_chain(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "worker")
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: journal.write("prediction"), range(400)))
    journal.close()
    assert sorted(numbers) == list(range(1, 401))
    assert verify_journals(tmp_path).passed


def test_a_chain_has_one_writer(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "worker")
    with pytest.raises(StorageError, match="another process holds it"):
        Journal(tmp_path, "worker")
    other = Journal(tmp_path, "other")
    other.close()
    journal.close()
    Journal(tmp_path, "worker").close()


def test_a_closed_journal_takes_no_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "worker")
    journal.close()
    journal.close()
    with pytest.raises(StorageError, match="it is closed"):
        journal.write("prediction")


@pytest.mark.parametrize("name", ["", "../up", "a.b", "a/b", "x" * 65])
def test_a_name_that_is_no_file_s_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingError, match="letters, digits"):
        Journal(tmp_path, name)


def test_what_must_last_is_on_disk_before_write_returns(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "worker")
    for kind in ("event", "outcome", "approval"):
        number = journal.write(kind)
        assert journal.head_on_disk[0] == number
    number = journal.write("prediction")
    assert journal.head_on_disk[0] == number - 1
    journal.sync()
    assert journal.head_on_disk == journal.head
    journal.close()
    durable = Journal(tmp_path, "worker", durable=True)
    assert durable.write("prediction") == durable.head_on_disk[0]
    durable.close()


def test_those_who_wait_together_share_a_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, syncs = os.fdatasync, []

    def slow(file: int) -> None:
        """The first sync lasts until everybody else has written their line, and waits."""
        syncs.append(file)
        if len(syncs) == 1:
            until(lambda: journal.head[0] == 16, "all lines are written")
        real(file)

    journal = Journal(tmp_path, "worker")
    monkeypatch.setattr(os, "fdatasync", slow)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: journal.write("event"), range(16)))
    assert 1 <= len(syncs) <= 2  # one where all had written before it began
    assert journal.head_on_disk == journal.head == (16, journal.head[1])
    journal.close()


def test_a_sync_that_fails_ends_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failed sync nobody knows what the disk holds; another that succeeds proves nothing."""
    journal = Journal(tmp_path, "worker")

    def fails(file: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", fails)
        with pytest.raises(StorageError, match="Input/output error"):
            journal.write("event")
    for call in (lambda: journal.write("prediction"), journal.sync):
        with pytest.raises(StorageError, match="a sync failed"):
            call()
    journal.close()
    Journal(tmp_path, "worker").close()


def test_a_sync_that_fails_at_the_change_of_file_ends_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path, "worker", part_bytes=100)
    journal.write("prediction")  # fills the first file
    on_disk = journal.head_on_disk

    def fails(file: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", fails)
        with pytest.raises(StorageError, match="Input/output error"):
            journal.write("prediction")
    for call in (lambda: journal.write("prediction"), journal.sync):
        with pytest.raises(StorageError, match="a sync failed"):
            call()
    assert journal.head_on_disk == on_disk
    journal.close()


def test_a_next_file_that_cannot_be_opened_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path, "worker", part_bytes=100)
    journal.write("prediction")

    def fails(*_: object) -> int:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", fails)
        with pytest.raises(StorageError, match="Too many open files"):
            journal.write("prediction")
    assert journal.write("prediction") == 2
    journal.close()
    assert verify_journals(tmp_path).passed


@contextmanager
def room(n_bytes: int) -> Iterator[None]:
    """No file grows beyond so many bytes: a write over it is cut short, then fails, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_an_error_and_no_half_line_stays(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "worker")
    acknowledged = 0
    with room(5_000):
        try:
            while acknowledged < 1_000:
                acknowledged = journal.write("prediction", output="x" * 100)
        except StorageError as error:
            assert "with room on its disk" in str(error)  # noqa: PT017 - it comes after an unknown number
        with pytest.raises(StorageError, match="with room on its disk"):
            journal.write("prediction", output="y" * 1000)
        size = parts_of(tmp_path, "worker")[0].stat().st_size
    assert 10 < acknowledged == len(lines_of(tmp_path)) < 50
    assert size < 5_000
    assert journal.write("prediction") == acknowledged + 1  # there is room again
    journal.close()
    assert verify_journals(tmp_path).passed


@pytest.mark.parametrize("cut", [1, 30, 64, 65, 100])
def test_a_torn_last_line_is_set_aside(tmp_path: Path, cut: int) -> None:
    journal = Journal(tmp_path, "worker")
    for number in range(3):
        journal.write("prediction", output=number)
    journal.close()
    path = parts_of(tmp_path, "worker")[0]
    whole = path.read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    path.write_bytes(whole[: len(whole) - len(last) + cut])
    assert verify_journals(tmp_path).torn == (path.name,)
    again = Journal(tmp_path, "worker")
    assert (again.torn, again.write("prediction")) == (cut, 3)
    again.close()
    verified = verify_journals(tmp_path)
    assert (verified.passed, verified.torn, verified.lines) == (True, (), 3)
    aside = next(tmp_path.glob("*.torn-at-*"))
    assert aside.read_bytes() == last[:cut]


def test_a_first_line_that_is_torn_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "worker.000001.journal"
    path.write_bytes(b"0123")
    journal = Journal(tmp_path, "worker")
    assert (journal.torn, journal.write("prediction")) == (4, 1)
    journal.close()
    assert verify_journals(tmp_path).passed


def test_a_torn_line_in_a_file_just_begun_leads_back_to_the_one_before(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "worker")
    journal.write("prediction")
    journal.close()
    (tmp_path / "worker.000002.journal").write_bytes(b"torn")
    again = Journal(tmp_path, "worker")
    assert (again.torn, again.write("prediction")) == (4, 2)
    again.close()
    assert verify_journals(tmp_path).passed


def test_a_last_line_that_was_changed_is_not_built_upon(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "worker")
    journal.write("prediction", output=1)
    journal.close()
    path = parts_of(tmp_path, "worker")[0]
    path.write_bytes(path.read_bytes().replace(b",1,", b",2,"))
    with pytest.raises(StorageError, match="must be as it was written"):
        Journal(tmp_path, "worker")


def killed(folder: Path, seconds: float) -> None:
    """Run a worker, kill it after a while, and look for all that it was acknowledged."""
    command = [sys.executable, str(WRITER), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(seconds)
        process.kill()
        said = first + process.stdout.read()
    acknowledged = [line.split() for line in said.splitlines(keepends=True) if line.endswith(b"\n")]
    assert acknowledged
    journal = Journal(folder, "worker", part_bytes=20_000)
    journal.close()
    kept = {}
    for line in lines_of(folder):
        found = decoded(line)
        assert found is not None
        record = found[0]
        kept[record.sequence] = (record.output["thread"], record.output["number"])
    assert len(kept) == len(lines_of(folder))
    for sequence, name, number in acknowledged:
        assert kept[int(sequence)] == (name.decode(), int(number))
    verified = verify_journals(folder)
    assert verified.passed, json.dumps([fault.detail for fault in verified.faults])


@pytest.mark.parametrize("seed", range(5))
def test_a_killed_worker_loses_nothing_that_was_acknowledged(tmp_path: Path, seed: int) -> None:
    killed(tmp_path, random.Random(seed).uniform(0.0, 0.4))


@pytest.mark.soak
def test_a_worker_killed_a_hundred_times_loses_nothing(tmp_path: Path) -> None:
    """Ten chains, ten times each: every kill is followed by a look at the whole chain."""
    draw = random.Random(0)
    for number in range(100):
        killed(tmp_path / str(number // 10), draw.uniform(0.0, 0.5))
