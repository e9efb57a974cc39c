"""Plotly figures: numbers in, figure out. Every word shown is handed in by the caller."""

from barograph.charts.calibration import pit_histogram, reliability
from barograph.charts.comparison import passed_shares, score_differences, seed_spread
from barograph.charts.series import cumulative_difference, value_at_risk, volatility
from barograph.charts.thin import MOST_POINTS, evenly, peaks, telling

__all__ = [
    "MOST_POINTS",
    "cumulative_difference",
    "evenly",
    "passed_shares",
    "peaks",
    "pit_histogram",
    "reliability",
    "score_differences",
    "seed_spread",
    "telling",
    "value_at_risk",
    "volatility",
]
