"""Data card, model card, limits, monitoring, terms."""

from __future__ import annotations

from barograph.evaluate.report.blocks import Block, Bullets, Heading, Terms
from barograph.evaluate.report.levels.content import LevelContent
from barograph.evaluate.report.views.cards import networks, run, side_by_side
from barograph.evaluate.report.words import Words

_TERMS = ("origin", "horizon", "delay", "experience", "control", "combination", "crps", "pit", "standing")


def data(content: LevelContent, words: Words) -> tuple[Block, ...]:
    """Source, licence, hash, range, what is known when."""
    origin = content.provenance
    items = (
        (words("report.data.source"), words.note(origin.source)),
        (words("report.data.licence"), words.note(origin.licence)),
        (words("report.data.hash"), origin.content_hash),
        (
            words("report.data.range"),
            words("report.data.range_value", since=origin.since, until=origin.until),
        ),
        (words("levels.data.periods"), words("levels.data.periods_value", n=origin.rows, m=content.months)),
        (words("levels.data.target"), words.note(content.target)),
        (words("levels.data.delay"), words("levels.data.delay_value", periods=content.delay)),
        (words("levels.data.inputs"), ", ".join(content.inputs)),
        (
            words("levels.data.development"),
            words(f"levels.data.developed.{'all' if content.all_developed else 'some'}"),
        ),
        *((words("report.data.note"), words.note(note)) for note in origin.notes),
    )
    return (Terms(items),)


def method(content: LevelContent, words: Words) -> tuple[Block, ...]:
    """The models side by side, and how the answer is made."""
    settings = content.settings
    steps = words.several(
        "levels.method.steps",
        horizons=", ".join(str(h) for h in content.horizons),
        delay=content.delay,
        refit=settings["train"]["refit_every"],
        seeds=settings["train"]["seeds"],
        validation=f"{settings['train']['validation_share']:.0%}",
        errors=settings["train"]["least_errors"],
    )
    return (
        Heading(words("report.method.models")),
        side_by_side(content, words),
        Heading(words("report.method.title")),
        Bullets(steps, ordered=True),
    )


def training(content: LevelContent, words: Words) -> tuple[Block, ...]:
    """What fitting took; versions, time and memory."""
    return (*networks(content.facts, words), *run(content.facts, words))


def limits(content: LevelContent, words: Words) -> tuple[Block, ...]:
    """What the model cannot do."""
    overlap = content.headline + content.delay
    values = {"origins": content.origins, "overlap": overlap, "periods": content.periods}
    return (Bullets((*words.several("levels.limits", **values), *map(words.note, content.facts.limits))),)


def monitoring(content: LevelContent, words: Words) -> tuple[Block, ...]:
    """What to check in use."""
    return (Bullets(words.several("levels.monitoring", delay=content.delay)),)


def glossary(content: LevelContent, words: Words) -> tuple[Block, ...]:
    """Terms of the report, one sentence each."""
    return (
        Terms(
            tuple(
                (words(f"levels.glossary.{term}.term"), words(f"levels.glossary.{term}.meaning"))
                for term in _TERMS
            )
        ),
    )
