"""Judging a ledger run: scores of counts and severities, paired tests, claims, verdict."""

from barograph.evaluate.ledgers.claims import judge_ledgers
from barograph.evaluate.ledgers.comparing import ledger_comparisons, ledger_duel
from barograph.evaluate.ledgers.scores import ledger_scores

__all__ = ["judge_ledgers", "ledger_comparisons", "ledger_duel", "ledger_scores"]
