"""What a head of risk reads in a minute."""

from __future__ import annotations

from barograph.core.results import Comparison
from barograph.evaluate.report.blocks import Block, KeyFigure, Table
from barograph.evaluate.report.levels.content import LevelContent
from barograph.evaluate.report.levels.words import horizon_words, in_unit
from barograph.evaluate.report.minute import champion_figure, fallen_back, in_a_minute
from barograph.evaluate.report.words import BLANK, Words, number, percent, probability


def summary(content: LevelContent, words: Words) -> tuple[Block, ...]:
    """Verdict, question, key figures, newest forecasts, meaning, watch list."""
    return in_a_minute(
        content,
        words,
        figures=_figures(content, words),
        newest=(_newest(content, words),),
        meaning=_meaning(content, words),
        watch=_watch(content, words),
    )


def score(content: LevelContent, model: str, metric: str) -> float | None:
    """A score at the headline horizon."""
    rows = (s for s in content.scores if (s.model, s.metric, s.horizon) == (model, metric, content.headline))
    return next((row.value for row in rows), None)


def duel(content: LevelContent, model: str, opponent: str) -> Comparison | None:
    """One model against another in CRPS at the headline horizon, over all scored origins."""
    wanted = (model, opponent, "crps", content.headline, "all")
    rows = (c for c in content.comparisons if (c.model, c.opponent, c.metric, c.horizon, c.block) == wanted)
    return next(rows, None)


def _figures(content: LevelContent, words: Words) -> tuple[KeyFigure, ...]:
    champion, candidate = content.verdict.champion, content.candidate
    held = sum(claim.held for claim in content.claims)
    reference = in_unit(score(content, content.reference, "mae"), content, 2)
    return (
        champion_figure(content, words),
        _difference(content, words),
        KeyFigure(
            words("levels.summary.mae", model=words.model(champion)),
            in_unit(score(content, champion, "mae"), content, 2),
            words("levels.summary.mae_note", baseline=words.model(content.reference), value=reference),
        ),
        KeyFigure(
            words("levels.summary.coverage", model=words.model(candidate)),
            percent(score(content, candidate, "coverage_80"), 0),
            words("levels.summary.coverage_note", origins=content.origins),
        ),
        KeyFigure(
            words("levels.summary.claims"),
            f"{held} / {len(content.claims)}",
            words("levels.summary.claims_note", count=content.facts.confirmation_scored),
        ),
    )


def _difference(content: LevelContent, words: Words) -> KeyFigure:
    """CRPS of the candidate less that of the best baseline."""
    names = {"model": words.model(content.candidate), "baseline": words.model(content.reference)}
    label = words("levels.summary.difference", **names)
    against = duel(content, content.candidate, content.reference)
    if against is None:
        return KeyFigure(label, BLANK, words("report.summary.not_compared"))
    said = {"standing": words.standing(against.standing), "p_value": probability(against.test.p_value)}
    return KeyFigure(label, number(against.difference), words("levels.summary.difference_note", **said))


def _newest(content: LevelContent, words: Words) -> Table:
    names = ("period", "horizon", "mean", "median", "interval")
    rows = tuple(
        (
            row.period,
            horizon_words(row.horizon, words),
            in_unit(row.mean, content, 2),
            in_unit(row.median, content, 2),
            f"{in_unit(row.lower, content, 2)} … {in_unit(row.upper, content, 2)}",
        )
        for row in content.newest
    )
    caption = words(
        "levels.summary.newest", model=words.model(content.verdict.champion), origin=content.newest_origin
    )
    return Table(caption, tuple(words(f"levels.columns.{name}") for name in names), rows, words=2)


def _meaning(content: LevelContent, words: Words) -> tuple[str, ...]:
    baseline = words.model(content.reference)
    sentences = [words(f"levels.meaning.{content.verdict.standing}", baseline=baseline)]
    control = duel(content, content.candidate, "linear")
    if control is not None:
        values = {"control": words.model("linear"), "p_value": probability(control.test.p_value)}
        sentences.append(words(f"report.meaning.control.{control.standing}", **values))
    return (*sentences, *fallen_back(content, words), words("report.meaning.procedure"))


def _watch(content: LevelContent, words: Words) -> tuple[str, ...]:
    found = [words("levels.watch.small", origins=content.origins, overlap=content.headline + content.delay)]
    pit = content.pit
    for key, place in (("low", -1), ("high", 0)):
        if pit.share[place] > 1 / pit.share.size + pit.half_width[place]:
            found.append(words(f"levels.watch.{key}", model=words.model(pit.model)))
    if content.all_developed:
        found.append(words("levels.watch.developed"))
    failed = tuple(c.claim for c in content.claims if not c.held and c.rung != "moonshot")
    if failed:
        found.append(words("report.watch.claims", claims=words.names(failed)))
    if content.facts.confirmation_scored > 1 and not content.all_developed:
        found.append(words("report.watch.scored", count=content.facts.confirmation_scored))
    return tuple(found)
