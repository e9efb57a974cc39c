"""The claims declared before results were seen, protocol by protocol, and what came of each."""

from __future__ import annotations

from dataclasses import replace

from barograph.core.results import ClaimResult
from barograph.evaluate.report.blocks import Block, Cell, Heading, Paragraph, Table
from barograph.evaluate.report.scoring.content import ProtocolResults, ScoringContent
from barograph.evaluate.report.views.claims import claim_columns, claim_row
from barograph.evaluate.report.words import Words


def claims(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """One table per protocol, the headline first; blocks that chose the recipe are named as such."""
    if not content.claims:
        return (Paragraph(words("report.claims.none"), "note"),)
    blocks: list[Block] = [Paragraph(words("report.claims.intro"))]
    for protocol in content.protocols:
        here = [c for c in content.claims if content.claim_protocols.get(c.claim) == protocol.protocol]
        if here:
            blocks.append(Heading(words(f"credit.protocol.{protocol.protocol}.title")))
            blocks.append(_table(here, protocol, content, words))
    return tuple(blocks)


def _table(
    here: list[ClaimResult], protocol: ProtocolResults, content: ScoringContent, words: Words
) -> Table:
    head = claim_columns(words)
    rows = tuple(_row(claim, content, words) for claim in here)
    caption = words(f"credit.protocol.{protocol.protocol}.claims", count=content.facts.confirmation_scored)
    below = tuple(claim.detail for claim in here)
    return Table(caption, head, rows, words=5, below=below)


def _row(claim: ClaimResult, content: ScoringContent, words: Words) -> tuple[str | Cell, ...]:
    """The shared row, its first cell saying on which block the claim was judged."""
    first, *others = claim_row(claim, words)
    if not isinstance(first, Cell):
        return (first, *others)
    return (replace(first, small=f"{first.small} · {_where(claim.block, content, words)}"), *others)


def _where(block: str, content: ScoringContent, words: Words) -> str:
    if block in ("", "all", "development", "confirmation"):
        return words(f"credit.block.{block or 'all'}")
    if block in content.development:
        return words("credit.block.chose", block=block)
    return block
