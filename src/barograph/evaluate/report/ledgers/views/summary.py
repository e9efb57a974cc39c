"""What a head of risk reads in a minute."""

from __future__ import annotations

from barograph.core.results import Comparison
from barograph.evaluate.report.blocks import Block, KeyFigure, Paragraph, Table
from barograph.evaluate.report.ledgers.content import LedgerContent
from barograph.evaluate.report.ledgers.views.units import unit_of
from barograph.evaluate.report.minute import in_a_minute
from barograph.evaluate.report.words import BLANK, Words, level, number, probability

RIVALS = {"count_log_score": "negative_binomial", "severity_log_score": "spliced"}


def summary(content: LedgerContent, words: Words) -> tuple[Block, ...]:
    """Verdict, question, key figures, coming weeks and year, meaning, watch list."""
    return in_a_minute(
        content,
        words,
        figures=_figures(content, words),
        newest=(_coming(content, words), Paragraph(words("ledgers.annual.not_testable"), "note")),
        meaning=_meaning(content, words),
        watch=_watch(content, words),
    )


def money(value: float, words: Words) -> str:
    """An amount as it is printed; a mean that does not exist in words."""
    if value == float("inf"):
        return words("ledgers.infinite")
    return f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:,.4g}"


def at_level(share: float) -> str:
    """A level of a quantile."""
    return level(1.0 - share)


def duel(content: LedgerContent, model: str, opponent: str, metric: str) -> Comparison | None:
    """One model against another over all held-out years."""
    wanted = (model, opponent, metric, "all")
    rows = (c for c in content.comparisons if (c.model, c.opponent, c.metric, c.block) == wanted)
    return next(rows, None)


def _figures(content: LedgerContent, words: Words) -> tuple[KeyFigure, ...]:
    held = sum(claim.held for claim in content.claims)
    counts, _, severity = content.verdict.champion.partition("+")
    top = content.annual[0].quantiles[-1]
    return (
        KeyFigure(
            words("report.summary.champion"),
            words("ledgers.pair", counts=words.model(counts), severity=words.model(severity)),
        ),
        *(_difference(content, metric, words) for metric in RIVALS),
        KeyFigure(
            words("ledgers.summary.year", level=at_level(top.level)),
            f"{money(top.fft, words)} {words.note(content.unit)}".strip(),
            words("ledgers.summary.year_note"),
        ),
        KeyFigure(
            words("levels.summary.claims"),
            f"{held} / {len(content.claims)}",
            words("levels.summary.claims_note", count=content.facts.confirmation_scored),
        ),
    )


def _difference(content: LedgerContent, metric: str, words: Words) -> KeyFigure:
    """The candidate's log score less that of convention."""
    names = {"model": words.model(content.candidate), "baseline": words.model(RIVALS[metric])}
    label = words(f"ledgers.summary.{metric}", **names)
    against = duel(content, content.candidate, RIVALS[metric], metric)
    if against is None:
        return KeyFigure(label, BLANK, words("report.summary.not_compared"))
    said = {"standing": words.standing(against.standing), "p_value": probability(against.test.p_value)}
    return KeyFigure(label, number(against.difference), words("levels.summary.difference_note", **said))


def _coming(content: LedgerContent, words: Words) -> Table:
    rows = tuple(
        (
            words(f"ledgers.what.{row.what}"),
            f"{row.since} – {row.until}",
            money(row.mean, words),
            *(money(value, words) for value in row.quantiles),
        )
        for row in content.coming
    )
    columns = (
        words("ledgers.columns.what"),
        words("ledgers.columns.period"),
        words("ledgers.columns.mean"),
        *(at_level(share) for share in content.levels),
    )
    return Table(words("ledgers.summary.coming", unit=unit_of(content, words)), columns, rows, words=2)


def _meaning(content: LedgerContent, words: Words) -> tuple[str, ...]:
    sentences = [words(f"ledgers.meaning.{content.verdict.standing}")]
    control = duel(content, content.candidate, "linear", "count_log_score")
    if control is not None:
        values = {"control": words.model("linear"), "p_value": probability(control.test.p_value)}
        sentences.append(words(f"report.meaning.control.{control.standing}", **values))
    return (*sentences, words("report.meaning.procedure"))


def _watch(content: LedgerContent, words: Words) -> tuple[str, ...]:
    found = [words("ledgers.watch.small", years=len(content.years), losses=content.losses)]
    tail = content.fits.get("spliced")
    if tail is not None and tail.shape >= 0.5:
        key = "no_mean" if tail.shape >= 1.0 else "no_variance"
        found.append(words(f"ledgers.watch.{key}", shape=number(tail.shape, 2)))
    if content.all_developed:
        found.append(words("levels.watch.developed"))
    failed = tuple(c.claim for c in content.claims if not c.held and c.rung != "moonshot")
    if failed:
        found.append(words("report.watch.claims", claims=words.names(tuple(dict.fromkeys(failed)))))
    if content.facts.confirmation_scored > 1 and not content.all_developed:
        found.append(words("report.watch.scored", count=content.facts.confirmation_scored))
    return tuple(found)
