"""Means beside medians, the worst days, held rates."""

from __future__ import annotations

from barograph.evaluate.report.blocks import Block, Cell, Paragraph, Table
from barograph.evaluate.report.content import ReportContent
from barograph.evaluate.report.single_days import SingleDays
from barograph.evaluate.report.words import BLANK, Words, number, percent


def single_days(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """What a mean over all days would hide; held rates only where there are some."""
    days = content.single_days
    held = (_held(days, content, words),) if days.held else ()
    note = (Paragraph(words("single.held_intro")),) if days.held else ()
    return (
        Paragraph(words("single.intro", model=words.model(content.candidate))),
        _centres(days, content, words),
        _worst(days, content, words),
        *note,
        *held,
    )


def _centres(days: SingleDays, content: ReportContent, words: Words) -> Table:
    apart = bool(days.held)
    columns = [words("single.opponent"), words("single.mean"), words("single.median")]
    columns += [words("single.mean_of_all"), words("single.statistic_of_all")] if apart else []
    rows = []
    for centre in days.centres:
        row = [words.model(centre.opponent), number(centre.mean), number(centre.median)]
        row += [number(centre.mean_of_all), number(centre.statistic_of_all, 2)] if apart else []
        rows.append(tuple(row))
    caption = words("single.centre_caption", model=words.model(content.candidate), days=content.near)
    return Table(caption, tuple(columns), tuple(rows), note=words("single.centre_note"))


def _worst(days: SingleDays, content: ReportContent, words: Words) -> Table:
    names = ("entity", "origin", "came", "sigma", "multiple", "loss")
    columns = (*(words(f"single.{name}") for name in names), words.model(content.reference))
    rows = tuple(
        (
            Cell(day.entity, small=words("single.was_held") if day.held else ""),
            day.origin,
            percent(day.came, 2),
            percent(day.sigma, 2),
            number(abs(day.came) / day.sigma, 1) if day.sigma > 0 else BLANK,
            number(day.loss, 1),
            number(day.reference_loss, 1),
        )
        for day in days.worst
    )
    caption = words("single.worst_caption", model=words.model(content.candidate), days=content.near)
    return Table(caption, columns, rows, words=2, note=words("single.worst_note"))


def _held(days: SingleDays, content: ReportContent, words: Words) -> Table:
    columns = (
        words("single.entity"),
        words("single.held_days"),
        words("single.loss"),
        words.model(content.reference),
        words("single.below"),
        words("single.above"),
    )
    rows = tuple(
        (
            rate.entity,
            f"{rate.held:,} / {rate.scored:,}",
            number(rate.loss, 3),
            number(rate.reference_loss, 3),
            percent(rate.below / rate.held, 2),
            percent(rate.above / rate.held, 2),
        )
        for rate in days.held
    )
    caption = words("single.held_caption", model=words.model(content.candidate))
    return Table(caption, columns, rows, note=words("single.held_note"))
