"""What the probabilities mean in money: assumptions, expected loss, capital, provisions."""

from __future__ import annotations

from barograph.core.texts import has_text
from barograph.evaluate.report.blocks import Block, Cell, KeyFigure, KeyFigures, Paragraph, Table
from barograph.evaluate.report.scoring.content import ScoringContent
from barograph.evaluate.report.scoring.practice import Assumption, GradeRisk, Portfolio
from barograph.evaluate.report.scoring.words import money
from barograph.evaluate.report.words import Words, percent


def portfolio(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """Assumptions first, then totals, then grade by grade."""
    found = content.portfolio
    if found is None:
        return ()
    blocks: list[Block] = [
        Paragraph(words("credit.portfolio.intro", records=f"{found.total.records:,}")),
        _assumptions(found, words),
        KeyFigures(_totals(found, words)),
        _grades(found, words),
    ]
    if found.stages:
        blocks.append(_stages(found, words))
    if found.note:
        blocks.append(Paragraph(found.note, "note"))
    return tuple(blocks)


def _assumptions(found: Portfolio, words: Words) -> Table:
    rows = tuple(
        (
            words(f"credit.assumption.{item.key}"),
            _said(item, words),
            _origin(item, words),
        )
        for item in found.assumptions
    )
    columns = tuple(words(f"credit.columns.{name}") for name in ("assumption", "value", "from"))
    return Table(words("credit.portfolio.assumptions"), columns, rows, words=3)


def _said(item: Assumption, words: Words) -> str:
    """The value as people say it; an exposure without a column's name is the source's own."""
    if item.key == "asset_class" and has_text(f"credit.asset_class.{item.value}", words.lang):
        return words(f"credit.asset_class.{item.value}")
    if item.column and not item.lacking:
        return words("credit.portfolio.by_record")
    if item.key == "pd_origination":
        return words("credit.portfolio.new_loan")
    return item.value or words("credit.portfolio.as_given")


def _origin(item: Assumption, words: Words) -> Cell | str:
    """Where a value comes from: a column, a column with gaps, or nowhere."""
    if not item.column:
        return Cell(words("credit.portfolio.assumed"), strong=True)
    if not item.lacking:
        return words("credit.portfolio.from_column", column=item.column)
    return words("credit.portfolio.with_gaps", column=item.column, count=f"{item.lacking:,}")


def _totals(found: Portfolio, words: Words) -> tuple[KeyFigure, ...]:
    total = found.total
    figures = (
        ("exposure", total.exposure),
        ("expected_loss", total.expected_loss),
        ("quantile", found.quantile),
        ("capital", total.capital),
        ("loss_12_months", total.loss_12_months),
        ("loss_lifetime", total.loss_lifetime),
    )
    return tuple(
        KeyFigure(
            words(f"credit.portfolio.{name}", confidence=_level(found.confidence)),
            f"{money(value)} {found.unit}".strip(),
            words("credit.portfolio.records", count=f"{total.records:,}")
            if name == "exposure"
            else words("credit.portfolio.share", share=percent(value / total.exposure, 2)),
        )
        for name, value in figures
    )


def _level(confidence: float) -> str:
    return f"{round(100 * confidence, 6):g}\u00a0%"


def _grades(found: Portfolio, words: Words) -> Table:
    names = (
        *("grade", "records", "exposure", "pd", "expected_loss", "capital", "risk_weighted"),
        *("loss_12_months", "loss_lifetime"),
    )
    columns = tuple(words(f"credit.columns.{name}") for name in names)
    rows = tuple(_row(row, row.grade) for row in found.grades)
    total = tuple(Cell(str(cell), strong=True) for cell in _row(found.total, words("credit.portfolio.total")))
    unit = found.unit or words("credit.portfolio.no_unit")
    caption = words("credit.portfolio.grades", unit=unit)
    note = words("credit.portfolio.grades_note")
    return Table(caption, columns, (*rows, total), note=note)


def _row(row: GradeRisk, name: str) -> tuple[str, ...]:
    return (
        name,
        f"{row.records:,}",
        money(row.exposure),
        percent(row.probability, 2),
        money(row.expected_loss),
        money(row.capital),
        money(row.risk_weighted),
        money(row.loss_12_months),
        money(row.loss_lifetime),
    )


def _stages(found: Portfolio, words: Words) -> Table:
    columns = tuple(words(f"credit.columns.{name}") for name in ("stage", "records", "exposure", "allowance"))
    rows = tuple(
        (stage, f"{records:,}", money(exposure), money(allowance))
        for stage, records, exposure, allowance in found.stages
    )
    return Table(words("credit.portfolio.stages"), columns, rows, note=words("credit.portfolio.stages_note"))


def scorecard(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """The conventional scorecard in points."""
    card = content.scorecard
    if card is None:
        return ()
    names = ("column", "bin", "share", "rate", "woe", "points")
    rows = []
    last = ""
    for row in card.rows:
        first = Cell(row.column, strong=True) if row.column != last else Cell("·")
        last = row.column
        numbers = (percent(row.share), percent(row.rate), f"{row.woe:+.3f}".replace("-", "−"))
        rows.append((first, row.bin, *numbers, f"{row.points:+.1f}".replace("-", "−")))
    columns = tuple(words(f"credit.columns.{name}") for name in names)
    intro = words(
        "credit.scorecard.intro",
        base=f"{card.base:.0f}",
        anchor=f"{card.anchor:.0f}",
        odds=f"{card.odds:g}",
        doubling=f"{card.doubling:g}",
    )
    table = Table(
        words("credit.scorecard.caption"), columns, tuple(rows), words=2, note=words("credit.scorecard.note")
    )
    return (Paragraph(intro), table)
