"""What closes a report: the book, limits, monitoring, settings, and how to read it."""

from __future__ import annotations

import yaml

from barograph.evaluate.report.blocks import Block, Bullets, Cell, Code, Heading, Paragraph, Table, Terms
from barograph.evaluate.report.content import AssetSeries, ReportContent
from barograph.evaluate.report.study_content import StudyContent
from barograph.evaluate.report.views import findings
from barograph.evaluate.report.words import Words

_TERMS = (
    "qlike",
    "fz0",
    "crps",
    "event",
    "control",
    "reference",
    "combination",
    "diebold_mariano",
    "p_value",
    "standing",
    "value_at_risk",
    "kupiec",
    "christoffersen",
    "dq",
    "acerbi_szekely",
    "traffic_light",
    "pit",
    "seed",
    "blocks",
)


def book(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """The figures of a portfolio, if one was assessed."""
    figures = content.facts.book
    if figures is None:
        return ()
    blocks: list[Block] = [
        Heading(figures.title),
        Table(words("report.book.caption"), figures.columns, figures.rows),
    ]
    if figures.note:
        blocks.append(Paragraph(figures.note, "note"))
    return tuple(blocks)


def limits(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """What the model cannot do: limits of the method, then those of this run."""
    return (
        Bullets(
            (
                *words.several("report.limits.method", until=content.until),
                *map(words.note, content.facts.limits),
            )
        ),
    )


def monitoring(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """What to check in use, and where each entity's exceptions stood over the last 250 days."""
    champion = content.verdict.champion
    rows = tuple(_zone(series, champion, words) for series in content.series)
    names = ("entity", "days", "exceptions", "zone")
    columns = tuple(words(f"report.columns.{name}") for name in names)
    caption = words("report.monitoring.caption", model=words.model(champion), days=findings.RECENT_DAYS)
    return (
        Bullets(words.several("report.monitoring.checks")),
        Table(caption, columns, rows, note=words("report.monitoring.note")),
    )


def _zone(series: AssetSeries, model: str, words: Words) -> tuple[str | Cell, ...]:
    count, days = findings.exceptions(series, model, findings.RECENT_DAYS)
    if days < findings.RECENT_DAYS:
        reason = words("report.monitoring.too_short", days=findings.RECENT_DAYS)
        return (series.entity, str(days), str(count), Cell("–", reason=reason))
    zone = "red" if count >= findings.RED_FROM else "yellow" if count >= findings.YELLOW_FROM else "green"
    strong = zone != "green"
    return (series.entity, str(days), str(count), Cell(words(f"report.monitoring.{zone}"), strong=strong))


def settings(content: StudyContent, words: Words) -> tuple[Block, ...]:
    """Every setting as YAML, ready to be run again."""
    plain = yaml.safe_dump(content.settings, sort_keys=False, allow_unicode=True, width=100)
    return (Paragraph(words("report.settings.intro")), Code(plain))


def glossary(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """Terms of the report, one sentence each."""
    values = {"reference": words.model(content.reference)}
    return (
        Terms(
            tuple(
                (words(f"report.glossary.{term}.term"), words(f"report.glossary.{term}.meaning", **values))
                for term in _TERMS
            )
        ),
    )
