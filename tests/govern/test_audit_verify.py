"""Tampering with the journals is found, and said where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from clocks import SetClock

from barograph.core.errors import StorageError
from barograph.govern.audit import (
    Journal,
    Keeper,
    anchors_of,
    last_anchor,
    open_journal,
    verify_journals,
    write_anchor,
)
from barograph.govern.audit.files import parts_of
from barograph.govern.audit.lines import decoded, encoded
from barograph.govern.storage import Database, open_database
from barograph.govern.tables import audit_heads
from databases import fresh_url
from patience import until

Lines = list[bytes]


def written(folder: Path, n: int = 10, *, chain: str = "worker") -> Path:
    journal = Journal(folder, chain)
    for number in range(1, n + 1):
        journal.write("prediction", output=number)
    journal.close()
    return parts_of(folder, chain)[0]


def tampered(path: Path, change: Callable[[Lines], Lines]) -> None:
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))


def found(folder: Path, database: Database | None = None) -> list[tuple[str, int]]:
    return [(fault.kind, fault.line) for fault in verify_journals(folder, database).faults]


def rehashed(line: bytes, previous: str, output: object) -> tuple[bytes, str]:
    """The line with another output and previous hash, its hash made anew: as one who knows how would."""
    record = decoded(line)
    assert record is not None
    one = record[0]
    items = (one.sequence, previous, one.at, one.kind, one.actor, one.study, one.model, one.input_hash)
    return encoded((*items, output, one.request))


def previous_of(line: bytes) -> str:
    record = decoded(line)
    assert record is not None
    return record[0].previous


def test_what_was_written_passes(tmp_path: Path) -> None:
    written(tmp_path)
    verified = verify_journals(tmp_path)
    assert (verified.passed, verified.lines, verified.beyond, verified.faults) == (True, 10, 10, ())


@pytest.mark.parametrize("line", [1, 5, 10])
def test_a_changed_line_is_found(tmp_path: Path, line: int) -> None:
    def change(lines: Lines) -> Lines:
        lines[line - 1] = (
            lines[line - 1].replace(b",%d," % line, b",99,", 1).replace(b'"","",', b'"x","",', 1)
        )
        return lines

    tampered(written(tmp_path), change)
    assert found(tmp_path) == [("changed", line)]


def test_every_changed_byte_is_found(tmp_path: Path) -> None:
    path = written(tmp_path, 3)
    whole = path.read_bytes()
    for place in range(0, len(whole) - 1, 7):
        spoilt = bytearray(whole)
        spoilt[place] ^= 1
        path.write_bytes(bytes(spoilt))
        assert not verify_journals(tmp_path).passed, place


def test_a_line_that_is_no_line_is_found(tmp_path: Path) -> None:
    tampered(written(tmp_path), lambda lines: [*lines[:4], b"nonsense\n", *lines[5:]])
    assert found(tmp_path) == [("changed", 5)]


def test_a_line_rewritten_with_its_hash_is_found_by_the_next(tmp_path: Path) -> None:
    def change(lines: Lines) -> Lines:
        lines[4], _ = rehashed(lines[4], previous_of(lines[4]), "forged")
        return lines

    tampered(written(tmp_path), change)
    assert found(tmp_path) == [("rewritten", 5)]


def test_deleted_lines_are_found_where_they_stood(tmp_path: Path) -> None:
    tampered(written(tmp_path), lambda lines: lines[:4] + lines[6:])
    assert found(tmp_path) == [("deleted", 5), ("deleted", 5)]
    details = [fault.detail for fault in verify_journals(tmp_path).faults]
    assert ["record 5 is gone" in details[0], "record 6 is gone" in details[1]] == [True, True]


def test_a_deleted_beginning_is_found(tmp_path: Path) -> None:
    tampered(written(tmp_path), lambda lines: lines[2:])
    assert found(tmp_path) == [("deleted", 1), ("deleted", 1)]


def test_an_inserted_copy_is_found(tmp_path: Path) -> None:
    tampered(written(tmp_path), lambda lines: [*lines[:6], lines[2], *lines[6:]])
    assert found(tmp_path) == [("inserted", 7)]


def test_an_inserted_forgery_is_found(tmp_path: Path) -> None:
    def change(lines: Lines) -> Lines:
        forged, _ = rehashed(lines[5], previous_of(lines[5]), "forged")
        return [*lines[:5], forged, *lines[5:]]

    tampered(written(tmp_path), change)
    assert found(tmp_path) == [("inserted", 7)]


def test_reordered_lines_are_found(tmp_path: Path) -> None:
    tampered(written(tmp_path), lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]])
    assert found(tmp_path) == [("reordered", 6)]


def test_a_journal_of_another_chain_is_found(tmp_path: Path) -> None:
    written(tmp_path).rename(tmp_path / "other.000001.journal")
    assert found(tmp_path)[0] == ("rewritten", 0)


def test_an_end_cut_off_is_found_by_the_anchor(tmp_path: Path, database: Database) -> None:
    path = anchored(tmp_path, database)
    tampered(path, lambda lines: lines[:7])
    assert found(tmp_path) == []
    assert found(tmp_path, database) == [("truncated", 0)]
    assert (
        "anchored up to record 8, the last that is here is 7"
        in verify_journals(tmp_path, database).faults[0].detail
    )


def anchored(folder: Path, database: Database) -> Path:
    """Ten lines, of which the fourth and the eighth are anchored."""
    path = written(folder)
    for number in (4, 8):
        record = decoded(path.read_bytes().splitlines(keepends=True)[number - 1])
        assert record is not None
        write_anchor(database, "worker", number, record[0].hash)
    return path


def test_a_chain_rewritten_to_its_end_is_found_by_the_anchors(tmp_path: Path, database: Database) -> None:
    def change(lines: Lines) -> Lines:
        previous = previous_of(lines[5])
        for index in range(5, 10):
            lines[index], previous = rehashed(lines[index], previous, "forged")
        return lines

    tampered(anchored(tmp_path, database), change)
    assert found(tmp_path) == []
    assert found(tmp_path, database) == [("rewritten", 8)]


def test_lines_beyond_the_last_anchor_are_counted(tmp_path: Path, database: Database) -> None:
    anchored(tmp_path, database)
    verified = verify_journals(tmp_path, database)
    assert (verified.passed, verified.anchors, verified.beyond) == (True, 2, 2)


def test_a_chain_that_is_gone_is_found(tmp_path: Path, database: Database) -> None:
    anchored(tmp_path, database).unlink()
    assert found(tmp_path, database) == [("missing", 0)]


def test_first_files_that_were_put_away_are_said(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "worker", part_bytes=500)
    for number in range(20):
        journal.write("prediction", output=number)
    journal.close()
    first, second, *_ = parts_of(tmp_path, "worker")
    first.unlink()
    verified = verify_journals(tmp_path)
    assert verified.passed
    assert verified.begins["worker"] > 1
    second.unlink()
    parts_of(tmp_path, "worker")[1].unlink()
    assert {kind for kind, _ in found(tmp_path)} == {"deleted"}


def in_parts(folder: Path, database: Database, *, anchors: tuple[int, ...]) -> list[Path]:
    """Twenty lines in several files, some of them anchored."""
    journal = Journal(folder, "worker", part_bytes=500)
    for number in range(1, 21):
        journal.write("prediction", output=number)
        if number in anchors:
            write_anchor(database, "worker", *journal.head)
    journal.close()
    return parts_of(folder, "worker")


def numbers(path: Path) -> list[int]:
    records = [decoded(line) for line in path.read_bytes().splitlines(keepends=True)]
    return [record[0].sequence for record in records if record is not None]


def test_first_files_that_were_anchored_are_not_gone_in_silence(tmp_path: Path, database: Database) -> None:
    first, second, *_ = in_parts(tmp_path, database, anchors=(1, 20))
    whole = verify_journals(tmp_path, database)
    assert (whole.passed, whole.anchors) == (True, 2)
    first.unlink()
    verified = verify_journals(tmp_path, database)
    assert [fault.kind for fault in verified.faults] == ["missing"]
    begins = numbers(second)[0]
    assert verified.faults[0].detail == f"anchored from record 1 on, the first that is here is {begins}"
    assert (verified.anchors, verified.begins) == (1, {"worker": begins})  # the one at 20 was held against
    assert found(tmp_path) == []


def test_anchors_of_a_chain_that_is_gone_are_not_counted(tmp_path: Path, database: Database) -> None:
    anchored(tmp_path, database).unlink()
    assert verify_journals(tmp_path, database).anchors == 0


def test_the_first_line_that_is_here_is_held_against_the_anchor_before_it(
    tmp_path: Path, database: Database
) -> None:
    first, second, *_ = in_parts(tmp_path, database, anchors=tuple(range(1, 11)))
    last = numbers(first)[-1]
    first.unlink()
    assert found(tmp_path, database) == [("missing", 0)]
    assert verify_journals(tmp_path, database).anchors == 10 - last + 1
    lines = second.read_bytes().splitlines(keepends=True)
    lines[0], _ = rehashed(lines[0], "0" * 64, "forged")
    second.write_bytes(b"".join(lines))
    details = [fault.detail for fault in verify_journals(tmp_path, database).faults]
    assert f"record {last} is not the one that record {last + 1} follows" in details


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no such folder"):
        verify_journals(tmp_path / "none")


def test_anchors_go_forward_and_stay(tmp_path: Path, database: Database) -> None:
    anchored(tmp_path, database)
    for sequence in (8, 3):
        with pytest.raises(StorageError, match="all that was anchored"):
            write_anchor(database, "worker", sequence, "0" * 64)
    for statement in (sa.delete(audit_heads), sa.update(audit_heads).values(hash="x")):
        with pytest.raises(sa.exc.IntegrityError):
            database.write(lambda connection, s=statement: connection.execute(s))
    assert sorted(anchors_of(database)["worker"]) == [4, 8]


def test_a_keeper_syncs_and_anchors_in_the_background(tmp_path: Path, database: Database) -> None:
    journal = open_journal(database, tmp_path, "worker")
    with Keeper(journal, database, every=0.01) as keeper:
        number = journal.write("prediction")
        until(lambda: (last_anchor(database, "worker") or (0, ""))[0] >= number, "the line is anchored")
        assert last_anchor(database, "worker") == journal.head_on_disk == journal.head
        assert keeper.error is None
        last = journal.write("prediction")
    assert last_anchor(database, "worker") is not None
    assert (last_anchor(database, "worker") or (0, ""))[0] == last
    verified = verify_journals(tmp_path, database)
    assert (verified.passed, verified.beyond, verified.lines) == (True, 0, 3)


def test_an_anchor_whose_answer_was_lost_counts_as_written(tmp_path: Path, database: Database) -> None:
    journal = open_journal(database, tmp_path, "worker")
    keeper = Keeper(journal, database)
    journal.sync()
    write_anchor(database, "worker", *journal.head)  # committed, and the keeper never heard of it
    for _ in range(2):
        keeper.keep()
        assert keeper.error is None
    journal.close()
    assert list(anchors_of(database)["worker"]) == [1]


def test_an_anchor_of_the_same_line_with_another_hash_is_refused(tmp_path: Path, database: Database) -> None:
    journal = open_journal(database, tmp_path, "worker")
    keeper = Keeper(journal, database)
    write_anchor(database, "worker", journal.head[0], "0" * 64)
    keeper.keep()
    assert isinstance(keeper.error, StorageError)
    assert "all that was anchored" in str(keeper.error)
    journal.close()


def test_a_journal_that_lost_anchored_lines_is_not_gone_on_with(tmp_path: Path, database: Database) -> None:
    tampered(anchored(tmp_path, database), lambda lines: lines[:7])
    with pytest.raises(StorageError, match="anchored up to line 8"):
        open_journal(database, tmp_path, "worker")


def test_a_journal_rewritten_at_its_anchored_end_is_not_gone_on_with(
    tmp_path: Path, database: Database
) -> None:
    def change(lines: Lines) -> Lines:
        lines[7], _ = rehashed(lines[7], previous_of(lines[7]), "forged")
        return lines[:8]

    tampered(anchored(tmp_path, database), change)
    with pytest.raises(StorageError, match="all that was anchored"):
        open_journal(database, tmp_path, "worker")


def test_a_database_that_is_away_stops_no_line_and_is_told_of(tmp_path: Path) -> None:
    with fresh_url("sqlite", tmp_path) as url:
        database = open_database(url, clock=SetClock())
        journal = open_journal(database, tmp_path, "worker")
        keeper = Keeper(journal, database)
        hidden = tmp_path / "hidden.db"
        database.close()
        (tmp_path / "govern.db").rename(hidden)
        number = journal.write("event")
        keeper.keep()
        assert isinstance(keeper.error, StorageError)
        database.close()
        hidden.rename(tmp_path / "govern.db")
        keeper.keep()
        assert keeper.error is None
        assert last_anchor(database, "worker") == (number, journal.head[1])
        journal.close()
        database.close()
