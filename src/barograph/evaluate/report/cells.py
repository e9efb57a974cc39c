"""Cells that tables of both engines share: a score, and the part a model plays."""

from __future__ import annotations

from barograph.core.results import Score
from barograph.evaluate.report.blocks import Cell
from barograph.evaluate.report.study_content import StudyContent
from barograph.evaluate.report.words import BLANK, Words, metric_value, spread


def model_cell(model: str, content: StudyContent, words: Words) -> Cell:
    """A model's name; below it its role, and whether it is champion or reference."""
    marks = [words.role(content.roles[model])]
    if model == content.verdict.champion:
        marks.append(words("report.scores.champion"))
    if model == content.reference:
        marks.append(words("report.scores.reference"))
    return Cell(words.model(model), small=" · ".join(marks))


def score_cell(score: Score | None, metric: str, best: float | None, words: Words) -> Cell:
    """A score with its spread over seeds, bold where it is the best; blank with the reason."""
    if score is None:
        return Cell(BLANK, reason=words("report.scores.not_scored"))
    if score.value is None:
        return Cell(BLANK, reason=score.note or words("report.scores.not_scored"))
    over_seeds = "" if score.sd is None else f"± {spread(metric, score.sd, score.value)}"
    return Cell(metric_value(metric, score.value), small=over_seeds, strong=score.value == best)
