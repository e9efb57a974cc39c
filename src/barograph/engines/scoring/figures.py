"""What credit people do with a probability of default: expected loss, capital, IFRS 9 stage and provision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray, IntArray
from barograph.core.record_table import Records
from barograph.core.scoring_study import ShipSection
from barograph.measures.credit.capital import AssetClass, correlation, expected_loss, irb_capital
from barograph.measures.credit.ifrs9 import (
    DEFAULT_DAYS,
    level_term_structure,
    lifetime_loss,
    loss_by_stage,
    stage,
    straight_line_exposure,
    twelve_month_loss,
)
from barograph.measures.credit.vasicek import loss_quantile

CONFIDENCE = 0.999
"""Level of the portfolio's loss quantile."""
HIGHEST_PD = 1.0 - 1e-9
"""Of a term structure."""
LEAST_LIFE = 1.0 / 365.0
"""Years: what a loan at or past its end still runs, so that its losses are those of a default today."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What stands for a loan where no column says it; printed wherever a figure rests on it."""

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
class Loans:
    """The loans behind some probabilities: from their columns, an assumption where a column says nothing."""

    yearly_pd: FloatArray  # [n] 1 for a loan in default, however it was scored
    exposure: FloatArray  # [n] at default; NaN unknown
    lgd: FloatArray  # [n]
    maturity: FloatArray  # [n] effective, years
    life: FloatArray  # [n] remaining, years
    arrears: FloatArray  # [n] days past due; 0 assumed
    first_pd: FloatArray  # [n] one-year, when the loan was made; today's assumed: a new loan


@dataclass(frozen=True, slots=True, eq=False)
class CreditFigures:
    """Per record, in the money of its exposure; money is NaN where the exposure is unknown."""

    yearly_pd: FloatArray  # [n]
    expected_loss: FloatArray  # [n] one year: PD · LGD · EAD
    capital: FloatArray  # [n] IRB requirement of a performing loan
    risk_weighted: FloatArray  # [n]
    twelve_month: FloatArray  # [n] IFRS 9
    lifetime: FloatArray  # [n] IFRS 9; NaN where it was not asked for
    stage: IntArray  # [n] IFRS 9: 1, 2 or 3
    allowance: FloatArray  # [n] the loss to provide for at that stage


def yearly(p: FloatArray, months: int) -> FloatArray:
    """The one-year probability that compounds to a probability over a window of so many months."""
    return np.asarray(-np.expm1(np.log1p(-np.clip(p, 0.0, 1.0 - 1e-9)) * 12.0 / months))


def loans(p: FloatArray, records: Records, given: Assumptions) -> Loans:
    """The loans behind probabilities of default over the study's window, `p` [n]."""
    scored = yearly(p, given.months)

    def term(key: str, otherwise: float | FloatArray) -> FloatArray:
        values = records.terms.get(key, np.full(records.n, np.nan))
        return np.where(np.isfinite(values), values, otherwise)

    arrears = term("arrears", 0.0)
    return Loans(
        yearly_pd=np.where(arrears >= DEFAULT_DAYS, 1.0, scored),
        exposure=records.amount,
        lgd=term("lgd", given.lgd),
        maturity=term("maturity", given.maturity),
        life=np.maximum(term("maturity", given.lifetime), LEAST_LIFE),
        arrears=arrears,
        first_pd=term("pd_origination", scored),
    )


def credit_figures(one: Loans, given: Assumptions, *, every_lifetime: bool = True) -> CreditFigures:
    """Expected loss, capital, stage and provisions of loans.

    Unless every lifetime loss is wanted, those alone are worked out that the allowance needs: of stage 2. The
    others are NaN.
    """
    pd, unknown = one.yearly_pd, ~np.isfinite(one.exposure)
    ead = np.where(unknown, 0.0, one.exposure)
    capital = irb_capital(
        pd,
        lgd=one.lgd,
        ead=ead,
        asset_class=given.asset_class,
        maturity=one.maturity,
        turnover=given.turnover,
    )
    twelve_month = twelve_month_loss(pd, lgd=one.lgd, ead=ead)
    stages = stage(pd, one.first_pd, one.arrears)
    lifetime = _lifetime(one, ead, given.rate, np.full(pd.shape, True) if every_lifetime else stages == 2)
    allowance = loss_by_stage(stages, twelve_month=twelve_month, lifetime=lifetime, defaulted=one.lgd * ead)

    def money(values: FloatArray) -> FloatArray:
        return np.where(unknown, np.nan, values)

    return CreditFigures(
        yearly_pd=pd,
        expected_loss=money(expected_loss(pd, lgd=one.lgd, ead=ead)),
        capital=money(capital.requirement * ead),
        risk_weighted=money(capital.risk_weighted_assets),
        twelve_month=money(twelve_month),
        lifetime=money(lifetime),
        stage=stages,
        allowance=money(allowance),
    )


def _lifetime(one: Loans, ead: FloatArray, rate: float, wanted: BoolArray) -> FloatArray:
    """Lifetime losses of the wanted loans, with a constant hazard and repaid in equal parts; others NaN."""
    losses = np.full(ead.shape, np.nan)
    if wanted.any():
        life = one.life[wanted]
        curve = level_term_structure(np.minimum(one.yearly_pd[wanted], HIGHEST_PD), years=life)
        exposure = straight_line_exposure(ead[wanted], years=life)
        yearly_losses = lifetime_loss(curve, lgd=one.lgd[wanted][:, None], ead=exposure, rate=rate)
        losses[wanted] = yearly_losses.lifetime
    return losses


def portfolio_quantile(one: Loans, given: Assumptions) -> float:
    """Vasicek's loss quantile at `CONFIDENCE` of the whole book in a year, in money.

    A loan in default loses its LGD for certain, whatever the one factor does.
    """
    known, gone = np.isfinite(one.exposure), one.yearly_pd >= 1.0
    certain = float(np.sum((one.lgd * one.exposure)[known & gone]))
    alive = known & ~gone
    pd = one.yearly_pd[alive]
    rho = correlation(pd, asset_class=given.asset_class, turnover=given.turnover)
    performing = loss_quantile(
        pd, lgd=one.lgd[alive], ead=one.exposure[alive], correlation=rho, level=CONFIDENCE
    )
    return certain + performing


def by_grade(grade: IntArray, values: FloatArray, n_grades: int) -> FloatArray:
    """Sum of values per grade, unknown ones left out."""
    return np.bincount(grade, weights=np.nan_to_num(values), minlength=n_grades).astype(np.float64)
