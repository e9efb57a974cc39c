"""Files of the audit log moved away: what is left proves itself, and so does what was moved."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from barograph.core.errors import SettingError, StorageError
from barograph.govern.audit import Journal, archive_journals, verify_journals, write_anchor
from barograph.govern.audit.archived import Archived
from barograph.govern.audit.chain import ChainCheck
from barograph.govern.storage import Database
from barograph.govern.tables import audit_archives


def written(folder: Path, database: Database, chain: str = "worker-1", *, lines: int = 30) -> None:
    """A journal of several files, anchored at its end."""
    journal = Journal(folder, chain, part_bytes=1_500)
    for number in range(lines):
        journal.write("prediction", output=number)
        if number % 7 == 0 or number == lines - 1:
            write_anchor(database, chain, *journal.head)
    journal.close()


def test_a_log_without_its_old_files_passes_and_so_does_the_whole(tmp_path: Path, database: Database) -> None:
    here, there = tmp_path / "audit", tmp_path / "old"
    written(here, database)
    files = sorted(path.name for path in here.glob("*.journal"))
    assert len(files) > 3
    moved = archive_journals(here, there, database, by="ada")
    assert sorted(path.name for path in there.iterdir()) == files[:-1]
    assert sorted(path.name for path in here.glob("*.journal")) == files[-1:]
    found = verify_journals(here, database)
    assert (found.faults, found.begins, found.elsewhere) == ((), {}, {"worker-1": moved[-1].last})
    whole = verify_journals(here, database, archive=there)
    assert (whole.faults, whole.lines, whole.elsewhere) == ((), 30, {})
    alone = verify_journals(here)
    assert (alone.passed, alone.begins) == (True, {"worker-1": moved[-1].last + 1})


def test_a_journal_goes_on_after_its_old_files_were_moved(tmp_path: Path, database: Database) -> None:
    here, there = tmp_path / "audit", tmp_path / "old"
    written(here, database)
    archive_journals(here, there, database, by="ada")
    written(here, database, lines=29)
    first = verify_journals(here, database)
    assert first.passed
    archive_journals(here, there, database, by="ada")
    assert archive_journals(here, there, database, by="ada") == []
    whole = verify_journals(here, database, archive=there)
    assert (whole.faults, whole.lines) == ((), 59)


def test_files_that_are_gone_without_having_been_moved_are_missing(
    tmp_path: Path, database: Database
) -> None:
    here, there = tmp_path / "audit", tmp_path / "old"
    written(here, database)
    archive_journals(here, there, database, by="ada")
    written(here, database, lines=29)
    old = sorted(here.glob("*.journal"))
    old[0].unlink()
    assert [one.kind for one in verify_journals(here, database).faults][:1] == ["missing"]


def test_a_file_that_was_changed_where_it_was_moved_to_is_found(tmp_path: Path, database: Database) -> None:
    here, there = tmp_path / "audit", tmp_path / "old"
    written(here, database)
    archive_journals(here, there, database, by="ada")
    file = sorted(there.iterdir())[1]
    file.write_bytes(file.read_bytes().replace(b"prediction", b"predictiom", 1))
    assert verify_journals(here, database).passed
    assert [one.kind for one in verify_journals(here, database, archive=there).faults][:1] == ["changed"]


def test_what_is_left_must_follow_from_what_was_moved(tmp_path: Path, database: Database) -> None:
    here, there = tmp_path / "audit", tmp_path / "old"
    written(here, database)
    archive_journals(here, there, database, by="ada")
    (last,) = here.glob("*.journal")
    lines = last.read_bytes().splitlines(keepends=True)
    last.write_bytes(b"".join(lines[1:]))
    assert "deleted" in {one.kind for one in verify_journals(here, database).faults}


def test_what_is_not_as_it_was_written_is_not_moved(tmp_path: Path, database: Database) -> None:
    here, there = tmp_path / "audit", tmp_path / "old"
    written(here, database)
    file = sorted(here.glob("*.journal"))[0]
    file.write_bytes(file.read_bytes().replace(b"prediction", b"predictiom", 1))
    with pytest.raises(StorageError, match="as they were written"):
        archive_journals(here, there, database, by="ada")
    assert not there.exists()


def test_journals_that_the_database_does_not_know_are_not_moved(tmp_path: Path, database: Database) -> None:
    """Such as those of what studies took in, which are read from their beginning."""
    journal = Journal(tmp_path / "state", "operational-fraud", part_bytes=500)
    for number in range(30):
        journal.write("events", output=number)
    journal.close()
    with pytest.raises(StorageError, match="must be anchored"):
        archive_journals(tmp_path / "state", tmp_path / "old", database, by="ada")
    assert len(list((tmp_path / "state").glob("*.journal"))) > 1


def test_a_move_that_was_interrupted_is_finished_by_the_next(tmp_path: Path, database: Database) -> None:
    here, there = tmp_path / "audit", tmp_path / "old"
    written(here, database)
    archive_journals(here, there, database, by="ada")
    first = sorted(there.iterdir())
    shutil.copyfile(first[-1], here / first[-1].name)  # as if it had been told, and not yet gone
    assert verify_journals(here, database).passed
    assert [one.part for one in archive_journals(here, there, database, by="ada")] == [len(first)]
    assert verify_journals(here, database, archive=there).lines == 30


def test_what_was_said_of_a_file_is_never_changed(tmp_path: Path, database: Database) -> None:
    written(tmp_path / "audit", database)
    archive_journals(tmp_path / "audit", tmp_path / "old", database, by="ada")
    with pytest.raises(sa.exc.IntegrityError):
        database.write(lambda c: c.execute(sa.update(audit_archives).values(last=1)))
    with pytest.raises(sa.exc.IntegrityError):
        database.write(lambda c: c.execute(sa.delete(audit_archives)))


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("how", ["same", "around", "link"])
def test_journals_are_not_moved_onto_themselves(tmp_path: Path, database: Database, how: str) -> None:
    here = tmp_path / "audit"
    written(here, database)
    (tmp_path / "link").symlink_to(here)
    before = held(here)
    target = {"same": here, "around": here / ".." / "audit", "link": tmp_path / "link"}[how]
    with pytest.raises(SettingError, match="another folder"):
        archive_journals(here, target, database, by="ada")
    assert held(here) == before


def test_another_service_s_file_of_the_same_name_is_not_written_over(
    tmp_path: Path, database: Database
) -> None:
    here, there = tmp_path / "audit", tmp_path / "old"
    written(here, database)
    there.mkdir()
    (there / "worker-1.000002.journal").write_bytes(b"of another service")
    before, kept = held(here), held(there)
    with pytest.raises(StorageError, match="take the place of another"):
        archive_journals(here, there, database, by="ada")
    assert (held(here), held(there)) == (before, kept)


@pytest.mark.parametrize("rest", [b"", b"0123 a line that was being writ"])
def test_the_file_that_a_chain_goes_on_from_stays(tmp_path: Path, database: Database, rest: bytes) -> None:
    """The last file was just begun, or holds nothing but a torn line, when the process died."""
    here, there = tmp_path / "audit", tmp_path / "old"
    written(here, database)
    files = sorted(here.glob("*.journal"))
    begun = here / f"worker-1.{len(files) + 1:06d}.journal"
    begun.write_bytes(rest)
    archive_journals(here, there, database, by="ada")
    assert sorted(here.glob("*.journal")) == [files[-1], begun]
    written(here, database, lines=5)
    whole = verify_journals(here, database, archive=there)
    assert (whole.faults, whole.lines) == ((), 35)


def test_what_is_said_of_a_file_that_was_moved_is_held_against_its_anchor(tmp_path: Path) -> None:
    """Whoever deletes files and writes into the database that they were moved does not know their hashes."""
    left = tmp_path / "worker-1.000002.journal"
    left.touch()

    def checked(anchor: str) -> list[str]:
        moved = {1: Archived("worker-1", 1, 1, 5, "b" * 64)}
        check = ChainCheck("worker-1", {5: anchor * 64}, moved)
        check.take_file(left, begins=True)
        check.end()
        return [one.kind for one in check.faults]

    assert checked("b") == []
    assert checked("a") == ["rewritten"]
