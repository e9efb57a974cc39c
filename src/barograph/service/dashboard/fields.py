"""The fields of the form that tries a model out, made of what its bundle reads and what training saw."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from barograph.api.live import EventScorer
from barograph.prepare.events.names import feature_names
from barograph.service.studies import Served

NUMBER, TEXT, TO = "n.", "c.", "to."
"""Beginnings of the form's names: of numbers, of texts, of the changed value of either."""
LABELS = ("", "other")
"""Categories of a profile that nobody chooses."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the form."""

    name: str  # of the form
    column: str
    number: bool
    value: str  # what it begins with
    low: str = ""  # the training's range
    high: str = ""
    choices: tuple[str, ...] = ()
    needed: bool = False


def fields_of(served: Served) -> list[Field]:
    """The form's fields, from the bundle: what it reads, the training's ranges and categories."""
    if served.kind == "series":
        return _of_series(served)
    profile = served.profile or {}
    request = served.about["request"]
    numeric, categorical = profile.get("numeric", {}), profile.get("categorical", {})
    if served.kind == "events":
        return _of_events(served, numeric, categorical)
    found = (
        [Field(f"{TEXT}{request['time']}", request["time"], False, _today(), needed=True)]
        if request["time"]
        else []
    )
    if request["amount"] and request["amount"] not in request["numeric"]:
        found.append(Field(f"{NUMBER}{request['amount']}", request["amount"], True, "", needed=True))
    found += [_number(name, numeric.get(name, {})) for name in request["numeric"]]
    found += [_category(name, categorical.get(name, {})) for name in request["categorical"]]
    found += [Field(f"{TEXT}{name}", name, False, "") for name in request["dates"]]
    known = {one.column for one in found}
    rest = [name for name in served.about["columns"] if name not in known]
    return [*found, *(Field(f"{TEXT}{name}", name, False, "") for name in rest)]


def _of_events(served: Served, numeric: Mapping[str, Any], categorical: Mapping[str, Any]) -> list[Field]:
    """An event's own columns; the features are worked out from the live state."""
    assert isinstance(served.model, EventScorer)
    live = served.model.predictor.parts.events
    made = () if live is None else feature_names(live.plan)
    request = served.about["request"]
    every = (*request["numeric"], *request["categorical"])
    own = [name for name in every if name not in made and not name.startswith("graph_")]
    now = dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat()
    found = [
        Field(f"{TEXT}event_id", "event_id", False, "try-1", needed=True),
        Field(f"{TEXT}time", "time", False, now, needed=True),
        Field(f"{TEXT}actor", "actor", False, "", needed=True),
        Field(f"{TEXT}counterparty", "counterparty", False, "", needed=True),
    ]
    names = dict.fromkeys(["amount", *own])
    found += [_number(name, numeric.get(name, {})) for name in names if name not in categorical]
    found += [_category(name, shares) for name, shares in categorical.items()]
    return found


def _of_series(served: Served) -> list[Field]:
    """A made-up day: the columns that the bundle reads."""
    entities = tuple(str(one) for one in served.about.get("entities") or ())
    found = []
    for name in served.about["columns"]:
        if name == "entity":
            found.append(Field(f"{TEXT}{name}", name, False, "", choices=entities, needed=True))
        elif name in ("time", "month", "day"):
            found.append(Field(f"{TEXT}{name}", name, False, _today(), needed=True))
        else:
            found.append(Field(f"{NUMBER}{name}", name, True, "", needed=name == "close"))
    return found


def _number(name: str, about: Mapping[str, Any]) -> Field:
    known = [one for one in about.get("quantiles", ()) if one is not None]
    if not known:
        return Field(f"{NUMBER}{name}", name, True, "")
    return Field(
        f"{NUMBER}{name}", name, True, f"{known[len(known) // 2]:g}", f"{known[0]:g}", f"{known[-1]:g}"
    )


def _category(name: str, shares: Mapping[str, float]) -> Field:
    known = [one for one in shares if one not in LABELS]
    usual = max(known, key=lambda one: shares[one], default="")
    return Field(f"{TEXT}{name}", name, False, usual, choices=tuple(known))


def _today() -> str:
    return dt.datetime.now(dt.UTC).date().isoformat()
