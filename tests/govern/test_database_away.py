"""A server that goes away under load and comes back: errors with a hint, nothing lost, nothing doubled."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa
from proxies import way_to

from barograph.core.errors import StorageError, UnavailableError
from barograph.govern.outcomes import Outcome, record_outcomes
from barograph.govern.storage import open_database
from barograph.govern.tables import outcomes
from databases import fresh_url
from patience import until


def test_a_server_restarted_under_load_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with fresh_url("postgresql", tmp_path) as url:
        parts = urlsplit(url)
        with way_to(parts.hostname or "", parts.port or 5432) as way:
            database = open_database(url.replace(parts.netloc, f"127.0.0.1:{way.port}"))
            stop, done, refused = threading.Event(), set(), []

            def sender(name: int) -> None:
                """As a client does: what was not kept is sent again, under its own id."""
                number = 0
                while not stop.is_set():
                    label = Outcome(f"{name}-{number}", 1.0, database.clock())
                    try:
                        (standing,) = record_outcomes(database, "s", [label], by="ops")
                    except StorageError as error:
                        refused.append(error)
                        time.sleep(0.02)
                        continue
                    assert standing in ("new", "repeated")
                    done.add(label.subject)
                    number += 1

            with ThreadPoolExecutor(4) as pool:
                running = [pool.submit(sender, name) for name in range(4)]
                for _ in range(2):
                    before = len(done)
                    until(lambda before=before: len(done) > before + 20)
                    way.cut()
                    known = len(refused)
                    until(lambda known=known: len(refused) > known + 4)
                    way.mend()
                before = len(done)
                until(lambda: len(done) > before + 20)
                stop.set()
                for one in running:
                    one.result()
            hinted = [error for error in refused if isinstance(error, UnavailableError)]
            assert hinted
            assert all(error.retry_after > 0 for error in hinted)
            kept = database.read(lambda c: c.scalars(sa.select(outcomes.c.subject)).all())
            assert len(kept) == len(set(kept))
            assert set(kept) >= done
            database.close()
