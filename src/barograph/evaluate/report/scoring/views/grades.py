"""The master scale: what each grade predicts, what came, and whether the two agree."""

from __future__ import annotations

import numpy as np

from barograph import charts
from barograph.evaluate.records.grades import GradeRow
from barograph.evaluate.report.blocks import Block, Cell, Chart, Paragraph, Table
from barograph.evaluate.report.scoring.content import GradeTable, ScoringContent
from barograph.evaluate.report.scoring.views import findings
from barograph.evaluate.report.words import BLANK, Words, percent, probability


def grades(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """Every grade as a figure and as a table."""
    table = content.grades
    if table is None:
        return ()
    judged = [row for row in table.rows if row.jeffreys is not None]
    bad = findings.rejected(table)
    intro = words(
        "credit.grades.intro", model=words.model(table.model), judged=len(judged), rejected=len(bad)
    )
    return (Paragraph(intro), _chart(table, words), _table(table, words))


def _chart(table: GradeTable, words: Words) -> Chart:
    filled = [row.records > 0 for row in table.rows]

    def of(values: list[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.where(filled, np.array(values, dtype=np.float64), np.nan)

    records = np.array([row.records for row in table.rows], dtype=float)
    figure = charts.master_scale(
        [row.name for row in table.rows],
        predicted=of([row.predicted for row in table.rows]),
        observed=of([row.defaults / max(row.records, 1) for row in table.rows]),
        lower=of([row.low for row in table.rows]),
        upper=of([row.high for row in table.rows]),
        share=records / max(records.sum(), 1.0),
        predicted_name=words("credit.grades.predicted"),
        observed_name=words("credit.grades.observed"),
        share_name=words("credit.grades.share"),
        y_label=words("credit.calibration.rate.default"),
    )
    return Chart(figure, words("credit.grades.chart"))


def _table(table: GradeTable, words: Words) -> Table:
    names = (
        "grade",
        "band",
        "records",
        "predicted",
        "defaults",
        "observed_default",
        "binomial",
        "jeffreys",
        "held",
    )
    columns = tuple(words(f"credit.columns.{name}") for name in names)
    rows = tuple(_row(row, words) for row in table.rows)
    return Table(words("credit.grades.caption"), columns, rows, words=2, note=words("credit.grades.note"))


def _row(row: GradeRow, words: Words) -> tuple[str | Cell, ...]:
    band = f"{percent(row.lower, 2)} – {percent(row.upper, 2)}"
    empty = words("credit.grades.empty")
    if row.records == 0 or row.jeffreys is None:
        blank = Cell(BLANK, reason=empty)
        return (row.name, band, f"{row.records:,}", blank, f"{row.defaults:,}", blank, blank, blank, blank)
    low = row.jeffreys < findings.SIZE
    return (
        row.name,
        band,
        f"{row.records:,}",
        percent(row.predicted, 2),
        f"{row.defaults:,}",
        Cell(
            percent(row.defaults / row.records, 2),
            small=f"{percent(row.low, 2)} – {percent(row.high, 2)}",
        ),
        Cell(probability(row.binomial), reason=empty if row.binomial is None else ""),
        probability(row.jeffreys),
        Cell(words("credit.grades.too_low" if low else "credit.grades.adequate"), strong=low),
    )
