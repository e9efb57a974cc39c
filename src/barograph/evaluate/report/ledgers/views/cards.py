"""Data card, model card, limits, monitoring, terms."""

from __future__ import annotations

from barograph.evaluate.report.blocks import Block, Bullets, Heading, Terms
from barograph.evaluate.report.ledgers.content import LedgerContent
from barograph.evaluate.report.views.cards import networks, run, side_by_side
from barograph.evaluate.report.words import Words

_TERMS = ("fold", "negative_binomial", "spliced", "scores", "control", "log_score", "tail_crps", "fft", "pit")


def data(content: LedgerContent, words: Words) -> tuple[Block, ...]:
    """Source, licence, hash, range, what is held out."""
    origin = content.provenance
    scored = words("ledgers.data.scored_value", years=words.names(tuple(str(year) for year in content.years)))
    items = (
        (words("report.data.source"), words.note(origin.source)),
        (words("report.data.licence"), words.note(origin.licence)),
        (words("report.data.hash"), origin.content_hash),
        (
            words("report.data.range"),
            words("report.data.range_value", since=origin.since, until=origin.until),
        ),
        (words("ledgers.data.losses"), f"{origin.rows:,}"),
        (words("ledgers.data.unit"), words.note(content.unit) or words("ledgers.data.no_unit")),
        (words("ledgers.data.scored"), scored),
        (
            words("levels.data.development"),
            words(f"ledgers.data.developed.{'all' if content.all_developed else 'some'}"),
        ),
        *((words("report.data.note"), words.note(note)) for note in origin.notes),
    )
    return (Terms(items),)


def method(content: LedgerContent, words: Words) -> tuple[Block, ...]:
    """The models side by side, and how the answer is made."""
    settings = content.settings
    steps = words.several(
        "ledgers.method.steps",
        window=settings["prepare"]["window"],
        tail=f"{settings['prepare']['tail_share']:.0%}",
        seeds=settings["train"]["seeds"],
        validation=f"{settings['train']['validation_share']:.0%}",
    )
    return (
        Heading(words("report.method.models")),
        side_by_side(content, words),
        Heading(words("report.method.title")),
        Bullets(steps, ordered=True),
    )


def training(content: LedgerContent, words: Words) -> tuple[Block, ...]:
    """What fitting took; versions, time and memory."""
    return (*networks(content.facts, words), *run(content.facts, words))


def limits(content: LedgerContent, words: Words) -> tuple[Block, ...]:
    """What the model cannot do."""
    own = words.several("ledgers.limits", years=len(content.yearly), losses=content.all_losses)
    return (Bullets((*own, *map(words.note, content.facts.limits))),)


def monitoring(content: LedgerContent, words: Words) -> tuple[Block, ...]:
    """What to check in use."""
    return (Bullets(words.several("ledgers.monitoring")),)


def glossary(content: LedgerContent, words: Words) -> tuple[Block, ...]:
    """Terms of the report, one sentence each."""
    return (
        Terms(
            tuple(
                (words(f"ledgers.glossary.{term}.term"), words(f"ledgers.glossary.{term}.meaning"))
                for term in _TERMS
            )
        ),
    )
