"""What is kept of answers so that it can be looked at again without asking the model each time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from barograph.service.studies import Served


@dataclass(frozen=True, slots=True)
class Assessed:
    """The book that was assessed last, as its answer."""

    at: dt.datetime
    version: str
    figures: dict[str, Any]


@dataclass(slots=True)
class Shown:
    """Of one process, by study; what a model said is kept while that model is in service."""

    assessed: dict[str, Assessed] = field(default_factory=dict)
    newest: dict[str, tuple[Served, float, dict[str, Any]]] = field(default_factory=dict)  # with its second
    drivers: dict[str, tuple[Served, dict[str, float]]] = field(default_factory=dict)
