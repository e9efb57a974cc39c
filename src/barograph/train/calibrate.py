"""Fits of the maps from a model's probability to a calibrated one (`measures.credit.calibrators`).

Sources: Platt (1999), without his smoothed targets, for the records are many; Kull, Silva Filho and Flach
(2017), Beta calibration; Zadrozny and Elkan (2002), isotonic regression by pooling adjacent violators.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, isotonic_regression
from scipy.special import expit

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError, unknown
from barograph.core.fitted_records import CalibratorParameters
from barograph.core.notes import noted
from barograph.measures.credit.calibrators import METHODS
from barograph.measures.credit.log_odds import clipped, logit
from barograph.train.bounded_logit import fit_bounded_logit

LEAST_OF_EACH = 20.0
"""Bads, and goods, that a map with more than a shift needs; fractions count as such."""
_FLAT = 1e-6  # slopes below this make no order of the probabilities
_FARTHEST = 60.0  # shifts beyond this move every admissible log-odds to a limit


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationFit:
    """A calibrator, and what must be said of its fit; empty where it is the one that was asked for."""

    parameters: CalibratorParameters
    note: str


def fit_calibrator(
    method: str, p: FloatArray, label: FloatArray, *, weight: FloatArray | None = None
) -> CalibrationFit:
    """Fit one map on held-out probabilities; it never falls.

    Where either kind has fewer than `LEAST_OF_EACH` records, or the fitted map would be flat because the
    probabilities rank the records no better than chance, the map is a shift to the share of bads and the note
    says so. The share is then Jeffreys' ``(bads + ½) / (records + 1)``, which is never 0 or 1.

    With weights, the probabilities are of models fitted on a sample, and the map also undoes the sampling: it
    speaks of the records that each one stands for. `none` is then the shift of the log-odds from the sample's
    share of bads to the one by weight (Elkan 2001, theorem 2; see `measures.alerts.sampling`).

    Parameters
    ----------
    method : str
        ``platt``, ``beta``, ``isotonic``, ``shift`` or ``none``.
    p : array [n]
        Probabilities of records that the model was not fitted on.
    label : array [n]
        In [0, 1]; fractions (losses given default) allowed.
    weight : array [n], optional
        Records that each stands for.

    Raises
    ------
    SettingError
        Where the method is unknown.
    DataError
        Where the arrays do not fit or hold other values, or a map but `none` has no records.
    """
    if method not in METHODS:
        raise unknown("a calibration", method, METHODS)
    said, y = _checked(p, label)
    if method == "none":
        return CalibrationFit(_unsampled(y, weight), "")
    if y.size == 0:
        raise DataError(
            f"calibration '{method}' needs records", came="got none", do="Hold some out, or choose 'none'"
        )
    if method == "shift":
        return CalibrationFit(_to_share(said, y, weight), "")
    bads, goods = float(y.sum()), float((1.0 - y).sum())
    if min(bads, goods) < LEAST_OF_EACH:
        few = noted("notes.fit.too_few", bads=bads, goods=goods, least=LEAST_OF_EACH, method=method)
        return CalibrationFit(_to_share(said, y, weight), few)
    if method == "isotonic":
        fitted = _isotonic(said, y, weight)
        rises = fitted.values[-1] > fitted.values[0]
    else:
        fitted = _platt(said, y, weight) if method == "platt" else _beta(said, y, weight)
        rises = max(fitted.a, fitted.b if method == "beta" else 0.0) > _FLAT
    if rises:
        return CalibrationFit(fitted, "")
    return CalibrationFit(_to_share(said, y, weight), noted("notes.fit.flat", n=y.size, method=method))


def shift_to_rate(p: FloatArray, weight: FloatArray, observed: float) -> float:
    """The shift b of the log-odds at which the expected number of bads is the observed one.

    Solves ``Σ weight · sigmoid(logit p + b) = observed`` for the one b there is.

    Parameters
    ----------
    p : array [n]
        Probabilities (or hazards).
    weight : array [n]
        At least 0, such as 1 where at risk.
    observed : float
        Strictly between 0 and the sum of the weights.

    Raises
    ------
    DataError
        Where no shift can give the observed number.
    """
    total = float(weight.sum())
    if not 0.0 < observed < total or weight.min() < 0.0:
        raise DataError(
            "a shift needs an observed number between none and all",
            came=f"got {observed:g} of {total:g}",
            do="Use a window with records of both kinds, or leave the probabilities as they are",
        )
    odds = logit(p)
    return float(
        brentq(lambda b: weight @ expit(odds + b) - observed, -_FARTHEST, _FARTHEST, xtol=1e-12, rtol=1e-14)
    )


def _unsampled(y: FloatArray, weight: FloatArray | None) -> CalibratorParameters:
    if weight is None or not 0.0 < y.mean() < 1.0:
        return CalibratorParameters("none")
    sampled, meant = (float(logit(np.average(y, weights=one))) for one in (None, weight))
    return CalibratorParameters("shift", b=meant - sampled)


def _to_share(p: FloatArray, y: FloatArray, weight: FloatArray | None) -> CalibratorParameters:
    counted = np.ones(y.size) if weight is None else weight
    total = float(counted.sum())
    share = (float(counted @ y) + 0.5) / (total + 1.0)
    return CalibratorParameters("shift", b=shift_to_rate(p, counted, share * total))


def _platt(p: FloatArray, y: FloatArray, weight: FloatArray | None) -> CalibratorParameters:
    slopes, intercept = fit_bounded_logit(logit(p)[np.newaxis], y, weight=weight)
    return CalibratorParameters("platt", a=float(slopes[0]), b=intercept)


def _beta(p: FloatArray, y: FloatArray, weight: FloatArray | None) -> CalibratorParameters:
    """Both slopes bounded at zero: the same as Kull's refit without the one that came out negative."""
    slopes, intercept = fit_bounded_logit(np.stack([np.log(p), -np.log1p(-p)]), y, weight=weight)
    return CalibratorParameters("beta", a=float(slopes[0]), b=float(slopes[1]), c=intercept)


def _isotonic(p: FloatArray, y: FloatArray, weight: FloatArray | None) -> CalibratorParameters:
    """Two knots per pooled block, its first and last probability.

    A block without bads, or without goods, would say 0 or 1 and one surprise would cost any log loss: values
    stay ``1 / (n + 2)`` away (Laplace's rule for n records of one kind).
    """
    knots, place = np.unique(p, return_inverse=True)
    counted = np.ones(y.size) if weight is None else weight
    count = np.bincount(place, weights=counted)
    mean = np.bincount(place, weights=counted * y) / count
    pooled = isotonic_regression(mean, weights=count)
    margin = 1.0 / (float(counted.sum()) + 2.0)
    values = np.clip(pooled.x, margin, 1.0 - margin)
    ends = pooled.blocks[1:] - 1
    kept = np.unique(np.concatenate([pooled.blocks[:-1], ends]))
    return CalibratorParameters(
        "isotonic", knots=tuple(knots[kept].tolist()), values=tuple(values[kept].tolist())
    )


def _checked(p: FloatArray, label: FloatArray) -> tuple[FloatArray, FloatArray]:
    said, y = np.asarray(p, dtype=np.float64), np.asarray(label, dtype=np.float64)
    fits = said.ndim == 1 and said.shape == y.shape
    if not fits or not ((said >= 0.0) & (said <= 1.0) & (y >= 0.0) & (y <= 1.0)).all():
        raise DataError(
            "a calibration needs one probability and one label per record, all in [0, 1]",
            came=f"got arrays of shape {said.shape} and {y.shape}" + (" with other values" if fits else ""),
            do="Leave out records without a label or a prediction",
        )
    return clipped(said), y
