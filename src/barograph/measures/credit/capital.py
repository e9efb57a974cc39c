"""Regulatory capital of credit exposures by the internal-ratings formulas.

Basel Committee on Banking Supervision, Basel Framework, chapter CRE31 (in force from 2023): correlation and
capital requirement of corporate exposures (with the multiplier for financial institutions and the adjustment
for the size of small and medium-sized firms), of mortgage, revolving and other retail exposures, and of
exposures in default (CRE31.3). Without the factor 1.06 of Basel II. The PD floors are those of chapter CRE32.

Rates are decimals; money is in the unit of `ead`. Arrays broadcast; NaN gives NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError, unknown

AssetClass = Literal["corporate", "sme", "mortgage", "revolving", "other_retail"]
ASSET_CLASSES: tuple[AssetClass, ...] = ("corporate", "sme", "mortgage", "revolving", "other_retail")

BASEL_III_FLOOR = 0.0005
BASEL_III_REVOLVER_FLOOR = 0.001
"""For revolving exposures that are not paid in full every month."""
BASEL_II_FLOOR = 0.0003
LOWEST_PD = 1e-5
"""Below about 3e-6 the maturity adjustment's denominator turns negative: no floor may be lower than this."""
LEVEL = 0.999
"""Confidence of the requirement."""
FINANCIAL_MULTIPLIER = 1.25
"""On the correlation of large or unregulated financial institutions."""


@dataclass(frozen=True, slots=True, eq=False)
class Capital:
    """Capital figures, one per exposure."""

    correlation: FloatArray
    maturity_slope: FloatArray  # b; NaN for retail, which has none
    requirement: FloatArray  # K, share of the exposure
    risk_weight: FloatArray  # 12.5 K
    risk_weighted_assets: FloatArray
    expected_loss: FloatArray  # floored PD · LGD · EAD


def irb_capital(
    pd: npt.ArrayLike,
    *,
    lgd: npt.ArrayLike,
    ead: npt.ArrayLike,
    asset_class: AssetClass,
    maturity: npt.ArrayLike = 2.5,
    turnover: npt.ArrayLike = np.inf,
    multiplier: npt.ArrayLike = 1.0,
    pd_floor: float | None = None,
) -> Capital:
    """Capital requirement of performing exposures of one asset class.

    ``K = [LGD · N((G(PD) + √R G(0.999)) / √(1 - R)) - PD · LGD] · (1 + (M - 2.5) b) / (1 - 1.5 b)``, the last
    factor for corporate and SME only, never below zero.

    Parameters
    ----------
    pd, lgd : array_like
        Within 0 and 1. A PD of one, default, has K = 0 and loses its LGD; see `defaulted_capital`.
    ead : array_like
        Exposure at default, money.
    asset_class : str
        `sme` is corporate with the adjustment for size.
    maturity : array_like
        Effective maturity, years, clipped to 1 … 5; not used for retail.
    turnover : array_like
        Annual sales of an `sme`, EUR million, clipped to 5 … 50.
    multiplier : array_like
        On the correlation of a `corporate`: `FINANCIAL_MULTIPLIER` for financial institutions.
    pd_floor : float, optional
        Lowest PD, at least `LOWEST_PD`; Basel III's of the asset class otherwise.

    Raises
    ------
    DataError
        If a rate is outside 0 … 1 or the floor is too low.
    SettingError
        If the asset class is unknown.

    Examples
    --------
    >>> figures = irb_capital(0.01, lgd=0.45, ead=100.0, asset_class="corporate")
    >>> round(float(figures.risk_weighted_assets), 2)
    92.32
    """
    floor = floor_of(asset_class) if pd_floor is None else pd_floor
    chance, severity, exposure = _checked(pd, lgd, ead, floor)
    shared = correlation(chance, asset_class=asset_class, turnover=turnover, multiplier=multiplier)
    stressed = ndtr((ndtri(chance) + np.sqrt(shared) * ndtri(LEVEL)) / np.sqrt(1.0 - shared))
    requirement = severity * (stressed - chance)
    slope = np.full(chance.shape, np.nan)
    if asset_class in ("corporate", "sme"):
        slope = maturity_slope(chance)
        years = np.clip(np.asarray(maturity, dtype=np.float64), 1.0, 5.0)
        requirement = requirement * (1.0 + (years - 2.5) * slope) / (1.0 - 1.5 * slope)
    requirement = np.maximum(requirement, 0.0)
    weight = 12.5 * requirement
    return Capital(shared, slope, requirement, weight, weight * exposure, chance * severity * exposure)


def defaulted_capital(lgd: npt.ArrayLike, *, best_estimate: npt.ArrayLike, ead: npt.ArrayLike) -> Capital:
    """Capital of exposures in default under the advanced approach: ``K = max(0, LGD - best estimate)``.

    The best estimate of the loss, a share of the exposure, is the expected loss (CRE31.3). Correlation
    and maturity play no part and are NaN.
    """
    severity, expected, exposure = _broadcast(lgd, best_estimate, ead)
    _within("LGD and its best estimate", severity, expected)
    requirement = np.maximum(severity - expected, 0.0)
    none, weight = np.full(severity.shape, np.nan), 12.5 * requirement
    return Capital(none, none, requirement, weight, weight * exposure, expected * exposure)


def correlation(
    pd: npt.ArrayLike,
    *,
    asset_class: AssetClass,
    turnover: npt.ArrayLike = np.inf,
    multiplier: npt.ArrayLike = 1.0,
) -> FloatArray:
    """Asset correlation R of an asset class (CRE31); see `irb_capital`."""
    chance = np.asarray(pd, dtype=np.float64)
    if asset_class == "corporate":
        return _interpolated(chance, 0.12, 0.24, 50.0) * np.asarray(multiplier, dtype=np.float64)
    if asset_class == "sme":
        sales = np.clip(np.asarray(turnover, dtype=np.float64), 5.0, 50.0)
        return np.asarray(_interpolated(chance, 0.12, 0.24, 50.0) - 0.04 * (1.0 - (sales - 5.0) / 45.0))
    if asset_class == "other_retail":
        return _interpolated(chance, 0.03, 0.16, 35.0)
    fixed = {"mortgage": 0.15, "revolving": 0.04}
    if asset_class not in fixed:
        raise unknown("an asset class", asset_class, ASSET_CLASSES)
    return np.where(np.isnan(chance), np.nan, fixed[asset_class])


def maturity_slope(pd: npt.ArrayLike) -> FloatArray:
    """``b = (0.11852 - 0.05478 ln PD)²``, the slope of capital in maturity (CRE31)."""
    return np.asarray((0.11852 - 0.05478 * np.log(np.asarray(pd, dtype=np.float64))) ** 2)


def floor_of(asset_class: AssetClass) -> float:
    """Lowest PD of an asset class under Basel III; revolving exposures count as revolvers."""
    return BASEL_III_REVOLVER_FLOOR if asset_class == "revolving" else BASEL_III_FLOOR


def expected_loss(pd: npt.ArrayLike, *, lgd: npt.ArrayLike, ead: npt.ArrayLike) -> FloatArray:
    """``PD · LGD · EAD``, money, without a floor on the PD."""
    chance, severity, exposure = _broadcast(pd, lgd, ead)
    _within("PD and LGD", chance, severity)
    return np.asarray(chance * severity * exposure)


def _interpolated(pd: FloatArray, low: float, high: float, rate: float) -> FloatArray:
    """From `high` at PD 0 to `low` at PD 1, exponentially."""
    share = np.expm1(-rate * pd) / np.expm1(-rate)
    return np.asarray(low * share + high * (1.0 - share))


def _checked(
    pd: npt.ArrayLike, lgd: npt.ArrayLike, ead: npt.ArrayLike, floor: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    chance, severity, exposure = _broadcast(pd, lgd, ead)
    _within("PD and LGD", chance, severity)
    if not LOWEST_PD <= floor < 1.0:
        raise DataError(
            f"a floor of the PD must be at least {LOWEST_PD:g} and below 1",
            came=f"got {floor:g}",
            do=f"Pass {BASEL_III_FLOOR:g} (Basel III), {BASEL_II_FLOOR:g} (Basel II) or leave it out",
        )
    return np.maximum(chance, floor), severity, exposure


def _within(names: str, *shares: FloatArray) -> None:
    for values in shares:
        if np.any((values < 0.0) | (values > 1.0)):
            raise DataError(
                f"{names} must lie within 0 and 1",
                came=f"got values from {np.nanmin(values):g} to {np.nanmax(values):g}",
                do="Pass shares, not percentages",
            )


def _broadcast(*values: npt.ArrayLike) -> list[FloatArray]:
    return [np.array(one, dtype=np.float64) for one in np.broadcast_arrays(*values)]
