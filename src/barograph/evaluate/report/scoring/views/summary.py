"""What a head of risk reads in a minute: the verdict, the key figures, what they mean, what to watch."""

from __future__ import annotations

from barograph.evaluate.report.blocks import Block, KeyFigure
from barograph.evaluate.report.minute import champion_figure, fallen_back, in_a_minute
from barograph.evaluate.report.scoring.alerts_content import AlertsContent
from barograph.evaluate.report.scoring.content import ScoringContent
from barograph.evaluate.report.scoring.views import findings
from barograph.evaluate.report.scoring.views.alert_words import drawn_values, stated_values
from barograph.evaluate.report.scoring.words import interval, money, signed
from barograph.evaluate.report.words import BLANK, Words, number, percent, probability


def summary(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """Verdict, key figures, meaning, watch list."""
    return in_a_minute(
        content,
        words,
        figures=key_figures(content, words),
        meaning=meaning(content, words),
        watch=watch(content, words),
    )


def key_figures(content: ScoringContent, words: Words) -> tuple[KeyFigure, ...]:
    """Six numbers, each with what to hold it against."""
    return (
        champion_figure(content, words),
        _difference(content, words),
        *(_of_credit(content, words) if content.alerts is None else _of_alerts(content.alerts, words)),
        _claims(content, words),
        *((_alarm(content, words),) if content.alerts is None else ()),
    )


def _of_credit(content: ScoringContent, words: Words) -> tuple[KeyFigure, ...]:
    return (_ranking(content, words), _calibration(content, words))


def _of_alerts(alerts: AlertsContent, words: Words) -> tuple[KeyFigure, ...]:
    """How well the champion ranks, what its reviewers find, and the money it saves."""
    figures, values = alerts.figures, stated_values(alerts.figures)
    if not figures.at_work:
        return ()
    work = figures.at_work[0]
    one = next(one for one in figures.models if one.model == work.model)
    low, high = one.interval
    interval = f"{number(low, 3)} … {number(high, 3)}"
    ranked = words("alerts.summary.interval", interval=interval, **drawn_values(figures, words))
    found = words("alerts.summary.reviewed_note", rate=values["rate"], recall=percent(one.recall_at_rate))
    caught = words(
        "alerts.summary.saved_note",
        recall=percent(work.point.recall),
        precision=percent(work.point.precision),
        alerts=number(work.alerts_per_day, 1),
    )
    return (
        KeyFigure(words("alerts.summary.precision"), number(one.average_precision, 3), ranked),
        KeyFigure(
            words(f"alerts.summary.reviewed.{figures.reviewed}", **values), percent(one.precision_at), found
        ),
        KeyFigure(words("alerts.summary.saved"), money(work.money.saved / work.days), caught),
    )


def _difference(content: ScoringContent, words: Words) -> KeyFigure:
    label = words(
        "credit.summary.difference",
        metric=words.metric(content.metric),
        model=words.model(content.candidate),
        reference=words.model(content.reference),
    )
    block = findings.decisive_block(content)
    row = findings.difference(content, content.headline, content.candidate, content.reference, block)
    if row is None:
        return KeyFigure(label, BLANK, words("report.summary.not_compared"))
    note = words(
        "credit.summary.difference_note",
        interval=interval(row.lower, row.upper),
        standing=words.standing(row.standing),
        p_value=probability(row.p_value),
        block=words(f"credit.block.{block or 'all'}"),
    )
    return KeyFigure(label, signed(row.difference), note)


def _ranking(content: ScoringContent, words: Words) -> KeyFigure:
    champion, here = content.verdict.champion, content.headline
    shown = ("gini", "auc", "ks") if content.target == "default" else ("spearman", "r2", "mae")
    if content.falls is not None:
        shown = ("auc", "average_precision", "recall_10")
    first, *others = ((metric, findings.value(here, champion, metric)) for metric in shown)
    note = " · ".join(f"{words.metric(metric)} {number(score, 3)}" for metric, score in others)
    label = words("credit.summary.of_champion", metric=words.metric(first[0]))
    return KeyFigure(label, number(first[1], 3), note)


def _calibration(content: ScoringContent, words: Words) -> KeyFigure:
    label = words(f"credit.summary.rates.{content.target}")
    row = findings.calibrated(content.headline, content.verdict.champion)
    if row is None:
        return KeyFigure(label, BLANK, words("credit.summary.not_calibrated"))
    where = words(f"credit.protocol.{content.headline.protocol}.where")
    ratio = number(row.predicted / row.observed, 2) if row.observed else BLANK
    note = words("credit.summary.calibration_note", where=where, ratio=ratio)
    return KeyFigure(label, f"{percent(row.predicted)} / {percent(row.observed)}", note)


def _claims(content: ScoringContent, words: Words) -> KeyFigure:
    claims = findings.decisive_claims(content)
    parts = []
    for protocol in content.protocols if len(content.protocols) > 1 else ():
        here = [c for c in claims if content.claim_protocols.get(c.claim) == protocol.protocol]
        if here:
            name = words(f"credit.protocol.{protocol.protocol}.short")
            parts.append(f"{name} {sum(c.held for c in here)} / {len(here)}")
    scored = words("credit.summary.scored", count=content.facts.confirmation_scored)
    label = words("credit.summary.claims_held")
    if not claims:
        return KeyFigure(label, BLANK, words("report.claims.none"))
    return KeyFigure(label, f"{sum(c.held for c in claims)} / {len(claims)}", " · ".join((*parts, scored)))


def _alarm(content: ScoringContent, words: Words) -> KeyFigure:
    found = findings.alarms(content)
    denied = sum(finding.kind == "denied" for finding in content.leaks)
    note = words("credit.summary.alarm_note", read=len(content.columns), denied=denied)
    value = words("credit.summary.alarm_found", count=len(found)) if found else words("credit.summary.quiet")
    return KeyFigure(words("credit.summary.alarm"), value, note)


def meaning(content: ScoringContent, words: Words) -> tuple[str, ...]:
    """Sentences that follow from the findings by rule."""
    verdict = content.verdict
    sentences = [words(f"credit.meaning.overall.{verdict.standing}")]
    strongest = findings.strongest_control(content)
    if strongest is not None:
        control, p_value = words.model(strongest.opponent), probability(strongest.p_value)
        sentences.append(
            words(f"report.meaning.control.{strongest.standing}", control=control, p_value=p_value)
        )
    sentences += (*fallen_back(content, words), *_rates(content, words))
    return (*sentences, words("report.meaning.procedure"))


def _rates(content: ScoringContent, words: Words) -> tuple[str, ...]:
    """Whether the champion's probabilities can be used as they stand."""
    row = findings.calibrated(content.headline, content.verdict.champion)
    if row is None:
        return ()
    near = findings.apart(row.predicted, row.observed) <= findings.CLOSE
    kind = "close" if near else "low" if row.predicted < row.observed else "high"
    values = {"predicted": percent(row.predicted), "observed": percent(row.observed)}
    return (words(f"credit.meaning.rates.{content.target}.{kind}", **values),)


def watch(content: ScoringContent, words: Words) -> tuple[str, ...]:
    """What could go wrong next; one sentence saying so where nothing stands out."""
    model, reference = words.model(content.candidate), words.model(content.reference)
    champion = words.model(content.verdict.champion)
    worse = [r.block for r in findings.by_block(content, content.headline) if r.standing == "worse"]
    claims = findings.decisive_claims(content)
    failed = [claim.claim for claim in claims if not claim.held and claim.rung != "moonshot"]
    unfair = [f"{r.column} = {r.group}" for r in content.fairness if (r.impact or 1.0) < findings.FOUR_FIFTHS]
    found = (
        ("leak", findings.alarms(content)),
        ("worse", worse),
        ("far_off", findings.far_off(content, content.verdict.champion)),
        ("grades", findings.rejected(content.grades)),
        ("shifted", findings.shifted(content)),
        ("fairness", unfair),
        ("claims", failed),
    )
    values = {"model": model, "reference": reference, "champion": champion}
    sentences = [
        words(f"credit.watch.{key}", items=words.names(tuple(items)), **values)
        for key, items in found
        if items
    ]
    if content.facts.confirmation_scored > 1:
        sentences.append(words("report.watch.scored", count=content.facts.confirmation_scored))
    return tuple(sentences) or (words("credit.watch.nothing"),)
