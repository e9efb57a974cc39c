"""Forecast bands against what came, calibration, spread over seeds."""

from __future__ import annotations

from barograph import charts
from barograph.evaluate.report.blocks import Block, Chart, Heading, Paragraph, Table
from barograph.evaluate.report.levels.content import BandSeries, LevelContent
from barograph.evaluate.report.levels.views.summary import score
from barograph.evaluate.report.levels.words import figure, horizon_words
from barograph.evaluate.report.words import Words, percent


def series(content: LevelContent, words: Words) -> tuple[Block, ...]:
    """A chart for each horizon."""
    blocks: list[Block] = []
    for band in content.bands:
        blocks += [Heading(horizon_words(band.horizon, words)), _bands(band, content, words)]
    return tuple(blocks)


def _bands(band: BandSeries, content: LevelContent, words: Words) -> Chart:
    chart = charts.bands(
        band.period,
        band.came,
        centre=band.median,
        intervals={
            words("levels.series.interval", share=percent(share, 0)): ends
            for share, ends in band.intervals.items()
        },
        lines={words.model(name): values for name, values in band.others.items()},
        came_name=words("levels.series.came"),
        centre_name=words("levels.series.median", model=words.model(band.model)),
        y_label=words.note(content.target),
        y_format=".0%" if content.scale == "logit" else "~g",
    )
    return Chart(chart, words("levels.series.caption", model=words.model(band.model)))


def calibration(content: LevelContent, words: Words) -> tuple[Block, ...]:
    """Coverage of the intervals of every model, and the PIT of the candidate."""
    metrics = ("coverage_80", "coverage_95")
    rows = tuple(
        (words.model(model), *(figure(score(content, model, metric), metric, content) for metric in metrics))
        for model in content.roles
    )
    columns = (words("report.columns.model"), *(words.metric(metric) for metric in metrics))
    pit = content.pit
    chart = charts.pit_histogram(
        pit.share,
        half_width=pit.half_width,
        x_label=words("levels.calibration.x"),
        y_label=words("levels.calibration.y"),
        share_name=words("levels.calibration.share"),
        band_name=words("levels.calibration.band"),
    )
    return (
        Paragraph(words("levels.calibration.intro")),
        Table(words("levels.calibration.caption", origins=content.origins), columns, rows),
        Chart(chart, words("levels.calibration.pit", model=words.model(pit.model), origins=pit.n_obs)),
    )


def seeds(content: LevelContent, words: Words) -> tuple[Block, ...]:
    """The CRPS of every seed of every network."""
    if not content.seed_spread:
        return ()
    chart = charts.seed_spread(
        {words.model(one.network): one.seeds for one in content.seed_spread},
        ensembles={words.model(one.network): one.ensemble for one in content.seed_spread},
        reference=score(content, "linear", "crps") or 0.0,
        seed_name=words("levels.seeds.seed"),
        ensemble_name=words("levels.seeds.ensemble"),
        reference_name=words.model("linear"),
        x_label=words("levels.seeds.x"),
    )
    return (Chart(chart, words("levels.seeds.caption")),)
