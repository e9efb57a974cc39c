"""A loan book: the credit figures of its records, by grade and in sum."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.errors import BundleError, DataError
from barograph.core.record_table import Records
from barograph.engines.scoring.figures import (
    CONFIDENCE,
    Assumptions,
    by_grade,
    credit_figures,
    portfolio_quantile,
)
from barograph.engines.scoring.parts import Parts
from barograph.engines.scoring.serving import figures
from barograph.measures.credit.grades import assign

SUMS = (
    "records",
    "exposure",
    "probability",
    "expected_loss",
    "capital",
    "risk_weighted",
    "loss_12_months",
    "loss_lifetime",
)
"""Columns of a grade: counts and money, and the exposure-weighted one-year probability of default."""


def book_figures(parts: Parts, records: Records, p: FloatArray | None = None) -> dict[str, Any]:
    """Expected loss, IRB capital, IFRS 9 provisions and Vasicek quantile of a book.

    Parameters
    ----------
    parts : Parts
        Of a bundle whose figure is a probability of default.
    records : Records
        With `amount`, the exposure at default; records without one are left out and counted.
    p : FloatArray [n], optional
        The served figures, where they are already there.

    Returns
    -------
    dict
        JSON-ready: ``grades`` (name and `SUMS`), ``total``, ``quantile`` at ``confidence``, ``assumptions``,
        ``left_out``.

    Raises
    ------
    BundleError
        The bundle forecasts losses, not probabilities.
    DataError
        No record has an amount.
    """
    if parts.manifest.combine.head == "hurdle_beta":
        raise BundleError(
            "a loan book is judged by probabilities of default",
            came="the bundle forecasts losses given default",
            do="Give the bundle of a default study",
        )
    known = np.isfinite(records.amount)
    if not known.any():
        raise DataError(
            "a loan book must say the exposure of its records",
            came=f"none of {records.n} has an amount",
            do=f"Add the column '{parts.schema.amount or 'amount'}' (collect.amount names it in a study)",
        )
    served = (figures(parts, records) if p is None else p)[known]
    amount = records.amount[known]
    given = Assumptions(**parts.manifest.assumptions)
    columns = _columns(parts, served, amount, given)
    names = parts.grades.names
    return {
        "grades": [_risk(names[i], [float(column[i]) for column in columns]) for i in range(len(names))],
        "total": _risk("", [float(column.sum()) for column in columns]),
        "quantile": portfolio_quantile(served, amount, given),
        "confidence": CONFIDENCE,
        "assumptions": asdict(given),
        "left_out": int((~known).sum()),
    }


def _columns(parts: Parts, p: FloatArray, amount: FloatArray, given: Assumptions) -> list[FloatArray]:
    credit = credit_figures(p, amount, given)
    place = assign(parts.grades, p)
    values = (
        np.ones(p.size),
        amount,
        credit.yearly_pd * amount,
        credit.expected_loss,
        credit.capital,
        credit.risk_weighted,
        credit.twelve_month,
        credit.lifetime,
    )
    return [by_grade(place, one, len(parts.grades.names)) for one in values]


def _risk(grade: str, sums: list[float]) -> dict[str, Any]:
    count, exposure, weighted, *money = sums
    mean = weighted / exposure if exposure else 0.0
    return {"grade": grade, **dict(zip(SUMS, [int(count), exposure, mean, *money], strict=True))}
