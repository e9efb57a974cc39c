"""Data card, model card, limits, monitoring, terms."""

from __future__ import annotations

from barograph.evaluate.report.blocks import Block, Bullets, Heading, Table, Terms
from barograph.evaluate.report.panels.content import PanelContent
from barograph.evaluate.report.panels.words import horizon_words
from barograph.evaluate.report.views.cards import networks, run, side_by_side
from barograph.evaluate.report.words import Words, number

_TERMS = (
    "origin",
    "ratio",
    "clark_west",
    "diebold_mariano",
    "control",
    "combination",
    "crps",
    "pit",
    "fluctuation",
    "pesaran_timmermann",
    "standing",
)


def data(content: PanelContent, words: Words) -> tuple[Block, ...]:
    """Source, licence, hash, range, series and what is known when."""
    origin = content.provenance
    delays = [f"{one.name}: {one.delay}" for one in content.series if one.delay]
    items = (
        (words("report.data.source"), words.note(origin.source)),
        (words("report.data.licence"), words.note(origin.licence)),
        (words("report.data.hash"), origin.content_hash),
        (
            words("report.data.range"),
            words("report.data.range_value", since=origin.since, until=origin.until),
        ),
        (words("panels.data.periods"), words(f"panels.data.{content.frequency}", n=origin.rows)),
        (words("panels.data.series"), ", ".join(one.name for one in content.series)),
        (words("panels.data.delays"), ", ".join(delays) or words("panels.data.at_once")),
        (
            words("panels.data.development"),
            words("panels.data.chosen", until=content.development_until)
            if content.development_until
            else words("panels.data.unchosen"),
        ),
        *((words("report.data.note"), words.note(note)) for note in origin.notes),
    )
    return (Terms(items),)


def method(content: PanelContent, words: Words) -> tuple[Block, ...]:
    """The models side by side, and how the answer is made."""
    train, model = content.settings["train"], content.settings["model"]
    steps = words.several(
        "panels.method.steps",
        start=words.model(model["start"]),
        refit=train["refit_months"],
        calibration=train["calibration_months"],
        seeds=train["seeds"],
        validation=f"{train['validation_share']:.0%}",
        limit=f"{train['shrink_limit']:g}",
    )
    return (
        Heading(words("report.method.models")),
        side_by_side(content, words),
        Heading(words("report.method.title")),
        Bullets(steps, ordered=True),
        *_weights(content, words),
    )


def _weights(content: PanelContent, words: Words) -> tuple[Block, ...]:
    """Mean weights on the corrections."""
    if not content.weights:
        return ()
    columns = (words("report.columns.model"), *(horizon_words(h, content, words) for h in content.horizons))
    rows = tuple((words.model(name), *(number(w, 2) for w in each)) for name, each in content.weights.items())
    return (Table(words("panels.method.weights"), columns, rows),)


def training(content: PanelContent, words: Words) -> tuple[Block, ...]:
    """What fitting took; versions, time and memory."""
    return (*networks(content.facts, words), *run(content.facts, words))


def limits(content: PanelContent, words: Words) -> tuple[Block, ...]:
    """What the model cannot do."""
    kind = "rates" if content.rates else "series"
    values = {"origins": content.origins}
    said = (*words.several("panels.limits.all", **values), *words.several(f"panels.limits.{kind}"))
    return (Bullets((*said, *map(words.note, content.facts.limits))),)


def monitoring(content: PanelContent, words: Words) -> tuple[Block, ...]:
    """What to check in use."""
    return (Bullets(words.several("panels.monitoring")),)


def glossary(content: PanelContent, words: Words) -> tuple[Block, ...]:
    """Terms of the report, one sentence each."""
    return (
        Terms(
            tuple(
                (words(f"panels.glossary.{term}.term"), words(f"panels.glossary.{term}.meaning"))
                for term in _TERMS
            )
        ),
    )
