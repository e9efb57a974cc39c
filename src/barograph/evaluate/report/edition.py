"""An edition of the report: what one engine has to say, and in which words it heads its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from barograph.evaluate.report.blocks import Block
from barograph.evaluate.report.study_content import StudyContent
from barograph.evaluate.report.words import Words

Engine = Literal["forecasting", "scoring", "alerts", "falls", "levels", "ledgers", "panels"]
"""Whose edition: an engine's, or, of the scoring engine, that of alerts or of the falls of currencies."""

C = TypeVar("C", bound=StudyContent)


@dataclass(frozen=True, slots=True)
class Edition(Generic[C]):
    """The parts of one engine's report; policy packs put them in order under their own headings."""

    engine: Engine
    parts: Mapping[str, Callable[[C, Words], tuple[Block, ...]]]
    """Every part by its key. A part that has nothing to say about a study answers with no blocks."""
    heading: Callable[[str, Words], str]
    """Heading of a part that shares its section with others."""
    meta: Callable[[C, Words], str]
    """The line under the title: how much was scored, and when."""
    dialect: str = ""
    """Area of texts that says in its own way what `credit` says otherwise."""
