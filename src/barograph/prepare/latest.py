"""The newest origin of each entity, from no more of the past than it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from barograph.core.arrays import DateArray, IntArray
from barograph.core.records import Panel, Samples
from barograph.core.study import PrepareSection
from barograph.prepare.own import LOOKBACK, REFERENCE_WINDOW
from barograph.prepare.samples import build, history_rows

CONTEXT_ROWS = 480
"""Last price rows of each entity that suffice for every window a study may ask for.

`history_rows` needs at most 325 returns. The rest lets series that trade seven days a week reach back as far
as the window of one that trades five, if all of them end in the same week; `context` needs no such condition.
""" ""


def context(panel: Panel, section: PrepareSection) -> Panel:
    """The end of a panel that leaves the newest origin of every entity exactly as it is.

    For every entity: the rows behind its own features and window, and those behind its level on the first day
    of any entity's window; of currencies, whose factor looks at all of them, those behind the longest window
    of any. Where a series ended long before the others, that day is early and the context
    long.
    """
    tables = [panel.of(entity) for entity in panel.entities]
    days = [table["time"].to_numpy().astype("datetime64[D]") for table in tables]
    back = max(section.window, LOOKBACK + 1) if section.inputs == "currencies" else section.window
    earliest = min((time[-back:][0] for time in days), default=np.datetime64("NaT"))
    parts = [
        table.slice(_first_row(time, earliest, section)) for table, time in zip(tables, days, strict=True)
    ]
    return Panel(pl.concat(parts)) if parts else panel


def _first_row(time: DateArray, earliest: np.datetime64, section: PrepareSection) -> int:
    """First price an entity must keep; n returns need n + 1 prices."""
    for_itself = int(time.shape[0]) - (history_rows(section) + 1)
    for_panel = int(np.searchsorted(time, earliest, side="right")) - 1 - REFERENCE_WINDOW
    return max(min(for_itself, for_panel), 0)


def build_latest(
    panel_tail: Panel,
    section: PrepareSection,
    entities: Sequence[str],
    *,
    classes: Mapping[str, str] | None = None,
) -> Samples:
    """The samples a model answers from: the newest origin of each entity, by the same code as `build`.

    Parameters
    ----------
    panel_tail : Panel
        The last `CONTEXT_ROWS` prices of each entity, or more; what is more than `context` keeps is not read.
    section : PrepareSection
        As in training.
    entities : sequence of str
        The entities the model was prepared with, in order; those without rows count as unknown.
    classes : mapping of str to str, optional
        As in training.

    Returns
    -------
    Samples
        The last ``section.window`` rows of each entity, so that sequence windows can be cut as always; only
        the newest row of an entity is admissible (see `newest_rows`), and only if its history suffices. Its
        inputs are equal, bit for bit, to those of the same row of `build` on the whole panel.
    """
    samples = build(context(panel_tail, section), section, classes=classes, entities=entities)
    kept = [
        np.arange(rows.stop)[rows][-section.window :]
        for rows in (samples.rows_of(entity) for entity in range(len(samples.entities)))
    ]
    short = _taken(samples, np.concatenate(kept).astype(np.int64))
    newest = np.zeros(short.n, dtype=np.bool_)
    newest[newest_rows(short)] = True
    return replace(short, admissible=short.admissible & newest)


def newest_rows(samples: Samples) -> IntArray:
    """The last row of each entity that has rows, in the order of the entities."""
    return np.flatnonzero(np.diff(samples.entity, append=-1)).astype(np.int64)


def _taken(samples: Samples, rows: IntArray) -> Samples:
    """Some rows of every column."""
    return replace(
        samples,
        entity=samples.entity[rows],
        time=samples.time[rows],
        features=samples.features[rows],
        channels=samples.channels[rows],
        cross_section=samples.cross_section.take(rows),
        returns=samples.returns[rows],
        proxy=samples.proxy[rows],
        price=samples.price[rows],
        target=samples.target[rows],
        target_return=samples.target_return[rows],
        known_at=samples.known_at[rows],
        admissible=samples.admissible[rows],
        held=samples.held[rows],
    )
