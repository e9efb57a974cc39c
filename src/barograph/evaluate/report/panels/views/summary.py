"""What a head of risk reads in a minute."""

from __future__ import annotations

import math

from barograph.core.results import Comparison
from barograph.evaluate.report.blocks import Block, KeyFigure, Table
from barograph.evaluate.report.minute import champion_figure, fallen_back, in_a_minute
from barograph.evaluate.report.panels.content import PanelContent
from barograph.evaluate.report.panels.words import horizon_words, level
from barograph.evaluate.report.words import Words, number, percent, probability


def summary(content: PanelContent, words: Words) -> tuple[Block, ...]:
    """Verdict, question, key figures, newest forecasts, meaning, watch list."""
    return in_a_minute(
        content,
        words,
        figures=_figures(content, words),
        newest=(_newest(content, words),),
        meaning=_meaning(content, words),
        watch=_watch(content, words),
    )


def duel(content: PanelContent, model: str) -> Comparison | None:
    """One model against the opponent by squared errors at the headline horizon, on the block that decides."""
    wanted = (model, content.reference, "squared_error", content.headline, content.decides)
    rows = (c for c in content.comparisons if (c.model, c.opponent, c.metric, c.horizon, c.block) == wanted)
    return next(rows, None)


def mean_ratio(content: PanelContent, model: str, horizon: int, *, crps: bool) -> float:
    """Mean over series of a model's ratio to its opponent; NaN without cells."""
    found = (content.dense if crps else content.cells).get(model, ())
    here = [cell.crps_ratio if crps else cell.ratio for cell in found if cell.horizon == horizon]
    known = [ratio for ratio in here if math.isfinite(ratio)]
    return sum(known) / len(known) if known else float("nan")


def _figures(content: PanelContent, words: Words) -> tuple[KeyFigure, ...]:
    candidate = content.candidate
    held = sum(claim.held for claim in content.claims)
    against = duel(content, candidate)
    dense = content.dense.get(candidate, ())
    below = sum(cell.crps_ratio < 1.0 for cell in dense)
    horizon = horizon_words(content.headline, content, words)
    note = (
        words("report.summary.not_compared")
        if against is None
        else words(
            "panels.summary.p", p=probability(against.test.p_value), standing=words.standing(against.standing)
        )
    )
    return (
        champion_figure(content, words),
        KeyFigure(
            words("panels.summary.ratio", horizon=horizon, opponent=words.model(content.reference)),
            number(mean_ratio(content, candidate, content.headline, crps=False), 3),
            note,
        ),
        KeyFigure(
            words("panels.summary.cells", opponent=words.model(content.dense_opponent)),
            f"{below} / {len(dense)}",
            words("panels.summary.cells_note"),
        ),
        KeyFigure(
            words("panels.summary.coverage", horizon=horizon),
            percent(_coverage(content), 1),
            words("panels.summary.coverage_note"),
        ),
        KeyFigure(
            words("panels.summary.claims"),
            f"{held} / {len(content.claims)}",
            words("panels.summary.claims_note", count=content.facts.confirmation_scored),
        ),
    )


def _coverage(content: PanelContent) -> float | None:
    wanted = (content.candidate, "coverage_80", content.headline, "")
    rows = (s for s in content.scores if (s.model, s.metric, s.horizon, s.entity) == wanted)
    return next((row.value for row in rows), None)


def _newest(content: PanelContent, words: Words) -> Table:
    """Level now and forecast at the headline horizon, series by series."""
    rows = []
    for group in content.fans:
        fan = next((fan for fan in group.fans if fan.horizon == content.headline), None)
        if fan is None:
            continue
        lower, upper = fan.intervals[-1]
        rows += [
            (
                name,
                level(float(group.now[place]), content),
                level(float(fan.centre[place]), content),
                f"{level(float(lower[place]), content)} … {level(float(upper[place]), content)}",
            )
            for place, name in enumerate(group.series)
        ]
    caption = words(
        "panels.summary.newest",
        model=words.model(content.verdict.champion),
        origin=content.newest_origin,
        horizon=horizon_words(content.headline, content, words),
    )
    columns = tuple(words(f"panels.columns.{name}") for name in ("series", "now", "forecast", "interval"))
    return Table(caption, columns, tuple(rows))


def _meaning(content: PanelContent, words: Words) -> tuple[str, ...]:
    opponent = words.model(content.reference)
    sentences = [words(f"panels.meaning.{content.verdict.standing}", opponent=opponent)]
    best = [
        words(
            "panels.meaning.horizon",
            horizon=horizon_words(h, content, words),
            ratio=number(mean_ratio(content, content.candidate, h, crps=False), 3),
            crps=number(mean_ratio(content, content.candidate, h, crps=True), 3),
        )
        for h in content.horizons
    ]
    values = {"opponent": opponent, "dense": words.model(content.dense_opponent)}
    sentences.append(words("panels.meaning.ratios", **values, ratios=words.names(tuple(best))))
    control = mean_ratio(content, "linear_combination", content.headline, crps=False)
    if math.isfinite(control):
        sentences.append(words("panels.meaning.control", ratio=number(control, 3)))
    return (*sentences, *fallen_back(content, words), words("report.meaning.procedure"))


def _watch(content: PanelContent, words: Words) -> tuple[str, ...]:
    found = []
    if content.falls:
        found.append(words("panels.falls", series=words.names(content.falls)))
    if content.unfit:
        found.append(words("panels.watch.unfit", models=words.names(tuple(map(words.model, content.unfit)))))
    unsteady = tuple(horizon_words(one.horizon, content, words) for one in content.steadiness if one.rejected)
    if unsteady:
        found.append(words("panels.watch.unsteady", horizons=words.names(unsteady)))
    for one in content.calibrated:
        if one.model == content.candidate and one.series and one.passed < one.series:
            horizon = horizon_words(one.horizon, content, words)
            found.append(
                words("panels.watch.density", horizon=horizon, n=one.series - one.passed, series=one.series)
            )
    failed = tuple(
        c.claim for c in content.claims if not c.held and c.rung != "moonshot" and c.block == content.decides
    )
    if failed:
        found.append(words("report.watch.claims", claims=words.names(failed)))
    found += [words.note(note) for note in content.provenance.notes if note.startswith("warning")]
    if content.facts.confirmation_scored > 1 and content.decides == "confirmation":
        found.append(words("report.watch.scored", count=content.facts.confirmation_scored))
    return tuple(found) or (words("panels.watch.nothing"),)
