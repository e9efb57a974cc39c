"""What is shipped, and its settings as YAML; nothing here trains or loads what does."""

from __future__ import annotations

from typing import Any

from barograph.pipeline import settings as reading


def studies() -> list[dict[str, Any]]:
    """What is shipped: name, question, and data, models and minutes of each budget."""
    return reading.shipped()


def init(study: str, budget: str = "standard") -> str:
    """The full settings of a study as YAML to edit and run."""
    return reading.dump(reading.load(study, budget=budget))
