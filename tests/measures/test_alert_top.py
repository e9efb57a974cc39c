"""Cards, transactions and recall within a budget: by hand, by averaging over every order of tied rows."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.errors import DataError
from barograph.measures.alerts import card_precision_at, recall_at_alert_rate, transaction_precision_at

EVENTS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 9), st.integers(0, 7), st.integers(0, 3)),
    min_size=1,
    max_size=60,
)  # label, score, card, day


def columns(events):
    label, score, card, day = np.array(events).T
    return label, score.astype(float), card, day


def plain_card_precision(label, score, card, day, k, *, remove):
    """The definition as dictionaries and loops; scores of a day's cards must differ."""
    blocked, daily = set(), []
    for today in sorted(set(day)):
        cards = {}
        for row in np.flatnonzero(day == today):
            if card[row] not in blocked:
                best, bad = cards.get(card[row], (-1.0, False))
                cards[card[row]] = (max(best, score[row]), bad or label[row] == 1)
        top = sorted(cards, key=lambda one: -cards[one][0])[:k]
        found = [one for one in top if cards[one][1]]
        daily.append(len(found) / k)
        if remove:
            blocked.update(found)
    return daily


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.booleans())
def test_card_precision_equals_its_definition(seed, k, remove):
    random = np.random.default_rng(seed)
    n = 80
    label = (random.random(n) < 0.2).astype(int)
    score, card, day = random.random(n), random.integers(0, 12, n), random.integers(0, 5, n)
    found = card_precision_at(label, score, card, day, k=k, remove_detected=remove)
    expected = plain_card_precision(label, score, card, day, k, remove=remove)
    assert found.precision.tolist() == pytest.approx(expected)
    assert found.day.tolist() == sorted(set(day.tolist()))
    if label.any():
        assert found.mean == pytest.approx(np.mean(expected))


@given(EVENTS, st.integers(1, 5), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_scale_of_scores_do_not_matter(events, k, random):
    label, score, card, day = columns(events)
    order = list(range(label.size))
    random.shuffle(order)
    for remove in (True, False):
        found = card_precision_at(label, score, card, day, k=k, remove_detected=remove)
        shuffled = card_precision_at(
            label[order], np.exp(score[order]), card[order], day[order], k=k, remove_detected=remove
        )
        assert shuffled.precision == pytest.approx(found.precision)
        assert (found.precision * k <= found.fraudulent + 1e-12).all()
    plain = transaction_precision_at(label, score, day, k=k)
    again = transaction_precision_at(label[order], np.exp(score[order]), day[order], k=k)
    assert again.precision == pytest.approx(plain.precision)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2)), min_size=1, max_size=6), st.integers(1, 4))
def test_ties_count_by_their_chance_under_every_order(rows, k):
    label, score = np.array(rows).T
    orders = [sorted(order, key=lambda row: -score[row])[:k] for order in permutations(range(label.size))]
    expected = np.mean([label[top].sum() / k for top in orders])
    found = transaction_precision_at(label, score, np.zeros(label.size), k=k)
    assert found.precision[0] == pytest.approx(expected)
    if label.any():
        rate = min(k / label.size, 1.0)
        recall = recall_at_alert_rate(label, score, rate=rate)
        assert recall == pytest.approx(np.mean([label[top].sum() for top in orders]) / label.sum())


def test_a_day_with_fewer_than_k_is_still_divided_by_k():
    assert card_precision_at([1, 1], [0.9, 0.8], [7, 8], [1, 1], k=4).precision.tolist() == [0.5]
    assert transaction_precision_at([1, 0], [0.9, 0.8], [1, 2], k=2).precision.tolist() == [0.5, 0.0]


def test_a_card_found_in_a_tie_is_blocked_from_a_chance_of_one_half():
    label, card, day = [1, 0, 0, 1, 0], ["a", "b", "c", "a", "b"], [1, 1, 1, 2, 2]
    tied = [0.5, 0.5, 0.5, 0.9, 0.1]
    likely = card_precision_at(label, tied, card, day, k=2)  # found with chance 2/3: blocked on day 2
    assert likely.precision.tolist() == pytest.approx([1 / 3, 0.0])
    unlikely = card_precision_at(label, tied, card, day, k=1)  # chance 1/3: not blocked
    assert unlikely.precision.tolist() == pytest.approx([1 / 3, 1.0])


def test_a_score_without_information_finds_the_share_of_frauds():
    label = np.array([1, 0, 0, 0] * 5)
    same = np.zeros(20)
    assert recall_at_alert_rate(label, same, rate=0.1) == pytest.approx(0.1)
    assert transaction_precision_at(label, same, same, k=4).mean == pytest.approx(0.25)


def test_without_a_fraud_or_an_event_the_mean_is_undefined():
    found = card_precision_at([0, 0], [0.1, 0.2], [1, 2], [1, 2], k=1)
    assert found.precision.tolist() == [0.0, 0.0]
    assert math.isnan(found.mean)
    assert math.isnan(transaction_precision_at([0], [0.1], [1], k=1).mean)
    assert math.isnan(recall_at_alert_rate([0, 0], [0.1, 0.2]))
    empty = np.empty(0)
    assert math.isnan(card_precision_at(empty, empty, empty, empty, k=1).mean)
    assert math.isnan(recall_at_alert_rate(empty, empty))


def test_arguments_that_cannot_be_are_refused():
    with pytest.raises(DataError, match="k must be at least 1"):
        card_precision_at([1], [0.1], [1], [1], k=0)
    with pytest.raises(DataError, match="one value per record"):
        card_precision_at([1, 0], [0.1, 0.2], [1], [1, 1], k=1)
    with pytest.raises(DataError, match="must be known"):
        transaction_precision_at([1], [math.nan], [1], k=1)
