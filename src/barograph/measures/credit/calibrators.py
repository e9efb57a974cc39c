"""Maps from a model's probability to a calibrated one, as they are served.

Platt (1999), Probabilistic outputs for support vector machines. Kull, Silva Filho and Flach (2017), Beta
calibration, AISTATS. Zadrozny and Elkan (2002), Transforming classifier scores into accurate multiclass
probability estimates, KDD (isotonic).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import FloatArray
from barograph.core.errors import DataError, unknown
from barograph.core.fitted_records import CalibratorParameters
from barograph.measures.credit.log_odds import clipped, logit, sigmoid

METHODS = ("platt", "beta", "isotonic", "shift", "none")


def calibrate(parameters: CalibratorParameters, p: npt.ArrayLike) -> FloatArray:
    """The calibrated probability: never falling in `p`, and strictly between 0 and 1.

    Parameters
    ----------
    parameters : CalibratorParameters
        ``platt``: sigmoid(a · logit p + b). ``beta``: sigmoid(a · ln p - b · ln(1 - p) + c). ``isotonic``:
        linear between the knots, constant beyond the outermost. ``shift``: sigmoid(logit p + b). ``none``: p.
    p : array_like [...]
        Probabilities; values at 0 and 1 count as the limits of `log_odds`.

    Returns
    -------
    FloatArray [...]
        Within the limits of `log_odds`; NaN stays NaN.

    Raises
    ------
    DataError
        If the map would fall somewhere: a negative slope, or knots or values that descend.
    SettingError
        If the method is unknown.

    Examples
    --------
    >>> halved = CalibratorParameters("shift", b=float(np.log(0.5)))
    >>> calibrate(halved, [0.5]).round(6).tolist()
    [0.333333]
    """
    _check(parameters)
    chance = clipped(p)
    method, a, b = parameters.method, parameters.a, parameters.b
    if method == "platt":
        return sigmoid(a * logit(chance) + b)
    if method == "beta":
        return sigmoid(a * np.log(chance) - b * np.log1p(-chance) + parameters.c)
    if method == "isotonic":
        return clipped(np.interp(chance, parameters.knots, parameters.values))
    return sigmoid(logit(chance) + b) if method == "shift" else chance


def _check(parameters: CalibratorParameters) -> None:
    if parameters.method not in METHODS:
        raise unknown("a calibration", parameters.method, METHODS)
    slopes = {"platt": (parameters.a,), "beta": (parameters.a, parameters.b)}.get(parameters.method, ())
    if any(slope < 0.0 for slope in slopes):
        raise _falling(f"slopes {slopes}")
    if parameters.method == "isotonic":
        knots, values = np.asarray(parameters.knots), np.asarray(parameters.values)
        if not knots.size or knots.shape != values.shape:
            raise DataError(
                "an isotonic calibration needs a value at each of its knots, at least one",
                came=f"got {knots.size} knots and {values.size} values",
                do="Fit the calibration again",
            )
        if np.any(np.diff(knots) <= 0.0) or np.any(np.diff(values) < 0.0):
            raise _falling("knots or values that descend")


def _falling(came: str) -> DataError:
    return DataError(
        "a calibration must not fall as the model's probability rises",
        came=f"got {came}",
        do="Fit it with slopes that are not negative",
    )
