"""What the registry says: models, their states, findings."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Action = Literal["proposed", "approved", "promoted", "extended", "rolled_back", "retired"]
ModelState = Literal["proposed", "challenger", "champion", "former", "retired"]
"""`challenger` scores in shadow; `former` was champion and can be rolled back to."""
Severity = Literal["low", "medium", "high", "critical"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A bundle that somebody wants to answer."""

    study: str
    engine: str
    champion: str  # the candidate that it holds
    bundle: str  # its folder
    manifest_hash: str  # sha256 of manifest.json, which holds the hashes of all other files
    data_hash: str  # of the snapshot that it was fitted on
    verdict: str  # the study's sentence


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """A model as it stands now."""

    id: str
    study: str
    engine: str
    champion: str
    bundle: str
    manifest_hash: str
    data_hash: str
    verdict: str
    proposer: str
    proposed_at: dt.datetime
    state: ModelState
    approver: str | None  # of its approval
    approved_at: dt.datetime | None
    expires_at: dt.datetime | None  # None until it is approved
    expired: bool  # it still answers, flagged; it is not promoted or rolled back to until it is extended
    open_findings: int


@dataclass(frozen=True, slots=True)
class FindingRecord:
    """Something found wanting in a model: by whom, how bad, who sees to it until when."""

    id: str
    model: str
    severity: Severity
    what: str
    owner: str
    due: dt.date
    opened_at: dt.datetime
    opened_by: str
    closed_at: dt.datetime | None
    closed_by: str | None
    closed_why: str | None
    overdue: bool
