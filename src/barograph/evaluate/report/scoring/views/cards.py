"""Data card and model card of a scoring study."""

from __future__ import annotations

from barograph.evaluate.report.blocks import Block, Bullets, Cell, Fold, Heading, Paragraph, Row, Table, Terms
from barograph.evaluate.report.scoring.content import ScoringContent
from barograph.evaluate.report.views.cards import networks, run, side_by_side
from barograph.evaluate.report.words import BLANK, Words, number, percent


def data(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """Source, what was assumed while reading, columns used, columns denied, and what the leak alarm found."""
    origin = content.provenance
    confirming = tuple(b.name for b in content.headline.blocks if b.name not in content.development)
    nothing = words("report.data.no_entities")
    period = (
        ((words("report.data.range"), _period(origin.since, origin.until, words)),) if origin.since else ()
    )
    items = (
        (words("report.data.source"), words.note(origin.source)),
        (words("report.data.licence"), words.note(origin.licence)),
        (words("report.data.hash"), origin.content_hash),
        *period,
        (words("report.data.rows"), f"{origin.rows:,}"),
        (words(f"credit.data.event.{content.target}"), content.event),
        (words("credit.data.development"), words.names(content.development) or nothing),
        (words("credit.data.confirmation"), words.names(confirming) or nothing),
        (
            words("report.data.confirmation_scored"),
            words("report.data.times", count=content.facts.confirmation_scored),
        ),
        *((words("report.data.note"), words.note(note)) for note in origin.notes),
    )
    blocks: list[Block] = [Terms(items)]
    if content.reading:
        blocks += [Heading(words("credit.data.reading")), Bullets(tuple(map(words.note, content.reading)))]
    return (*blocks, *_alarm(content, words), *_denied(content, words), _columns(content, words))


def _period(since: str, until: str, words: Words) -> str:
    return words("report.data.range_value", since=since, until=until)


def _alarm(content: ScoringContent, words: Words) -> list[Block]:
    """What the alarm found; a silent one says so."""
    found = [finding for finding in content.leaks if finding.kind != "denied"]
    heading = Heading(words("credit.data.alarm"))
    if not found:
        return [heading, Paragraph(words("credit.data.quiet", count=len(content.columns)))]
    names = ("column", "what", "auc", "limit")
    rows = tuple(
        (
            Cell(finding.column, strong=True),
            words(f"credit.data.found.{finding.kind}"),
            number(finding.auc, 3),
            number(finding.threshold, 3),
        )
        for finding in found
    )
    columns = tuple(words(f"credit.columns.{name}") for name in names)
    below = tuple(finding.reason for finding in found)
    return [heading, Table(words("credit.data.alarm_caption"), columns, rows, words=2, below=below)]


def _denied(content: ScoringContent, words: Words) -> list[Block]:
    denied = [finding for finding in content.leaks if finding.kind == "denied"]
    if not denied:
        return []
    columns = (words("credit.columns.column"), words("credit.columns.reason"))
    rows = tuple((finding.column, words.note(finding.reason)) for finding in denied)
    return [
        Heading(words("credit.data.denied")),
        Table(words("credit.data.denied_caption"), columns, rows, words=2),
    ]


def _columns(content: ScoringContent, words: Words) -> Fold:
    names = ("column", "kind", "missing", "levels")
    rows = tuple(
        (
            fact.name,
            words(f"credit.data.kind.{fact.kind}"),
            percent(fact.missing),
            f"{fact.levels:,}"
            if fact.levels is not None
            else Cell(BLANK, reason=words("credit.data.no_levels")),
        )
        for fact in content.columns
    )
    columns = tuple(words(f"credit.columns.{name}") for name in names)
    title = words("credit.data.columns", count=len(content.columns))
    return Fold(title, (Table(words("credit.data.columns_caption"), columns, rows, words=2),))


def method(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """The models side by side, and how the answer is made."""
    settings = content.settings
    order = "untimed" if content.headline.protocol == "cross_validation" else "timed"
    steps = (
        words(f"credit.method.records.{order}"),
        words("credit.method.encode", bins=settings["prepare"]["bins"]),
        *(words(f"credit.method.{p.protocol}", blocks=len(p.blocks)) for p in content.protocols),
        words("credit.method.networks", seeds=settings["train"]["seeds"]),
        words("credit.method.tuning", trials=settings["train"]["trials"]),
        words(f"credit.method.combination.{content.target}"),
        words(f"credit.method.calibration.{order}"),
        words("credit.method.shipped"),
    )
    return (
        Heading(words("report.method.models")),
        side_by_side(content, words),
        Heading(words("report.method.title")),
        Bullets(steps, ordered=True),
    )


def training(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """What fitting and tuning took, on both sides; blend, calibrators, versions, time and memory."""
    facts = content.facts
    return (
        *networks(facts, words),
        *_tuning(content, words),
        *_weights(content, words),
        *_calibrators(content, words),
        *run(facts, words),
    )


def _tuning(content: ScoringContent, words: Words) -> list[Block]:
    if not content.facts.tuning:
        return [Paragraph(words("credit.training.not_tuned"), "note")]
    names = ("trials", "seconds", "loss")
    rows = tuple(
        (words.model(fact.model), str(fact.trials), number(fact.seconds, 1), number(fact.loss))
        for fact in content.facts.tuning
    )
    below = tuple(
        ", ".join(f"{key} = {_plain(value)}" for key, value in fact.settings.items()) or BLANK
        for fact in content.facts.tuning
    )
    columns = (words("report.columns.model"), *(words(f"credit.columns.{name}") for name in names))
    return [Table(words("credit.training.tuning"), columns, rows, below=below)]


def _plain(value: float | int | str) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _weights(content: ScoringContent, words: Words) -> list[Block]:
    weights = content.facts.weights
    if not weights:
        return []
    models = tuple(dict.fromkeys(weight.model for weight in weights))
    cells = {(weight.fold, weight.model): weight.weight for weight in weights}
    absent = words("credit.training.not_in_fold")
    rows: tuple[Row, ...] = tuple(
        (
            fold,
            *(
                Cell(number(cells.get((fold, model)), 3), reason="" if (fold, model) in cells else absent)
                for model in models
            ),
        )
        for fold in dict.fromkeys(weight.fold for weight in weights)
    )
    heads = tuple(words.model(model) if model else words("credit.training.intercept") for model in models)
    table = Table(words("credit.training.weights"), (words("credit.columns.block"), *heads), rows)
    return [Fold(words("credit.training.weights_title"), (table,))]


def _calibrators(content: ScoringContent, words: Words) -> list[Block]:
    if not content.facts.calibrators:
        return []
    rows = tuple(
        (
            fact.fold,
            words.model(fact.model),
            words(f"credit.calibrator.{fact.method}"),
            fact.parameters,
            f"{fact.records:,}",
        )
        for fact in content.facts.calibrators
    )
    names = ("block", "model", "method", "parameters", "records")
    columns = tuple(words(f"credit.columns.{name}") for name in names)
    table = Table(words("credit.training.calibrators"), columns, rows, words=4)
    return [Fold(words("credit.training.calibrators_title"), (table,))]
