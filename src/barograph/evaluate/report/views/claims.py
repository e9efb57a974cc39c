"""The claims declared before results were seen, and what came of each."""

from __future__ import annotations

from barograph.core.results import ClaimResult
from barograph.evaluate.report.blocks import Block, Cell, Heading, Paragraph, Table
from barograph.evaluate.report.content import ReportContent
from barograph.evaluate.report.words import BLANK, Words, number, probability

_BLOCKS = ("confirmation", "development", "all")


def claims(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """One table per block; confirmation first, development apart."""
    if not content.claims:
        return (Paragraph(words("report.claims.none"), "note"),)
    blocks: list[Block] = [Paragraph(words("report.claims.intro"))]
    known = [name for name in _BLOCKS if any(claim.block == name for claim in content.claims)]
    for name in known:
        here = [claim for claim in content.claims if claim.block == name]
        rows = tuple(claim_row(claim, words) for claim in here)
        below = tuple(claim.detail for claim in here)
        blocks.append(Heading(words.block(name)))
        blocks.append(Table(_caption(name, content, words), claim_columns(words), rows, words=5, below=below))
    return tuple(blocks)


def _caption(name: str, content: ReportContent, words: Words) -> str:
    if name == "all":
        return words("report.claims.all_caption", count=len(content.entities))
    chosen = name == "development"
    entities = tuple(e for e in content.entities if (e in content.development) == chosen)
    if chosen:
        return words("report.claims.development_caption", entities=words.names(entities))
    return words(
        "report.claims.confirmation_caption",
        entities=words.names(entities),
        count=content.facts.confirmation_scored,
    )


def claim_columns(words: Words) -> tuple[str, ...]:
    """Heads of a table of claims."""
    names = ("claim", "model", "verdict", "held", "test", "difference", "p_value")
    return tuple(words(f"report.columns.{name}") for name in names)


def claim_row(claim: ClaimResult, words: Words) -> tuple[str | Cell, ...]:
    """One claim: what it says, against whom, and what came of it."""
    opponent = words("report.claims.against", model=words.model(claim.opponent)) if claim.opponent else ""
    reason = words("report.claims.no_difference") if claim.difference is None else ""
    no_test = words("report.claims.no_p_value") if claim.p_value is None else ""
    statistic = "" if claim.statistic is None else number(claim.statistic, 2)
    return (
        Cell(claim.claim, small=words(f"names.rung.{claim.rung}")),
        Cell(words.model(claim.model), small=opponent),
        words.standing(claim.verdict),
        Cell(words("report.claims.held" if claim.held else "report.claims.failed"), strong=True),
        Cell(words.test(claim.test) if claim.test else BLANK, small=statistic),
        Cell(number(claim.difference), small="" if reason else words.metric(claim.metric), reason=reason),
        Cell(probability(claim.p_value), reason=no_test),
    )
