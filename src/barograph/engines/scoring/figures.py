"""What credit people do with a probability of default: grade, expected loss, capital, provisions, points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.scoring_study import ShipSection
from barograph.measures.credit.capital import AssetClass, correlation, expected_loss, irb_capital
from barograph.measures.credit.ifrs9 import (
    level_term_structure,
    lifetime_loss,
    straight_line_exposure,
    twelve_month_loss,
)
from barograph.measures.credit.vasicek import loss_quantile

CONFIDENCE = 0.999
"""Level of the portfolio's loss quantile."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What no column says of a loan; printed wherever a figure rests on it."""

    asset_class: AssetClass
    lgd: float
    maturity: float  # effective, years
    lifetime: float  # remaining life, years
    rate: float  # effective interest rate
    turnover: float  # annual sales, EUR million
    months: int  # of the window that the probability speaks of

    @classmethod
    def of(cls, section: ShipSection, *, months: int) -> Assumptions:
        """Those of a study."""
        return cls(
            asset_class=section.asset_class,
            lgd=section.lgd,
            maturity=section.maturity,
            lifetime=section.lifetime,
            rate=section.rate,
            turnover=section.turnover,
            months=months,
        )


@dataclass(frozen=True, slots=True, eq=False)
class CreditFigures:
    """Per record, in the money of its exposure; NaN where the exposure is unknown."""

    yearly_pd: FloatArray  # [n]
    expected_loss: FloatArray  # [n] one year: PD · LGD · EAD
    capital: FloatArray  # [n] IRB requirement
    risk_weighted: FloatArray  # [n]
    twelve_month: FloatArray  # [n] IFRS 9 stage 1
    lifetime: FloatArray  # [n] IFRS 9 stage 2


def yearly(p: FloatArray, months: int) -> FloatArray:
    """The one-year probability that compounds to a probability over a window of so many months."""
    return np.asarray(-np.expm1(np.log1p(-np.clip(p, 0.0, 1.0 - 1e-9)) * 12.0 / months))


def credit_figures(p: FloatArray, amount: FloatArray, given: Assumptions) -> CreditFigures:
    """Expected loss, capital and provisions of records.

    Parameters
    ----------
    p : FloatArray [n]
        Probability of default over the study's window.
    amount : FloatArray [n]
        Exposure at default.
    given : Assumptions
    """
    pd, ead = yearly(p, given.months), np.where(np.isfinite(amount), amount, 0.0)
    unknown = ~np.isfinite(amount)
    capital = irb_capital(
        pd,
        lgd=given.lgd,
        ead=ead,
        asset_class=given.asset_class,
        maturity=given.maturity,
        turnover=given.turnover,
    )
    curve = level_term_structure(pd, years=given.lifetime)
    exposure = straight_line_exposure(ead, years=given.lifetime)
    loss = lifetime_loss(curve, lgd=given.lgd, ead=exposure, rate=given.rate)
    made = (
        expected_loss(pd, lgd=given.lgd, ead=ead),
        capital.requirement * ead,
        capital.risk_weighted_assets,
        twelve_month_loss(pd, lgd=given.lgd, ead=ead),
        loss.lifetime,
    )
    money = [np.where(unknown, np.nan, np.asarray(one)) for one in made]
    return CreditFigures(pd, *money)


def portfolio_quantile(p: FloatArray, amount: FloatArray, given: Assumptions) -> float:
    """Vasicek's loss quantile at `CONFIDENCE` of the whole book in a year, in money."""
    known = np.isfinite(amount)
    pd, ead = yearly(p[known], given.months), amount[known]
    rho = correlation(pd, asset_class=given.asset_class, turnover=given.turnover)
    return loss_quantile(pd, lgd=given.lgd, ead=ead, correlation=rho, level=CONFIDENCE)


def by_grade(grade: IntArray, values: FloatArray, n_grades: int) -> FloatArray:
    """Sum of values per grade, unknown ones left out."""
    return np.bincount(grade, weights=np.nan_to_num(values), minlength=n_grades).astype(np.float64)
