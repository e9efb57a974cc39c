"""A shipped study of any engine, and what each budget changes in it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from barograph.core.ledger_study import LedgerStudy
from barograph.core.level_study import LevelStudy
from barograph.core.panel_study import PanelStudy
from barograph.core.scoring_study import ScoringStudy
from barograph.core.section import Budget, Section
from barograph.core.study import Study

AnyStudy = Study | ScoringStudy | LevelStudy | LedgerStudy | PanelStudy
"""A study of any engine."""

STUDY_KINDS: dict[
    str, type[Study] | type[ScoringStudy] | type[LevelStudy] | type[LedgerStudy] | type[PanelStudy]
] = {
    "forecasting": Study,
    "scoring": ScoringStudy,
    "levels": LevelStudy,
    "ledgers": LedgerStudy,
    "panels": PanelStudy,
}
"""Engine -> the class of its studies."""


class Recipe(Section):
    """A shipped study and what each budget changes in it (dotted key -> value)."""

    study: Annotated[AnyStudy, Field(discriminator="engine")]
    """The settings every budget starts from."""
    budgets: dict[Budget, dict[str, Any]]
    """What a budget changes: dotted key -> value."""
    minutes: dict[Budget, float]
    """Expected minutes on two idle cores."""
