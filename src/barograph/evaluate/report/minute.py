"""The page that every report begins with: what a head of risk reads in a minute."""

from __future__ import annotations

from collections.abc import Sequence

from barograph.evaluate.report.blocks import Block, Bullets, Heading, KeyFigure, KeyFigures, Paragraph
from barograph.evaluate.report.study_content import StudyContent
from barograph.evaluate.report.words import Words


def in_a_minute(
    content: StudyContent,
    words: Words,
    *,
    figures: Sequence[KeyFigure],
    newest: Sequence[Block] = (),
    meaning: Sequence[str],
    watch: Sequence[str],
) -> tuple[Block, ...]:
    """Verdict, question, key figures, newest forecasts where there are any, meaning, watch list."""
    return (
        Paragraph(content.verdict.sentence, "lead"),
        Paragraph(words.note(content.question)),
        KeyFigures(tuple(figures)),
        *newest,
        Heading(words("report.summary.meaning")),
        Bullets(tuple(meaning)),
        Heading(words("report.summary.watch")),
        Bullets(tuple(watch)),
    )


def champion_figure(content: StudyContent, words: Words) -> KeyFigure:
    """Who answers, and what it is."""
    champion = content.verdict.champion
    return KeyFigure(
        words("report.summary.champion"), words.model(champion), words.role(content.roles[champion])
    )


def fallen_back(content: StudyContent, words: Words) -> tuple[str, ...]:
    """That the champion is another than the candidate; nothing where it is the same."""
    champion, candidate = content.verdict.champion, content.candidate
    if champion == candidate:
        return ()
    return (
        words("report.meaning.fallback", candidate=words.model(candidate), champion=words.model(champion)),
    )
