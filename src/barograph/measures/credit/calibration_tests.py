"""Calibration: do the probabilities mean what they say?

Labels are 0 and 1, probabilities lie in [0, 1]; NaN is refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, chdtrc, expit, log_expit, ndtr

from barograph.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from barograph.core.results import TestResult
from barograph.measures.classification import brier, observation_weights
from barograph.measures.credit.checks import codes_of, defaulted, probability
from barograph.measures.credit.log_odds import logit


def _checked(label: npt.ArrayLike, p: npt.ArrayLike) -> tuple[BoolArray, FloatArray]:
    bad = defaulted(label)
    return bad, probability("p", p, bad.size)


@dataclass(frozen=True, slots=True)
class BrierParts:
    """What a Brier score is made of; smaller reliability and larger resolution are better."""

    brier: float
    reliability: float  # squared distance of groups' predictions from their rates
    resolution: float  # squared distance of groups' rates from the overall rate
    uncertainty: float  # of the outcome itself
    within_variance: float  # of the predictions inside groups; 0 for grades
    within_covariance: float  # of predictions and outcomes inside groups, doubled; 0 for grades
    skill: float  # 1 − brier / uncertainty


def brier_decomposition(
    label: npt.ArrayLike,
    p: npt.ArrayLike,
    group: AnyArray | None = None,
    *,
    weight: npt.ArrayLike | None = None,
) -> BrierParts:
    r"""Murphy's decomposition of the Brier score over groups of records.

    .. math:: BS = \underbrace{\sum_k \tfrac{n_k}{n} (\bar p_k - \bar y_k)^2}_{REL}
                 - \underbrace{\sum_k \tfrac{n_k}{n} (\bar y_k - \bar y)^2}_{RES}
                 + \underbrace{\bar y (1 - \bar y)}_{UNC} + WBV - WBC

    It adds up exactly. The two within-group terms vanish where p is constant in each group, as for grades.

    Parameters
    ----------
    label, p : array_like [n_obs]
    group : array [n_obs], optional
        Grade or bin of each record; default: every distinct p is a group.
    weight : array_like [n_obs], optional
        How many records each stands for, above 0: all means above are by weight.

    Returns
    -------
    BrierParts
        All NaN without a record; the skill NaN with one class.

    References
    ----------
    Murphy (1973), A new vector partition of the probability score, J. Appl. Meteorology 12; within-group
    terms of Stephenson, Coelho and Jolliffe (2008), Two extra components in the Brier score decomposition,
    Weather and Forecasting 23.
    """
    bad, chance = _checked(label, p)
    if not bad.size:
        return BrierParts(*(math.nan,) * 7)
    code = codes_of(chance if group is None else group, bad.size)
    counted = observation_weights(weight, bad.size)
    each = counted / counted.sum()
    share, rate = np.bincount(code, weights=each), float(each @ bad)
    said, happened = (np.bincount(code, weights=each * values) / share for values in (chance, bad))
    inside, missed = chance - said[code], bad - happened[code]
    uncertainty = rate * (1.0 - rate)
    score = brier(bad, chance, weight=weight)
    return BrierParts(
        brier=score,
        reliability=float(share @ (said - happened) ** 2),
        resolution=float(share @ (happened - rate) ** 2),
        uncertainty=uncertainty,
        within_variance=float(each @ inside**2),
        within_covariance=float(2.0 * (each @ (inside * missed))),
        skill=1.0 - score / uncertainty if uncertainty > 0.0 else math.nan,
    )


@dataclass(frozen=True, slots=True)
class CalibrationLine:
    """Logistic recalibration of log-odds: ideal are slope 1 and both intercepts 0."""

    slope: float  # below 1: predictions too extreme
    intercept: float  # beside that slope
    in_the_large: float  # intercept with the slope held at 1; above 0: too few bads predicted


def calibration_line(
    label: npt.ArrayLike, p: npt.ArrayLike, *, weight: npt.ArrayLike | None = None
) -> CalibrationLine:
    r"""Slope and intercept of :math:`\mathrm{logit} \Pr(y = 1) = a + b\,\mathrm{logit}\,p`, by Newton steps.

    Probabilities are brought within the limits of `log_odds`. NaN where the fit has no finite maximum: one
    class alone, classes that p separates without overlap, or (slope and its intercept) a constant p. With
    weights, each record counts in the likelihood as often as it stands for.

    References
    ----------
    Cox (1958), Two further applications of a model for binary regression, Biometrika 45; Steyerberg (2009),
    Clinical Prediction Models, section 15.3.
    """
    bad, chance = _checked(label, p)
    odds = logit(chance)
    one, counted = np.ones((bad.size, 1)), observation_weights(weight, bad.size)
    in_the_large = _logistic(one, bad, counted, offset=odds)[0]
    if not odds.size or np.ptp(odds) == 0.0:
        return CalibrationLine(math.nan, math.nan, in_the_large)
    intercept, slope = _logistic(np.column_stack([one, odds]), bad, counted, offset=np.zeros(bad.size))
    return CalibrationLine(slope, intercept, in_the_large)


def _logistic(inputs: FloatArray, bad: BoolArray, weight: FloatArray, *, offset: FloatArray) -> list[float]:
    """Maximum likelihood coefficients; NaN where 50 Newton steps, halved when they overshoot, find none."""
    nowhere = [math.nan] * inputs.shape[1]
    if not bad.size or bad.all() or not bad.any():
        return nowhere
    sign = np.where(bad, 1.0, -1.0)
    coefficients = np.zeros(inputs.shape[1])

    def fit(values: FloatArray) -> float:
        return float(weight @ log_expit(sign * (offset + inputs @ values)))

    best = fit(coefficients)
    for _ in range(50):
        chance = expit(offset + inputs @ coefficients)
        information = (inputs * (weight * chance * (1.0 - chance))[:, None]).T @ inputs
        if np.linalg.matrix_rank(information) < inputs.shape[1]:
            return nowhere
        step = np.linalg.solve(information, inputs.T @ (weight * (bad - chance)))
        while fit(coefficients + step) < best - 1e-12 * abs(best):
            step = step / 2.0
        coefficients = coefficients + step
        best = fit(coefficients)
        if np.abs(step).max() <= 1e-10 * (1.0 + np.abs(coefficients).max()):
            return [float(value) for value in coefficients]
    return nowhere


def risk_groups(p: npt.ArrayLike, groups: int = 10) -> IntArray:
    """Group of each record, 0 = safest, cut at quantiles of p (type 7), right-closed.

    Equal probabilities stay together, so groups may be unequal or fewer than asked for.
    """
    chance = probability("p", p)
    ranked = np.sort(chance)
    if not ranked.size:
        return np.empty(0, dtype=np.int64)
    below, part = np.divmod(np.arange(1, groups) * (ranked.size - 1), groups)  # integers: cuts fall exactly
    low, high = ranked[below], ranked[np.minimum(below + 1, ranked.size - 1)]
    cuts = low + part / groups * (high - low)
    return np.unique(np.searchsorted(cuts, chance, side="left"), return_inverse=True)[1]


@dataclass(frozen=True, slots=True)
class ReliabilityCurve:
    """Predicted and observed default rate of groups from safe to risky, all arrays [n_groups]."""

    predicted: FloatArray  # mean probability
    observed: FloatArray  # share of bads
    lower: FloatArray  # interval of the rate
    upper: FloatArray
    n_obs: IntArray
    defaults: IntArray


def reliability_curve(
    label: npt.ArrayLike,
    p: npt.ArrayLike,
    *,
    bins: int = 10,
    level: float = 0.95,
    weight: npt.ArrayLike | None = None,
) -> ReliabilityCurve:
    """Observed against predicted default rate in groups of about equal size.

    Parameters
    ----------
    label, p : array_like [n_obs]
    bins : int
        Groups asked for, see `risk_groups`.
    level : float
        Of the Jeffreys interval: quantiles of Beta(d + ½, n − d + ½), reaching to 0 without a bad record and
        to 1 without a good one.
    weight : array_like [n_obs], optional
        How many records each stands for, one number for bads and one for goods, such as 1 and 1 / rate of a
        sample of goods: rates and means are by weight, and both ends of the interval, which is of the sample,
        are brought to the whole as `measures.alerts.undo_sampling` does.

    References
    ----------
    Brown, Cai and DasGupta (2001), Interval estimation for a binomial proportion, Statistical Science 16.
    """
    bad, chance = _checked(label, p)
    code = risk_groups(chance, bins)
    size = np.bincount(code)
    defaults = np.bincount(code, weights=bad).astype(np.int64)
    goods, tail = size - defaults, 0.5 - 0.5 * level
    counted = observation_weights(weight, bad.size)
    total = np.bincount(code, weights=counted)
    lower = np.where(defaults == 0, 0.0, betaincinv(defaults + 0.5, goods + 0.5, tail))
    upper = np.where(goods == 0, 1.0, betaincinv(defaults + 0.5, goods + 0.5, 1.0 - tail))
    both = bad.any() and not bad.all()
    ratio = float(counted[bad].mean() / counted[~bad].mean()) if both else 1.0
    return ReliabilityCurve(
        predicted=np.bincount(code, weights=counted * chance) / total,
        observed=np.bincount(code, weights=counted * bad) / total,
        lower=ratio * lower / (ratio * lower + 1.0 - lower),
        upper=ratio * upper / (ratio * upper + 1.0 - upper),
        n_obs=size,
        defaults=defaults,
    )


def hosmer_lemeshow(
    label: npt.ArrayLike, p: npt.ArrayLike, *, groups: int = 10, in_sample: bool = False
) -> TestResult:
    r"""Hosmer-Lemeshow test that observed and expected defaults agree over groups of risk.

    .. math:: C = \sum_g \frac{(d_g - \sum p)^2}{n_g\,\bar p_g (1 - \bar p_g)} \sim \chi^2

    with as many degrees of freedom as groups where p was made on other records, two fewer in sample.

    Parameters
    ----------
    label, p : array_like [n_obs]
    groups : int
        Asked for, see `risk_groups`; the degrees of freedom count those that came about.
    in_sample : bool
        Whether p was fitted on these records.

    Returns
    -------
    TestResult
        NaN, with a note, where no degree of freedom is left; infinite where a group said to be certain is
        not.

    References
    ----------
    Hosmer and Lemeshow (1980), Goodness of fit tests for the multiple logistic regression model,
    Communications in Statistics 9; Hosmer, Lemeshow and Sturdivant (2013), Applied Logistic Regression,
    section 5.2.2.
    """
    name = "hosmer_lemeshow"
    curve = reliability_curve(label, p, bins=groups)
    n_obs, freedom = int(curve.n_obs.sum()), curve.n_obs.size - (2 if in_sample else 0)
    if freedom < 1:
        return TestResult(name, math.nan, math.nan, n_obs, "too few groups of different risk")
    excess = curve.defaults - curve.n_obs * curve.predicted
    variance = curve.n_obs * curve.predicted * (1.0 - curve.predicted)
    certain = variance <= 0.0
    terms = np.where(excess == 0.0, 0.0, math.inf)
    terms[~certain] = excess[~certain] ** 2 / variance[~certain]
    statistic = float(terms.sum())
    return TestResult(name, statistic, float(chdtrc(freedom, statistic)), n_obs)


def spiegelhalter(label: npt.ArrayLike, p: npt.ArrayLike) -> TestResult:
    r"""Spiegelhalter's test that the Brier score is what calibrated probabilities would have.

    .. math:: z = \frac{\sum (y - p)(1 - 2p)}{\sqrt{\sum (1 - 2p)^2 p (1 - p)}} \sim N(0, 1)

    Two-sided; needs no groups. Blind to errors where p is one half.

    Returns
    -------
    TestResult
        NaN, with a note, where every p is 0, ½ or 1.

    References
    ----------
    Spiegelhalter (1986), Probabilistic prediction in patient management and clinical trials, Statistics in
    Medicine 5.
    """
    bad, chance = _checked(label, p)
    weight = 1.0 - 2.0 * chance
    variance = float(np.sum(weight**2 * chance * (1.0 - chance)))
    if variance == 0.0:
        return TestResult("spiegelhalter", math.nan, math.nan, bad.size, "every probability is 0, 1/2 or 1")
    z = float(np.sum((bad - chance) * weight)) / math.sqrt(variance)
    return TestResult("spiegelhalter", z, float(2.0 * ndtr(-abs(z))), bad.size)
