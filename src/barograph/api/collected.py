"""The data of a study: packaged, from a file, or a frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from barograph.api.own_table import test_kept, with_joins
from barograph.collect.catalogue import open_source
from barograph.collect.events.catalogue import events_from_frame, open_events
from barograph.collect.frames import from_frame
from barograph.collect.ledgers.catalogue import ledger_from_frame, open_ledger
from barograph.collect.levels.catalogue import level_from_frame, open_level
from barograph.collect.panels import open_panel, panel_from_frame
from barograph.collect.raw import RawTable
from barograph.collect.reading import table_of
from barograph.collect.records.catalogue import open_records, records_from_frame
from barograph.core.errors import SettingError
from barograph.core.event_table import EventSnapshot
from barograph.core.ledger_study import LedgerStudy
from barograph.core.ledger_table import LedgerSnapshot
from barograph.core.level_study import LevelStudy
from barograph.core.level_table import LevelSnapshot
from barograph.core.panel_study import PanelStudy
from barograph.core.panel_table import PanelSnapshot
from barograph.core.recipe import AnyStudy
from barograph.core.record_table import RecordSnapshot
from barograph.core.records import Snapshot
from barograph.core.scoring_study import ScoringStudy
from barograph.core.study import CollectSection, Study
from barograph.engines.scoring.event_records import event_records
from barograph.engines.scoring.fixing_records import fixing_records
from barograph.engines.scoring.plan import networks_of
from barograph.models.scorers import scorer_of
from barograph.pipeline.separate import check_panel, check_records


def prices_of(plan: Study, data: object | None) -> Snapshot:
    """The prices of a study: packaged, from a file, or a frame."""
    if data is None or isinstance(data, str | Path):
        return open_source(plan.collect).read(plan.collect.since, plan.collect.until)
    return from_frame(data, plan.collect)


def records_of(plan: ScoringStudy, data: object | None) -> RecordSnapshot:
    """The records of a study: packaged, from a file, or a frame; of events, what earlier ones say of each."""
    loss, seed = plan.model.head == "hurdle_beta", plan.train.seed
    if plan.prepare.fixings is not None:
        return fixing_records(_fixings_of(plan, plan.prepare.fixings.entities, data), plan)
    if plan.prepare.events is not None:
        return event_records(_events_of(plan, data), plan)
    section = plan.collect
    if section.in_memory and data is not None and not isinstance(data, str | Path):
        raise SettingError(
            "collect.in_memory must go with a file, of which the rest can be read from disk",
            came="a table that is in memory already was given",
            do="Name the file, or leave collect.in_memory out",
        )
    if not any(scorer_of(key).needs_sequence for key in networks_of(plan)):
        section = section.model_copy(update={"stream_steps": 0})  # steps are large: only for who reads them
    if data is None or isinstance(data, str | Path):
        return open_records(section, loss=loss, seed=seed).read()
    return records_from_frame(data, section, loss=loss, seed=seed)


def _fixings_of(plan: ScoringStudy, entities: tuple[str, ...], data: object | None) -> Snapshot:
    """The fixings that become records: packaged, from a file, or a frame."""
    section = plan.collect
    named = {"close": section.target, "time": section.time, "entity": section.entity}
    wanted = CollectSection(
        source=section.source,
        quotes="fixings",
        entities=entities,
        since=section.since,
        until=section.until,
        columns={key: value for key, value in named.items() if value is not None},
    )
    if data is None or isinstance(data, str | Path):
        return open_source(wanted).read()
    return from_frame(data, wanted)


def _events_of(plan: ScoringStudy, data: object | None) -> EventSnapshot:
    network = plan.prepare.events is not None and plan.prepare.events.graph
    if data is None or isinstance(data, str | Path):
        return open_events(plan.collect, seed=plan.train.seed, network=network)
    return events_from_frame(data, plan.collect, network=network)


def ledger_of(plan: LedgerStudy, data: object | None) -> LedgerSnapshot:
    """The ledger of a study: packaged, simulated, from a file, or a frame."""
    if data is None or isinstance(data, str | Path):
        return open_ledger(plan.collect)
    return ledger_from_frame(data, plan.collect)


def level_of(plan: LevelStudy, data: object | None) -> LevelSnapshot:
    """The series of a level study: packaged, from a file, or a frame."""
    if data is None or isinstance(data, str | Path):
        return open_level(plan.collect)
    return level_from_frame(data, plan.collect)


def panel_of(plan: PanelStudy, data: object | None) -> PanelSnapshot:
    """The panel of a study: packaged, from a file, or a frame."""
    if data is None or isinstance(data, str | Path):
        return open_panel(plan.collect)
    return panel_from_frame(data, plan.collect)


def test_of(plan: AnyStudy, made: Any, test: object) -> RawTable:
    """A separate test table, held against what training made of its own; refused before anything is trained.

    It is read with what the caller's `plan` says of files: what was found out about training's file need not
    hold for another one.

    Raises
    ------
    DataError
        A column is missing or of another type; no day is later than training's.
    SettingError
        The study has no use for one.
    """
    if isinstance(plan, PanelStudy):
        raw = test_kept(table_of(test, label="test", form=plan.collect), plan)
        check_panel(raw, made.request, made.panel)
        return raw
    if isinstance(plan, ScoringStudy) and plan.prepare.events is None and plan.prepare.fixings is None:
        raw = test_kept(table_of(test, label="test", form=plan.collect), plan)
        raw = with_joins(raw, plan) if plan.collect.join else raw
        check_records(raw, made.schema)
        return raw
    raise SettingError(
        "--test belongs to a study of records or of levels",
        came=f"{plan.name} is neither",
        do="Leave it out, and answer new data from the bundle: barograph predict BUNDLE --data FILE",
    )
