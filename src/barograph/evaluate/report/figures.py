"""Figures of a report: content and words in, chart blocks out."""

from __future__ import annotations

import numpy as np

from barograph import charts
from barograph.charts import MOST_POINTS
from barograph.core.results import Comparison
from barograph.evaluate.report.blocks import Chart
from barograph.evaluate.report.content import AssetSeries, PitHistogram, ReportContent
from barograph.evaluate.report.words import Words, level

_POINTS_OF_ALL = 16_000
_FEWEST_POINTS = 300


def points_each(n_assets: int) -> int:
    """Points of a trace, so that the charts of all assets together keep the file small."""
    return int(np.clip(_POINTS_OF_ALL // max(n_assets, 1), _FEWEST_POINTS, MOST_POINTS))


def volatility(series: AssetSeries, words: Words, limit: int) -> Chart:
    """Forecast and realised volatility of one entity."""
    figure = charts.volatility(
        series.time,
        100.0 * series.realised,
        forecasts={words.model(name): 100.0 * value for name, value in series.volatility.items()},
        realised_name=words("report.series.realised", days=series.far),
        y_label=words("report.series.volatility_axis"),
        limit=limit,
    )
    return Chart(figure, words("report.series.volatility_caption", entity=series.entity, days=series.far))


def value_at_risk(series: AssetSeries, words: Words, limit: int) -> Chart:
    """Returns and VaR of one entity, exceptions marked and counted."""
    champion = next(iter(series.value_at_risk))
    known = np.isfinite(series.next_return)
    count = int((series.next_return < -series.value_at_risk[champion])[known].sum())
    figure = charts.value_at_risk(
        series.time,
        100.0 * series.next_return,
        limits={words.model(name): 100.0 * value for name, value in series.value_at_risk.items()},
        return_name=words("report.series.return", days=series.near),
        exception_name=words("report.series.exception"),
        y_label=words("report.series.return_axis"),
        limit=limit,
    )
    caption = words(
        "report.series.var_caption",
        entity=series.entity,
        level=level(series.alpha),
        model=words.model(champion),
        count=count,
        days=f"{known.sum():,}",
        expected=f"{series.alpha * known.sum():.1f}",
    )
    return Chart(figure, caption)


def pit(histogram: PitHistogram, words: Words) -> Chart:
    """PIT histogram of one model."""
    figure = charts.pit_histogram(
        histogram.share,
        half_width=histogram.half_width,
        x_label=words("report.calibration.pit_x"),
        y_label=words("report.calibration.pit_y"),
        share_name=words("report.calibration.pit_share"),
        band_name=words("report.calibration.pit_band"),
    )
    level = 1.0 / histogram.share.size
    outside = int((np.abs(histogram.share - level) > histogram.half_width).sum())
    caption = words(
        "report.calibration.pit_caption",
        model=words.model(histogram.model),
        outside=outside,
        bins=histogram.share.size,
        days=f"{histogram.n_obs:,}",
    )
    return Chart(figure, caption)


def reliability(content: ReportContent, words: Words) -> Chart:
    """Reliability of the event probabilities."""
    figure = charts.reliability(
        {words.model(curve.model): (curve.forecast, curve.observed) for curve in content.reliability},
        x_label=words("report.events.forecast_axis"),
        y_label=words("report.events.observed_axis"),
        ideal_name=words("report.events.ideal"),
    )
    return Chart(figure, words("report.events.caption"))


def score_differences(rows: list[Comparison], content: ReportContent, words: Words) -> Chart:
    """Pooled differences to the reference with their intervals."""
    ordered = sorted(rows, key=lambda row: row.difference)
    statistic = np.array([row.test.statistic for row in ordered])
    difference = np.array([row.difference for row in ordered])
    with np.errstate(divide="ignore", invalid="ignore"):
        half_width = np.where(statistic == 0.0, np.nan, 1.96 * np.abs(difference / statistic))
    figure = charts.score_differences(
        [words.model(row.model) for row in ordered],
        difference=difference,
        half_width=half_width,
        x_label=words("report.comparisons.difference_axis", reference=words.model(content.reference)),
    )
    caption = words("report.comparisons.bars_caption", reference=words.model(content.reference))
    return Chart(figure, caption)


def loss_paths(content: ReportContent, words: Words) -> Chart:
    """When the candidate won and when it lost."""
    days = np.unique(np.concatenate([path.time for path in content.loss_paths]))
    differences = {}
    for path in content.loss_paths:
        value = np.full(days.size, np.nan)
        value[np.searchsorted(days, path.time)] = path.difference
        differences[words("report.comparisons.against", model=words.model(path.opponent))] = value
    figure = charts.cumulative_difference(
        days, differences=differences, y_label=words("report.comparisons.path_axis")
    )
    caption = words("report.comparisons.path_caption", model=words.model(content.candidate))
    return Chart(figure, caption)


def seeds(content: ReportContent, words: Words) -> Chart:
    """Every seed of every network beside the reference."""
    figure = charts.seed_spread(
        {words.model(spread.network): spread.seeds for spread in content.seed_spread},
        ensembles={words.model(spread.network): spread.ensemble for spread in content.seed_spread},
        reference=content.reference_qlike,
        seed_name=words("report.seeds.seed"),
        ensemble_name=words("report.seeds.ensemble"),
        reference_name=words.model(content.reference),
        x_label=words("report.seeds.axis", days=content.near),
    )
    return Chart(figure, words("report.seeds.caption"))
