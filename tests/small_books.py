"""What a service must still hold of what it acknowledged: audit log, tables, a live study's state."""

from __future__ import annotations

from collections import Counter

import pytest
import sqlalchemy as sa

import barograph as bg
from barograph.api.live import EventScorer
from barograph.deploy.state import FolderStore
from barograph.govern.audit import verify_journals
from barograph.govern.storage import open_database
from barograph.govern.tables import alert_notes, alerts, limits, model_history, outcomes
from barograph.service.memory import PLACE
from small_events import bundle
from small_faults import AUDITED, Books, House, Stream


def assert_all_kept(house: House, books: Books, stream: Stream) -> None:
    """Of a service that has stopped: nothing acknowledged is lost, nothing at all is doubled."""
    assert_verified(house)
    assert_recorded(house, books)
    assert_kept(house, books)
    assert_same_state(house, stream)


def assert_verified(house: House) -> None:
    database = open_database(house.url)
    found = verify_journals(house.audit, database)
    database.close()
    assert found.passed, found.faults


def assert_recorded(house: House, books: Books) -> None:
    """Each acknowledged request is one line of the audit log, any other one line at most."""
    lines = house.audited()
    assert {books.kinds[name]: kind for name, kind in lines} == AUDITED
    counts = Counter(name for name, _ in lines)
    assert set(counts.values()) == {1}
    assert set(counts) >= set(books.acknowledged())


def assert_kept(house: House, books: Books) -> None:
    """The tables hold what was acknowledged, once."""
    books.assert_kept("limit", Counter(one for (one,) in house.rows(sa.select(limits.c.entity))))
    words = sa.select(alert_notes.c.words).where(alert_notes.c.kind == "comment")
    books.assert_kept("comment", Counter(one for (one,) in house.rows(words)))
    approved = sa.select(model_history.c.model).where(
        (model_history.c.action == "approved") & (model_history.c.why == "validated")
    )
    models = Counter(one for (one,) in house.rows(approved))
    known, sent = books.of("approval")
    assert known
    assert {one: models[one] for one in known} == dict.fromkeys(known, 1)
    assert max(models[one] for one in sent) == 1
    about = Counter(one for (one,) in house.rows(sa.select(alerts.c.subject).where(alerts.c.kind == "score")))
    assert {one: about[one] for one in books.alarming} == dict.fromkeys(books.alarming, 1)
    assert max(about.values(), default=1) == 1
    for study, kind in (("credit/default", "label"), ("operational/fraud", "fraud-outcomes")):
        rows = sa.select(outcomes.c.subject).where(outcomes.c.study == study)
        books.assert_kept(kind, Counter(one for (one,) in house.rows(rows)))


def assert_same_state(house: House, stream: Stream) -> None:
    """The state is that of a model which took in the same, in the same order, and was never killed."""
    (path,) = house.state.glob(f"*.{house.fraud}.state")
    kept = FolderStore(house.state).load(path.name.removesuffix(".state"))
    assert kept is not None
    del kept[PLACE]
    reference = bg.load(bundle())
    assert isinstance(reference, EventScorer)
    stream.apply(reference)
    wanted = reference.snapshot()
    assert kept.keys() == wanted.keys()
    for name, values in wanted.items():
        if name.endswith("counts"):  # by status: what was sent again is counted again, as a duplicate
            continue
        assert kept[name].dtype == values.dtype
        if values.dtype.kind == "f":
            assert kept[name] == pytest.approx(values, abs=1e-6, nan_ok=True), name
        else:
            assert (kept[name] == values).all(), name
