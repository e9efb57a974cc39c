"""What alerts on events are worth: fraud and laundering, where reviewers are few and labels come late.

Order (`top`, `per_day`, and average precision in `credit.discrimination`), decisions at a threshold and by
pattern (`operating`) or at every threshold (`curves`), money and budgets (`costs`, `budget`), time to
detection (`detection`), sampled events (`sampling`), and how surely each is known: figures of any mixture of
days (`daily`, `ranking`) under a bootstrap of days (`bootstrap`).
"""

from __future__ import annotations

from barograph.measures.alerts.bootstrap import (
    DayDifference,
    DayInterval,
    day_bootstrap,
    paired_day_bootstrap,
)
from barograph.measures.alerts.budget import BudgetRow, budget_plan, budget_thresholds
from barograph.measures.alerts.costs import (
    CostCurve,
    Costs,
    MoneySaved,
    cost_curve,
    event_costs,
    money_saved,
)
from barograph.measures.alerts.curves import precision_recall
from barograph.measures.alerts.daily import (
    DailyFigure,
    daily_auc,
    daily_average_precision,
    daily_decision,
    daily_ratio,
    daily_recall_at_alert_rate,
    mean_over_folds,
)
from barograph.measures.alerts.detection import DetectionTimes, detection_times, known_cards
from barograph.measures.alerts.operating import (
    OperatingPoint,
    PatternFigures,
    by_pattern,
    operating_point,
)
from barograph.measures.alerts.per_day import (
    DailyPrecision,
    card_precision_at,
    transaction_precision_at,
)
from barograph.measures.alerts.sampling import sampling_weights, undo_sampling
from barograph.measures.alerts.top import recall_at_alert_rate

__all__ = [
    "BudgetRow",
    "CostCurve",
    "Costs",
    "DailyFigure",
    "DailyPrecision",
    "DayDifference",
    "DayInterval",
    "DetectionTimes",
    "MoneySaved",
    "OperatingPoint",
    "PatternFigures",
    "budget_plan",
    "budget_thresholds",
    "by_pattern",
    "card_precision_at",
    "cost_curve",
    "daily_auc",
    "daily_average_precision",
    "daily_decision",
    "daily_ratio",
    "daily_recall_at_alert_rate",
    "day_bootstrap",
    "detection_times",
    "event_costs",
    "known_cards",
    "mean_over_folds",
    "money_saved",
    "operating_point",
    "paired_day_bootstrap",
    "precision_recall",
    "recall_at_alert_rate",
    "sampling_weights",
    "transaction_precision_at",
    "undo_sampling",
]
