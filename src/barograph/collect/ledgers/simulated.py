"""A simulated ledger whose truth is known: seasonal counts in a slow regime, severities in two parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from barograph.collect.ledgers.own import check_enough, ledger_from
from barograph.collect.ledgers.snapshot import provenance_of
from barograph.core.arrays import DateArray, FloatArray
from barograph.core.errors import SettingError
from barograph.core.ledger_study import LedgerSection
from barograph.core.ledger_table import LedgerSnapshot
from barograph.core.notes import noted
from barograph.core.seeds import generator
from barograph.measures.losses.pareto import GeneralisedPareto
from barograph.measures.losses.severity import Lognormal
from barograph.measures.losses.spliced import Spliced

FIRST_MONDAY = np.datetime64("2001-01-01", "D")
YEAR = 365.25
LICENCE = noted("notes.source.simulated_ledger")
SEVERITY = Spliced(Lognormal(10.0, 1.2, upper=100_000.0), GeneralisedPareto(0.4, 60_000.0, 100_000.0), 0.08)


@dataclass(frozen=True, slots=True)
class Truth:
    """What a ledger is simulated from."""

    weekly: float = 3.5
    """Mean losses a week in the calm regime, over the seasons."""
    season: float = 0.35
    """Amplitude of the log mean over the year."""
    regime: float = 0.6
    """Added to the log mean in the restless regime."""
    stay: float = 0.985
    """Probability that a regime lasts another week (on average 67 weeks)."""
    dispersion: float = 0.10
    """Of the weekly count around its mean; 0 for Poisson."""
    severity: Spliced = SEVERITY
    """Amounts in the calm regime; in the restless one they are `inflation` times as large."""
    inflation: float = 1.5


def read_simulated(section: LedgerSection) -> LedgerSnapshot:
    """The ledger of a seed, `collect.years` long."""
    if section.target or section.time:
        raise SettingError(
            "a simulated ledger has no columns to name",
            came=f"collect.target is {section.target!r}, collect.time is {section.time!r}",
            do="Leave them out, or name your file with --data",
        )
    truth = Truth()
    table = simulate_ledger(truth, years=section.years, seed=section.seed)
    last = FIRST_MONDAY + round(YEAR * section.years) - 1
    window = {"since": section.since or str(FIRST_MONDAY), "until": section.until or str(last)}
    window["unit"] = "EUR"
    notes = (
        noted(
            "notes.source.simulated_counts",
            weekly=truth.weekly,
            season=truth.season,
            regime=np.exp(truth.regime),
            dispersion=truth.dispersion,
        ),
        noted(
            "notes.source.simulated_severities", shape=truth.severity.tail.shape, inflation=truth.inflation
        ),
    )
    ledger, said = ledger_from(table, section.model_copy(update=window), notes)
    check_enough(ledger, "the simulated ledger")
    provenance = provenance_of(ledger, source=section.source, licence=LICENCE, notes=said)
    return LedgerSnapshot(ledger, provenance)


def weekly_means(truth: Truth, *, weeks: int, seed: int) -> tuple[DateArray, FloatArray, FloatArray]:
    """Mondays, mean counts, and 1 where the regime is restless, each [weeks]; the truth of a ledger."""
    stream = generator(seed, "ledger", "regime")
    moves = stream.random(weeks) > truth.stay
    restless = (np.cumsum(moves) % 2).astype(np.float64)
    mondays = FIRST_MONDAY + 7 * np.arange(weeks)
    phase = 2.0 * np.pi * 7.0 * np.arange(weeks) / YEAR
    means = truth.weekly * np.exp(truth.season * np.cos(phase) + truth.regime * restless)
    return mondays, means, restless


def simulate_ledger(truth: Truth, *, years: int, seed: int) -> pl.DataFrame:
    """Losses with `day` (Date) and `amount`, oldest first, of so many years from 2001."""
    weeks = round(YEAR * years) // 7
    mondays, means, restless = weekly_means(truth, weeks=weeks, seed=seed)
    stream = generator(seed, "ledger", "losses")
    if truth.dispersion > 0.0:
        means = stream.gamma(1.0 / truth.dispersion, truth.dispersion * means)
    number = stream.poisson(means)
    days = np.repeat(mondays, number) + stream.integers(0, 7, int(number.sum()))
    amounts = truth.severity.draw(stream, int(number.sum()))
    amounts = amounts * np.where(np.repeat(restless, number) > 0.0, truth.inflation, 1.0)
    table = pl.DataFrame({"day": pl.Series(days).cast(pl.Date), "amount": np.round(amounts, 2)})
    return table.sort("day", maintain_order=True)
