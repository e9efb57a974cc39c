"""How well goods are told from bads: ROC, gains, where they score, block by block; or losses captured."""

from __future__ import annotations

import numpy as np

from barograph import charts
from barograph.core.arrays import FloatArray
from barograph.evaluate.report.blocks import Block, Chart, Grid, Heading
from barograph.evaluate.report.scoring.content import ProtocolResults, ScoreDistribution, ScoringContent
from barograph.evaluate.report.words import Words


def discrimination(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """ROC and gains under every protocol, then where goods and bads score and how it held over blocks."""
    if content.target != "default":
        return ()
    blocks: list[Block] = []
    for protocol in content.protocols:
        if protocol.roc:
            if len(content.protocols) > 1:
                blocks.append(Heading(words(f"credit.protocol.{protocol.protocol}.title")))
            blocks.append(Grid((_roc(protocol, words), _gains(protocol, words))))
        if len(protocol.blocks) > 2:
            blocks.append(score_by_block(protocol, content, words))
        if protocol.distribution is not None and protocol is content.headline:
            blocks.append(_distribution(protocol.distribution, protocol, words))
    return tuple(blocks)


def losses(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """Of a loss study: losses captured, and predicted against observed loss record by record."""
    if content.target != "loss":
        return ()
    here = content.headline
    blocks: list[Block] = []
    if here.capture:
        figure = charts.share_curves(
            {words.model(curve.model): (curve.share, curve.captured) for curve in here.capture},
            x_label=words("credit.losses.share_axis"),
            y_label=words("credit.losses.captured_axis"),
            chance_name=words("credit.discrimination.chance"),
        )
        blocks.append(Chart(figure, words("credit.losses.capture")))
    if here.scatter is not None:
        figure = charts.scatter(
            here.scatter.predicted,
            observed=here.scatter.observed,
            points_name=words("credit.losses.record"),
            ideal_name=words("report.events.ideal"),
            x_label=words("credit.calibration.predicted.loss"),
            y_label=words("credit.calibration.observed.loss"),
        )
        caption = words(
            "credit.losses.scatter",
            model=words.model(here.scatter.model),
            count=f"{here.scatter.predicted.size:,}",
        )
        blocks.append(Chart(figure, caption))
    both = (Grid(tuple(blocks)),) if len(blocks) > 1 else tuple(blocks)
    return (*both, score_by_block(here, content, words)) if len(here.blocks) > 2 else both


def _roc(protocol: ProtocolResults, words: Words) -> Chart:
    figure = charts.share_curves(
        {words.model(curve.model): (curve.false_positive, curve.true_positive) for curve in protocol.roc},
        x_label=words("credit.discrimination.false_positive"),
        y_label=words("credit.discrimination.true_positive"),
        chance_name=words("credit.discrimination.chance"),
    )
    return Chart(figure, words("credit.discrimination.roc"))


def _gains(protocol: ProtocolResults, words: Words) -> Chart:
    """Bads caught against records flagged: flagged = rate · true positives + (1 - rate) · false positives."""
    rate = protocol.outcome

    def flagged(false_positive: FloatArray, true_positive: FloatArray) -> FloatArray:
        return np.asarray(rate * true_positive + (1.0 - rate) * false_positive)

    figure = charts.share_curves(
        {
            words.model(curve.model): (
                flagged(curve.false_positive, curve.true_positive),
                curve.true_positive,
            )
            for curve in protocol.roc
        },
        x_label=words("credit.discrimination.flagged"),
        y_label=words("credit.discrimination.true_positive"),
        chance_name=words("credit.discrimination.chance"),
        ideal=(np.array([0.0, rate, 1.0]), np.array([0.0, 1.0, 1.0])),
        ideal_name=words("credit.discrimination.ideal"),
    )
    return Chart(figure, words("credit.discrimination.gains"))


def _distribution(shown: ScoreDistribution, protocol: ProtocolResults, words: Words) -> Chart:
    figure = charts.score_distribution(
        shown.edges,
        goods=shown.goods,
        bads=shown.bads,
        goods_name=words("credit.discrimination.goods"),
        bads_name=words("credit.discrimination.bads"),
        x_label=words("credit.calibration.predicted.default"),
        y_label=words("credit.discrimination.share"),
        threshold=protocol.threshold,
        threshold_name=words("credit.thresholds.stated"),
    )
    return Chart(figure, words("credit.discrimination.distribution", model=words.model(shown.model)))


def score_by_block(protocol: ProtocolResults, content: ScoringContent, words: Words) -> Chart:
    """The study's first score of the models that matter on every block."""
    shown = tuple(
        dict.fromkeys((content.verdict.champion, content.candidate, content.reference, *_others(content)))
    )
    cells = {(s.model, s.entity): s.value for s in protocol.scores if s.metric == content.metric}
    lines = {
        words.model(model): np.array(
            [cells.get((model, block.name)) for block in protocol.blocks], dtype=float
        )
        for model in shown[:6]
    }
    metric = words.metric(content.metric)
    figure = charts.by_block(
        [block.name for block in protocol.blocks], lines=lines, y_label=metric, y_format=".2f"
    )
    return Chart(figure, words("credit.discrimination.by_block", metric=metric))


def _others(content: ScoringContent) -> list[str]:
    """Baselines, then networks: whoever else is worth a line."""
    order = {"baseline": 0, "network": 1, "control": 2, "combination": 3, "unsupervised": 4}
    return sorted(content.roles, key=lambda model: order[content.roles[model]])
