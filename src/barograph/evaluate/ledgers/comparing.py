"""Differences in score between models, tested over weeks or losses in time order."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray
from barograph.core.ledger_study import LedgerStudy, LossMetric
from barograph.core.ledger_table import LedgerRecord
from barograph.core.notes import noted
from barograph.core.results import Comparison, Standing, TestResult
from barograph.evaluate.ledgers.losses import METRICS, blocks, losses
from barograph.measures.comparison.diebold_mariano import diebold_mariano
from barograph.measures.comparison.long_run import automatic_lags

SIZE = 0.05
ROUNDING = 1e-9
"""Share of the largest score below which a difference is rounding: a network that corrects nothing differs in
the last digits from what it starts at."""
COMPARED: tuple[LossMetric, ...] = ("count_log_score", "severity_log_score", "severity_tail_crps")


def ledger_comparisons(record: LedgerRecord, study: LedgerStudy) -> list[Comparison]:
    """Every model against every baseline and the linear control, per metric and block."""
    found = []
    for metric in COMPARED:
        part = record.part(METRICS[metric])
        known = {name: losses(part, forecast, metric) for name, forecast in part.forecasts.items()}
        rivals = [name for name in (*record.baselines, *record.controls) if name in known]
        for block, rows in blocks(record, part, study).items():
            for model in (name for name in record.candidates if name in known):
                for opponent in (rival for rival in rivals if rival != model):
                    difference = _difference(known[model], known[opponent])[rows]
                    found.append(_compared(difference, model, opponent, metric, block, SIZE))
    return found


def ledger_duel(
    record: LedgerRecord,
    model: str,
    opponent: str,
    metric: LossMetric,
    *,
    block: str = "all",
    rows: BoolArray | None = None,
    size: float = SIZE,
) -> Comparison:
    """One model against another by the Diebold-Mariano test, with Bartlett weights.

    Weeks (losses) follow each other, and a level missed for a while is missed in all of them: the variance
    takes the automatic number of lags.
    """
    part = record.part(METRICS[metric])
    chosen = np.ones(part.n, dtype=bool) if rows is None else rows
    first, second = (losses(part, part.forecasts[name], metric) for name in (model, opponent))
    return _compared(_difference(first, second)[chosen], model, opponent, metric, block, size)


def _difference(first: FloatArray, second: FloatArray) -> FloatArray:
    """First less second, without what is rounding; 0 where both held the outcome impossible."""
    with np.errstate(invalid="ignore"):
        difference = np.where(first == second, 0.0, first - second)
    scale = np.abs(second[np.isfinite(second)]).max(initial=0.0)
    return np.where(np.abs(difference) <= ROUNDING * scale, 0.0, difference)


def _compared(
    difference: FloatArray, model: str, opponent: str, metric: str, block: str, size: float
) -> Comparison:
    test = _test(difference)
    mean = float(difference.mean()) if difference.size else float("nan")
    return Comparison(model, opponent, metric, 1, "", mean, test, _standing(mean, test.p_value, size), block)


def _test(difference: FloatArray) -> TestResult:
    """Diebold-Mariano; certain where only one of the two held an outcome impossible, void where both did."""
    infinite = difference[np.isinf(difference)]
    if not infinite.size:
        lags = automatic_lags(difference.size, horizon=1)
        return diebold_mariano(difference, horizon=1, lags=lags, kernel="bartlett")
    same = bool((infinite == infinite[0]).all())
    statistic, p_value = (float(infinite[0]), 0.0) if same else (np.nan, np.nan)
    return TestResult("diebold_mariano", statistic, p_value, difference.size, noted("notes.test.impossible"))


def _standing(difference: float, p_value: float, size: float) -> Standing:
    if not p_value < size:
        return "indistinguishable"
    return "better" if difference < 0.0 else "worse"
