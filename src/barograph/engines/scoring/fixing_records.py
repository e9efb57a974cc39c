"""Fixings as records, fit side: every few days one per currency, with what its GARCH and its past say.

A record's label says whether the currency lost more than a share of its value within the days that follow,
and is known when those days are over, whatever it is. The two conventional columns see no later day: GARCH is
refitted at the end of every year, and the climatology counts labels that were known at the origin.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from barograph.core.arrays import DateArray, FloatArray, IntArray
from barograph.core.errors import DataError
from barograph.core.fitted import GarchParameters
from barograph.core.notes import noted
from barograph.core.record_sections import FixingsSection
from barograph.core.record_table import FixingLink, RecordSchema, RecordSnapshot
from barograph.core.records import Samples, Snapshot
from barograph.core.scoring_study import ScoringStudy
from barograph.engines.scoring.fixing_rows import FixingRows, as_records
from barograph.engines.scoring.plan import networks_of
from barograph.measures import garch
from barograph.measures.falls import fall_log_odds
from barograph.models.baselines.catalogue import fit_baseline
from barograph.models.scorers import scorer_of
from barograph.prepare.latest import context
from barograph.prepare.samples import build

GARCH = "garch_t"
PRIOR, PRIOR_WEIGHT = 0.05, 20.0
"""What the pooled frequency of falls starts from, and how many records that counts like."""
OWN_WEIGHT = 100.0
"""Records of its own at which a currency's frequency counts as much as that of all."""


@dataclass(frozen=True, slots=True, eq=False)
class Implied:
    """What a currency's GARCH implied at each of its days."""

    log_odds: FloatArray  # [n_rows] NaN before the first fit
    last: GarchParameters  # fitted on every day
    variance: float  # of the day after the last, percent squared


def fixing_records(snapshot: Snapshot, study: ScoringStudy) -> RecordSnapshot:
    """The records behind a panel of fixings, in order of time.

    Parameters
    ----------
    snapshot : Snapshot
    study : ScoringStudy
        `prepare.fixings`: what counts as a fall, and how often a record is made.

    Raises
    ------
    DataError
        No currency has enough history for a record.
    """
    section = study.prepare.fixings or FixingsSection()
    samples = build(snapshot.panel, section)
    label, label_time = falls(samples, section)
    told = [implied_through_time(samples, entity, section) for entity in range(len(samples.entities))]
    log_odds = np.concatenate([one.log_odds for one in told])
    rows = _chosen(samples, log_odds, section)
    known = label_time[rows]
    climatology, after = frequencies(samples.time[rows], samples.entity[rows], label[rows], known)
    made = FixingRows(samples, rows, log_odds[rows], climatology)
    steps = section.window if any(scorer_of(key).needs_sequence for key in networks_of(study)) else 0
    records = as_records(made, label=label[rows], label_time=known, steps=steps)
    schema = RecordSchema(records.numeric, (), sequence=dict.fromkeys(records.channels, ()))
    link = FixingLink(
        section=section,
        prices=context(snapshot.panel, section),
        garch={name: one.last for name, one in zip(samples.entities, told, strict=True)},
        variance={name: one.variance for name, one in zip(samples.entities, told, strict=True)},
        climatology=dict(zip(samples.entities, after.tolist(), strict=True)),
        steps=steps,
    )
    said = (*snapshot.provenance.notes, _sentence(section, rows.size))
    provenance = replace(snapshot.provenance, notes=said)
    return RecordSnapshot(records, provenance, schema, said, fixings=link)


def _sentence(section: FixingsSection, n: int) -> str:
    values = {"every": section.every, "fall": 100 * section.fall, "within": section.within}
    return noted("notes.event.fixing_records", n=n, **values)


def falls(samples: Samples, section: FixingsSection) -> tuple[FloatArray, DateArray]:
    """Whether each day was followed by a fall, and when that was known, [n]; NaN and NaT where it is open.

    A fall: at one of the next `within` fixings the rate lies above today's by more than ``1 / (1 - fall)``.
    Known when all of them have come, even if it fell on the first.
    """
    label = np.full(samples.n, np.nan)
    known = np.full(samples.n, np.datetime64("NaT", "D"))
    for entity in range(len(samples.entities)):
        block = samples.rows_of(entity)
        rate, n = samples.price[block], block.stop - block.start
        closed = n - section.within
        if closed <= 0:
            continue
        ahead = np.lib.stride_tricks.sliding_window_view(rate[1:], section.within)[:closed]
        rows = slice(block.start, block.start + closed)
        label[rows] = ahead.max(axis=1) > rate[:closed] / (1.0 - section.fall)
        known[rows] = samples.time[block][section.within :]
    return label, known


def implied_through_time(samples: Samples, entity: int, section: FixingsSection) -> Implied:
    """The fall a currency's GARCH implied on every day, refitted at the end of every calendar year."""
    block = samples.rows_of(entity)
    returns, proxy = samples.returns[block], samples.proxy[block]
    year = samples.time[block].astype("datetime64[Y]").astype(np.int64)
    starts = np.flatnonzero(np.diff(year, prepend=-1))
    cuts = [int(cut) for cut in starts if cut >= section.history]
    if returns.size < section.history:
        name = samples.entities[entity]
        raise DataError(
            f"every currency must have {section.history} days of history for its GARCH",
            came=f"'{name}' has {returns.size}",
            do=f"Leave '{name}' out, or give more of its past",
        )
    fitted = fit_baseline(GARCH, returns, proxy, [*cuts, returns.size], (1,), notes=[])
    log_odds = np.full(returns.size, np.nan)
    for place, cut in enumerate(cuts):
        until = cuts[place + 1] if place + 1 < len(cuts) else returns.size
        value = _garch(fitted[place])
        variance = garch.next_variances(value, returns)[cut:until]
        log_odds[cut:until] = fall_log_odds(value, variance, within=section.within, fall=section.fall)
    last = _garch(fitted[-1])
    return Implied(log_odds, last, float(garch.next_variances(last, returns)[-1]))


def _garch(value: object) -> GarchParameters:
    assert isinstance(value, GarchParameters)
    return value


def _chosen(samples: Samples, log_odds: FloatArray, section: FixingsSection) -> IntArray:
    """Every so many rows of each currency, those with a full history and a fitted GARCH; by time."""
    first = np.concatenate(
        [np.arange(block.stop - block.start) for block in map(samples.rows_of, range(len(samples.entities)))]
    )
    kept = np.flatnonzero(samples.admissible & np.isfinite(log_odds) & (first % section.every == 0))
    if not kept.size:
        raise DataError(
            f"a record needs a currency with {section.history} days before the beginning of a year",
            came=f"none of {len(samples.entities)} has them",
            do="Give a longer history",
        )
    return kept[np.lexsort((samples.entity[kept], samples.time[kept]))]


def frequencies(
    time: DateArray, entity: IntArray, label: FloatArray, known: DateArray
) -> tuple[FloatArray, FloatArray]:
    """Log-odds of each currency's frequency of falls, among labels known at the origin; and after the last.

    The pooled frequency starts from a prior; a currency's own counts the more, the more records it has.

    Parameters
    ----------
    time : array [n] of datetime64[D]
        Ascending.
    entity : int array [n]
        Numbers from 0 on.
    label : array [n]
        NaN where open.
    known : array [n] of datetime64[D]
        When the label is known; NaT where open.

    Returns
    -------
    (array [n], array [n_entities])
    """
    n_entities = int(entity.max()) + 1
    closed = np.flatnonzero(np.isfinite(label))
    order = closed[np.argsort(known[closed], kind="stable")]
    bad, count = np.zeros(n_entities), np.zeros(n_entities)
    out, place = np.empty(time.size), 0
    for row in range(time.size):
        while place < order.size and known[order[place]] <= time[row]:
            bad[entity[order[place]]] += label[order[place]]
            count[entity[order[place]]] += 1
            place += 1
        out[row] = _shrunk(bad, count)[entity[row]]
    for late in order[place:]:
        bad[entity[late]] += label[late]
        count[entity[late]] += 1
    return out, _shrunk(bad, count)


def _shrunk(bad: FloatArray, count: FloatArray) -> FloatArray:
    """Log-odds of each currency's frequency, drawn to that of all."""
    pooled = (bad.sum() + PRIOR * PRIOR_WEIGHT) / (count.sum() + PRIOR_WEIGHT)
    share = (bad + pooled * OWN_WEIGHT) / (count + OWN_WEIGHT)
    return np.asarray(np.log(share) - np.log1p(-share))
