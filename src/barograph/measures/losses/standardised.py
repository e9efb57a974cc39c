"""Basel standardised approach: from three years of accounts and ten of losses to operational-risk capital.

Basel Committee on Banking Supervision, Basel Framework, chapter OPE25 (in force from 2023), and Basel III:
Finalising post-crisis reforms (d424, December 2017). Amounts are in one money; `billion` says how many of its
units make a billion euro, on which the brackets are set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError, SettingError
from barograph.measures.losses.checks import positive

BRACKETS = (1.0, 30.0)
"""Business indicator, EUR billion, where the second and third bracket begin."""
COEFFICIENTS = (0.12, 0.15, 0.18)
"""Marginal, one per bracket."""
INTEREST_CAP = 0.0225
"""Largest net interest that counts, as a share of interest-earning assets."""
LOSS_MULTIPLE = 15.0
"""Loss component over the average annual loss."""
EXPONENT = 0.8
LOSS_THRESHOLD = 20_000.0
"""Smallest net loss that counts, EUR; supervisors may set `HIGHER_LOSS_THRESHOLD` for the upper brackets."""
HIGHER_LOSS_THRESHOLD = 100_000.0
YEARS = 10
"""Years of losses to average."""
FEWEST_YEARS = 5
"""Accepted while the history is being built; with fewer the multiplier is not computed from losses."""
RISK_WEIGHT = 12.5


@dataclass(frozen=True, slots=True)
class Accounts:
    """One year of the income statement and balance sheet, all in the same money."""

    interest_income: float
    interest_expense: float
    interest_earning_assets: float  # at the year's end
    dividend_income: float
    other_income: float  # other operating income
    other_expense: float  # other operating expense, operational losses among them
    fee_income: float
    fee_expense: float
    trading_result: float  # net profit or loss of the trading book
    banking_result: float  # idem of the banking book


@dataclass(frozen=True, slots=True)
class BusinessIndicator:
    """The three components; money."""

    interest: float  # interest, leases and dividends (ILDC)
    services: float  # SC
    financial: float  # FC

    @property
    def total(self) -> float:
        """Business indicator."""
        return self.interest + self.services + self.financial


def business_indicator(years: Sequence[Accounts]) -> BusinessIndicator:
    r"""Business indicator of three years of accounts.

    .. math:: ILDC &= \min(\overline{|II - IE|},\ 0.0225\,\overline{IEA}) + \overline{DI} \\
              SC &= \max(\overline{OOI}, \overline{OOE}) + \max(\overline{FI}, \overline{FE}) \\
              FC &= \overline{|TB|} + \overline{|BB|}

    Each bar is an average over the years, absolute values inside it, minima and maxima outside.

    Raises
    ------
    DataError
        Other than three years, or a figure that is not known.
    """
    if len(years) != 3:
        raise DataError("three years of accounts are averaged", came=f"got {len(years)}", do="Pass three")
    column = {
        field.name: np.array([getattr(year, field.name) for year in years]) for field in fields(Accounts)
    }
    missing = [name for name, values in column.items() if not np.isfinite(values).all()]
    if missing:
        raise DataError(
            "every figure of the accounts must be known",
            came=f"missing in {', '.join(missing)}",
            do="Enter 0 where there was none",
        )
    mean = {name: float(values.mean()) for name, values in column.items()}
    net_interest = float(np.abs(column["interest_income"] - column["interest_expense"]).mean())
    capped = min(net_interest, INTEREST_CAP * mean["interest_earning_assets"])
    return BusinessIndicator(
        interest=capped + mean["dividend_income"],
        services=max(mean["other_income"], mean["other_expense"])
        + max(mean["fee_income"], mean["fee_expense"]),
        financial=float(np.abs(column["trading_result"]).mean() + np.abs(column["banking_result"]).mean()),
    )


def indicator_component(indicator: npt.ArrayLike, *, billion: float = 1e9) -> FloatArray:
    """Business indicator component: each bracket of the indicator times its own coefficient.

    Examples
    --------
    >>> round(float(indicator_component(35.0, billion=1.0)), 6)
    5.37
    """
    size = np.asarray(indicator, dtype=np.float64)
    if (size < 0.0).any():
        raise DataError(
            "a business indicator must not be negative", came=f"got {size.min():g}", do="Check the accounts"
        )
    edges = [0.0, *(edge * positive("billion", billion) for edge in BRACKETS), np.inf]
    parts = [
        rate * (np.clip(size, low, high) - low)
        for rate, low, high in zip(COEFFICIENTS, edges[:-1], edges[1:], strict=True)
    ]
    return np.asarray(sum(parts))


def average_annual_loss(
    net_losses: npt.ArrayLike,
    years: npt.ArrayLike,
    *,
    last_year: int,
    n_years: int = YEARS,
    threshold: float = LOSS_THRESHOLD,
) -> float:
    """Average yearly sum of the net losses that reach a threshold.

    Parameters
    ----------
    net_losses : array_like [n_losses]
        After recoveries, one per event, in the threshold's money.
    years : array_like of int [n_losses]
        Accounting year of each.
    last_year, n_years : int
        The years averaged over, at least `FEWEST_YEARS`, those without a loss among them.
    threshold : float
        Smallest net loss that counts.
    """
    amount, year = np.asarray(net_losses, dtype=np.float64), np.asarray(years, dtype=np.int64)
    if amount.shape != year.shape or amount.ndim != 1 or not np.isfinite(amount).all():
        raise DataError(
            "every net loss must be known, with its year",
            came=f"shapes {amount.shape} and {year.shape}",
            do="Pass two columns of equal length without missing amounts",
        )
    if n_years < FEWEST_YEARS:
        raise SettingError(
            f"losses are averaged over at least {FEWEST_YEARS} years",
            came=f"got {n_years}",
            do="Hold the multiplier at 1 until the history is long enough",
        )
    counts = (amount >= threshold) & (year > last_year - n_years) & (year <= last_year)
    return float(amount[counts].sum() / n_years)


def loss_multiplier(loss_component: npt.ArrayLike, component: npt.ArrayLike) -> FloatArray:
    r"""Internal loss multiplier :math:`\ln\{e - 1 + (LC / BIC)^{0.8}\}`: 1 where both are equal.

    Parameters
    ----------
    loss_component : array_like
        `LOSS_MULTIPLE` times the average annual loss.
    component : array_like
        Business indicator component, above 0, same money.
    """
    loss, size = np.asarray(loss_component, dtype=np.float64), np.asarray(component, dtype=np.float64)
    if (loss < 0.0).any() or not (size > 0.0).all():
        raise DataError(
            "the loss component must not be negative and the indicator component above 0",
            came=f"got {loss.min():g} and {size.min():g}",
            do="Check losses and accounts",
        )
    return np.asarray(np.log(np.e - 1.0 + (loss / size) ** EXPONENT))


@dataclass(frozen=True, slots=True)
class StandardisedCapital:
    """Capital requirement and what it is made of; money, save the multiplier."""

    indicator_component: float
    loss_component: float
    multiplier: float
    requirement: float
    risk_weighted_assets: float


def standardised_capital(
    indicator: float,
    annual_loss: float,
    *,
    billion: float = 1e9,
    multiplier_is_one: bool = False,
    losses_in_first_bracket: bool = False,
) -> StandardisedCapital:
    """Capital requirement: indicator component times internal loss multiplier.

    Parameters
    ----------
    indicator : float
        Business indicator.
    annual_loss : float
        From `average_annual_loss`, same money.
    billion : float
        Units of that money in a billion euro.
    multiplier_is_one : bool
        The national option to hold the multiplier at 1 for every bank.
    losses_in_first_bracket : bool
        The national option to compute it for banks of the first bracket as well, for which it is 1 otherwise.

    Examples
    --------
    >>> found = standardised_capital(5.0, 0.05, billion=1.0)
    >>> round(found.multiplier, 4), round(found.requirement, 4)
    (1.0121, 0.7287)
    """
    component = float(indicator_component(indicator, billion=billion))
    loss_component = LOSS_MULTIPLE * annual_loss
    small = indicator <= BRACKETS[0] * billion and not losses_in_first_bracket
    fixed = multiplier_is_one or small
    multiplier = 1.0 if fixed else float(loss_multiplier(loss_component, component))
    requirement = component * multiplier
    return StandardisedCapital(component, loss_component, multiplier, requirement, RISK_WEIGHT * requirement)
