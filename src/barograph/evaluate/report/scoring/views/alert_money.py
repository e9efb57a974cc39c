"""What alerts are worth: the threshold in use, what it costs and saves, and what each budget buys."""

from __future__ import annotations

import numpy as np

from barograph import charts
from barograph.core.arrays import FloatArray
from barograph.evaluate.records.alerts import AlertFigures
from barograph.evaluate.records.at_work import AtWork
from barograph.evaluate.report.blocks import Block, Cell, Chart, Grid, Paragraph, Row, Table
from barograph.evaluate.report.scoring.content import ScoringContent
from barograph.evaluate.report.scoring.views.alert_words import spans, stated_values
from barograph.evaluate.report.scoring.words import count, money
from barograph.evaluate.report.words import BLANK, Words, number, percent


def operating(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """The threshold of least cost, chosen early and judged late, with curves, decisions and money."""
    if content.alerts is None:
        return ()
    figures = content.alerts.figures
    if not figures.at_work:
        return (Paragraph(words("alerts.operating.absent"), "note"),)
    values = {**stated_values(figures), **spans(figures)}
    blocks: list[Block] = [
        Paragraph(words("alerts.operating.intro", **values)),
        Grid((_precision_recall(figures, words), _cost_curve(figures, words))),
        _decisions(figures, words),
        _money(figures, words, values),
    ]
    if figures.unpriced:
        blocks.append(Paragraph(words("alerts.operating.unpriced", count=f"{figures.unpriced:,}"), "note"))
    return tuple(blocks)


def _precision_recall(figures: AlertFigures, words: Words) -> Chart:
    figure = charts.precision_recall(
        {
            words.model(work.model): (work.recall, work.precision)
            for work in figures.at_work
            if work.recall.size
        },
        marks={
            words.model(work.model): (work.point.recall, work.point.precision) for work in figures.at_work
        },
        x_label=words("alerts.columns.recall"),
        y_label=words("alerts.columns.precision"),
        mark_name=words("alerts.operating.mark"),
    )
    return Chart(figure, words("alerts.operating.curve"))


def _cost_curve(figures: AlertFigures, words: Words) -> Chart:
    first = figures.at_work[0]
    figure = charts.cost_curve(
        {words.model(work.model): _per_day(work) for work in figures.at_work},
        marks={
            words.model(work.model): (work.alerts_per_day, work.money.cost / work.days)
            for work in figures.at_work
            if work.alerts_per_day
        },
        without=first.money.without / first.days,
        x_label=words("alerts.columns.alerts_per_day"),
        y_label=words("alerts.operating.cost_axis"),
        mark_name=words("alerts.operating.mark"),
        without_name=words("alerts.operating.without"),
    )
    return Chart(figure, words("alerts.operating.cost"))


def _per_day(work: AtWork) -> tuple[FloatArray, FloatArray]:
    """Alerts and cost of a day at every threshold that raises any."""
    raised = work.curve.alerts > 0.0
    return work.curve.alerts[raised] / work.days, work.curve.cost[raised] / work.days


def _threshold(value: float, words: Words) -> Cell:
    return Cell(BLANK, reason=words("alerts.operating.never")) if np.isinf(value) else Cell(percent(value, 2))


def _decisions(figures: AlertFigures, words: Words) -> Table:
    names = ("threshold", "alerts_per_day", "alert_rate", "precision", "recall", "f1", "accuracy", "loss")
    none = words("alerts.volume.none")
    rows: tuple[Row, ...] = tuple(
        (
            words.model(work.model),
            _threshold(work.threshold, words),
            number(work.alerts_per_day, 1),
            percent(work.point.alert_rate, 2),
            Cell(percent(work.point.precision), reason=none if np.isnan(work.point.precision) else ""),
            Cell(percent(work.point.recall), reason=none if np.isnan(work.point.recall) else ""),
            Cell(number(work.point.f1, 3), reason=none if np.isnan(work.point.f1) else ""),
            percent(work.point.accuracy, 2),
            number(work.point.loss),
        )
        for work in figures.at_work
    )
    columns = (words("report.columns.model"), *(words(f"alerts.columns.{name}") for name in names))
    return Table(words("alerts.operating.decisions"), columns, rows, note=words("alerts.operating.accuracy"))


def _money(figures: AlertFigures, words: Words, values: dict[str, str]) -> Table:
    names = ("cost", "without", "everything", "saved", "saved_everything", "saved_per_day")
    rows: tuple[Row, ...] = tuple(
        (
            words.model(work.model),
            money(work.money.cost),
            money(work.money.without),
            money(work.money.everything),
            Cell(money(work.money.saved), strong=True),
            money(work.money.saved_against_everything),
            money(work.money.saved / work.days),
        )
        for work in figures.at_work
    )
    columns = (words("report.columns.model"), *(words(f"alerts.columns.{name}") for name in names))
    days = f"{max(work.days for work in figures.at_work):.3g}"
    caption = words("alerts.operating.money", days=days, **values)
    return Table(caption, columns, rows, note=words("alerts.operating.matrix", **values))


def budget(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """What each number of alerts a day would catch and save."""
    works = () if content.alerts is None else content.alerts.figures.at_work
    if content.alerts is None or not any(work.budgets for work in works):
        return ()
    names = ("budget", "threshold", "alerts_per_day", "busiest", "precision", "recall", "saved_per_day")
    named = {name: words(f"alerts.columns.{name}") for name in names}
    if content.alerts.figures.unit == "hours":
        named["busiest"] = words("streams.busiest.column")
    columns = (words("report.columns.model"), *named.values())
    none = words("alerts.volume.none")
    rows: tuple[Row, ...] = tuple(
        (
            words.model(work.model),
            number(row.budget, 0),
            Cell(BLANK, reason=words("alerts.budget.tied"))
            if np.isinf(row.threshold)
            else percent(row.threshold, 2),
            number(row.alerts_per_day, 1),
            count(row.busiest_day),
            Cell(percent(row.precision), reason=none if np.isnan(row.precision) else ""),
            Cell(percent(row.recall), reason=none if np.isnan(row.recall) else ""),
            money(row.saved_per_day),
        )
        for work in works
        for row in work.budgets
    )
    values = spans(content.alerts.figures)
    busiest = words(f"streams.busiest.{content.alerts.figures.unit}")
    note = words("alerts.budget.note", busiest=busiest)
    table = Table(words("alerts.budget.caption"), columns, rows, note=note)
    return (Paragraph(words("alerts.budget.intro", **values)), table)
