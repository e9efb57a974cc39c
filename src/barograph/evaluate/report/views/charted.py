"""Parts that are mostly figures: series, calibration, seeds."""

from __future__ import annotations

from barograph.evaluate.report import figures
from barograph.evaluate.report.blocks import Block, Choice, Grid, Paragraph, Table
from barograph.evaluate.report.content import ReportContent
from barograph.evaluate.report.words import Words, number


def series(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """Volatility and VaR of one entity at a time, or of all."""
    limit = figures.points_each(len(content.series))
    panels = tuple(
        (one.entity, (figures.volatility(one, words, limit), figures.value_at_risk(one, words, limit)))
        for one in content.series
    )
    label, everything = words("report.series.choose"), words("report.series.all")
    return (
        Paragraph(words("report.series.intro", points=limit)),
        Choice(label, everything, panels),
    )


def calibration(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """PIT histograms of the models that matter, side by side."""
    return (
        Paragraph(words("report.calibration.intro", days=content.near)),
        Grid(tuple(figures.pit(histogram, words) for histogram in content.pit)),
    )


def seeds(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """Every seed of every network: the figure and its numbers."""
    if not content.seed_spread:
        return (Paragraph(words("report.seeds.absent"), "note"),)
    rows = tuple(
        (
            words.model(spread.network),
            str(spread.seeds.size),
            number(float(spread.seeds.mean())),
            number(float(spread.seeds.std(ddof=1)) if spread.seeds.size > 1 else None),
            number(float(spread.seeds.min())),
            number(float(spread.seeds.max())),
            number(spread.ensemble),
        )
        for spread in content.seed_spread
    )
    names = ("model", "seeds", "mean", "sd", "lowest", "highest", "ensemble")
    columns = tuple(words(f"report.columns.{name}") for name in names)
    return (
        Paragraph(words("report.seeds.intro")),
        figures.seeds(content, words),
        Table(words("report.seeds.table_caption", days=content.near), columns, rows),
    )
