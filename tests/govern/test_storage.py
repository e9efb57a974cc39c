"""Storage: tables that are what they say, transactions that are repeated, errors in words."""

from __future__ import annotations

import datetime as dt
import socket
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from clocks import SetClock

from barograph.core.errors import SettingError, StorageError, UnavailableError
from barograph.govern.storage import Database, export, forget, open_database
from barograph.govern.tables import METADATA, sessions, users
from databases import fresh_url
from patience import PATIENCE


def add_user(database: Database, name: str = "anna") -> None:
    row = {"name": name, "role": "viewer", "created_at": database.clock(), "created_by": "test"}
    database.write(lambda connection: connection.execute(users.insert(), row))


def test_the_migrations_make_exactly_the_tables_that_the_code_uses(database: Database) -> None:
    def differences(connection: sa.Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))

    assert database.read(differences) == []


def test_opening_again_changes_nothing(database: Database, url: str) -> None:
    add_user(database)
    again = open_database(url)
    assert again.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(users))) == 1
    again.close()


def test_several_processes_may_open_a_new_database_at_once(url: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(lambda _: open_database(url), range(6)))
    for number, database in enumerate(opened):
        add_user(database, f"user{number}")
        database.close()


def test_a_database_of_a_later_version_is_refused(database: Database, url: str) -> None:
    change = sa.text("UPDATE alembic_version SET version_num = '9999'")
    database.write(lambda connection: connection.execute(change))
    with pytest.raises(StorageError, match="must be of this version or an earlier one"):
        open_database(url)


def test_instants_come_back_in_utc_to_the_microsecond(database: Database, clock: SetClock) -> None:
    tokyo = dt.timezone(dt.timedelta(hours=9))
    clock.at = dt.datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=tokyo)
    add_user(database)
    kept = database.read(lambda c: c.scalar(sa.select(users.c.created_at)))
    assert kept == clock.at
    assert kept.tzinfo is dt.UTC


def test_an_instant_without_a_zone_is_our_own_bug(database: Database, clock: SetClock) -> None:
    clock.at = dt.datetime(2026, 3, 3)
    with pytest.raises(sa.exc.StatementError, match="must have a zone"):
        add_user(database)


def test_transactions_that_meet_are_repeated_until_each_is_in(database: Database) -> None:
    """Read, then write what was read plus one: without a true order increments would be lost."""
    add_user(database)
    tries: list[int] = []

    def increment(connection: sa.Connection) -> None:
        tries.append(1)
        role = connection.scalar(sa.select(users.c.role))
        count = int(role) if str(role).isdigit() else 0
        connection.execute(users.update().values(role=str(count + 1)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: database.write(increment), range(40)))
    assert database.read(lambda c: c.scalar(sa.select(users.c.role))) == "40"
    assert len(tries) >= 40


def test_what_failed_left_nothing(database: Database) -> None:
    def half(connection: sa.Connection) -> None:
        connection.execute(users.insert(), {**row, "name": "half"})
        raise RuntimeError("in the middle")

    row = {"role": "viewer", "created_at": database.clock(), "created_by": "test"}
    with pytest.raises(RuntimeError, match="in the middle"):
        database.write(half)
    assert database.read(lambda c: c.execute(sa.select(users)).all()) == []


def test_a_foreign_key_is_kept(database: Database, clock: SetClock) -> None:
    row = {"id_hash": "x", "owner": "nobody", "created_at": clock.at, "expires_at": clock.at}
    with pytest.raises(sa.exc.IntegrityError):
        database.write(lambda connection: connection.execute(sessions.insert(), row))


def test_a_lost_connection_is_replaced_without_a_word() -> None:
    with fresh_url("postgresql", Path()) as url:
        database = open_database(url)
        add_user(database)
        for pid in (database.read(lambda c: c.scalar(sa.text("SELECT pg_backend_pid()"))) for _ in range(2)):
            with psycopg.connect(url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [pid])
            assert database.read(lambda c: c.scalar(sa.select(users.c.name))) == "anna"
        database.close()


def test_a_connection_lost_within_a_transaction_is_repeated_from_its_start() -> None:
    with fresh_url("postgresql", Path()) as url:
        database = open_database(url)
        seen: list[int] = []

        def killed_once(connection: sa.Connection) -> None:
            seen.append(int(connection.scalar(sa.text("SELECT pg_backend_pid()")) or 0))
            row = {"name": "anna", "role": "viewer", "created_at": database.clock(), "created_by": "test"}
            connection.execute(users.insert(), row)
            if len(seen) == 1:
                with psycopg.connect(url, autocommit=True) as other:
                    other.execute("SELECT pg_terminate_backend(%s)", [seen[0]])
            connection.execute(sa.text("SELECT 1"))

        database.write(killed_once)
        assert len(seen) == 2
        assert database.read(lambda c: c.execute(sa.select(users.c.name)).all()) == [("anna",)]
        database.close()


def test_a_connection_lost_in_the_commit_is_not_repeated_but_said() -> None:
    with fresh_url("postgresql", Path()) as url:
        database = open_database(url)
        tries: list[int] = []

        def killed_at_its_end(connection: sa.Connection) -> None:
            tries.append(int(connection.scalar(sa.text("SELECT pg_backend_pid()")) or 0))
            with psycopg.connect(url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [tries[-1]])

        with pytest.raises(StorageError, match="Look whether it was kept") as error:
            database.write(killed_at_its_end)
        assert not isinstance(error.value, UnavailableError)
        assert len(tries) == 1
        database.close()


def test_a_server_that_is_away_is_an_error_with_a_hint_when_to_try_again() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound, not listening: nobody answers there
        with pytest.raises(UnavailableError, match="must answer") as error:
            open_database(f"postgresql://127.0.0.1:{held.getsockname()[1]}/test")
    assert error.value.retry_after > 0


def test_a_locked_file_is_an_error_with_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("barograph.govern.storage.engine.BUSY_SECONDS", 0.01)
    monkeypatch.setattr("barograph.govern.storage.database.AGAIN_TIMES", 3)
    with fresh_url("sqlite", tmp_path) as url:
        database = open_database(url)
        blocker = sqlite3.connect(tmp_path / "govern.db", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError, match="try again"):
            add_user(database)
        blocker.execute("ROLLBACK")
        blocker.close()
        add_user(database)
        database.close()


def test_readers_do_not_wait_for_a_writer_of_the_file(tmp_path: Path) -> None:
    with fresh_url("sqlite", tmp_path) as url:
        database = open_database(url)
        inside, done = threading.Event(), threading.Event()

        def slow(connection: sa.Connection) -> None:
            connection.execute(sa.delete(users))
            inside.set()
            assert done.wait(PATIENCE)

        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(database.write, slow)
            assert inside.wait(PATIENCE)
            assert database.read(lambda c: c.execute(sa.select(users)).all()) == []
            done.set()
            writing.result()
        database.close()


def test_the_file_is_synced_at_every_commit_and_read_beside_a_writer(tmp_path: Path) -> None:
    with fresh_url("sqlite", tmp_path) as url:
        database = open_database(url)
        asked = {name: database.read(lambda c, n=name: c.scalar(sa.text(f"PRAGMA {n}"))) for name in PRAGMAS}
        assert asked == PRAGMAS
        database.close()


def test_a_new_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    with fresh_url("sqlite", tmp_path) as url:
        database = open_database(url)
        add_user(database)
        assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("govern.db*")} == {0o600}
        database.close()


PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_full_disk_is_an_error_and_leaves_what_was_there(tmp_path: Path) -> None:
    with fresh_url("sqlite", tmp_path) as url:
        database = open_database(url)
        add_user(database)

        def too_much(connection: sa.Connection) -> None:
            pages = int(connection.scalar(sa.text("PRAGMA page_count")) or 0)
            connection.execute(sa.text(f"PRAGMA max_page_count = {pages}"))
            row = {"role": "x" * 200_000, "created_at": database.clock(), "created_by": "test"}
            connection.execute(users.insert(), {**row, "name": "big"})

        with pytest.raises(StorageError, match="must have room"):
            database.write(too_much)
        assert database.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(users))) == 1
        database.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://x/y", "sqlite:///FILE or postgresql"),
        ("barograph.db", "sqlite:///FILE or postgresql"),
        ("sqlite://", "must outlive the process"),
        ("sqlite:///:memory:", "must outlive the process"),
        ("postgresql://risk:secret@db/bank", "must not hold a password"),
        ("postgresql+nothing://db:port/bank", "whose driver is installed"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(url: str, said: str) -> None:
    with pytest.raises(SettingError, match=said) as error:
        open_database(url)
    assert "secret" not in str(error.value)


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="must be readable and writable"):
        open_database(f"sqlite:///{tmp_path}/none/govern.db")


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database " * 1000)
    with pytest.raises(StorageError, match="must be readable and writable"):
        open_database(f"sqlite:///{tmp_path}/notes.txt")


def test_a_table_is_exported_without_its_secrets(database: Database, tmp_path: Path) -> None:
    for name in ("anna", "ben"):
        add_user(database, name)
    assert export(database, "users", tmp_path / "users.parquet") == 2
    frame = pl.read_parquet(tmp_path / "users.parquet")
    assert frame["name"].to_list() == ["anna", "ben"]
    assert frame["created_at"].to_list() == [database.clock()] * 2
    assert "password" not in frame.columns


def test_an_empty_table_is_exported_with_its_columns(database: Database, tmp_path: Path) -> None:
    for name in METADATA.tables:
        assert export(database, name, tmp_path / f"{name}.parquet") == 0
        assert pl.read_parquet(tmp_path / f"{name}.parquet").height == 0


def test_an_unknown_table_names_the_nearest(database: Database, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="Did you mean 'users'"):
        export(database, "user", tmp_path / "x.parquet")


def test_old_rows_are_forgotten_and_history_never(database: Database, clock: SetClock) -> None:
    add_user(database)
    row = {"owner": "anna", "created_at": clock.at}
    rows = [{**row, "id_hash": str(n), "expires_at": clock.at - dt.timedelta(days=n)} for n in range(5)]
    database.write(lambda connection: connection.execute(sessions.insert(), rows))
    assert forget(database, "sessions", days=2) == 2
    left = database.read(lambda c: c.scalars(sa.select(sessions.c.id_hash)).all())
    assert sorted(left) == ["0", "1", "2"]
    with pytest.raises(SettingError, match="kept for ever"):
        forget(database, "model_history", days=1)
    for days in (0, 36_501, 10**7):
        with pytest.raises(SettingError, match="1 to 36,500 days"):
            forget(database, "sessions", days=days)
    assert forget(database, "sessions", days=36_500) == 0
