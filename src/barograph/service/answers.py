"""What models say to requests: plain calls of `api`, which know nothing of HTTP, threads or order."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import msgspec
import polars as pl

from barograph.api.answer import PanelForecaster, Predictor, Scorer
from barograph.api.assess import assess
from barograph.api.live import EventScorer, FallForecaster
from barograph.api.newest import LedgerForecaster, LevelForecaster
from barograph.collect import scenarios, shock_sizes
from barograph.core.errors import DataError
from barograph.core.scenario import Scenario
from barograph.engines.scoring.quick import QUICK, QuickAnswer
from barograph.service.problems import Problem, missing
from barograph.service.studies import Model, Served
from barograph.service.wire import TRIED, Assess, Predict, Shock, WhatIf, encode

OWN = ("probability", "loss")
"""A model's own figure of a record: one of these."""


def cannot(served: Served, what: str, do: str) -> Problem:
    """The study knows no such question."""
    return Problem(409, "kind", f"{what}; {served.study} is on {served.kind}. {do}.")


Told = tuple[dict[str, Any], list[dict[str, Any]]]
"""An answer, and the model's own figure of each record, whichever figures were asked for."""


def scored(model: Scorer, ask: Predict) -> Told:
    """Figures of records, with reasons where they are asked for."""
    _some(ask)
    if ask.reasons:
        _few(ask)
        reasons = model.explain(ask.records, frozen=ask.frozen)
        return {"answers": reasons}, reasons
    frame, told = model.predictor.predict_told(ask.records)
    figures = frame.select(name for name in OWN if name in frame.columns).to_dicts()
    if ask.figures:
        strange = [name for name in ask.figures if name not in frame.columns]
        if strange:
            raise missing("figure", strange[0], frame.columns)
        frame = frame.select(list(dict.fromkeys(ask.figures)))
    return {"answers": frame.to_dicts(), "extra": told.extra, "unseen": told.unseen}, figures


def is_quick(ask: Predict) -> bool:
    """Whether a few figures of one record are wanted, of those that need no table."""
    return len(ask.records) == 1 and not ask.reasons and bool(ask.figures) and QUICK.issuperset(ask.figures)


def told_quickly(found: QuickAnswer | None, ask: Predict) -> Told | None:
    """The answer to such a question; None where there is no quick way to it."""
    if found is None:
        return None
    answer, extra = found
    if not answer.keys() >= set(ask.figures):
        return None  # the bundle lacks one: it is refused where its figures are known
    wanted = {name: answer[name] for name in ask.figures}
    return {"answers": [wanted], "extra": extra, "unseen": {}}, [answer]


def scored_apart(model: EventScorer, ask: Predict) -> dict[str, Any]:
    """Scores of events that leave the live state as it is."""
    _some(ask)
    if ask.reasons:
        _few(ask)
        return {"answers": model.explain(ask.records, lang=ask.lang, most=TRIED)}
    frame, notes = model.predict_told(ask.records)
    return {"answers": frame.to_dicts(), "extra": notes.extra, "assumed": notes.assumed}


def forecast(
    model: Predictor | LevelForecaster | LedgerForecaster | PanelForecaster | FallForecaster, ask: Predict
) -> dict[str, Any]:
    """Forecasts at the newest days known, or at new ones that leave the state as it is."""
    frame: pl.DataFrame = model.predict(ask.records) if ask.records else model.forecast()
    column = next((name for name in ("entity", "series") if name in frame.columns), None)
    if ask.entities:
        known = [] if column is None else frame[column].unique().sort().to_list()
        strange = [name for name in ask.entities if name not in known]
        if strange:
            raise missing("entity", strange[0], known)
        frame = frame.filter(pl.col(str(column)).is_in(ask.entities))
    return {"answers": frame.to_dicts()}


def way_back(model: Predictor | PanelForecaster | FallForecaster) -> Callable[[], None]:
    """Puts a model of series back to the state it has now; an update replaces a state, never changes it."""
    name = next(name for name in ("forecaster", "predictor", "live") if hasattr(model, name))
    return functools.partial(setattr, model, name, copy.copy(getattr(model, name)))


def tried(model: Scorer | EventScorer, ask: WhatIf) -> dict[str, Any]:
    """The figure of a record, and of the record with each change."""
    rows = [ask.record, *({**ask.record, **change} for change in ask.changes)]
    if isinstance(model, Scorer):
        answers = model.predict(rows).to_dicts()
    else:  # under ids of their own: an event that was taken in already would be answered as it was then
        given = [{**row, "event_id": f"what-if {place}"} for place, row in enumerate(rows)]
        answers = [model.predict([row]).to_dicts()[0] for row in given]
    name = next(name for name in OWN if name in answers[0])
    first = answers[0][name]
    changed = [
        {"change": change, "answer": answer, "moved": _difference(answer[name], first)}
        for change, answer in zip(ask.changes, answers[1:], strict=True)
    ]
    return {"figure": name, "answer": answers[0], "changed": changed}


def _difference(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def assessed(model: Model, ask: Assess) -> dict[str, Any]:
    """Figures of a book; scenarios and shock sizes are packaged or the caller's own, never files here."""
    if ask.calibration is not None and ask.calibration not in shock_sizes.packaged():
        raise missing("calibration", ask.calibration, sorted(shock_sizes.packaged()))
    return assess(
        model,  # type: ignore[arg-type]  # refuses what it does not know, with the reason
        ask.book or None,
        scenario=_scenario(ask.scenario),
        calibration=ask.calibration,
        yields=ask.yields,
    )


def _scenario(asked: str | Shock | None) -> str | Scenario | None:
    if isinstance(asked, str):
        if asked not in scenarios.packaged():
            raise missing("scenario", asked, sorted(scenarios.packaged()))
        return asked
    if asked is None:
        return None
    written = {
        key: value
        for key, value in msgspec.to_builtins(asked).items()
        if key != "name" and value not in ("", {})
    }
    return scenarios.parse_scenario(
        encode(written).decode(), name=asked.name, label=f"the scenario {asked.name}", entities=None
    )


def _some(ask: Predict) -> None:
    if not ask.records:
        raise DataError("a request must hold at least one record", came="it has none", do="Give records")


def _few(ask: Predict) -> None:
    if len(ask.records) > TRIED:
        raise DataError(
            f"reasons are worked out for {TRIED} records at most",
            came=f"got {len(ask.records)}",
            do="Give fewer records, or leave reasons out",
        )
