"""Trying a model out: one record, event or day, answered with its reasons, and what a change would do.

Nothing that is tried moves a live state: events are scored on a copy, days are forecast from and forgotten.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from barograph import charts
from barograph.core.errors import DataError
from barograph.service import asking
from barograph.service.dashboard.fields import NUMBER, TEXT, TO, fields_of
from barograph.service.dashboard.forecasts import forecast_of
from barograph.service.dashboard.page import Deed, Page, Visit
from barograph.service.dashboard.tables import and_more, cell, named
from barograph.service.operations import operation_of
from barograph.service.wire import Predict, Row, WhatIf

REASONS = 12
GROUPED = re.compile(r"[-−]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
"""A number with groups of thousands."""
APART = (
    *("record_id", "event_id", "event_time"),
    *("reasons", "base", "alternatives", "told", "similar", "extra"),
)
"""Parts of an answer that have a place of their own, or were asked for."""
SHARES = ("probability", "loss", "yearly_pd", "population_rank")
"""Parts that are shares of one."""
NOTHING: tuple[Any, ...] = (None, "", [])


async def choose(visit: Visit) -> dict[str, Any]:
    """The studies that can be tried out."""
    return {"studies": (await asking.studies(visit.service))["studies"]}


async def trying(visit: Visit) -> dict[str, Any]:
    """The form of a study, and the answer to what was sent."""
    served = visit.service.studies.of(visit.names["study"])
    fields = await visit.service.apart(fields_of, served)
    shown: dict[str, Any] = {"kind": served.kind, "study": served.study, "fields": fields}
    shown |= {
        "note": visit.say(f"dashboard_try.note.{served.kind}"),
        "heading": visit.say(f"dashboard_try.form.{served.kind}"),
    }
    shown |= {"result": None, "changed": None, "forecast": None, "threshold": served.about.get("threshold")}
    shown |= {"takes_days": served.has_state and served.kind == "series", "asked": visit.given}
    answer = visit.answer
    if answer is not None and "changed" in answer:
        return shown | {"changed": _changed(answer, visit)}
    if answer is not None and served.kind == "series":
        forecast = await visit.service.apart(forecast_of, answer["answers"], "", visit.lang)
        return shown | {"forecast": forecast}
    if answer is not None:
        return shown | {"result": await visit.service.apart(_result, answer["answers"][0], visit)}
    return shown


def _result(answer: Mapping[str, Any], visit: Visit) -> dict[str, Any]:
    """An answer in words: the figure, the others, the reasons as a chart, what would change a decline."""
    figure = next(name for name in ("probability", "loss") if name in answer)
    reasons = sorted(answer.get("reasons", {}).items(), key=lambda pair: -abs(pair[1]))
    shown = reasons[:REASONS]
    chart = None
    if reasons:
        chart = charts.amounts(
            [name for name, _ in shown],
            np.array([value for _, value in shown]),
            x_label=visit.say("dashboard_try.moves"),
            x_format="+.2%",
            raising=visit.say("dashboard_try.raises"),
            lowering=visit.say("dashboard_try.lowers"),
        )
    return {
        "figure": named(figure, visit.lang),
        "value": answer[figure],
        "base": answer.get("base"),
        "others": [
            (named(name, visit.lang), _cell(name, value, visit))
            for name, value in answer.items()
            if name not in (*APART, figure) and value not in NOTHING
        ],
        "chart": chart,
        "caption": and_more(visit.say("dashboard_try.reasons_caption"), len(reasons) - REASONS, visit.lang),
        "told": answer.get("told", []),
        "similar": answer.get("similar", []),
        "alternatives": answer.get("alternatives", []),
    }


def _changed(answer: Mapping[str, Any], visit: Visit) -> dict[str, Any]:
    """The figures before and after a change, side by side."""
    before, one, figure = answer["answer"], answer["changed"][0], answer["figure"]
    after = one["answer"]
    there = [name for name in before if before[name] not in NOTHING or after.get(name) not in NOTHING]
    return {
        "figure": named(figure, visit.lang),
        "before": before[figure],
        "after": after[figure],
        "moved": one["moved"],
        "change": sorted(one["change"].items()),
        "rows": [
            (named(name, visit.lang), *(_cell(name, two.get(name), visit) for two in (before, after)))
            for name in there
            if name not in APART
        ],
    }


def _cell(name: str, value: Any, visit: Visit) -> str:
    return cell(value, visit.lang, of=name, share=name in SHARES)


def _row(form: Mapping[str, str], before: str = "") -> dict[str, Any]:
    """The columns that a form holds, under their own names; a field left empty is a missing value."""
    row: dict[str, Any] = {}
    for key, value in form.items():
        plain = key.removeprefix(before)
        if before and not key.startswith(before):
            continue
        written = value.strip()
        if plain.startswith(NUMBER):
            row[plain.removeprefix(NUMBER)] = _as_number(plain.removeprefix(NUMBER), written)
        elif plain.startswith(TEXT):
            row[plain.removeprefix(TEXT)] = written or None
    return row


def _as_number(name: str, written: str) -> float | None:
    if not written:
        return None
    if "," in written and not GROUPED.fullmatch(written):
        raise DataError(
            f"{name} must be a number in which commas only group thousands",
            came=f"got '{written[:100]}'",
            do="Write 0.5 with a point, and 1,000 or 1000",
        )
    try:
        value = float(written.replace(",", "").replace("−", "-"))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{name} must be a number", came=f"got '{written[:100]}'", do="Write digits")
    return value


def _one_record(form: Mapping[str, str]) -> Predict:
    lang = "zh" if form.get("lang") == "zh" else "en"
    return msgspec.convert({"records": [_row(form)], "reasons": True, "lang": lang}, Predict)


def _one_day(form: Mapping[str, str]) -> Predict:
    return msgspec.convert({"records": [_row(form)]}, Predict)


def _day(form: Mapping[str, str]) -> dict[str, Any]:
    return msgspec.convert(_row(form), Row)


def _comparison(form: Mapping[str, str]) -> WhatIf:
    record, wanted = _row(form), _row(form, TO)
    change = {
        name: value for name, value in wanted.items() if value is not None and value != record.get(name)
    }
    if not change:
        raise DataError(
            "a change must name another value for one input at least",
            came="the form has none",
            do="Write the new value beside the present one",
        )
    return msgspec.convert({"record": record, "changes": [change]}, WhatIf)


PATH = "/studies/{study:path}/try"
PAGES = (
    Page("/try", "score", "try_choose.html.j2", "dashboard_try.title", choose, menu=True),
    Page(PATH, "score", "try.html.j2", "dashboard_try.of_title", trying, under="/try", charts=True),
)
DEEDS = tuple(
    Deed(f"{PATH}/{name}", operation_of(work), PATH, PATH, said, shown=True, again=True, read=read)
    for name, work, said, read in (
        ("record", asking.predict, "dashboard_try.done", _one_record),
        ("change", asking.what_if, "dashboard_try.done", _comparison),
        ("day", asking.predict, "dashboard_try.done", _one_day),
        ("update", asking.update, "dashboard_try.taken", _day),
    )
)
