"""Plotly figures: numbers in, figure out. Every word shown is handed in by the caller."""

from barograph.charts.alerts import cost_curve, precision_recall, shares_by_kind
from barograph.charts.bands import bands
from barograph.charts.bars import amounts, stacked, then_and_now
from barograph.charts.blocks import by_block, heat
from barograph.charts.calibration import pit_histogram, reliability, scatter
from barograph.charts.comparison import passed_shares, score_differences, seed_spread
from barograph.charts.curves import Fan, curve_fans, ratio_heat
from barograph.charts.decisions import thresholds, waterfall
from barograph.charts.discrimination import score_distribution, share_curves
from barograph.charts.fan import fan
from barograph.charts.fluctuation import fluctuation
from barograph.charts.guarded import guarded
from barograph.charts.intervals import intervals
from barograph.charts.lines import lines
from barograph.charts.scale import ageing, master_scale
from barograph.charts.series import cumulative_difference, value_at_risk, volatility
from barograph.charts.thin import MOST_POINTS, evenly, peaks, telling

__all__ = [
    "MOST_POINTS",
    "Fan",
    "ageing",
    "amounts",
    "bands",
    "by_block",
    "cost_curve",
    "cumulative_difference",
    "curve_fans",
    "evenly",
    "fan",
    "fluctuation",
    "guarded",
    "heat",
    "intervals",
    "lines",
    "master_scale",
    "passed_shares",
    "peaks",
    "pit_histogram",
    "precision_recall",
    "ratio_heat",
    "reliability",
    "scatter",
    "score_differences",
    "score_distribution",
    "seed_spread",
    "share_curves",
    "shares_by_kind",
    "stacked",
    "telling",
    "then_and_now",
    "thresholds",
    "value_at_risk",
    "volatility",
    "waterfall",
]
