"""The corrected test of repeated cross-validation: by hand, and on models that are really trained."""

from __future__ import annotations

import math

import numpy as np
import pytest
from rejection_rates import REPETITIONS, band, rejection_rate
from scipy.stats import t, ttest_1samp

from barograph.core.errors import DataError
from barograph.measures.credit.repeated_cv import corrected_repeated_cv

REPEATS, FOLDS = 3, 5


def cross_validated(random, gain):
    """Difference per fold of the squared errors of regressions on one column each; gain favours the first."""
    columns = random.normal(size=(100, 2))
    outcome = columns @ [1.0 + gain, 1.0] + random.normal(size=100)
    difference = np.empty((REPEATS, FOLDS))
    for repeat in range(REPEATS):
        fold = random.permutation(100) % FOLDS
        for left_out in range(FOLDS):
            train, test = fold != left_out, fold == left_out
            error = []
            for column in columns.T:
                slope = column[train] @ outcome[train] / (column[train] @ column[train])
                error.append(np.mean((outcome[test] - slope * column[test]) ** 2))
            difference[repeat, left_out] = error[0] - error[1]
    return difference


def test_the_statistic_is_its_formula():
    table = np.random.default_rng(0).normal(0.3, 1, size=(4, 5))
    found = corrected_repeated_cv(table)
    statistic = table.mean() / math.sqrt((1 / 20 + 0.2 / 0.8) * table.var(ddof=1))
    assert found.statistic == pytest.approx(statistic)
    assert found.p_value == pytest.approx(2 * t.sf(abs(statistic), 19))
    assert found.n_obs == 20
    assert abs(found.statistic) < abs(ttest_1samp(table.ravel(), 0.0).statistic)
    assert corrected_repeated_cv(table, test_share=0.5).p_value > found.p_value


def test_an_undefined_test_says_why_and_a_hole_is_refused():
    assert "too few" in corrected_repeated_cv([[0.1]]).note
    assert "never varies" in corrected_repeated_cv(np.full((2, 3), 0.1)).note
    with pytest.raises(DataError, match="1 of 4 are NaN"):
        corrected_repeated_cv([[0.1, np.nan], [0.1, 0.2]])
    with pytest.raises(DataError, match="strictly between 0 and 1"):
        corrected_repeated_cv([[0.1], [0.2]])


@REPETITIONS
def test_it_rarely_rejects_equal_learners_where_the_plain_t_test_often_does(repetitions):
    def corrected(random):
        return corrected_repeated_cv(cross_validated(random, 0.0)).p_value

    def plain(random):
        return float(ttest_1samp(cross_validated(random, 0.0).ravel(), 0.0).pvalue)

    assert rejection_rate(corrected, repetitions) <= 0.05 + band(repetitions)
    assert rejection_rate(plain, repetitions) > 0.2


@REPETITIONS
def test_it_finds_a_better_learner(repetitions):
    found = rejection_rate(
        lambda random: corrected_repeated_cv(cross_validated(random, 1.0)).p_value, repetitions
    )
    assert found > 0.6
