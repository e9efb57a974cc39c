"""The falls of currencies: skill over the plain answers, and what is said of every currency now."""

from __future__ import annotations

from barograph.evaluate.report.blocks import Block, Cell, Paragraph, Table
from barograph.evaluate.report.cells import model_cell
from barograph.evaluate.report.scoring.content import ScoringContent
from barograph.evaluate.report.scoring.words import interval
from barograph.evaluate.report.words import BLANK, Words, number, percent


def skill(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """Every model against climatology and the GARCH-implied probability."""
    if content.falls is None:
        return ()
    names = ("brier", "over_climatology", "over_implied", "auc", "auc_gain", "interval", "recall")
    columns = (words("report.columns.model"), *(words(f"currency.skill.{name}") for name in names))
    rows = tuple(
        (
            model_cell(row.model, content, words),
            number(row.brier, 5),
            percent(row.over_climatology, 1),
            percent(row.over_implied, 1),
            number(row.auc, 3),
            BLANK if row.auc_gain is None else number(row.auc_gain, 3),
            BLANK if row.interval is None else interval(*row.interval),
            percent(row.recall, 0),
        )
        for row in content.falls.skill
    )
    values = {"fall": percent(content.falls.fall, 0), "within": content.falls.within}
    return (
        Paragraph(words("currency.skill.intro", **values)),
        Table(words("currency.skill.caption"), columns, rows, note=words("currency.skill.note")),
    )


def newest(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """The bundle's forecast of every currency at its newest fixing, the likeliest fall first."""
    if content.falls is None or not content.falls.newest:
        return ()
    names = ("entity", "time", "probability", "implied", "climatology", "alarm")
    columns = tuple(words(f"currency.newest.{name}") for name in names)
    rows = tuple(
        (
            Cell(row.entity, small=words("single.was_held") if row.held else ""),
            row.time,
            Cell(percent(row.probability, 2), strong=row.alarm),
            percent(row.implied, 2),
            percent(row.climatology, 2),
            words("currency.newest.yes") if row.alarm else BLANK,
        )
        for row in sorted(content.falls.newest, key=lambda row: -row.probability)
    )
    values = {"fall": percent(content.falls.fall, 0), "within": content.falls.within}
    caption = words("currency.newest.caption", **values)
    return (Table(caption, columns, rows, words=2, note=words("currency.newest.note")),)
