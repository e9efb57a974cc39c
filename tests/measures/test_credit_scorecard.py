"""Weight of evidence and scorecard against loops, a logistic regression and their own definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from barograph.core.errors import DataError
from barograph.core.fitted_records import ScorecardParameters
from barograph.measures.credit.scorecard import (
    Scaling,
    bin_index,
    points_lost,
    points_table,
    reason_order,
    score_points,
    scorecard_logit,
)
from barograph.measures.credit.weight_of_evidence import (
    information_terms,
    information_value,
    weight_of_evidence,
)

COUNTS = st.lists(st.tuples(st.integers(1, 500), st.integers(1, 500)), min_size=2, max_size=8)
CARD = ScorecardParameters(
    columns=("age", "sector"),
    numeric=(True, False),
    edges=((25.0, 40.0), ()),
    specials=((-1.0,), ()),
    groups=((), (("farm", "mine"), ("shop",))),
    woe=((-0.5, 0.1, 0.9, -0.2, 0.0), (0.4, -0.6, 0.0)),
    counts=(
        ((100.0, 30.0), (200.0, 40.0), (300.0, 20.0), (50.0, 12.0), (0.0, 0.0)),
        ((400.0, 50.0), (250.0, 52.0), (0.0, 0.0)),
    ),
    coefficients=np.array([-0.8, -1.1]),
    intercept=-1.8,
)
NUMERIC = {"age": np.array([25.0, 25.1, 40.0, 41.0, -1.0, np.nan, -np.inf, np.inf])}
CATEGORICAL = {"sector": np.array(["farm", "mine", "shop", None, "bank", "", "shop", "farm"], dtype=object)}


@given(COUNTS)
def test_weight_of_evidence_is_the_log_ratio_of_shares(counts: list[tuple[int, int]]) -> None:
    goods, bads = zip(*counts, strict=True)
    expected = [np.log((g / sum(goods)) / (b / sum(bads))) for g, b in counts]
    np.testing.assert_allclose(weight_of_evidence(goods, bads), expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(weight_of_evidence(bads, goods), -np.array(expected), rtol=1e-10, atol=1e-12)
    assert information_value(goods, bads) == pytest.approx(information_terms(goods, bads).sum())
    assert np.all(information_terms(goods, bads) >= 0)


@given(COUNTS, st.floats(0.01, 1000.0))
def test_smoothing_pulls_towards_zero_and_an_empty_bin_is_neutral(
    counts: list[tuple[int, int]], smoothing: float
) -> None:
    goods, bads = zip(*counts, strict=True)
    plain = weight_of_evidence(goods, bads)
    smooth = weight_of_evidence([*goods, 0], [*bads, 0], smoothing=smoothing)
    assert smooth[-1] == pytest.approx(0.0, abs=1e-12)
    assert np.all(np.abs(smooth[:-1]) <= np.abs(plain) + 1e-12)
    assert np.all(smooth[:-1] * plain >= -1e-12)


@pytest.mark.parametrize(
    ("goods", "bads", "words"),
    [([5, 0], [1, 1], "bin 1 has none"), ([5, 4], [0, 0], "0 bads"), ([5, -1], [1, 1], "not negative")],
)
def test_bins_that_have_no_weight_are_refused(goods: list[int], bads: list[int], words: str) -> None:
    with pytest.raises(DataError, match=words):
        weight_of_evidence(goods, bads)


def test_bins_are_right_closed_with_specials_missing_and_unseen() -> None:
    bins = bin_index(CARD, NUMERIC, CATEGORICAL)
    assert bins[:, 0].tolist() == [0, 1, 1, 2, 3, 4, 0, 2]
    assert bins[:, 1].tolist() == [0, 0, 1, 2, 2, 2, 1, 0]


@pytest.mark.parametrize(("numeric", "categorical"), [({}, CATEGORICAL), (NUMERIC, {"age": np.array(["x"])})])
def test_a_column_that_lacks_is_named(numeric: dict, categorical: dict) -> None:
    with pytest.raises(DataError, match="age" if not numeric else "sector"):
        bin_index(CARD, numeric, categorical)


def test_log_odds_equal_a_logistic_regression_on_weights_of_evidence() -> None:
    rng = np.random.default_rng(0)
    ages = rng.uniform(15, 70, 3000)
    sectors = rng.choice(np.array(["farm", "mine", "shop", "bank"], dtype=object), 3000)
    bins = bin_index(CARD, {"age": ages}, {"sector": sectors})
    woe = np.stack([np.array(CARD.woe[i])[bins[:, i]] for i in range(2)], axis=1)
    bad = rng.random(3000) < 1 / (1 + np.exp(1.5 + woe @ [0.7, 1.2]))
    fitted = LogisticRegression(C=1e6).fit(woe, bad)
    card = ScorecardParameters(
        CARD.columns, CARD.numeric, CARD.edges, CARD.specials, CARD.groups, CARD.woe, CARD.counts,
        coefficients=fitted.coef_[0], intercept=float(fitted.intercept_[0]),
    )  # fmt: skip
    np.testing.assert_allclose(scorecard_logit(card, bins), fitted.decision_function(woe), rtol=1e-12)


def test_points_add_up_to_the_score_and_double_the_odds() -> None:
    bins, scaling = bin_index(CARD, NUMERIC, CATEGORICAL), Scaling(pdo=40, target_score=500, target_odds=20)
    logits = scorecard_logit(CARD, bins)
    scores = score_points(CARD, bins, scaling=scaling).sum(axis=1)
    np.testing.assert_allclose(scores, scaling.score(logits), rtol=1e-12)
    np.testing.assert_allclose(scaling.score(logits - np.log(2)), scores + 40, rtol=1e-12)
    assert float(scaling.score(np.array(-np.log(20)))) == pytest.approx(500)


def test_the_table_says_of_every_bin_what_a_record_in_it_gets() -> None:
    table = points_table(CARD)
    assert [[line.kind for line in column] for column in table] == [
        ["interval", "interval", "interval", "special", "missing"],
        ["group", "group", "missing"],
    ]
    assert [(line.low, line.high) for line in table[0][:3]] == [(None, 25.0), (25.0, 40.0), (40.0, None)]
    assert table[0][3].values == ("-1",)
    assert table[1][0].values == ("farm", "mine")
    bins = bin_index(CARD, NUMERIC, CATEGORICAL)
    points = score_points(CARD, bins)
    for row in range(len(bins)):
        for column in range(2):
            assert points[row, column] == table[column][bins[row, column]].points


def test_a_better_weight_of_evidence_earns_more_points() -> None:
    for column in points_table(CARD):
        ordered = sorted(column, key=lambda line: line.woe)
        assert [line.points for line in ordered] == sorted(line.points for line in column)


def test_points_lost_are_measured_from_the_best_bin_with_records_or_from_the_mean() -> None:
    bins = bin_index(CARD, NUMERIC, CATEGORICAL)
    points, table = score_points(CARD, bins), points_table(CARD)
    lost = points_lost(CARD, bins)
    best = np.array([max(line.points for line in column if line.goods + line.bads) for column in table])
    np.testing.assert_allclose(lost, best - points)
    assert lost.min() == 0.0
    neutral = points_lost(CARD, bins, against="neutral")
    mean = [
        sum(line.points * (line.goods + line.bads) for line in column)
        / sum(line.goods + line.bads for line in column)
        for column in table
    ]
    np.testing.assert_allclose(neutral, np.array(mean) - points)


def test_an_empty_bin_is_not_the_best_one() -> None:
    card = ScorecardParameters(
        ("age",), (True,), ((30.0,),), ((),), ((),), ((-0.3, -0.1, 0.0),),
        (((10.0, 5.0), (10.0, 3.0), (0.0, 0.0)),), np.array([-1.0]), 0.0,
    )  # fmt: skip
    assert points_lost(card, np.array([[1]]))[0, 0] == 0.0
    assert points_lost(card, np.array([[2]]))[0, 0] < 0.0


def test_reasons_come_most_costly_first_and_ties_in_the_cards_order() -> None:
    assert reason_order(np.array([[1.0, 3.0, 3.0, 0.0]])).tolist() == [[1, 2, 0, 3]]
