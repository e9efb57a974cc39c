"""The walk-forward plan against plain loops over days and rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.core.errors import DataError, SettingError
from barograph.core.records import ByDay, Fold, Samples
from barograph.core.study import EvaluateSection
from barograph.evaluate.plan import refit_days, scored_rows, split_validation, walk_forward

START = np.datetime64("2010-01-01")
HORIZONS = (1, 5)
LOOKBACK = 30


def make_samples(calendars: Sequence[np.ndarray], *, lookback: int = LOOKBACK) -> Samples:
    """Samples with days, targets' days and admissibility as in life; the numbers do not matter here."""
    time = np.concatenate(calendars)
    known = np.full((time.shape[0], len(HORIZONS)), np.datetime64("NaT"), dtype="datetime64[D]")
    start = 0
    for calendar in calendars:
        for column, h in enumerate(HORIZONS):
            known[start : start + max(calendar.shape[0] - h, 0), column] = calendar[h:]
        start += calendar.shape[0]
    n = time.shape[0]
    zeros = np.zeros((n, len(HORIZONS)))
    return Samples(
        entities=tuple("abcdef"[: len(calendars)]),
        entity=np.repeat(np.arange(len(calendars)), [calendar.shape[0] for calendar in calendars]),
        time=time,
        features=zeros,
        feature_names=("x", "y"),
        channels=zeros,
        channel_names=("x", "y"),
        window=5,
        cross_section=ByDay(np.zeros((1, 2 * len(calendars))), np.zeros(n, np.int64)),
        returns=np.zeros(n),
        proxy=np.zeros(n),
        price=np.ones(n),
        horizons=HORIZONS,
        target=zeros,
        target_return=zeros,
        known_at=known,
        admissible=np.concatenate([np.arange(calendar.shape[0]) >= lookback - 1 for calendar in calendars]),
        held=np.zeros(sum(calendar.shape[0] for calendar in calendars), dtype=bool),
    )


def random_days(seed: int, *, days: int, share: float, start: int = 0) -> np.ndarray:
    """Days of one entity: each day of a range with some probability."""
    days_from = START + np.arange(start, days)
    return days_from[np.random.default_rng(seed).random(days_from.shape[0]) < share]


def three_entities(seed: int = 0) -> Samples:
    """Two of one length on calendars of their own, and one that joins in the middle."""
    return make_samples(
        [
            random_days(seed, days=900, share=0.7),
            random_days(seed + 1, days=900, share=0.9),
            random_days(seed + 2, days=900, share=0.8, start=420),
        ]
    )


def section(since: int, **of: int) -> EvaluateSection:
    overrides = {name: str(START + day) for name, day in of.items()}
    return EvaluateSection(test_since=str(START + since), test_since_of=overrides)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 999), st.integers(1, 300), st.integers(200, 500))
def test_blocks_adjoin_cover_every_day_from_the_first_and_each_cut_is_the_trading_day_before(
    seed: int, refit_every: int, since: int
) -> None:
    samples = three_entities(seed)
    folds = walk_forward(samples, section(since), refit_every=refit_every, least_days=1, least_history=1)
    calendar = sorted(set(samples.time.tolist()))
    tested = [day for day in calendar if day >= (START + since).item()]
    blocks = [tested[at : at + refit_every] for at in range(0, len(tested), refit_every)]
    assert [(f.test_since.item(), f.test_until.item()) for f in folds] == [(b[0], b[-1]) for b in blocks]
    assert [f.cut.item() for f in folds] == [calendar[calendar.index(b[0]) - 1] for b in blocks]
    assert [f.number for f in folds] == list(range(len(blocks)))


def test_the_plan_starts_with_the_earliest_entity_and_scores_each_from_its_own_day() -> None:
    samples, evaluate = three_entities(), section(500, a=300, elsewhere=10)
    folds = walk_forward(samples, evaluate, refit_every=50, least_days=1)
    assert folds[0].test_since >= START + 300 > folds[0].cut
    scored = np.concatenate([scored_rows(samples, fold, evaluate, least_history=1) for fold in folds])
    first = {name: START + day for name, day in (("a", 300), ("b", 500), ("c", 500))}
    expected = [
        row
        for row in range(samples.n)
        if samples.admissible[row] and samples.time[row] >= first[samples.entities[samples.entity[row]]]
    ]
    assert sorted(scored.tolist()) == expected


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 999), st.integers(1, 260), st.integers(1, 300))
def test_a_row_is_scored_only_in_folds_at_whose_cut_its_entity_had_history(
    seed: int, refit_every: int, least_history: int
) -> None:
    samples, evaluate = three_entities(seed), section(350)
    folds = walk_forward(samples, evaluate, refit_every=refit_every, least_days=1, least_history=1)
    for fold in folds:
        rows = scored_rows(samples, fold, evaluate, least_history=least_history)
        history = [int((samples.time[samples.rows_of(e)] <= fold.cut).sum()) for e in range(3)]
        expected = [row for row in fold.test_rows(samples) if history[samples.entity[row]] >= least_history]
        assert rows.tolist() == expected


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 999), st.integers(20, 120), st.integers(0, 40))
def test_validation_is_the_end_of_training_and_nothing_fitted_on_was_unknown_before_it(
    seed: int, validation_days: int, embargo: int
) -> None:
    samples = three_entities(seed)
    fold = walk_forward(samples, section(400), refit_every=100, least_days=1)[1]
    fit, validation = split_validation(samples, fold, validation_days=validation_days, embargo=embargo)
    training = fold.training_rows(samples)
    days = sorted(set(samples.time[training].tolist()))[-validation_days:]
    assert validation.tolist() == [row for row in training if samples.time[row].item() in days]
    first = np.datetime64(days[0])
    calendar = np.unique(samples.time).tolist()
    expected = [
        row
        for row in training
        if samples.known_at[row].max() < first
        and calendar.index(days[0]) - calendar.index(samples.time[row].item()) >= embargo
    ]
    assert fit.tolist() == expected
    assert samples.known_at[validation].max() <= fold.cut < fold.test_since


def test_an_embargo_of_the_longest_horizon_is_what_the_targets_require_on_one_calendar() -> None:
    samples = make_samples([START + np.arange(600)] * 2)
    fold = walk_forward(samples, section(400), refit_every=100, least_days=1)[0]
    bare = split_validation(samples, fold, validation_days=60, embargo=0)
    with_embargo = split_validation(samples, fold, validation_days=60, embargo=max(HORIZONS))
    np.testing.assert_array_equal(bare[0], with_embargo[0])
    assert samples.time[bare[0]].max() == samples.time[bare[1]].min() - (max(HORIZONS) + 1)


@pytest.mark.parametrize(("validation_days", "embargo"), [(400, 5), (100_000, 5), (20, 100_000)])
def test_a_training_window_that_validation_would_use_up_is_refused(
    validation_days: int, embargo: int
) -> None:
    samples = three_entities()
    fold = walk_forward(samples, section(400), refit_every=100, least_days=1)[0]
    with pytest.raises(DataError, match="a training window must be longer"):
        split_validation(samples, fold, validation_days=validation_days, embargo=embargo)


def test_the_refit_on_everything_can_be_split_too() -> None:
    samples = three_entities()
    last = samples.time.max()
    whole = Fold(9, last, last + 1, last + 1)
    fit, validation = split_validation(samples, whole, validation_days=60, embargo=5)
    assert samples.known_at[validation].max() == last
    assert samples.known_at[fit].max() < samples.time[validation].min()
    assert whole.test_rows(samples).size == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 999), st.integers(1, 200), st.integers(1, 200))
def test_a_baseline_forecast_rests_on_the_last_refit_before_its_day_none_older_than_the_networks(
    seed: int, refit_every: int, baseline_refit_every: int
) -> None:
    samples, evaluate = three_entities(seed), section(350, b=450)
    folds = walk_forward(samples, evaluate, refit_every=refit_every, least_days=1, least_history=100)
    refits = refit_days(samples, folds, every=baseline_refit_every)
    assert {fold.cut for fold in folds} <= set(refits)
    assert np.all(np.diff(refits) > np.timedelta64(0, "D"))
    calendar = np.unique(samples.time)
    scored = np.concatenate([scored_rows(samples, fold, evaluate, least_history=100) for fold in folds])
    serving = np.searchsorted(refits, samples.time[scored], side="left") - 1
    ages = np.searchsorted(calendar, samples.time[scored]) - np.searchsorted(calendar, refits[serving])
    assert ages.min() >= 1
    assert ages.max() <= min(refit_every, baseline_refit_every)


@pytest.mark.parametrize(("since", "least_days", "passes"), [(1300, 1000, False), (1300, 700, True)])
def test_an_entity_is_scored_on_enough_days_or_the_plan_is_refused(
    since: int, least_days: int, passes: bool
) -> None:
    samples = make_samples([START + np.arange(2000)])
    if passes:
        folds = walk_forward(samples, section(since), refit_every=100, least_days=least_days)
        assert sum(scored_rows(samples, fold, section(since)).size for fold in folds) == 700
    else:
        with pytest.raises(DataError, match=r"at least 800 days \(40% of its history.*700 of 2000"):
            walk_forward(samples, section(since), refit_every=100, least_days=least_days)


def test_two_fifths_of_a_short_history_or_a_thousand_days_of_a_long_one_suffice() -> None:
    short = make_samples([START + np.arange(1000)])
    assert len(walk_forward(short, section(600), refit_every=100)) == 4
    with pytest.raises(DataError, match="at least 400 days"):
        walk_forward(short, section(601), refit_every=100)
    long = make_samples([START + np.arange(5000)])
    assert len(walk_forward(long, section(4000), refit_every=100)) == 10
    with pytest.raises(DataError, match="at least 1000 days"):
        walk_forward(long, section(4001), refit_every=100)


def test_a_series_with_too_little_history_at_every_cut_counts_as_not_scored() -> None:
    joined = make_samples([START + np.arange(2500), START + np.arange(1400, 2500)])
    assert walk_forward(joined, section(1000), refit_every=252, least_days=500, least_history=250)
    with pytest.raises(DataError, match=r"'b' has 0 of 1100 days scored"):
        walk_forward(joined, section(1000), refit_every=252, least_days=500, least_history=1101)


def test_a_series_that_would_never_be_scored_is_named() -> None:
    ended = make_samples([START + np.arange(2500), START + np.arange(900)])
    with pytest.raises(DataError, match="'b' has 0 of 900 days scored"):
        walk_forward(ended, section(1000), refit_every=100, least_days=0)


@pytest.mark.parametrize("since", [-5, 0, 5000])
def test_a_first_scored_day_outside_the_sample_is_refused(since: int) -> None:
    with pytest.raises(DataError, match="must lie inside the sample"):
        walk_forward(make_samples([START + np.arange(2000)]), section(since), refit_every=100)


def test_nothing_to_learn_from_before_the_first_block_is_refused() -> None:
    with pytest.raises(DataError, match="rows to learn from"):
        walk_forward(make_samples([START + np.arange(2000)]), section(20), refit_every=100)


def test_days_that_are_not_days_and_steps_below_one_are_refused() -> None:
    samples = make_samples([START + np.arange(2000)])
    with pytest.raises(SettingError, match="must be ISO days; got first of May"):
        walk_forward(samples, EvaluateSection(test_since="first of May"), refit_every=100)
    with pytest.raises(SettingError, match="refit_every must be at least 1"):
        walk_forward(samples, section(900), refit_every=0)


def test_without_a_first_day_the_last_45_percent_of_all_days_are_scored() -> None:
    first, second = START + np.arange(0, 1200), START + np.arange(400, 1200)
    samples = make_samples([first, second])
    folds = walk_forward(samples, EvaluateSection(test_since=None), refit_every=200)
    assert folds[0].test_since == START + (1200 - 540)
    assert folds[-1].test_until == START + 1199
    own = EvaluateSection(test_since=None, test_since_of={"a": str(START + 700)})
    scored = scored_rows(samples, walk_forward(samples, own, refit_every=200)[0], own)
    earliest = [samples.time[scored[samples.entity[scored] == entity]].min() for entity in (0, 1)]
    assert earliest == [START + 700, START + 660]
