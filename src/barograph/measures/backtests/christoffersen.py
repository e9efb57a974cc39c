"""Do exceptions come alone? Christoffersen (1998), Evaluating Interval Forecasts, International Economic
Review 39.
"""

from __future__ import annotations

from typing import Literal

from barograph.core.results import TestResult
from barograph.measures.backtests.common import Transitions, chi_square, log_likelihood, undefined
from barograph.measures.backtests.kupiec import kupiec

Convention = Literal["all_days", "after_first"]


def independence(counts: Transitions) -> TestResult:
    """Likelihood ratio of first-order independence, chi-square with one degree of freedom.

    ``LR = 2 [L(n01, n00; q0) + L(n11, n10; q1) - L(n01 + n11, n00 + n10; q)]`` with ``q0 = n01 / (n00 +
    n01)``, ``q1 = n11 / (n10 + n11)`` and the pooled ``q = (n01 + n11) / (n_obs - 1)``.

    NaN, with a note, where no day follows an exception or no exception follows a day: nothing can be
    compared.

    Examples
    --------
    >>> round(independence(Transitions(932, 53, 53, 4)).statistic, 5)
    0.25866
    """
    quiet, after = counts.n00 + counts.n01, counts.n10 + counts.n11
    hit, missed = counts.n01 + counts.n11, counts.n00 + counts.n10
    total = quiet + after
    if min(quiet, after, hit, missed) == 0:
        return undefined(
            "independence",
            n_obs=total + 1,
            note="needs days with and without exceptions, and a day after each",
        )
    ratio = 2.0 * (
        log_likelihood(counts.n01, counts.n00, counts.n01 / quiet)
        + log_likelihood(counts.n11, counts.n10, counts.n11 / after)
        - log_likelihood(hit, missed, hit / total)
    )
    return chi_square("independence", ratio, degrees=1, n_obs=total + 1)


def conditional_coverage(
    counts: Transitions, n_exceptions: int, *, n_obs: int, alpha: float, convention: Convention = "all_days"
) -> TestResult:
    """Coverage and independence together, chi-square with two degrees of freedom.

    Two published forms differ by the first day. ``all_days`` (the default): `kupiec` on all n_obs days plus
    `independence` on the transitions. ``after_first``: everything conditional on the first day, so that the
    coverage part counts the n_obs - 1 days that have a yesterday; this is Christoffersen's own.

    NaN, with a note, wherever `independence` is.
    """
    alone = independence(counts)
    if alone.note:
        return undefined("conditional_coverage", n_obs=n_obs, note=alone.note)
    if convention == "all_days":
        coverage = kupiec(n_exceptions, n_obs, alpha=alpha)
    else:
        days = counts.n00 + counts.n01 + counts.n10 + counts.n11
        coverage = kupiec(counts.n01 + counts.n11, days, alpha=alpha)
    total = coverage.statistic + alone.statistic
    return chi_square("conditional_coverage", total, degrees=2, n_obs=n_obs)
