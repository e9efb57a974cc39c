"""A loan book: the credit figures of its records, by grade and in sum."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.errors import BundleError, DataError
from barograph.core.record_table import TERMS, Records
from barograph.engines.scoring.figures import (
    CONFIDENCE,
    Assumptions,
    CreditFigures,
    Loans,
    by_grade,
    credit_figures,
    loans,
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
        ``stages`` (IFRS 9: records, exposure, allowance), ``columns`` (what a column says), ``assumed``
        (loans for which an assumption stands, term by term), ``left_out``.

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
    book = records.take(known)
    served = figures(parts, book) if p is None else p[known]
    given = Assumptions(**parts.manifest.assumptions)
    held = loans(served, book, given)
    credit = credit_figures(held, given)
    columns = _columns(parts, served, held, credit)
    names = parts.grades.names
    return {
        "grades": [_risk(names[i], [float(column[i]) for column in columns]) for i in range(len(names))],
        "total": _risk("", [float(column.sum()) for column in columns]),
        "stages": [_stage(number, held, credit) for number in (1, 2, 3)],
        "quantile": portfolio_quantile(held, given),
        "confidence": CONFIDENCE,
        "assumptions": asdict(given),
        "columns": {"amount": parts.schema.amount, **parts.schema.terms},
        "assumed": assumed(book),
        "left_out": int((~known).sum()),
    }


def assumed(book: Records) -> dict[str, int]:
    """How many loans of a book an assumption stands for, term by term."""
    lacking = {key: np.isfinite(book.terms[key]) if key in book.terms else None for key in TERMS}
    return {key: book.n if told is None else int((~told).sum()) for key, told in lacking.items()}


def _columns(parts: Parts, p: FloatArray, held: Loans, credit: CreditFigures) -> list[FloatArray]:
    place = assign(parts.grades, p)
    values = (
        np.ones(p.size),
        held.exposure,
        credit.yearly_pd * held.exposure,
        credit.expected_loss,
        credit.capital,
        credit.risk_weighted,
        credit.twelve_month,
        credit.lifetime,
    )
    return [by_grade(place, one, len(parts.grades.names)) for one in values]


def _stage(number: int, held: Loans, credit: CreditFigures) -> dict[str, Any]:
    inside = credit.stage == number
    return {
        "stage": number,
        "records": int(inside.sum()),
        "exposure": float(held.exposure[inside].sum()),
        "allowance": float(credit.allowance[inside].sum()),
    }


def _risk(grade: str, sums: list[float]) -> dict[str, Any]:
    count, exposure, weighted, *money = sums
    mean = weighted / exposure if exposure else 0.0
    return {"grade": grade, **dict(zip(SUMS, [int(count), exposure, mean, *money], strict=True))}
