"""Conventional models of records: scorecard, logistic regression, fractional logit, OLS, boosted trees."""

from barograph.models.baselines.scoring.boosting import DEFAULTS, SEARCH, Boosted, fit_boosting, predict
from barograph.models.baselines.scoring.boosting_graph import to_onnx
from barograph.models.baselines.scoring.catalogue import (
    SCORING_BASELINES,
    ScoringBaselineEntry,
    scoring_baseline,
)
from barograph.models.baselines.scoring.logistic import choose_l2, fit_least_squares, fit_logistic
from barograph.models.baselines.scoring.scorecard import fit_scorecard

__all__ = [
    "DEFAULTS",
    "SCORING_BASELINES",
    "SEARCH",
    "Boosted",
    "ScoringBaselineEntry",
    "choose_l2",
    "fit_boosting",
    "fit_least_squares",
    "fit_logistic",
    "fit_scorecard",
    "predict",
    "scoring_baseline",
    "to_onnx",
]
