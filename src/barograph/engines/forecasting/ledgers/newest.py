"""What a bundle says of coming weeks and of a coming year, by its parts alone. Never torch."""

from __future__ import annotations

from barograph.core.arrays import FloatArray
from barograph.core.ledger_table import CountForecast, LedgerPart, LossLedger, Part
from barograph.engines.forecasting.ledgers.annual import year_values
from barograph.engines.forecasting.ledgers.inputs import network_inputs
from barograph.engines.forecasting.ledgers.parts import Parts
from barograph.engines.forecasting.ledgers.serving import counts_from, severity_over
from barograph.measures.losses.fitted import frequency_of
from barograph.measures.losses.severity import Severity
from barograph.prepare.ledgers import coming


def newest_counts(parts: Parts, ledger: LossLedger) -> CountForecast:
    """Counts of the weeks that come after a ledger's last complete one."""
    ahead, _ = coming(ledger, parts.prepare)
    poisson = parts.manifest.combine.head == "poisson"
    return counts_from(parts.counts, ahead.calendar, _raw(parts, "counts", ahead), poisson=poisson)


def year_severity(parts: Parts, ledger: LossLedger) -> Severity:
    """One severity for the year that comes after a ledger's last day."""
    _, days = coming(ledger, parts.prepare)
    return severity_over(parts.severities, _raw(parts, "severities", days))


def year_quantiles(parts: Parts, severity: Severity) -> FloatArray:
    """Quantiles of the coming year's total at the bundle's levels; money."""
    return year_values(frequency_of(parts.frequency), severity, parts.manifest.levels)


def _raw(parts: Parts, name: Part, rows: LedgerPart) -> FloatArray | None:
    """The network's raw outputs [n_seeds, n, K]; None where convention answers."""
    if name not in parts.graphs:
        return None
    return parts.graphs[name].run(network_inputs(parts.scaling[name], rows))[:, :, 0]
