"""Events as records: each with what was known when it happened, its last steps, and its block."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from barograph.core.arrays import BoolArray, DateArray, FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.core.event_table import Events, EventSnapshot
from barograph.core.fitted_events import EventPlan
from barograph.core.fitted_graph import GraphPlan
from barograph.core.notes import noted
from barograph.core.record_sections import EventsSection
from barograph.core.record_table import EventLink, Records, RecordSchema, RecordSnapshot
from barograph.core.scoring_study import ScoringStudy
from barograph.engines.scoring.plan import networks_of
from barograph.models.scorers import scorer_of
from barograph.prepare.events.after import state_after
from barograph.prepare.events.names import CHANNELS, STATUSES, feature_names
from barograph.prepare.events.replay import replay
from barograph.prepare.events.screen import Screening, screen
from barograph.prepare.events.sequences import last_events
from barograph.prepare.events.snapshot import to_arrays
from barograph.prepare.events_graph import replay as graph_replay
from barograph.prepare.events_graph.columns import feature_names as graph_names
from barograph.prepare.events_graph.snapshot import to_arrays as graph_arrays

DAY = np.timedelta64(1, "D")
GRAPH = "graph_"
"""Before the name of every feature of the network of accounts."""
LEAST_EVENTS = 1_000
"""Events without which nothing can be learnt and tested."""


@dataclass(frozen=True, slots=True, eq=False)
class EventFeatures:
    """What the plans make of a table of events; rows are those of the events."""

    plan: EventPlan
    graph: GraphPlan | None
    screening: Screening
    table: FloatArray  # [n, F] of the event plan
    network: FloatArray | None  # [n, G] of the graph plan


def plans_of(section: EventsSection, label_days: int) -> tuple[EventPlan, GraphPlan | None]:
    """The frozen plans behind a section of settings."""
    days = tuple(window for window in section.windows if window >= 86_400)
    plan = EventPlan(
        windows=section.windows,
        keys=section.keys,
        new_counterparty="actor" in section.keys,
        risk_windows=section.risk_windows,
        delay=label_days * 86_400,
        lateness=section.lateness,
    )
    graph = GraphPlan(windows=days or section.windows, lateness=section.lateness)
    return plan, graph if section.graph else None


def names_of(plan: EventPlan, graph: GraphPlan | None) -> tuple[str, ...]:
    """Names of the features, in the order of a live row."""
    more = () if graph is None else tuple(GRAPH + name for name in graph_names(graph))
    return (*feature_names(plan), *more)


def event_records(snapshot: EventSnapshot, study: ScoringStudy) -> RecordSnapshot:
    """The records behind a table of events.

    Parameters
    ----------
    snapshot : EventSnapshot
        In order of arrival.
    study : ScoringStudy
        `prepare.events`; `collect.label_days`, `since` and `until`.

    Returns
    -------
    RecordSnapshot
        One record for every event that was taken in, is no duplicate, and lies within the study's days: all
        earlier events are looked back on. `vintage` is the first day of its block as YYYYMMDD.

    Raises
    ------
    DataError
        Fewer than `LEAST_EVENTS` are left.
    """
    section = study.prepare.events or EventsSection()
    events = snapshot.events
    made = _features(events, section, study.collect.label_days)
    rows, notes = _chosen(made.screening, events, study)
    columns = events.columns[rows.tolist()] if events.columns.width else events.columns
    columns, renamed = _apart(columns, names_of(made.plan, made.graph))
    table, numeric, categorical = _table(made, rows, columns)
    days = events.time[rows].astype("datetime64[D]")
    records = Records(
        table=table,
        numeric=numeric,
        categorical=categorical,
        record_id=events.event_id[rows].astype(object),
        time=days,
        vintage=blocks(days, section.block_days, first=_first(study, days)),
        label=events.label[rows],
        label_time=events.label_time[rows].astype("datetime64[D]"),
        outcome=events.label[rows],
        event_time=np.full(rows.size, np.datetime64("NaT", "D")),
        group=events.actor[rows].astype(np.int64),
        amount=events.amount[rows],
        sequence=_steps(made, events, rows, section, study),
        channels=CHANNELS if _reads_steps(study) else (),
    )
    schema = RecordSchema(numeric, categorical, sequence=dict.fromkeys(records.channels, ()))
    said = (*snapshot.notes, *notes, *renamed)
    since, until = str(days.min()), str(days.max())
    provenance = replace(snapshot.provenance, rows=rows.size, since=since, until=until, notes=said)
    return RecordSnapshot(records, provenance, schema, said, _link(made, snapshot, rows))


def blocks(days: DateArray, length: int, *, first: np.datetime64) -> IntArray:
    """First day of each day's block as YYYYMMDD, counted from a first day in steps of `length`.

    Examples
    --------
    >>> day = np.array(["2024-01-08", "2024-01-15"], dtype="datetime64[D]")
    >>> blocks(day, 7, first=np.datetime64("2024-01-01")).tolist()
    [20240108, 20240115]
    """
    start = first + ((days - first) // (length * DAY)) * (length * DAY)
    years = start.astype("datetime64[Y]")
    months = start.astype("datetime64[M]")
    year, month = years.astype(np.int64) + 1970, (months - years.astype(months.dtype)).astype(np.int64) + 1
    day = (start - months.astype(start.dtype)).astype(np.int64) + 1
    return np.asarray(year * 10_000 + month * 100 + day)


def _features(events: Events, section: EventsSection, label_days: int) -> EventFeatures:
    plan, graph = plans_of(section, label_days)
    judged = screen(events, plan)
    network = None if graph is None else _network(events, judged, graph)
    return EventFeatures(plan, graph, judged, replay(events, plan, screening=judged), network)


def _network(events: Events, judged: Screening, graph: GraphPlan) -> FloatArray:
    """The graph's features of every row taken in; a live scorer tells the graph of no others either."""
    rows = judged.rows
    table = np.full((events.n, len(graph_names(graph))), np.nan)
    table[rows] = graph_replay.replay_graph(events.take(rows), graph)
    return table


def _first(study: ScoringStudy, days: DateArray) -> np.datetime64:
    return np.datetime64(study.collect.since or days.min(), "D")


def _chosen(judged: Screening, events: Events, study: ScoringStudy) -> tuple[IntArray, tuple[str, ...]]:
    """The rows that become records, and what became of the others."""
    counts = np.bincount(judged.status, minlength=len(STATUSES))
    notes = [
        noted(f"notes.became.{name}", n=count)
        for name, count in zip(STATUSES, counts.tolist(), strict=True)
        if count and name != "new"
    ]
    day = events.time.astype("datetime64[D]")
    inside: BoolArray = np.ones(events.n, dtype=np.bool_)
    if study.collect.since:
        inside &= day >= np.datetime64(study.collect.since)
    if study.collect.until:
        inside &= day <= np.datetime64(study.collect.until)
    rows = judged.rows[inside[judged.rows]]
    rows = rows[np.argsort(events.time[rows], kind="stable")]
    if rows.size < LEAST_EVENTS:
        raise DataError(
            f"a study on events needs at least {LEAST_EVENTS:,} of them",
            came=f"{rows.size:,} of {events.n:,} are left" + (f" ({'; '.join(notes)})" if notes else ""),
            do="Give more events, or widen collect.since and collect.until",
        )
    return rows, tuple(notes)


def _apart(columns: pl.DataFrame, taken: tuple[str, ...]) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The source's further columns under names that no feature has."""
    names = {name: f"given_{name}" for name in columns.columns if name in taken}
    notes = tuple(noted("notes.event.renamed", old=old, new=new) for old, new in names.items())
    return columns.rename(names), notes


def _table(
    made: EventFeatures, rows: IntArray, columns: pl.DataFrame
) -> tuple[pl.DataFrame, tuple[str, ...], tuple[str, ...]]:
    """Features and the source's further columns, numeric ones first."""
    values = [made.table[rows]] + ([] if made.network is None else [made.network[rows]])
    wide = np.concatenate(values, axis=1) if len(values) > 1 else values[0]
    names = names_of(made.plan, made.graph)
    numbers = [
        pl.Series(name, np.ascontiguousarray(wide[:, place])).fill_nan(None)
        for place, name in enumerate(names)
    ]
    numbers += [column for column in columns if column.dtype == pl.Float64]
    texts = [column for column in columns if column.dtype == pl.String]
    return (
        pl.DataFrame([*numbers, *texts]),
        tuple(one.name for one in numbers),
        tuple(one.name for one in texts),
    )


def _reads_steps(study: ScoringStudy) -> bool:
    return any(scorer_of(key).reads_sequence for key in networks_of(study))


def _steps(
    made: EventFeatures, events: Events, rows: IntArray, section: EventsSection, study: ScoringStudy
) -> FloatArray:
    """The actor's last events, where a network reads them: they are large."""
    if not _reads_steps(study):
        return np.full((rows.size, 0, 0), np.nan)
    return last_events(
        events, made.plan, section.steps, rows=rows, features=made.table, screening=made.screening
    )


def _link(made: EventFeatures, snapshot: EventSnapshot, rows: IntArray) -> EventLink:
    events = snapshot.events
    state = {
        f"events:{name}": one
        for name, one in to_arrays(
            state_after(events, made.plan, features=made.table, screening=made.screening)
        ).items()
    }
    if made.graph is not None and made.network is not None:
        taken = made.screening.rows
        after = graph_arrays(graph_replay.state_after(events.take(taken), made.network[taken], made.graph))
        state |= {f"graph:{name}": one for name, one in after.items()}
    named = np.append(events.counterparties.astype(object), "")
    return EventLink(
        plan=made.plan,
        graph=made.graph,
        state=state,
        time=events.time[rows],
        actor=events.actors[events.actor[rows]].astype(object),
        counterparty=named[events.counterparty[rows]],
        pattern=None if events.pattern is None else events.pattern[rows],
        columns=snapshot.columns,
    )
