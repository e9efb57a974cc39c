"""Conventional models of the ledger branch: Poisson and negative-binomial counts, two severities."""

from barograph.models.baselines.ledgers.catalogue import (
    COUNT_BASELINES,
    LEDGER_BASELINES,
    LINEAR,
    SEVERITY_BASELINES,
    ledger_baseline,
)

__all__ = ["COUNT_BASELINES", "LEDGER_BASELINES", "LINEAR", "SEVERITY_BASELINES", "ledger_baseline"]
