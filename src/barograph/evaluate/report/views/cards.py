"""Data card and model card: where everything came from and how it was fitted."""

from __future__ import annotations

from barograph.evaluate.report.blocks import Block, Bullets, Fold, Heading, Paragraph, Table, Terms
from barograph.evaluate.report.content import ReportContent
from barograph.evaluate.report.study_content import StudyContent, StudyFacts
from barograph.evaluate.report.words import Words, number, percent


def data(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """Source, licence, hash, range, rows, notes; which entities chose the recipe and which confirm."""
    origin = content.provenance
    confirming = tuple(e for e in content.entities if e not in content.development)
    items = (
        ("source", words.note(origin.source)),
        ("licence", words.note(origin.licence)),
        ("hash", origin.content_hash),
        ("range", words("report.data.range_value", since=origin.since, until=origin.until)),
        ("rows", f"{origin.rows:,}"),
        (
            "scored",
            words(
                "report.data.scored_value",
                rows=f"{content.origins:,}",
                since=content.since,
                until=content.until,
            ),
        ),
        ("development", words.names(content.development) or words("report.data.no_entities")),
        ("confirmation", words.names(confirming) or words("report.data.no_entities")),
        ("confirmation_scored", words("report.data.times", count=content.facts.confirmation_scored)),
        *(("note", words.note(note)) for note in origin.notes),
    )
    return (Terms(tuple((words(f"report.data.{key}"), value) for key, value in items)),)


def method(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """How the answer is made, step by step, with the models of this study."""
    settings = content.settings
    steps = words.several(
        "report.method.steps",
        horizons=", ".join(str(h) for h in settings["prepare"]["horizons"]),
        window=settings["prepare"]["window"],
        folds=content.folds,
        refit=settings["train"]["refit_every"],
        baseline_refit=settings["train"]["baseline_refit_every"],
        validation=settings["train"]["validation_days"],
        seeds=settings["train"]["seeds"],
        tail=settings["train"]["tail_days"],
    )
    return (
        Heading(words("report.method.models")),
        side_by_side(content, words),
        Heading(words("report.method.title")),
        Bullets(steps, ordered=True),
    )


def side_by_side(content: StudyContent, words: Words) -> Terms:
    """The models of the study by the part they play."""
    roles: dict[str, list[str]] = {}
    for role in ("combination", "network", "control", "baseline", "unsupervised"):
        roles[role] = [words.model(model) for model, part in content.roles.items() if part == role]
    return Terms(
        tuple((words.role(role), words.names(tuple(found))) for role, found in roles.items() if found)
    )


def training(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """What fitting took, the combination's weights, versions, time and memory."""
    return (*networks(content.facts, words), *_weights(content, words), *run(content.facts, words))


def run(facts: StudyFacts, words: Words) -> tuple[Block, ...]:
    """Day, time, memory and versions of the run."""
    memory = (
        words("report.training.not_measured")
        if facts.peak_memory_mib is None
        else f"{facts.peak_memory_mib:,.0f} MiB"
    )
    made = ((words("report.training.made_on"), facts.made_on),) if facts.made_on else ()
    items = (
        *made,
        (words("report.training.seconds"), f"{facts.seconds:,.0f} s"),
        (words("report.training.memory"), memory),
        *((package, version) for package, version in sorted(facts.versions.items())),
    )
    return (Heading(words("report.training.run")), Terms(items))


def networks(facts: StudyFacts, words: Words) -> tuple[Block, ...]:
    """How each network was fitted."""
    if not facts.training:
        return (Paragraph(words("report.training.none"), "note"),)
    rows = tuple(
        (
            words.model(fact.network),
            str(fact.folds),
            str(fact.seeds),
            number(fact.steps, 0),
            number(fact.seconds, 1),
            number(fact.parameters, 0),
        )
        for fact in facts.training
    )
    names = ("model", "folds", "seeds", "steps", "seconds", "parameters")
    columns = tuple(words(f"report.columns.{name}") for name in names)
    return (Table(words("report.training.caption"), columns, rows),)


def _weights(content: ReportContent, words: Words) -> tuple[Block, ...]:
    weights = content.facts.pool_weights
    if not weights:
        return ()
    models = tuple(dict.fromkeys(w.model for w in weights))
    cells = {(w.fold, w.horizon, w.model): w.weight for w in weights}
    keys = sorted({(w.fold, w.horizon) for w in weights})
    rows = tuple(
        (str(fold), str(horizon), *(percent(cells.get((fold, horizon, model)), 0) for model in models))
        for fold, horizon in keys
    )
    columns = (
        words("report.columns.fold"),
        words("report.columns.horizon"),
        *(words.model(model) for model in models),
    )
    table = Table(words("report.training.weights_caption"), columns, rows)
    return (Fold(words("report.training.weights_title"), (table,)),)
