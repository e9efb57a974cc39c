"""Scenarios: a book, what it may lose, and what a shock would do to it."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from barograph import charts
from barograph.api.answer import PanelForecaster, Predictor, Scorer
from barograph.core.errors import DataError
from barograph.core.texts import has_text
from barograph.service import asking
from barograph.service.dashboard.page import Deed, Page, Visit
from barograph.service.dashboard.tables import cell, named, table
from barograph.service.operations import operation_of
from barograph.service.studies import Served
from barograph.service.wire import POSITIONS, Assess

EXAMPLE = 4
"""Rows of the book that the form begins with."""
SHARES = ("volatility", "probability", "move", "diversification_share")
AFTER = "expected_shortfall_99"
CHARTED = (
    ("scenarios", "scenario", "profit"),
    ("supervisory", "shock", "change_of_value"),
    ("scenarios", "scenario", AFTER),
)
"""Tables of an answer that are drawn, the first that says something: names and values."""
SKIPPED = ("study", "champion", "assumptions", "columns", "assumed")


async def choose(visit: Visit) -> dict[str, Any]:
    """The studies that know a book."""
    names = [served for served in visit.service.studies if _kind(served)]
    found = sorted(names, key=lambda served: served.study)
    return {"studies": [(one.study, visit.say(f"dashboard_try.book.{_kind(one)}")) for one in found]}


async def scenario(visit: Visit) -> dict[str, Any]:
    """The form of a study's book and scenarios, and the figures of what was sent."""
    served = visit.service.studies.of(visit.names["study"])
    packaged = (await asking.known_scenarios(visit.service))["scenarios"]
    shown: dict[str, Any] = {
        "study": served.study,
        "kind": (kind := _kind(served)),
        "about_book": visit.say(f"dashboard_try.book.{kind or 'none'}"),
        "hint": visit.say(f"dashboard_try.book_hint.{kind}") if kind not in ("", "macro") else "",
        "example": await visit.service.apart(_example, served),
        "scenarios": packaged,
        "asked": visit.given,
        "found": None,
    }
    if visit.answer is None:
        return shown
    return shown | {"found": await visit.service.apart(_found, visit.answer["figures"], visit)}


def _kind(served: Served) -> str:
    """What a book of this study holds; empty where it takes none."""
    model = served.model
    if isinstance(model, Scorer):
        return "loans"
    if isinstance(model, Predictor):
        return "currencies" if served.study.startswith("fx/") else "positions"
    if isinstance(model, PanelForecaster):
        return "macro" if served.study.endswith("macro") else "banking"
    return ""


def _example(served: Served) -> str:
    """A book to begin with, as CSV."""
    kind, model = _kind(served), served.model
    rows: list[list[Any]] = []
    if kind == "positions":
        names = list(served.about["entities"])[:EXAMPLE]
        rows = [["entity", "value"], *([name, 100_000 // (place + 1)] for place, name in enumerate(names))]
    elif kind == "currencies":
        names = list(served.about["entities"])[:EXAMPLE]
        rows = [
            ["currency", "amount", "base"],
            *([name, 100_000 // (n + 1), "EUR"] for n, name in enumerate(names)),
        ]
    elif kind == "banking":
        rows = [
            ["instrument", "notional", "coupon", "maturity", "side"],
            ["mortgages", 1_000_000, 0.045, 10, "asset"],
            ["bonds", 400_000, 0.03, 5, "asset"],
            ["deposits", 900_000, 0.02, 1, "liability"],
        ]
    elif kind == "loans":
        assert isinstance(model, Scorer)
        parts = model.predictor.parts
        table_ = parts.reference.table.head(EXAMPLE)
        names = [name for name in served.about["columns"] if name in table_.columns]
        rows = [names, *([row[name] for name in names] for row in table_.to_dicts())]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        ["" if one is None else one for one in row] for row in rows
    )
    return out.getvalue()


def _found(figures: Mapping[str, Any], visit: Visit) -> dict[str, Any]:
    """The figures of a book: those in one number, tables, and the chart of what scenarios would cost."""
    plain, tables = [], []
    notes = [str(one) for one in figures.get("notes") or []]
    for name, value in figures.items():
        if name in SKIPPED or value is None or value == "":
            continue
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            rows = [{key: cell for key, cell in row.items() if key != "source"} for row in value]
            tables.append((_title(name, visit), table(rows, visit.lang, shares=SHARES)))
            notes += [_source(row, visit) for row in value if row.get("source") and row.get("title")]
        elif isinstance(value, Mapping):
            tables.append((_title(name, visit), table([value], visit.lang, shares=SHARES)))
        elif not isinstance(value, list):
            plain.append((named(name, visit.lang), cell(value, visit.lang, of=name)))
    return {
        "plain": plain,
        "tables": [one for one in tables if one[1].rows],
        "notes": notes,
        "chart": _chart(figures, visit),
        "caption": visit.say("dashboard_try.scenario_caption"),
    }


def _chart(figures: Mapping[str, Any], visit: Visit) -> Any:
    """What each scenario or supervisory shock makes or costs; where none moves a price, the ES after each."""
    for part, label, value in CHARTED:
        rows = [one for one in figures.get(part) or [] if isinstance(one.get(value), int | float)]
        if any(one[value] for one in rows):
            moves = value != AFTER
            return charts.amounts(
                [str(one[label]) for one in rows],
                np.array([float(one[value]) for one in rows]),
                x_label=named(value, visit.lang),
                x_format=",.4~r",
                raising=visit.say("dashboard_try.gain") if moves else "",
                lowering=visit.say("dashboard_try.lose") if moves else "",
            )
    return None


def _source(row: Mapping[str, Any], visit: Visit) -> str:
    """Where a scenario's figures are from: too long for a table."""
    said = {name: row.get(name, "") for name in ("scenario", "title", "source")}
    return visit.say("book.source", **said)


def _title(name: str, visit: Visit) -> str:
    return (
        visit.say(f"book.title.{name}")
        if has_text(f"book.title.{name}", visit.lang)
        else named(name, visit.lang)
    )


def _asked(form: Mapping[str, str]) -> Assess:
    """The book and scenario that a form asks for."""
    own = form.get("shocks", "").strip()
    wanted: str | dict[str, Any] | None = form.get("scenario", "").strip() or None
    if own:
        wanted = {"name": form.get("name", "").strip() or "own", "title": "own", "shocks": _shocks(own)}
    return msgspec.convert({"book": _book(form.get("book", "")), "scenario": wanted}, Assess)


def _book(written: str) -> list[dict[str, Any]]:
    """Rows of CSV with a header; what reads as a number is one."""
    try:
        reader = csv.DictReader(io.StringIO(written.strip()), skipinitialspace=True, strict=True)
        rows = [dict(row) for row in reader]
    except csv.Error as error:
        raise DataError(
            "a book must be CSV with a header", came=f"it is not ({error})", do="Correct it"
        ) from error
    if len(rows) > POSITIONS or any(None in row or None in row.values() for row in rows):
        raise DataError(
            "every row of a book must have as many cells as its header",
            came="one has more or fewer",
            do="Correct it, or put quotes around a cell with a comma",
        )
    return [{key.strip(): _value(value) for key, value in row.items()} for row in rows]


def _value(written: str) -> str | float | None:
    try:
        value = float(written)
    except ValueError:
        value = math.nan
    return value if math.isfinite(value) else written.strip() or None


def _shocks(written: str) -> dict[str, float]:
    """Lines such as 'alpha: -20 %' or 'alpha -0.2'."""
    found: dict[str, float] = {}
    for line in written.splitlines():
        name, _, size = line.replace(":", " ").replace("=", " ").strip().rpartition(" ")
        if not line.strip():
            continue
        percent = line.strip().endswith("%")
        if percent:
            name, _, size = line.strip().removesuffix("%").replace(":", " ").strip().rpartition(" ")
        try:
            value = float(size.replace("−", "-")) / (100.0 if percent else 1.0)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise DataError(
                "a line of shocks must be a name and a number",
                came=f"got '{line[:100]}'",
                do="Write alpha: -20 %",
            )
        found[name.strip()] = value
    return found


PATH = "/studies/{study:path}/scenario"
PAGES = (
    Page(
        "/scenarios", "score", "scenario_choose.html.j2", "dashboard_try.scenarios_title", choose, menu=True
    ),
    Page(
        PATH,
        "score",
        "scenario.html.j2",
        "dashboard_try.scenario_title",
        scenario,
        under="/scenarios",
        charts=True,
    ),
)
DEEDS = (
    Deed(
        f"{PATH}/assess",
        operation_of(asking.assess),
        PATH,
        PATH,
        "dashboard_try.done",
        shown=True,
        again=True,
        read=_asked,
    ),
)
