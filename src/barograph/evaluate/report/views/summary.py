"""What a head of risk reads in a minute: the verdict, the key figures, what they mean, what to watch."""

from __future__ import annotations

from barograph.evaluate.report.blocks import Block, KeyFigure, Paragraph, Table
from barograph.evaluate.report.content import ReportContent
from barograph.evaluate.report.minute import champion_figure, fallen_back, in_a_minute
from barograph.evaluate.report.views import findings
from barograph.evaluate.report.words import BLANK, Words, level, number, percent, probability


def summary(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """Verdict, key figures, meaning, watch list."""
    return in_a_minute(
        content,
        words,
        figures=key_figures(content, words),
        meaning=meaning(content, words),
        watch=watch(content, words),
    )


def key_figures(content: ReportContent, words: Words) -> tuple[KeyFigure, ...]:
    """Six numbers, each with what to hold it against."""
    claims = findings.decisive_claims(content)
    held = sum(claim.held for claim in claims)
    return (
        champion_figure(content, words),
        _difference(content, words),
        _entities(content, words),
        _exceptions(content, words),
        _back_tests(content, words),
        KeyFigure(
            words("report.summary.claims_held", block=_where(content, words)),
            f"{held} / {len(claims)}",
            words("report.summary.confirmation_scored", count=content.facts.confirmation_scored),
        ),
    )


def _where(content: ReportContent, words: Words) -> str:
    return words(f"report.summary.{findings.decisive(content)}")


def _difference(content: ReportContent, words: Words) -> KeyFigure:
    label = words(
        "report.summary.difference",
        model=words.model(content.candidate),
        reference=words.model(content.reference),
    )
    pooled = findings.pooled(content, block=findings.decisive(content))
    row = next((r for r in pooled if r.model == content.candidate), None)
    if row is None:
        return KeyFigure(label, BLANK, words("report.summary.not_compared"))
    note = words(
        "report.summary.difference_note",
        standing=words.standing(row.standing),
        p_value=probability(row.test.p_value),
        block=_where(content, words),
    )
    return KeyFigure(label, number(row.difference), note)


def _entities(content: ReportContent, words: Words) -> KeyFigure:
    rows = findings.of_decisive_entities(content)
    label = words("report.summary.entities_better", block=_where(content, words))
    if not rows:
        return KeyFigure(label, BLANK, words("report.summary.not_compared"))
    better, worse = (sum(row.standing == kind for row in rows) for kind in ("better", "worse"))
    return KeyFigure(label, f"{better} / {len(rows)}", words("report.summary.entities_worse", count=worse))


def _exceptions(content: ReportContent, words: Words) -> KeyFigure:
    counts = [findings.exceptions(series, content.verdict.champion) for series in content.series]
    broken, days = (sum(column) for column in zip(*counts, strict=True))
    alpha = content.series[0].alpha
    return KeyFigure(
        words("report.summary.exceptions", level=level(alpha)),
        percent(broken / days if days else None, 2),
        words("report.summary.exceptions_note", expected=percent(alpha, 2), count=broken, days=f"{days:,}"),
    )


def _back_tests(content: ReportContent, words: Words) -> KeyFigure:
    tests = [
        test
        for test in content.back_tests
        if test.model == content.verdict.champion
        and test.side == "lower"
        and test.test.name in findings.MAIN_TESTS
    ]
    passed, judged = findings.passed_share(tests)
    label = words("report.summary.back_tests")
    note = words("report.summary.back_tests_note", passed=passed, judged=judged)
    return KeyFigure(label, percent(passed / judged if judged else None, 0), note)


def meaning(content: ReportContent, words: Words) -> tuple[str, ...]:
    """Two to four sentences that follow from the findings by rule."""
    sentences = [words(f"report.meaning.overall.{content.verdict.standing}")]
    strongest = findings.strongest_control(content)
    if strongest is not None:
        sentences.append(
            words(
                f"report.meaning.control.{strongest.standing}",
                control=words.model(strongest.opponent),
                p_value=probability(strongest.test.p_value),
            )
        )
    sentences += fallen_back(content, words)
    sentences.append(words("report.meaning.procedure"))
    return tuple(sentences)


def watch(content: ReportContent, words: Words) -> tuple[str, ...]:
    """What could go wrong next: assets where the candidate is worse, recent exceptions, claims not held."""
    rows = findings.by_entity(content, content.candidate, content.reference)
    worse = tuple(row.entity for row in rows if row.standing == "worse")
    claims = findings.decisive_claims(content)
    failed = tuple(claim.claim for claim in claims if not claim.held and claim.rung != "moonshot")
    amber = tuple(
        f"{series.entity} ({count})"
        for series in content.series
        for count, _ in [findings.exceptions(series, content.verdict.champion, findings.RECENT_DAYS)]
        if count >= findings.YELLOW_FROM
    )
    model, reference = words.model(content.candidate), words.model(content.reference)
    sentences = []
    if worse:
        listed = words.names(worse)
        sentences.append(words("report.watch.worse", model=model, reference=reference, entities=listed))
    if amber:
        listed = words.names(amber)
        sentences.append(words("report.watch.exceptions", days=findings.RECENT_DAYS, entities=listed))
    if failed:
        sentences.append(words("report.watch.claims", claims=words.names(failed)))
    if content.facts.confirmation_scored > 1:
        sentences.append(words("report.watch.scored", count=content.facts.confirmation_scored))
    return tuple(sentences) or (words("report.watch.nothing"),)


def next_day(content: ReportContent, words: Words) -> tuple[Block, ...]:
    """VaR and ES of the next day, one row per entity."""
    days = content.facts.next_day
    if not days:
        return (Paragraph(words("report.next_day.absent"), "note"),)
    risk = sorted({alpha for day in days for alpha in day.value_at_risk}, reverse=True)
    tail = sorted({alpha for day in days for alpha in day.expected_shortfall}, reverse=True)
    columns = (
        words("report.columns.entity"),
        words("report.columns.origin"),
        words("report.columns.model"),
        words("report.columns.volatility"),
        *(f"VaR {level(alpha)}" for alpha in risk),
        *(f"ES {level(alpha)}" for alpha in tail),
    )
    rows = tuple(
        (
            day.entity,
            day.origin,
            words.model(day.model),
            percent(day.volatility),
            *(percent(day.value_at_risk.get(alpha), 2) for alpha in risk),
            *(percent(day.expected_shortfall.get(alpha), 2) for alpha in tail),
        )
        for day in days
    )
    rates = content.settings["prepare"]["inputs"] == "currencies"
    note = words("single.sides") if rates else ""
    return (Table(words("report.next_day.caption"), columns, rows, words=3, note=note),)
