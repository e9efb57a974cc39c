"""Figures of any mixture of days equal those of the rows written out; intervals cover and tests keep size."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm as normal
from scipy.stats import t as student

from barograph.core.errors import DataError
from barograph.measures.alerts import (
    daily_auc,
    daily_average_precision,
    daily_decision,
    daily_ratio,
    daily_recall_at_alert_rate,
    day_bootstrap,
    mean_over_folds,
    operating_point,
    paired_day_bootstrap,
    ranking,
    recall_at_alert_rate,
)
from barograph.measures.alerts.bootstrap import drawn_days
from barograph.measures.credit.discrimination import auc, average_precision

EVENTS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 8), st.integers(0, 3), st.integers(0, 2)),
    min_size=2,
    max_size=60,
)  # label, score, weight, day


def sample(seed, days, *, per_day=400, share=0.03, signal=1.5, spread=0.5):
    """Days whose frauds are more or less easy, and two models of equal worth."""
    random = np.random.default_rng(seed)
    day = np.repeat(np.arange(days), per_day)
    label = random.random(day.size) < share
    strength = (signal + spread * random.normal(size=days))[day] * label
    return label, strength + random.normal(size=day.size), strength + random.normal(size=day.size), day


@pytest.mark.parametrize("cells", [1, 40, ranking.CELLS])
@given(events=EVENTS, seed=st.integers(0, 99))
def test_every_figure_equals_its_definition_on_the_drawn_days(set_cells, events, seed, cells):
    set_cells(cells)
    label, score, weight, day = np.array(events).T
    counts = np.random.default_rng(seed).integers(0, 4, size=(3, np.unique(day).size)).astype(float)
    _, code = np.unique(day, return_inverse=True)
    figures = {
        "average precision": daily_average_precision(label, score, day, weight=weight),
        "auc": daily_auc(label, score, day, weight=weight),
        "recall": daily_recall_at_alert_rate(label, score, day, rate=0.3, weight=weight),
        "f1": daily_decision("f1", label, score, day, threshold=4.0, weight=weight),
        "precision": daily_decision("precision", label, score, day, threshold=4.0, weight=weight),
        "accuracy": daily_decision("accuracy", label, score, day, threshold=4.0, weight=weight),
    }
    for draw, row in enumerate(counts):
        mixed = weight * row[code]
        point = operating_point(label, score / 8, threshold=0.5, weight=mixed)
        expected = {
            "average precision": average_precision(label, score, weight=mixed),
            "auc": auc(label, score, weight=mixed),
            "recall": recall_at_alert_rate(label, score, rate=0.3, weight=mixed),
            "f1": point.f1,
            "precision": point.precision,
            "accuracy": point.accuracy,
        }
        for name, figure in figures.items():
            found = figure.of(counts)[draw]
            assert found == pytest.approx(expected[name], abs=1e-12, nan_ok=True), name


@pytest.fixture(scope="module")
def set_cells():
    """Set how much of the table is held at once, so that a small sample takes several passes."""
    with pytest.MonkeyPatch.context() as patch:
        yield lambda cells: patch.setattr(ranking, "CELLS", cells)


def test_the_value_of_a_figure_is_that_of_the_sample():
    label, score, _, day = sample(0, 5)
    assert daily_average_precision(label, score, day).value == pytest.approx(average_precision(label, score))
    loss = (score - label) ** 2
    assert daily_ratio(loss, np.ones(loss.size), day).value == pytest.approx(loss.mean())


def test_folds_are_averaged_and_drawn_within_themselves():
    parts = [sample(seed, days) for seed, days in ((1, 4), (2, 3))]
    figures = [daily_average_precision(label, score, day) for label, score, _, day in parts]
    both = mean_over_folds(figures)
    assert both.days == (4, 3)
    assert both.value == pytest.approx(np.mean([figure.value for figure in figures]))
    counts = drawn_days(both.days, draws=50, block=2, generator=np.random.default_rng(0))
    assert (counts[:, :4].sum(axis=1) == 4).all()
    assert (counts[:, 4:].sum(axis=1) == 3).all()


def test_blocks_are_consecutive_days_that_wrap_and_every_day_is_equally_likely():
    counts = drawn_days((6,), draws=20_000, block=3, generator=np.random.default_rng(0))
    assert (counts.sum(axis=1) == 6).all()
    assert counts.mean(axis=0) == pytest.approx(np.ones(6), abs=0.03)
    one = drawn_days((6,), draws=200, block=6, generator=np.random.default_rng(0))
    assert (one == 1).all()
    pairs = drawn_days((5,), draws=2_000, block=2, generator=np.random.default_rng(1))
    assert {tuple(row) for row in pairs.astype(int)} >= {(3, 2, 0, 0, 0), (1, 1, 1, 1, 1), (2, 0, 0, 1, 2)}
    assert (0, 3, 0, 2, 0) not in {tuple(row) for row in pairs.astype(int)}


def test_the_interval_of_a_mean_is_students_where_days_are_many():
    values = np.random.default_rng(3).normal(size=40)
    found = day_bootstrap(
        daily_ratio(values, np.ones(40), np.arange(40)), generator=np.random.default_rng(0), draws=20_000
    )
    reach = student.ppf(0.975, 39) * values.std(ddof=1) / math.sqrt(40)
    assert found.interval == pytest.approx((values.mean() - reach, values.mean() + reach), abs=0.03)
    zero = np.zeros(40)
    test = paired_day_bootstrap(
        daily_ratio(values, zero + 1, np.arange(40)),
        daily_ratio(zero, zero + 1, np.arange(40)),
        generator=np.random.default_rng(0),
        draws=20_000,
    ).test
    statistic = values.mean() / (values.std(ddof=1) / math.sqrt(40))
    assert test.statistic == pytest.approx(statistic, rel=0.02)
    assert test.p_value == pytest.approx(2 * student.sf(abs(statistic), 39), abs=0.02)


def test_few_blocks_take_the_quantiles_further_out():
    """Two folds of 4 days in blocks of 2: four blocks, two degrees of freedom; a factor of the root of 2."""
    values, zero, day = np.random.default_rng(9).normal(0.3, 1.0, size=8), np.zeros(4), np.arange(4)
    figure = mean_over_folds([daily_ratio(part, zero + 1, day) for part in np.split(values, 2)])
    nothing = mean_over_folds([daily_ratio(zero, zero + 1, day)] * 2)
    counts = drawn_days((4, 4), draws=999, block=2, generator=np.random.default_rng(1))
    drawn = counts @ values / 8
    tail = normal.cdf(student.ppf(0.05, 2) * math.sqrt(2))
    found = day_bootstrap(figure, generator=np.random.default_rng(1), draws=999, block=2, level=0.9)
    assert found.interval == pytest.approx(np.quantile(drawn, [tail, 1 - tail]))
    test = paired_day_bootstrap(figure, nothing, generator=np.random.default_rng(1), draws=999, block=2).test
    side = min((drawn <= 0).sum(), (drawn >= 0).sum())
    expected = 2 * student.cdf(normal.ppf((side + 1) / 1000) / math.sqrt(2), 2)
    assert 0.1 < expected < 0.9
    assert test.p_value == pytest.approx(expected)
    assert test.statistic == pytest.approx(values.mean() / (drawn.std(ddof=1) * math.sqrt(2)))


def test_intervals_cover_and_the_paired_test_keeps_its_size():
    """120 samples of 10 days: 95 % covered and 5 % rejected, up to three standard errors of either count."""
    label, score, _, _ = sample(10_000, 1_500)
    truth = average_precision(label, score)
    covered = rejected = 0
    generator = np.random.default_rng(4)
    for seed in range(120):
        label, a, b, day = sample(seed, 10)
        first, second = (daily_average_precision(label, one, day) for one in (a, b))
        low, high = day_bootstrap(first, generator=generator, draws=400).interval
        covered += low <= truth <= high
        test = paired_day_bootstrap(first, second, generator=generator, draws=400).test
        rejected += test.p_value < 0.05
    assert covered >= 107
    assert rejected <= 13


def test_a_better_model_is_found_better_whatever_the_order_of_the_rows():
    label, score, other, day = sample(5, 20)
    worse = other + 1.5 * np.random.default_rng(0).normal(size=other.size)
    order = np.random.default_rng(1).permutation(label.size)
    found, again = (
        paired_day_bootstrap(
            daily_average_precision(label[rows], score[rows], day[rows]),
            daily_average_precision(label[rows], worse[rows], day[rows]),
            generator=np.random.default_rng(2),
        )
        for rows in (np.arange(label.size), order)
    )
    assert found.difference == pytest.approx(found.figures[0] - found.figures[1])
    assert found.interval[0] > 0.0
    assert found.test.p_value < 0.02
    assert found.test.n_obs == 20
    assert again.interval == pytest.approx(found.interval)
    assert again.test.p_value == found.test.p_value


@pytest.mark.parametrize(
    ("label", "score", "day", "note"),
    [
        ([1, 0, 1], [3, 2, 1], [1, 1, 1], "fewer than two blocks of days"),
        ([0, 0, 0], [3, 2, 1], [1, 2, 3], "undefined on this sample"),
        ([1, 0, 1, 0], [2, 2, 2, 2], [1, 1, 2, 2], "no draw differs from another"),
        ([], [], [], "undefined on this sample"),
    ],
)
def test_where_days_say_nothing_the_reason_is_given(label, score, day, note):
    figure = daily_average_precision(label, score, np.array(day))
    found = day_bootstrap(figure, generator=np.random.default_rng(0), draws=50)
    assert np.isnan(found.interval).all()
    assert found.note == note
    other = daily_average_precision(label, [-one for one in score], np.array(day))
    paired = paired_day_bootstrap(figure, other, generator=np.random.default_rng(0), draws=50)
    assert math.isnan(paired.test.p_value)
    assert paired.test.note == note


def test_draws_without_a_fraud_are_left_out_and_counted():
    label, day = np.array([1, 0, 0, 0, 0, 0]), np.array([1, 1, 2, 2, 3, 3])
    first = daily_average_precision(label, [2, 3, 1, 4, 1, 1], day)
    second = daily_average_precision(label, [4, 3, 1, 1, 5, 1], day)
    generator = np.random.default_rng(0)
    share = (2 / 3) ** 3  # of draws that miss day 1
    found = day_bootstrap(first, generator=generator, draws=2_000)
    assert found.draws == pytest.approx(2_000 * (1 - share), rel=0.05)
    assert paired_day_bootstrap(first, second, generator=generator).test.note.startswith("undefined draws")


def test_arguments_that_cannot_be_are_refused():
    figure = daily_ratio([1.0, 2.0], [1.0, 1.0], np.array([1, 2]))
    other = daily_ratio([1.0, 2.0], [1.0, 1.0], np.array([1, 1]))
    with pytest.raises(DataError, match="on the same days"):
        paired_day_bootstrap(figure, other, generator=np.random.default_rng(0))
    with pytest.raises(DataError, match="at least 1"):
        day_bootstrap(figure, generator=np.random.default_rng(0), block=0)
    for wide in (2, 10):
        found = day_bootstrap(figure, generator=np.random.default_rng(0), block=wide)
        assert found.note == "fewer than two blocks of days"
