"""The work behind the operations of governance: models, who may answer, users and tokens."""

from __future__ import annotations

import dataclasses
import datetime as dt
import traceback
from typing import Any

from barograph.core.errors import InputError, SettingError
from barograph.govern import access, registry
from barograph.govern.storage import Database
from barograph.service import logs
from barograph.service.problems import Problem
from barograph.service.rolling import refreshed
from barograph.service.service import Service
from barograph.service.wire import NewFinding, NewToken, NewUser, Reason, Review

NO_DATABASE = (
    "models, their history and tokens are kept in a database; this service has none. "
    "Start it with --database, for instance sqlite:///barograph.db."
)


async def models(service: Service) -> dict[str, Any]:
    """All models and where they stand."""
    found = await service.apart(registry.models_of, kept(service))
    return {"models": [dataclasses.asdict(one) for one in found]}


async def model(service: Service, name: str) -> dict[str, Any]:
    """One model, by its id or the beginning of it, and the findings against it."""
    database = kept(service)
    found = await service.apart(registry.model_of, database, name)
    findings = await service.apart(lambda: registry.findings_of(database, model=found.id))
    return {**dataclasses.asdict(found), "findings": [dataclasses.asdict(one) for one in findings]}


async def history(service: Service, study: str) -> dict[str, Any]:
    """Every step of a study's models: who, when, why."""
    found = await service.apart(registry.history_of, kept(service), study)
    return {"study": study, "steps": [dataclasses.asdict(one) for one in found]}


async def answered(service: Service, study: str, at: str) -> dict[str, Any]:
    """Which model answered for a study at an instant, who approved it, on which data it was fitted."""
    found = await service.apart(registry.answered_at, kept(service), study, _instant(at))
    return {"study": study, "at": at, "answered": None if found is None else dataclasses.asdict(found)}


async def approve(service: Service, name: str, by: str, ask: Review) -> dict[str, Any]:
    """Let a proposed model answer, or watch as a challenger; in service when this is answered."""
    database = kept(service)
    found = await service.apart(
        lambda: registry.approve(
            database, name, by=by, why=ask.why, challenger=ask.challenger, months=ask.months
        )
    )
    return await _in_service(service, found)


async def promote(service: Service, name: str, by: str, ask: Reason) -> dict[str, Any]:
    """Make a challenger the champion."""
    database = kept(service)
    return await _in_service(
        service, await service.apart(lambda: registry.promote(database, name, by=by, why=ask.why))
    )


async def extend(service: Service, name: str, by: str, ask: Review) -> dict[str, Any]:
    """Put the date of a model's review off."""
    database = kept(service)
    found = await service.apart(
        lambda: registry.extend(database, name, by=by, why=ask.why, months=ask.months)
    )
    return dataclasses.asdict(found)


async def retire(service: Service, name: str, by: str, ask: Reason) -> dict[str, Any]:
    """Take a model out for good."""
    database = kept(service)
    return await _in_service(
        service, await service.apart(lambda: registry.retire(database, name, by=by, why=ask.why))
    )


async def roll_back(service: Service, study: str, by: str, ask: Reason) -> dict[str, Any]:
    """Let the champion before the present one answer again."""
    database = kept(service)
    return await _in_service(
        service, await service.apart(lambda: registry.roll_back(database, study, by=by, why=ask.why))
    )


async def find_fault(service: Service, name: str, by: str, ask: NewFinding) -> dict[str, Any]:
    """Write a finding against a model."""
    database = kept(service)
    made = await service.apart(
        lambda: registry.open_finding(
            database, name, severity=ask.severity, what=ask.what, owner=ask.owner, due=ask.due, by=by
        )
    )
    return {"id": made, "state": "open", "model": name}


async def close_finding(service: Service, finding: str, by: str, ask: Reason) -> dict[str, Any]:
    """Close a finding, with what was done about it."""
    database = kept(service)
    await service.apart(lambda: registry.close_finding(database, finding, by=by, why=ask.why))
    return {"id": finding, "state": "closed"}


async def users(service: Service) -> dict[str, Any]:
    """All users."""
    return {"users": await service.apart(access.user_rows, kept(service))}


async def add_user(service: Service, by: str, ask: NewUser) -> dict[str, Any]:
    """Add a user."""
    database = kept(service)
    await service.apart(
        lambda: access.add_user(database, ask.name, ask.role, by=by, password=ask.password or None)
    )
    return {"name": ask.name, "role": ask.role}


async def tokens(service: Service) -> dict[str, Any]:
    """All tokens, without what would let one in."""
    return {"tokens": await service.apart(access.token_rows, kept(service))}


async def add_token(service: Service, by: str, ask: NewToken) -> dict[str, Any]:
    """Make a token for a user; it is shown this once."""
    database = kept(service)
    made = await service.apart(
        lambda: access.mint_token(
            database, ask.owner, by=by, role=ask.role or None, label=ask.label, days=ask.days
        )
    )
    return {"owner": ask.owner, "token": made}


async def end_token(service: Service, name: str) -> dict[str, Any]:
    """End a token."""
    await service.apart(access.revoke_token, kept(service), name)
    if isinstance(service.access, access.Authenticator):
        service.access.forget()
    return {"ended": name}


def kept(service: Service) -> Database:
    """The database; `Problem` 409 where there is none."""
    if service.database is None:
        raise Problem(409, "database", NO_DATABASE)
    return service.database


async def _in_service(service: Service, found: registry.ModelRecord) -> dict[str, Any]:
    """A step has been taken: what answers from the next request on is what the registry says now.

    The step stands whatever becomes of the bundle, so this always answers: with whether the model answers or
    listens here (`in_service`) and, where it should and does not, why.
    """
    why = ""
    try:
        await refreshed(service)
    except (InputError, Problem) as error:
        why = str(error)
    except Exception as error:  # noqa: BLE001 - the step is taken: its line in the audit log must be written
        logs.write("error", "not refreshed", traceback="".join(traceback.format_exception(error)))
        why = "the service failed to take it up; its log says why"
    shadows = {one.served.version for one in service.shadows}
    here = found.id in shadows or service.studies.version(found.study) == found.id
    wanted = found.state in ("champion", "challenger")
    why = "" if here == wanted else why or service.refused.get(found.id, "")
    return {**dataclasses.asdict(found), "in_service": here, "why": why}


def _instant(given: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(given)
    except ValueError as error:
        raise SettingError(
            "an instant must be written as in ISO 8601, with its zone",
            came=f"got '{given[:100]}'",
            do="Write 2027-03-03T14:05:00+00:00",
        ) from error
