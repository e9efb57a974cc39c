"""The year's total loss, regulatory capital, anomalous weeks."""

from __future__ import annotations

from barograph.core.ledger_table import AnnualLosses
from barograph.evaluate.report.blocks import Block, Paragraph, Table, Terms
from barograph.evaluate.report.ledgers.content import LedgerContent
from barograph.evaluate.report.ledgers.views.summary import at_level, money
from barograph.evaluate.report.ledgers.views.units import unit_of
from barograph.evaluate.report.words import BLANK, Words, number

CAPITAL = ("indicator_component", "loss_component", "multiplier", "requirement", "risk_weighted_assets")


def annual(content: LedgerContent, words: Words) -> tuple[Block, ...]:
    """Quantiles of the year's total by every method, and how little is known of the highest."""
    blocks: list[Block] = [Paragraph(words("ledgers.annual.intro"))]
    blocks += [_annual(one, content, words) for one in content.annual]
    first, top = content.annual[0], content.annual[0].quantiles[-1]
    if first.interval is None:
        blocks.append(Paragraph(words("ledgers.annual.no_interval"), "note"))
    else:
        values = {
            "level": at_level(top.level),
            "unit": words.note(content.unit),
            "resamples": first.resamples,
        }
        values |= {"lower": money(first.interval[0], words), "upper": money(first.interval[1], words)}
        blocks.append(Paragraph(words("ledgers.annual.interval", failures=first.failures, **values)))
    blocks.append(Paragraph(words("ledgers.annual.not_testable"), "lead"))
    blocks.append(
        Paragraph(words("ledgers.annual.why", years=len(content.yearly), level=at_level(top.level)), "note")
    )
    return tuple(blocks)


def _annual(one: AnnualLosses, content: LedgerContent, words: Words) -> Table:
    rows = tuple(
        (
            at_level(row.level),
            money(row.fft, words),
            f"{money(row.lower, words)} – {money(row.upper, words)}",
            money(row.simulated, words),
            BLANK if row.standard_error == float("inf") else f"± {money(row.standard_error, words)}",
        )
        for row in one.quantiles
    )
    names = ("level", "fft", "bounds", "simulated", "error")
    title = words("ledgers.annual.conventional") if one.model == "conventional" else words.model(one.model)
    caption = words(
        "ledgers.annual.caption", model=title, unit=unit_of(content, words), mean=money(one.mean, words)
    )
    return Table(caption, tuple(words(f"ledgers.columns.{name}") for name in names), rows)


def capital(content: LedgerContent, words: Words) -> tuple[Block, ...]:
    """Basel's standardised measurement approach, or what it lacks."""
    found = content.capital
    if found is None:
        return (Paragraph(words("ledgers.capital.lacking"), "note"),)
    items = []
    for name in CAPITAL:
        value = getattr(found, name)
        shown = (
            number(value, 4)
            if name == "multiplier"
            else f"{money(value, words)} {words.note(content.unit)}".strip()
        )
        items.append((words(f"ledgers.capital.{name}"), shown))
    return (Paragraph(words("ledgers.capital.intro")), Terms(tuple(items)))


def anomalies(content: LedgerContent, words: Words) -> tuple[Block, ...]:
    """The held-out weeks an autoencoder found hardest to rebuild."""
    if not content.anomalies:
        return (Paragraph(words("ledgers.anomalies.none"), "note"),)
    rows = tuple(
        (
            week.monday,
            number(week.score, 3),
            str(week.count),
            money(week.total, words),
            money(week.largest, words),
        )
        for week in content.anomalies
    )
    names = ("week", "score", "count", "total", "largest")
    columns = tuple(words(f"ledgers.columns.{name}") for name in names)
    return (Table(words("ledgers.anomalies.caption"), columns, rows, note=words("ledgers.anomalies.note")),)
