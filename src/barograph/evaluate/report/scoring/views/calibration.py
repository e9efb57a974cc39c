"""Whether probabilities come true: through the cycle, in bins, in the parts of the Brier score."""

from __future__ import annotations

import numpy as np

from barograph import charts
from barograph.evaluate.report.blocks import Block, Cell, Chart, Heading, Paragraph, Row, Table
from barograph.evaluate.report.scoring.content import CalibrationSummary, ProtocolResults, ScoringContent
from barograph.evaluate.report.scoring.views import findings
from barograph.evaluate.report.words import BLANK, Words, number, percent, probability

_RARE = 0.04
"""Rate below which whole percents would repeat along an axis."""


def calibration(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """Every protocol that claims calibration: the retrospective one is named and left out."""
    blocks: list[Block] = []
    judged = [p for p in content.protocols if p.protocol != "retrospective" and p.calibration]
    for protocol in judged:
        if len(judged) > 1:
            blocks.append(Heading(words(f"credit.protocol.{protocol.protocol}.title")))
        blocks.append(Paragraph(words(f"credit.calibration.intro.{protocol.protocol}")))
        if protocol.predicted and len(protocol.blocks) > 1:
            blocks += [_cycle(protocol, content, words), _cycle_table(protocol, content, words)]
        if protocol.bins:
            blocks.append(_reliability(protocol, content, words))
        blocks.append(_table(protocol, content, words))
    if not judged:
        blocks.append(Paragraph(words("credit.calibration.absent"), "note"))
    if any(p.protocol == "retrospective" for p in content.protocols):
        blocks.append(Paragraph(words("credit.calibration.retrospective"), "note"))
    return tuple(blocks)


def _cycle(protocol: ProtocolResults, content: ScoringContent, words: Words) -> Chart:
    came = np.array([block.outcome for block in protocol.blocks])
    highest = max(float(np.nanmax(rates)) for rates in (came, *protocol.predicted.values()))
    figure = charts.by_block(
        [block.name for block in protocol.blocks],
        lines={words.model(model): rates for model, rates in protocol.predicted.items()},
        y_label=words(f"credit.calibration.rate.{content.target}"),
        y_format=".0%" if highest >= _RARE else ".2%",
        bars=came,
        bars_name=words("credit.calibration.came"),
        from_zero=True,
    )
    return Chart(figure, words(f"credit.calibration.cycle.{content.target}"))


def _cycle_table(protocol: ProtocolResults, content: ScoringContent, words: Words) -> Table:
    names = ("block", "records", f"observed_{content.target}")
    columns = (
        *(words(f"credit.columns.{name}") for name in names),
        *(words.model(model) for model in protocol.predicted),
    )
    digits = 1 if max(block.outcome for block in protocol.blocks) >= _RARE else 2
    rows: tuple[Row, ...] = tuple(
        (
            block.name,
            f"{block.records:,}",
            percent(block.outcome, digits),
            *(
                Cell(
                    percent(rates[place], digits),
                    strong=findings.apart(rates[place], block.outcome) > findings.FAR_OFF,
                )
                for rates in protocol.predicted.values()
            ),
        )
        for place, block in enumerate(protocol.blocks)
    )
    note = words("credit.calibration.cycle_note", factor=number(findings.FAR_OFF, 1))
    return Table(words(f"credit.calibration.cycle_table.{content.target}"), columns, rows, note=note)


def _reliability(protocol: ProtocolResults, content: ScoringContent, words: Words) -> Chart:
    figure = charts.reliability(
        {words.model(bins.model): (bins.predicted, bins.observed) for bins in protocol.bins},
        x_label=words(f"credit.calibration.predicted.{content.target}"),
        y_label=words(f"credit.calibration.observed.{content.target}"),
        ideal_name=words("report.events.ideal"),
        intervals={words.model(bins.model): (bins.lower, bins.upper) for bins in protocol.bins},
    )
    return Chart(figure, words("credit.calibration.reliability", bins=protocol.bins[0].predicted.size))


def _table(protocol: ProtocolResults, content: ScoringContent, words: Words) -> Table:
    names: tuple[str, ...] = ("predicted", f"observed_{content.target}", "ratio")
    tested = any(row.hosmer_lemeshow is not None for row in protocol.calibration)
    if content.target == "default":
        names = (*names, "reliability", "resolution", "uncertainty", "within")
        names = (*names, "hosmer_lemeshow", "p_value") if tested else names
    rows: tuple[Row, ...] = tuple(
        (
            words.model(row.model),
            *_ratio(row),
            *(_parts(row, words, tested=tested) if content.target == "default" else ()),
        )
        for row in protocol.calibration
    )
    columns = (words("report.columns.model"), *(words(f"credit.columns.{name}") for name in names))
    caption = words(f"credit.calibration.caption.{content.target}")
    note = words("credit.calibration.note") if content.target == "default" else ""
    if content.target == "default" and not tested:
        caption, note = words("streams.calibration.caption"), words("streams.calibration.note")
    return Table(caption, columns, rows, note=note)


def _ratio(row: CalibrationSummary) -> tuple[str, ...]:
    ratio = row.predicted / row.observed if row.observed else None
    return (percent(row.predicted, 2), percent(row.observed, 2), number(ratio, 2))


def _parts(row: CalibrationSummary, words: Words, *, tested: bool) -> tuple[Cell, ...]:
    digits = 4 if row.observed >= _RARE else 6
    parts = (row.reliability, row.resolution, row.uncertainty, row.within)
    said = tuple(number(part, digits) for part in parts)
    if tested:
        said = (*said, number(row.hosmer_lemeshow, 1), probability(row.p_value))
    reason = words("credit.calibration.not_computed")
    return tuple(Cell(text, reason=reason if text == BLANK else "") for text in said)
