"""Figures of simulated profits that every book has: VaR and ES, contributions, stress, back-test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.forecast import ALPHAS
from barograph.core.results import TestResult
from barograph.core.seeds import generator
from barograph.measures import portfolio
from barograph.measures.portfolio import Contributions, JointHistory

ALPHAS_SHOWN = tuple(sorted(ALPHAS, reverse=True))
"""Tail probabilities of the figures: 2.5 % and 1 %, so 97.5 % and 99 % VaR and ES."""


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """A book's positions by name, with their values, drawn simple returns and common past."""

    names: tuple[str, ...]  # [k]
    value: FloatArray  # [k] in the book's currency
    returns: FloatArray  # [n_draws, k] over the horizon
    history: JointHistory  # of the series that the positions depend on

    def contributions(self) -> list[Contributions]:
        """VaR and ES split over the positions, per tail probability shown."""
        return [portfolio.contributions(self.value, self.returns, alpha=alpha) for alpha in ALPHAS_SHOWN]


def level(alpha: float) -> float:
    """The level in percent of a tail probability."""
    return round(100.0 * (1.0 - alpha), 6)


def figures(item: Contributions, profits: FloatArray) -> dict[str, Any]:
    """VaR and ES at one level with bootstrap errors, and what diversification takes off."""
    alone = float(item.stand_alone_value_at_risk.sum())
    return {
        **tail(profits, item.alpha),
        "stand_alone_sum": alone,
        "diversification": item.diversification,
        "diversification_share": item.diversification / alone if alone > 0.0 else None,
    }


def tail(profits: FloatArray, alpha: float) -> dict[str, Any]:
    """VaR and ES of drawn profits at one level, with bootstrap errors."""
    stream = generator(0, "book", str(alpha))
    error, shortfall_error = portfolio.standard_errors(profits, alpha, generator=stream)
    return {
        "level": level(alpha),
        "value_at_risk": float(portfolio.value_at_risk(profits, alpha)),
        "value_at_risk_error": error,
        "expected_shortfall": float(portfolio.expected_shortfall(profits, alpha)),
        "expected_shortfall_error": shortfall_error,
    }


def contribution_rows(names: Sequence[str], item: Contributions) -> list[dict[str, Any]]:
    """What each position adds to VaR and ES at one level."""
    columns = {
        "stand_alone_value_at_risk": item.stand_alone_value_at_risk,
        "component_value_at_risk": item.component_value_at_risk,
        "component_expected_shortfall": item.component_expected_shortfall,
        "marginal_value_at_risk": item.marginal_value_at_risk,
        "marginal_expected_shortfall": item.marginal_expected_shortfall,
        "incremental_value_at_risk": item.incremental_value_at_risk,
    }
    return [
        {"level": level(item.alpha), "entity": entity}
        | {name: float(column[place]) for name, column in columns.items()}
        for place, entity in enumerate(names)
    ]


def stressed(value: FloatArray, history: JointHistory) -> list[dict[str, Any]]:
    """VaR and ES of the worst year of the history, per level."""
    rows = []
    for alpha in ALPHAS_SHOWN:
        found = asdict(portfolio.stressed(value, history, alpha=alpha))
        del found["alpha"]
        found |= {"since": str(found["since"]), "until": str(found["until"])}
        rows.append({"level": level(alpha), **found})
    return rows


def back_test(rehearsal: portfolio.Rehearsal) -> list[dict[str, Any]]:
    """The regulators' tests of the book's VaR through its past; empty where that was too short."""
    if not rehearsal.profits.size:
        return []
    return [
        {
            "level": level(test.alpha),
            "days": test.days,
            "exceptions": test.exceptions,
            "expected": test.days * test.alpha,
            "kupiec_p_value": _p_value(test.kupiec),
            "conditional_coverage_p_value": _p_value(test.conditional_coverage),
            "light": test.light.note if _p_value(test.light) is not None else None,
            "light_exceptions": int(test.light.statistic) if _p_value(test.light) is not None else None,
            "since": str(rehearsal.time[0]),
        }
        for test in portfolio.book_tests(rehearsal)
    ]


def after(shocked: portfolio.Shocked) -> dict[str, float]:
    """VaR and ES of a book after a scenario, per level."""
    found: dict[str, float] = {}
    for place, alpha in enumerate(shocked.alphas):
        found[f"value_at_risk_{level(alpha):g}"] = float(shocked.value_at_risk[place])
        found[f"expected_shortfall_{level(alpha):g}"] = float(shocked.expected_shortfall[place])
    return found


def _p_value(test: TestResult) -> float | None:
    return float(test.p_value) if np.isfinite(test.p_value) else None
