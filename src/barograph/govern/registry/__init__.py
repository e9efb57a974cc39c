"""Which model may answer: proposed by a run, approved by somebody else, and every step of it written down."""

from __future__ import annotations

from barograph.govern.registry.findings import close_finding, findings_of, open_finding
from barograph.govern.registry.history import Answering, Step, answered_at, champion_of, history_of
from barograph.govern.registry.records import FindingRecord, ModelRecord, ModelState, Proposal
from barograph.govern.registry.states import model_of, models_of
from barograph.govern.registry.steps import approve, extend, promote, propose, retire, roll_back

__all__ = [
    "Answering",
    "FindingRecord",
    "ModelRecord",
    "ModelState",
    "Proposal",
    "Step",
    "answered_at",
    "approve",
    "champion_of",
    "close_finding",
    "extend",
    "findings_of",
    "history_of",
    "model_of",
    "models_of",
    "open_finding",
    "promote",
    "propose",
    "retire",
    "roll_back",
]
