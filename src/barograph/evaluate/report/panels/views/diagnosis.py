"""Calibration, direction, and whether an advantage lasted."""

from __future__ import annotations

import numpy as np

from barograph import charts
from barograph.evaluate.panels.diagnosis import Direction
from barograph.evaluate.report.blocks import Block, Cell, Chart, Heading, Paragraph, Row, Table
from barograph.evaluate.report.panels.content import PanelContent
from barograph.evaluate.report.panels.words import BASIS_POINT, figure, horizon_words
from barograph.evaluate.report.words import Words, number, percent, probability

COVERAGE = ("coverage_80", "coverage_95")


def calibration(content: PanelContent, words: Words) -> tuple[Block, ...]:
    """Coverage by horizon, Berkowitz tests, and the PIT of the candidate."""
    names = list(dict.fromkeys(one.model for one in content.calibrated))
    rows: list[Row] = []
    for one in content.calibrated:
        shares = [_score(content, one.model, metric, one.horizon) for metric in COVERAGE]
        tested = (
            words("panels.calibration.passed", passed=one.passed, series=one.series)
            if one.series
            else words("panels.calibration.few")
        )
        rows.append(
            (
                words.model(one.model),
                horizon_words(one.horizon, content, words),
                *(figure(share, metric, content) for share, metric in zip(shares, COVERAGE, strict=True)),
                Cell(tested, small=words("panels.calibration.smallest", p=probability(one.smallest))),
            )
        )
    columns = (
        words("report.columns.model"),
        words("panels.columns.horizon"),
        *(words.metric(metric) for metric in COVERAGE),
        words("panels.columns.berkowitz"),
    )
    pit = content.pit
    chart = charts.pit_histogram(
        pit.share,
        half_width=pit.half_width,
        x_label=words("panels.calibration.x"),
        y_label=words("panels.calibration.y"),
        share_name=words("panels.calibration.share"),
        band_name=words("panels.calibration.band"),
    )
    caption = words("panels.calibration.pit", model=words.model(pit.model), outcomes=pit.n_obs)
    return (
        Paragraph(words("panels.calibration.intro", models=words.names(tuple(map(words.model, names))))),
        Table(words("panels.calibration.caption"), columns, tuple(rows), words=2),
        Chart(chart, caption),
    )


def _score(content: PanelContent, model: str, metric: str, horizon: int) -> float | None:
    wanted = (model, metric, horizon, "")
    rows = (s for s in content.scores if (s.model, s.metric, s.horizon, s.entity) == wanted)
    return next((row.value for row in rows), None)


def direction(content: PanelContent, words: Words) -> tuple[Block, ...]:
    """Signs of changes: accuracy, precision, recall, and what the Pesaran-Timmermann test makes of them."""
    columns = tuple(
        words(f"panels.columns.{name}")
        for name in ("model", "horizon", "accuracy", "precision", "recall", "rises", "pesaran_timmermann")
    )
    rows = tuple(_direction(one, content, words) for one in content.directions if one.n_obs)
    if not rows:
        return ()
    return (
        Paragraph(words(f"panels.direction.verdict.{_told(content)}")),
        Table(words("panels.direction.caption"), columns, rows, words=2, note=words("panels.direction.note")),
    )


def _told(content: PanelContent) -> str:
    """Whether the candidate's direction was worth anything."""
    mine = [one for one in content.directions if one.model == content.candidate and one.series]
    if not mine:
        return "none"
    share = sum(one.significant for one in mine) / sum(one.series for one in mine)
    return "nothing" if share == 0.0 else "some" if share < 0.5 else "much"


def _direction(one: Direction, content: PanelContent, words: Words) -> Row:
    return (
        words.model(one.model),
        horizon_words(one.horizon, content, words),
        percent(one.accuracy, 1),
        percent(one.precision, 1),
        percent(one.recall, 1),
        percent(one.rises, 1),
        words("panels.direction.significant", n=one.significant, series=one.series),
    )


def steadiness(content: PanelContent, words: Words) -> tuple[Block, ...]:
    """The fluctuation test of the candidate at each horizon, and errors that fall with the horizon."""
    blocks: list[Block] = []
    if content.falls:
        blocks.append(Paragraph(words("panels.falls", series=words.names(content.falls)), "lead"))
    for one in content.steadiness:
        horizon = horizon_words(one.horizon, content, words)
        blocks.append(Heading(horizon))
        if not one.path.size:
            blocks.append(Paragraph(words("panels.steadiness.none", why=words.note(one.note)), "note"))
            continue
        chart = charts.fluctuation(
            one.time,
            one.path,
            critical=one.critical,
            path_name=words("panels.steadiness.path"),
            band_name=words("panels.steadiness.band"),
            y_label=words("panels.steadiness.y"),
        )
        values = {"model": words.model(one.model), "opponent": words.model(one.opponent), "horizon": horizon}
        said = "rejected" if one.rejected else "kept"
        blocks.append(Chart(chart, words(f"panels.steadiness.{said}", **values)))
    return tuple(blocks)


def factors(content: PanelContent, words: Words) -> tuple[Block, ...]:
    """How well three factors rebuild later curves, by method, and what they have in common."""
    found = content.factors
    if found is None:
        return ()
    columns = (words("panels.factors.method"), *found.series, words("panels.factors.mean"))
    rows = tuple(
        (
            words(f"panels.factors.{method}"),
            *(number(BASIS_POINT * error, 1) for error in errors),
            number(BASIS_POINT * float(np.nanmean(errors)), 1),
        )
        for method, errors in found.errors.items()
    )
    shared = tuple(
        (words(f"panels.factors.{method}"), *(percent(share, 1) for share in shares))
        for method, shares in found.explained.items()
    )
    names = tuple(words(f"panels.factors.{name}") for name in ("method", "level", "slope", "hump"))
    return (
        Paragraph(words("panels.factors.intro", until=str(found.until))),
        Table(words("panels.factors.caption"), columns, rows),
        Table(words("panels.factors.explained"), names, shared),
    )
