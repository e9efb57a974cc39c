"""A user's table of payments or transfers: every column in its part, or one clear refusal."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from barograph.collect.events.amounts import hundredths
from barograph.collect.events.own_columns import EventRoles, event_roles, further_columns
from barograph.collect.events.snapshot import provenance_of
from barograph.collect.raw import RawTable
from barograph.collect.records.assembly import text_array
from barograph.collect.records.column_types import categories, numbers_of
from barograph.collect.records.instants import instants_of
from barograph.collect.records.own import LEAST_ROWS, OWN_DATA
from barograph.collect.records.rows import kept, refuse_rows
from barograph.collect.records.target import labels_of
from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.core.event_columns import EventColumns
from barograph.core.event_table import Events, EventSnapshot, TimeArray
from barograph.core.notes import noted
from barograph.core.record_table import TextArray
from barograph.core.scoring_study import RecordsSection

FIRST = datetime.datetime(2000, 1, 1)
IN_ORDER = noted("notes.event.in_order")
FILL = "Fill it, or remove the rows"
CENT = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class _Parties:
    actor: IntArray
    counterparty: IntArray  # -1 where there is none
    actors: TextArray
    counterparties: TextArray


def own_events(
    raw: RawTable, section: RecordsSection, *, network: bool, today: datetime.date
) -> EventSnapshot:
    """The events of a user's table, in order of time.

    Parameters
    ----------
    raw : RawTable
        As read.
    section : RecordsSection
        Which column plays which part; `since`, `until` and `share` are not looked at here.
    network : bool
        Whether actors and counterparties are accounts of one network, named alike.
    today : datetime.date
        The clock: no event is later, and no label that would be known later is one yet.

    Raises
    ------
    DataError
        The table, a column or a row is not usable; the message names count and first row.
    SettingError
        The section does not fit the table.
    """
    roles = event_roles(raw, section, network=network)
    if raw.frame.height < LEAST_ROWS:
        raise DataError(
            f"{raw.label} must hold at least {LEAST_ROWS} events",
            came=f"it holds {raw.frame.height:,}",
            do="Give more events: a model fitted on fewer, and its tests, would say nothing",
        )
    time, when = _times(raw, roles.time, today)
    amount, paid = _amounts(raw, roles.amount)
    label, label_time, said = _labels(raw, roles.target, section, time, today)
    parties, met = _parties(raw, roles, network=network)
    pattern, kinds = _patterns(raw, roles.pattern, label)
    further, left = further_columns(raw, roles, time.astype("datetime64[D]"))
    events = Events(
        event_id=_ids(raw, roles.record_id),
        time=time,
        actor=parties.actor,
        counterparty=parties.counterparty,
        amount=amount,
        label=label,
        label_time=label_time,
        actors=parties.actors,
        counterparties=parties.counterparties,
        columns=further,
        pattern=pattern,
    ).take(np.argsort(time, kind="stable"))
    notes = (*raw.notes, *roles.notes, *when, IN_ORDER, *paid, *said, *kinds, *met, *left)
    told = provenance_of(events, source=raw.label, licence=OWN_DATA, notes=notes)
    provenance = replace(told, assumed=raw.assumed)
    columns = EventColumns(roles.record_id, roles.time, roles.entity, roles.counterparty, roles.amount)
    return EventSnapshot(events, provenance, notes, columns)


def _times(raw: RawTable, name: str, today: datetime.date) -> tuple[TimeArray, tuple[str, ...]]:
    """Instants UTC of a calendar that fits, and what was assumed."""
    instants, notes = instants_of(raw, name)
    refuse_rows(raw, name, "say in every row when it happened", instants.is_null(), do=FILL)
    do = "Correct them; numbers count seconds or milliseconds since 1970"
    refuse_rows(raw, name, f"not lie before {FIRST:%Y-%m-%d}", instants < FIRST, do=do)
    tomorrow = datetime.datetime.combine(today, datetime.time()) + datetime.timedelta(days=1)
    refuse_rows(raw, name, f"not lie in the future (after {today})", instants >= tomorrow, do=do)
    return instants.to_numpy().astype("datetime64[us]"), notes


def _amounts(raw: RawTable, name: str) -> tuple[FloatArray, tuple[str, ...]]:
    """Money in hundredths at the finest, and what is worth knowing of it."""
    read = numbers_of(raw, name)
    refuse_rows(raw, name, "say in every row how much was paid", read.values.is_null(), do=FILL)
    exact = read.values.to_numpy()
    amount = hundredths(exact) + 0.0
    negative, none = int((amount < 0).sum()), int((amount == 0).sum())
    finer = int((np.abs(amount - exact) > CENT * 1e-6).sum())
    notes = [noted("notes.event.refunds", name=name, n=negative)] if negative else []
    notes += [noted("notes.event.zero", name=name, n=none)] if none else []
    notes += [noted("notes.event.rounded", name=name, n=finer)] if finer else []
    return amount, (*read.notes, *notes)


def _labels(
    raw: RawTable, name: str, section: RecordsSection, time: TimeArray, today: datetime.date
) -> tuple[FloatArray, TimeArray, tuple[str, ...]]:
    """Labels (1 = fraud, NaN unknown) and when each was known (NaT never); no label before its time."""
    told = categories(raw.frame[name]).is_not_null()
    if not told.any():
        raise DataError(
            f"target '{name}' of {raw.label} must say of some events whether they were frauds",
            came="it is empty throughout",
            do="Give the labels that are known",
        )
    label = np.full(raw.frame.height, np.nan)
    label[told.to_numpy()], said, _ = labels_of(
        kept(raw, told.arg_true()), name, positive=section.positive, loss=False
    )
    days = section.label_days
    known = time + np.timedelta64(days, "D")
    open_still = np.isfinite(label) & (known >= np.datetime64(today, "D") + np.timedelta64(1, "D"))
    label[open_still] = np.nan
    notes = [said, noted("notes.event.label_days", days=days)]
    notes += [noted("notes.event.unlabelled", name=name, n=int((~told).sum()))] if not told.all() else []
    if open_still.any():
        notes.append(noted("notes.event.young", n=int(open_still.sum()), days=days))
    return label, np.where(np.isnan(label), np.datetime64("NaT", "us"), known), tuple(notes)


def _patterns(raw: RawTable, name: str, label: FloatArray) -> tuple[TextArray | None, tuple[str, ...]]:
    """The kind of each fraud, "" for everything else, and how often each occurs."""
    if not name:
        return None, ()
    kind = np.where(label == 1.0, text_array(categories(raw.frame[name]).fill_null("")), "").astype(object)
    known, counts = np.unique(kind[kind != ""].astype(str), return_counts=True)
    told = ", ".join(f"{one} {count:,}" for one, count in zip(known, counts, strict=True)) or "none"
    return kind, (noted("notes.event.kinds", name=name, kinds=told),)


def _parties(raw: RawTable, roles: EventRoles, *, network: bool) -> tuple[_Parties, tuple[str, ...]]:
    """Who paid whom, as codes into sorted names."""
    actor = categories(raw.frame[roles.entity])
    refuse_rows(raw, roles.entity, "say in every row who paid", actor.is_null(), do=FILL)
    if not roles.counterparty:
        other = pl.Series([None] * len(actor), dtype=pl.String)
        notes = [noted("notes.event.no_counterparty")]
    else:
        other = categories(raw.frame[roles.counterparty])
        lacking = other.null_count()
        notes = (
            [noted("notes.event.lacking_counterparty", name=roles.counterparty, n=lacking)] if lacking else []
        )
    actors = pl.concat([actor, other]) if network else actor
    payers = actors.drop_nulls().unique().sort()
    payees = payers if network else other.drop_nulls().unique().sort()
    parties = _Parties(_codes(actor, payers), _codes(other, payees), text_array(payers), text_array(payees))
    return parties, tuple(notes)


def _codes(names: pl.Series, known: pl.Series) -> IntArray:
    """Places of names among sorted ones, -1 where null."""
    found = known.search_sorted(names).cast(pl.Int64)
    return found.set(names.is_null(), -1).to_numpy().astype(np.int64)


def _ids(raw: RawTable, name: str) -> TextArray:
    """The events' own names, or their places in the table."""
    if not name:
        return np.array([str(number) for number in raw.numbers], dtype=object)
    names = categories(raw.frame[name])
    refuse_rows(raw, name, "name every event", names.is_null(), do=FILL)
    again = ~names.is_first_distinct()
    refuse_rows(raw, name, "name each event once", again, do="Remove the repeated ones")
    return text_array(names)
