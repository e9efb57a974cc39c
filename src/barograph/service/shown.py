"""What is kept of answers so that it can be looked at again without asking the model each time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from barograph.govern.assessments import Assessment
from barograph.service.studies import Served


@dataclass(slots=True)
class Shown:
    """Of one process, by study; what a model said is kept while that model is in service."""

    assessed: dict[str, Assessment] = field(default_factory=dict)  # the last; a database keeps it instead
    newest: dict[str, tuple[Served, float, dict[str, Any]]] = field(default_factory=dict)  # with its second
    drivers: dict[str, tuple[Served, dict[str, float]]] = field(default_factory=dict)
