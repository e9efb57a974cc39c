"""The audit log: what was answered, written down before the reply, in a way that a later change is seen."""

from __future__ import annotations

from barograph.govern.audit.anchors import anchors_of, last_anchor, write_anchor
from barograph.govern.audit.archive import archive_journals
from barograph.govern.audit.archived import Archived
from barograph.govern.audit.journal import Journal
from barograph.govern.audit.keeper import Keeper, open_journal
from barograph.govern.audit.lines import DURABLE_KINDS, AuditRecord
from barograph.govern.audit.verify import Fault, Verified, verify_journals

__all__ = [
    "DURABLE_KINDS",
    "Archived",
    "AuditRecord",
    "Fault",
    "Journal",
    "Keeper",
    "Verified",
    "anchors_of",
    "archive_journals",
    "last_anchor",
    "open_journal",
    "verify_journals",
    "write_anchor",
]
