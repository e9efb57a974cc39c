"""Models and who may answer: propose, approve, retire, roll back, and what was when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from barograph.api.answer import verify
from barograph.core.errors import BundleError
from barograph.deploy.bundle import manifest_hash, plain_manifest
from barograph.govern import registry
from barograph.govern.registry import Answering, FindingRecord, ModelRecord, Proposal, Step
from barograph.govern.storage import DEFAULT_URL, Database, open_database


@contextmanager
def opened(url: str, *, create: bool = False) -> Iterator[Database]:
    """A database for the length of one call; it must be there, unless it is to be made."""
    database = open_database(url, create=create)
    try:
        yield database
    finally:
        database.close()


def proposal_of(bundle: str | Path) -> Proposal:
    """What the registry keeps of a bundle, once all its checks passed.

    Raises
    ------
    BundleError
        One did not: hashes, parity, or there is no bundle.
    """
    failed = [check for check in verify(bundle) if not check["passed"]]
    if failed:
        raise BundleError(
            "a bundle must pass its checks before it is proposed",
            came=f"{failed[0]['name']} failed: {failed[0]['detail']}",
            do="Take a fresh copy of the bundle, or run the study again",
        )
    manifest = plain_manifest(bundle)
    return Proposal(
        study=manifest["study"],
        engine=manifest["engine"],
        champion=manifest["champion"],
        bundle=Path(bundle).resolve().as_posix(),
        manifest_hash=manifest_hash(bundle),
        data_hash=manifest["data"]["content_hash"],
        verdict=manifest["verdict"],
    )


def models(*, study: str | None = None, database: str = DEFAULT_URL) -> list[ModelRecord]:
    """All models, or those of a study; by study, newest first."""
    with opened(database) as kept:
        return registry.models_of(kept, study=study)


def propose(bundle: str | Path, *, by: str, why: str, database: str = DEFAULT_URL) -> ModelRecord:
    """Check a bundle and register it; somebody else approves it (see `registry.propose`)."""
    proposal = proposal_of(bundle)
    with opened(database, create=True) as kept:
        return registry.model_of(kept, registry.propose(kept, proposal, by=by, why=why))


def approve(
    model: str,
    *,
    by: str,
    why: str,
    challenger: bool = False,
    months: int = 12,
    database: str = DEFAULT_URL,
) -> ModelRecord:
    """Let a proposed model answer, or watch as a challenger (see `registry.approve`)."""
    with opened(database) as kept:
        return registry.approve(kept, model, by=by, why=why, challenger=challenger, months=months)


def promote(model: str, *, by: str, why: str, database: str = DEFAULT_URL) -> ModelRecord:
    """Make a challenger the champion."""
    with opened(database) as kept:
        return registry.promote(kept, model, by=by, why=why)


def extend(model: str, *, by: str, why: str, months: int = 12, database: str = DEFAULT_URL) -> ModelRecord:
    """Put the date of a model's review off."""
    with opened(database) as kept:
        return registry.extend(kept, model, by=by, why=why, months=months)


def retire(model: str, *, by: str, why: str, database: str = DEFAULT_URL) -> ModelRecord:
    """Take a model out for good."""
    with opened(database) as kept:
        return registry.retire(kept, model, by=by, why=why)


def roll_back(study: str, *, by: str, why: str, database: str = DEFAULT_URL) -> ModelRecord:
    """Let the champion before the present one answer again."""
    with opened(database) as kept:
        return registry.roll_back(kept, study, by=by, why=why)


def history(study: str, *, database: str = DEFAULT_URL) -> list[Step]:
    """Every step of a study's models: who, when, why."""
    with opened(database) as kept:
        return registry.history_of(kept, study)


def answered_at(study: str, instant: dt.datetime, *, database: str = DEFAULT_URL) -> Answering | None:
    """Which model answered at an instant, who approved it, on which data it was fitted."""
    with opened(database) as kept:
        return registry.answered_at(kept, study, instant)


def findings(
    *, model: str | None = None, open_only: bool = False, database: str = DEFAULT_URL
) -> list[FindingRecord]:
    """What was found wanting in models, or in one; by the day it is due."""
    with opened(database) as kept:
        one = None if model is None else registry.model_of(kept, model).id
        return registry.findings_of(kept, model=one, open_only=open_only)


def open_finding(
    model: str,
    *,
    severity: str,
    what: str,
    owner: str,
    due: dt.date,
    by: str,
    database: str = DEFAULT_URL,
) -> str:
    """Write a finding against a model; its id (see `registry.open_finding`)."""
    with opened(database) as kept:
        return registry.open_finding(kept, model, severity=severity, what=what, owner=owner, due=due, by=by)


def close_finding(finding: str, *, by: str, why: str, database: str = DEFAULT_URL) -> None:
    """Close a finding, once."""
    with opened(database) as kept:
        registry.close_finding(kept, finding, by=by, why=why)
