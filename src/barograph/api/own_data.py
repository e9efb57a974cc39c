"""From what a caller names to a study and its data: own files and frames in the place of packaged ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from barograph.collect.events.catalogue import PACKAGED_EVENTS
from barograph.collect.ledgers.catalogue import PACKAGED_LEDGERS
from barograph.collect.panels import PACKAGED_PANELS
from barograph.collect.records.catalogue import PACKAGED_RECORDS
from barograph.core.errors import SettingError
from barograph.core.ledger_study import LedgerStudy
from barograph.core.level_study import LevelStudy
from barograph.core.panel_study import PanelStudy
from barograph.core.recipe import AnyStudy
from barograph.core.records import Assumed
from barograph.core.scoring_study import ScoringStudy
from barograph.core.study import Study
from barograph.pipeline import settings as reading


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of own data that were named."""

    target: str | None
    time: str | None
    entity: str | None
    protected: tuple[str, ...]


def planned(
    study: str | Path | AnyStudy,
    data: object | None,
    network: Sequence[str],
    settings: Mapping[str, Any],
    budget: str | None,
    given: Columns,
) -> AnyStudy:
    """The study to run: what was named, with own data, networks and settings put in."""
    plan = reading.load(study, budget=budget)
    changes: dict[str, Any] = dict(settings)
    if network:
        changes["model.networks"] = tuple(network)
    if isinstance(plan, ScoringStudy):
        timed = bool(given.time or changes.get("collect.time"))
        own = _own_records(plan, data, given, timed=timed)
    elif isinstance(plan, LevelStudy):
        own = _own_level(plan, data, given)
    elif isinstance(plan, LedgerStudy):
        own = _own_ledger(plan, data, given)
    elif isinstance(plan, PanelStudy):
        own = _own_panel(plan, data, given)
    else:
        own = _own_series(plan, data, given)
    return reading.with_overrides(plan, {**own, **changes})


def settled(plan: AnyStudy, assumed: Sequence[Assumed]) -> AnyStudy:
    """The study with what was found out about its table as settings, so that running it again repeats it."""
    collect: Any = plan.collect
    changes: dict[str, Any] = {}
    for one in assumed:
        if one.setting == "collect.written":
            changes[one.setting] = changes.get(one.setting, dict(collect.written)) | {one.column: one.value}
        elif one.setting == "collect.ignore":
            changes[one.setting] = (*changes.get(one.setting, collect.ignore), one.column)
        elif one.setting:
            changes[one.setting] = one.value
    return reading.with_overrides(plan, changes) if changes else plan


def _source(data: object) -> str:
    return str(data) if isinstance(data, str | Path) else "frame"


def _own_series(plan: AnyStudy, data: object | None, given: Columns) -> dict[str, Any]:
    """What own series change in a forecasting study."""
    if given.protected:
        raise SettingError(
            "--protected belongs to a study of records",
            came=f"{plan.name} forecasts series",
            do="Leave it out",
        )
    own: dict[str, Any] = {}
    if data is not None:
        own = {"collect.entities": (), "collect.since": None, "collect.until": None}
        own |= {"evaluate.test_since": None, "evaluate.test_since_of": {}}
        own["collect.source"] = _source(data)
        own |= OWN_RATES if isinstance(plan, Study) and plan.prepare.inputs == "currencies" else {}
    named = {"close": given.target, "time": given.time, "entity": given.entity}
    named = {key: value for key, value in named.items() if value is not None}
    if named and isinstance(plan, Study):
        own["collect.columns"] = {**plan.collect.columns, **named}
    return own


OWN_RATES: dict[str, Any] = {"prepare.announced": {}, "train.join_days": 500}
"""Settings of the packaged fixings that do not speak of own rates: pegs against the euro, a long history."""


def _own_records(plan: ScoringStudy, data: object | None, given: Columns, *, timed: bool) -> dict[str, Any]:
    """What own records change in a scoring study: nothing of the packaged loans' calendar applies to them.

    A study whose source is already the user's own keeps everything but the source.
    """
    own: dict[str, Any] = {}
    if data is not None:
        own = {"collect.source": _source(data)}
        if plan.prepare.fixings is not None:
            own |= OWN_FALLS
        elif plan.collect.source in PACKAGED_EVENTS:
            own |= OWN_EVENTS
        elif plan.collect.source in PACKAGED_RECORDS:
            own |= OWN_RECORDS
            own["evaluate.protocols"] = ("origin",) if timed else ("cross_validation",)
            own["evaluate.claims"] = _claims_on_own(plan, timed=timed)
    named = {"target": given.target, "time": given.time, "entity": given.entity}
    own |= {f"collect.{key}": value for key, value in named.items() if value is not None}
    if given.protected:
        own["collect.protected"] = given.protected
    return own


OWN_RECORDS: dict[str, Any] = {
    "collect.deny": {},
    "collect.since": None,
    "collect.until": None,
    "collect.share": 1.0,
    "collect.protected": (),
    "collect.outcome_months": 12,
    "prepare.history_by": (),
    "evaluate.train_since": 0,
    "evaluate.origins": (),
    "evaluate.retrospective": (),
    "evaluate.development": (),
    "evaluate.leak_alone": 0.90,
    "model.hazard": "",
}
"""Settings of a recipe that speak of its packaged records only, and what own records have instead."""


OWN_FALLS: dict[str, Any] = {
    "collect.since": None,
    "collect.until": None,
    "prepare.fixings.entities": (),
    "prepare.fixings.announced": {},
    "evaluate.origins": (),
    "evaluate.development": (),
}
"""Settings of a recipe that speak of the packaged fixings only."""


OWN_EVENTS: dict[str, Any] = {
    "collect.since": None,
    "collect.until": None,
    "evaluate.train_since": 0,
    "evaluate.origins": (),
    "evaluate.development": (),
}
"""Settings of a recipe that speak of its simulated events only."""


def _claims_on_own(plan: ScoringStudy, *, timed: bool) -> tuple[dict[str, Any], ...]:
    """The recipe's claims, each once, on the protocol that own records are judged by."""
    protocol = "origin" if timed else "cross_validation"
    moved: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for claim in plan.evaluate.claims:
        if claim.kind == "at_least" or (claim.kind == "better_calibrated" and not timed):
            continue
        key = claim.key.removesuffix(f"-{claim.block}")
        plain = claim.model_dump() | {"key": key, "protocol": protocol, "block": ""}
        moved.setdefault((claim.kind, claim.model, claim.opponent, claim.metric), plain)
    return tuple(moved.values())


def _own_level(plan: LevelStudy, data: object | None, given: Columns) -> dict[str, Any]:
    """What an own series changes in a level study: the packaged loans' inputs and calendar do not apply."""
    if given.protected or given.entity:
        raise SettingError(
            "--protected and --entity belong to other studies",
            came=f"{plan.name} forecasts one series",
            do="Leave them out",
        )
    own: dict[str, Any] = {}
    if data is not None:
        own = OWN_LEVEL | {"collect.source": _source(data)}
        claims = [claim for claim in plan.evaluate.claims if claim.opponent != "experience"]
        own["evaluate.claims"] = tuple(claim.model_dump() for claim in claims)
    named = {"target": given.target, "time": given.time}
    return own | {f"collect.{key}": value for key, value in named.items() if value is not None}


OWN_LEVEL: dict[str, Any] = {
    "collect.since": None,
    "collect.until": None,
    "collect.delay": 0,
    "prepare.horizons": (1,),
    "prepare.anchor": "",
    "model.baselines": ("random_walk", "ar", "arx"),
    "evaluate.headline": 1,
    "evaluate.test_since": None,
    "evaluate.development_until": None,
}
"""Settings of the packaged default rate that do not speak of an own series, and what it has instead."""


def _own_ledger(plan: LedgerStudy, data: object | None, given: Columns) -> dict[str, Any]:
    """What an own ledger changes in a study: the packaged ledger's years and unit do not apply."""
    if given.protected:
        raise SettingError(
            "--protected belongs to a study of records",
            came=f"{plan.name} reads a ledger of losses",
            do="Leave it out",
        )
    own: dict[str, Any] = {}
    if data is not None:
        own = {"collect.source": _source(data)}
        own |= OWN_LEDGER if plan.collect.source in PACKAGED_LEDGERS else {}
    named = {"target": given.target, "time": given.time, "loss_id": given.entity}
    return own | {f"collect.{key}": value for key, value in named.items() if value is not None}


OWN_LEDGER: dict[str, Any] = {
    "collect.since": None,
    "collect.until": None,
    "collect.threshold": 0.0,
    "collect.unit": "",
    "evaluate.test_since": None,
    "evaluate.development_until": None,
}
"""Settings of a packaged ledger that do not speak of an own one, and what it has instead."""


def _own_panel(plan: PanelStudy, data: object | None, given: Columns) -> dict[str, Any]:
    """What own curves change in a study: the packaged curve's days and frequency do not apply."""
    if given.protected:
        raise SettingError(
            "--protected belongs to a study of records",
            came=f"{plan.name} forecasts levels",
            do="Leave it out",
        )
    own: dict[str, Any] = {}
    if data is not None:
        own = {"collect.source": _source(data)}
        own |= OWN_PANEL if plan.collect.source in PACKAGED_PANELS else {}
    if given.target is not None:
        own["collect.series"] = (given.target,)
    named = {"time": given.time, "entity": given.entity}
    return own | {f"collect.{key}": value for key, value in named.items() if value is not None}


OWN_PANEL: dict[str, Any] = {
    "collect.frequency": "auto",
    "collect.since": None,
    "collect.until": None,
    "collect.series": (),
    "prepare.horizons": (),
    "evaluate.test_since": None,
    "evaluate.development_until": None,
}
"""Settings of a packaged panel that do not speak of an own one, and what it has instead."""
