"""Risk of a book: date-aligned filtered historical simulation, contributions, stress and back-test.

From standardised residuals of the positions on common days (`history`) and present volatilities come
simulated profits (`figures.simple_returns` times values), and from these VaR, ES and what each position
contributes (`figures`), the worst year of history (`stressed`), the book after a scenario (`shocked`) and
the back-test of the same method (`rehearsal`). Beside it stand the normal VaR of linear positions
(`delta_normal`) and the capital of the trading book (`trading_book`).
"""

from __future__ import annotations

from barograph.measures.portfolio.delta_normal import DeltaNormal, delta_normal
from barograph.measures.portfolio.figures import (
    Contributions,
    contributions,
    expected_shortfall,
    simple_returns,
    standard_errors,
    value_at_risk,
)
from barograph.measures.portfolio.history import (
    MINIMUM_DAYS,
    JointHistory,
    SeriesHistory,
    joint_history,
)
from barograph.measures.portfolio.rehearsal import (
    FIRST_DAYS,
    LIGHT_DAYS,
    BookTest,
    Rehearsal,
    book_tests,
    rehearse,
)
from barograph.measures.portfolio.shocked import Shocked, shocked
from barograph.measures.portfolio.stressed import YEAR, Stressed, stressed
from barograph.measures.portfolio.trading_book import (
    attribution_metrics,
    attribution_zone,
    internal_model_charge,
    liquidity_scaled,
    liquidity_weights,
    stressed_shortfall,
)

__all__ = [
    "FIRST_DAYS",
    "LIGHT_DAYS",
    "MINIMUM_DAYS",
    "YEAR",
    "BookTest",
    "Contributions",
    "DeltaNormal",
    "JointHistory",
    "Rehearsal",
    "SeriesHistory",
    "Shocked",
    "Stressed",
    "attribution_metrics",
    "attribution_zone",
    "book_tests",
    "contributions",
    "delta_normal",
    "expected_shortfall",
    "internal_model_charge",
    "joint_history",
    "liquidity_scaled",
    "liquidity_weights",
    "rehearse",
    "shocked",
    "simple_returns",
    "standard_errors",
    "stressed",
    "stressed_shortfall",
    "value_at_risk",
]
