"""Models: the list, one model and what may be done about it, a study's history, and who answered when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from barograph.core.errors import SettingError
from barograph.core.notes import in_language
from barograph.service import governing
from barograph.service.dashboard.bundle_files import BundleFiles, files_of
from barograph.service.dashboard.page import Deed, Page, Visit
from barograph.service.dashboard.rendering import sandboxed
from barograph.service.dashboard.words import called
from barograph.service.operations import operation_of
from barograph.service.problems import Problem
from barograph.service.wire import Review

LIGHTS = {"proposed": "soft", "challenger": "none", "champion": "ok", "former": "none", "retired": "none"}
APPROVED = ("champion", "challenger", "former")
SOON = dt.timedelta(days=30)


async def listed(visit: Visit) -> dict[str, Any]:
    """All models: first those that wait for somebody to approve them."""
    found = [told(visit, one) for one in (await governing.models(visit.service))["models"]]
    studies: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        studies.setdefault(one["study"], []).append(one)
    return {"waiting": [one for one in found if one["state"] == "proposed"], "studies": studies}


async def single(visit: Visit) -> dict[str, Any]:
    """One model: what it is, what it claimed, what was found, and what its reader may do."""
    found = await governing.model(visit.service, visit.names["model"])
    files = await visit.service.apart(files_of, found["bundle"], found["manifest_hash"])
    own = found["proposer"] == visit.caller.name
    may = visit.caller.may("approve")
    state = found["state"]
    history = (await governing.history(visit.service, found["study"]))["steps"]
    return {
        "model": told(visit, found),
        "findings": [finding(visit, one) for one in found["findings"]],
        "claims": [claim(one, visit.lang) for one in files.claims],
        "report": files.report is not None,
        "facts": facts(files, visit.lang),
        "whole": bool(files.manifest),
        "own": own,
        "steps": [step(visit, one) for one in reversed(history) if one["model"] == found["id"]],
        "may_approve": may and not own and state == "proposed",
        "may_promote": may and not own and state in ("challenger", "former") and not found["expired"],
        "may_extend": may and not own and state in APPROVED,
        "may_retire": may and state != "retired",
        "may_find": visit.caller.may("propose"),
        "may_close": may,
        "severities": [
            (one, visit.say(f"dashboard_models.severity.{one}"))
            for one in ("low", "medium", "high", "critical")
        ],
    }


async def report(visit: Visit) -> Response:
    """The report of a model's run, as it was written."""
    found = await governing.model(visit.service, visit.names["model"])
    files = await visit.service.apart(files_of, found["bundle"], found["manifest_hash"])
    if files.report is None:
        raise Problem(
            404, "unknown", "the model's bundle must carry its run's report; it has none. Run it again."
        )
    return sandboxed(files.report)


async def history(visit: Visit) -> dict[str, Any]:
    """Every step of a study's models, newest first."""
    study = visit.names["study"]
    steps = (await governing.history(visit.service, study))["steps"]
    if not steps:
        raise Problem(
            404, "unknown", f"the study must have a history; '{study[:100]}' has none. Look at Models."
        )
    return {
        "study": study,
        "steps": [step(visit, one) for one in reversed(steps)],
        "may_roll_back": visit.caller.may("approve"),
    }


async def answered(visit: Visit) -> dict[str, Any]:
    """Which model answered at a moment, who approved it, and on which data it was trained."""
    models = (await governing.models(visit.service))["models"]
    studies = sorted({one["study"] for one in models})
    asked, at = visit.query.get("study", ""), visit.query.get("at", "").strip()
    shown: dict[str, Any] = {"studies": studies, "asked": asked, "at": at, "searched": bool(asked and at)}
    shown |= {"answer": None, "wrong": ""}
    if shown["searched"]:
        try:
            found = await governing.answered(visit.service, asked, in_utc(at))
            shown["answer"] = found["answered"]
        except SettingError as error:
            shown["wrong"] = str(error)
    return shown


def in_utc(at: str) -> str:
    """A moment as a browser's field has it, without a zone: UTC."""
    try:
        moment = dt.datetime.fromisoformat(at)
    except ValueError:
        return at
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)).isoformat()


def told(visit: Visit, one: Mapping[str, Any]) -> dict[str, Any]:
    """A model as lists have it: its state in words, and whether it answers here."""
    service, state = visit.service, one["state"]
    here = service.studies.version(one["study"]) == one["id"]
    listens = any(shadow.served.version == one["id"] for shadow in service.shadows)
    wanted = state == "champion" or state == "challenger"
    due, now = one["expires_at"], governing.kept(service).clock()
    return {
        **one,
        "name": called("model", one["champion"], visit.lang),
        "light": LIGHTS[state],
        "words": visit.say(f"dashboard_models.state.{state}"),
        "away": service.refused.get(one["id"], "") if wanted and not here and not listens else "",
        "due": "" if due is None or state == "retired" else _due(due - now),
    }


def _due(left: dt.timedelta) -> str:
    """The light of a review that is due in so long."""
    return "hard" if left <= dt.timedelta(0) else "soft" if left < SOON else "ok"


def step(visit: Visit, one: Mapping[str, Any]) -> dict[str, Any]:
    """A line of a history, in words."""
    return {**one, "words": visit.say(f"dashboard_models.action.{one['action']}")}


def finding(visit: Visit, one: Mapping[str, Any]) -> dict[str, Any]:
    """A finding, with its severity in words."""
    levels = {"low": "none", "medium": "soft", "high": "hard", "critical": "hard"}
    return {
        **one,
        "light": levels[one["severity"]] if one["closed_at"] is None else "ok",
        "words": visit.say(f"dashboard_models.severity.{one['severity']}"),
    }


def claim(one: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """A claim of the study, as it was judged."""
    held = bool(one.get("held"))
    return {
        "rung": called("rung", str(one.get("rung", "")), lang),
        "model": called("model", str(one.get("model", "")), lang),
        "opponent": called("model", str(one.get("opponent", "")), lang),
        "metric": called("metric", str(one.get("metric", "")), lang),
        "test": called("test", str(one.get("test", "")), lang),
        "difference": one.get("difference"),
        "p_value": one.get("p_value"),
        "verdict": called("standing", str(one.get("verdict", "")), lang),
        "light": "ok" if held else "hard",
        "held": held,
        "block": called("block", str(one.get("block", "")), lang),
    }


def facts(files: BundleFiles, lang: str) -> dict[str, Any]:
    """What the manifest says of data and making."""
    about = files.manifest
    if not about:
        return {}
    data, until = about["data"], about.get("fitted_until", "")
    return {
        "question": in_language(str(about["question"]), lang),
        "source": data.get("source", ""),
        "rows": data.get("rows"),
        "since": data.get("since", ""),
        "until": data.get("until", ""),
        "fitted_until": max(until.values(), default="") if isinstance(until, dict) else until,
        "version": about.get("barograph", ""),
        "seeds": len(about.get("seeds", ())),
        "note": about.get("verdict_note", ""),
    }


def review(form: Mapping[str, str]) -> Review:
    """The body of an approval: champion or challenger is a choice of the form."""
    told = {name: form.get(name, "").strip() for name in ("why", "months")}
    told["challenger"] = "true" if form.get("as", "") == "challenger" else "false"
    try:
        return msgspec.convert(told, Review, strict=False)
    except msgspec.ValidationError as error:
        raise SettingError(
            "an approval must have a reason of 4,000 characters at most, and 1 to 60 months until its review",
            came=f"got '{told['why'][:60]}' and '{told['months'][:10]}'",
            do="Give both",
        ) from error


ONE = "/models/{model}"
PAGES = (
    Page("/models", "read", "models.html.j2", "dashboard_models.title", listed, menu=True),
    Page(ONE, "read", "model.html.j2", "dashboard_models.one", single, under="/models"),
    Page(f"{ONE}/report", "read", "", "dashboard_models.report", report, under="/models"),
    Page(
        "/history/{study:path}",
        "read",
        "history.html.j2",
        "dashboard_models.history_title",
        history,
        under="/models",
    ),
    Page(
        "/answered", "read", "answered.html.j2", "dashboard_models.answered_title", answered, under="/models"
    ),
)
DEEDS = (
    Deed(
        f"{ONE}/approve",
        operation_of(governing.approve),
        ONE,
        ONE,
        "dashboard_models.done.approve",
        read=review,
    ),
    Deed(f"{ONE}/promote", operation_of(governing.promote), ONE, ONE, "dashboard_models.done.promote"),
    Deed(
        f"{ONE}/extend", operation_of(governing.extend), ONE, ONE, "dashboard_models.done.extend", read=review
    ),
    Deed(f"{ONE}/retire", operation_of(governing.retire), ONE, ONE, "dashboard_models.done.retire"),
    Deed(f"{ONE}/findings", operation_of(governing.find_fault), ONE, ONE, "dashboard_models.done.found"),
    Deed(
        f"{ONE}/findings/{{finding}}/close",
        operation_of(governing.close_finding),
        ONE,
        ONE,
        "dashboard_models.done.closed",
        names=("finding",),
    ),
    Deed(
        "/history/{study:path}/roll-back",
        operation_of(governing.roll_back),
        "/history/{study:path}",
        "/history/{study}",
        "dashboard_models.done.roll_back",
    ),
)
