"""The plan of records: nothing known only later trains, customers stay whole, windows never meet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_scores import made_records, made_study

from barograph.core.errors import DataError, SettingError
from barograph.evaluate.records.parting import dealt, hashed
from barograph.evaluate.records.plan import labels_of, planned_folds, refit_fold, training_rows

WINDOWS = ((2000, 2003, 2004, 2005), (2000, 2005, 2006, 2007))


def rows_of(fold):
    return np.unique(np.concatenate([np.concatenate([p.fit_rows, p.holdout_rows]) for p in fold.parts]))


@settings(deadline=None, max_examples=15)
@given(
    seed=st.integers(0, 10**6),
    months=st.sampled_from([6, 12, 36]),
    bag=st.sampled_from([1, 3]),
    customers=st.sampled_from([None, 2500]),
)
def test_at_an_origin_only_closed_windows_train_and_only_later_records_are_tested(
    seed, months, bag, customers
):
    records = made_records(5000, years=(2000, 2012), months=months, customers=customers, seed=seed)
    folds = planned_folds(records, made_study(bag=bag, origins=(2005, 2007)))["origin"]
    assert [fold.block for fold in folds] == [2005, 2007]
    for fold in folds:
        train = rows_of(fold)
        assert (records.label_time[train] <= fold.cut).all()
        assert (records.time[fold.test_rows] > fold.cut).all()
        assert np.isfinite(records.label[train]).all()
        assert np.isfinite(records.label[fold.test_rows]).all()
        assert set(records.vintage[fold.test_rows]) == {fold.block}
        allowed = training_rows(records, made_study(), "origin", fold.block)
        assert np.isin(train, allowed).all()
        check_windows(records, fold)


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 10**6), bag=st.sampled_from([1, 4]), customers=st.sampled_from([None, 800]))
def test_cross_validation_tests_every_record_once_a_repetition_and_parts_no_customer(seed, bag, customers):
    records = made_records(1500, years=None, customers=customers, seed=seed)
    folds = planned_folds(records, made_study(bag=bag, repeats=2, folds=3))["cross_validation"]
    assert [fold.number for fold in folds] == list(range(6))
    for repetition in (0, 1):
        tested = np.concatenate([fold.test_rows for fold in folds if fold.block == repetition])
        assert np.array_equal(np.sort(tested), np.arange(records.n))
    for fold in folds:
        check_windows(records, fold)
        assert not np.isin(records.group[rows_of(fold)], records.group[fold.test_rows]).any()
        share = records.label[fold.test_rows].mean()
        assert abs(share - records.label.mean()) < (0.01 if customers is None else 0.06)


def check_windows(records, fold):
    for part in fold.parts:
        assert not np.isin(records.group[part.fit_rows], records.group[part.holdout_rows]).any()
        assert np.intersect1d(part.fit_rows, part.holdout_rows).size == 0
        for rows in (part.fit_rows, part.holdout_rows):
            assert np.intersect1d(rows, fold.test_rows).size == 0
            assert np.unique(rows).size == rows.size
    held = np.concatenate([part.holdout_rows for part in fold.parts])
    assert np.unique(held).size == held.size
    assert np.isin(fold.calibration_rows, held).all()


def test_without_a_bag_half_of_the_last_matured_vintage_is_held_out():
    records = made_records(6000, months=36)
    (fold,) = planned_folds(records, made_study(origins=(2006,)))["origin"]
    (part,) = fold.parts
    # records of 2002 are known from 2005 on; those of the first days of 2003 not before 2006
    assert set(records.vintage[part.holdout_rows]) == {2002}
    newest = int((records.vintage == 2002).sum())
    assert abs(part.holdout_rows.size - newest / 2) <= 1
    assert np.array_equal(fold.calibration_rows, part.holdout_rows)
    assert (
        part.fit_rows.size + part.holdout_rows.size
        == training_rows(records, made_study(), "origin", 2006).size
    )


def test_a_vintage_known_in_part_is_not_the_last_matured_one():
    records = made_records(6000, months=18)
    (fold,) = planned_folds(records, made_study(origins=(2006,)))["origin"]
    assert set(records.vintage[fold.calibration_rows]) == {2003}
    assert 2004 in set(records.vintage[fold.parts[0].fit_rows])


def test_a_bag_holds_every_training_row_out_once_and_calibrates_on_the_last_matured_vintage():
    records = made_records(6000, months=12)
    (fold,) = planned_folds(records, made_study(bag=5, origins=(2006,)))["origin"]
    held = np.concatenate([part.holdout_rows for part in fold.parts])
    assert np.array_equal(np.sort(held), training_rows(records, made_study(), "origin", 2006))
    assert np.array_equal(fold.calibration_rows, np.flatnonzero(records.vintage == 2004))
    shares = [records.label[part.holdout_rows].mean() for part in fold.parts]
    assert np.ptp(shares) < 0.01


def test_first_training_vintage_is_kept():
    records = made_records(6000)
    (fold,) = planned_folds(records, made_study(origins=(2006,), train_since=2003))["origin"]
    assert records.vintage[rows_of(fold)].min() == 2003


def test_origins_left_open_are_the_last_two_fifths_that_can_learn():
    records = made_records(5000)  # labels known for 2000 … 2008 and the first days of 2009
    kept = records.take(records.vintage <= 2008)
    folds = planned_folds(kept, made_study())["origin"]
    assert [fold.block for fold in folds] == [2005, 2006, 2007, 2008]


def test_retrospective_windows_use_final_outcomes():
    records = made_records(6000, months=36)
    study = made_study(protocols=("retrospective", "origin"), retrospective=WINDOWS, origins=(2006,))
    folds = planned_folds(records, study)
    assert list(folds) == ["retrospective", "origin"]
    for fold, (first, last, since, until) in zip(folds["retrospective"], WINDOWS, strict=True):
        vintages = records.vintage
        assert set(vintages[rows_of(fold)]) == set(range(first, last + 1))
        assert set(vintages[fold.test_rows]) == set(range(since, until + 1))
        check_windows(records, fold)
    late = folds["retrospective"][1]
    assert (records.label_time[rows_of(late)] > late.cut).any()
    assert labels_of(records, "retrospective") is records.outcome


def test_the_refit_fold_knows_everything_and_scores_nothing():
    records = made_records(6000, months=12)
    fold = refit_fold(records, made_study())
    assert fold.test_rows.size == 0
    assert np.array_equal(rows_of(fold), np.flatnonzero(np.isfinite(records.label)))
    assert set(records.vintage[fold.calibration_rows]) == {2008}
    loose = refit_fold(made_records(600, years=None), made_study())
    assert loose.test_rows.size == 0
    assert rows_of(loose).size == 600


def test_a_loss_study_is_parted_by_quantiles_of_the_loss():
    records = made_records(1200, years=None, loss=True)
    folds = planned_folds(records, made_study(head="hurdle_beta", repeats=1, folds=3))["cross_validation"]
    means = [records.label[fold.test_rows].mean() for fold in folds]
    assert np.ptp(means) < 0.02


def test_plans_do_not_depend_on_chance_but_on_the_seed():
    records = made_records(1500, years=None)
    one, two = (planned_folds(records, made_study())["cross_validation"] for _ in range(2))
    assert all(np.array_equal(a.test_rows, b.test_rows) for a, b in zip(one, two, strict=True))
    study = made_study()
    other = study.model_copy(update={"train": study.train.model_copy(update={"seed": 1})})
    moved = planned_folds(records, other)["cross_validation"]
    assert not np.array_equal(one[0].test_rows, moved[0].test_rows)


def test_labels_after_the_origin_change_nothing_of_its_training_rows():
    records = made_records(5000)
    (before,) = planned_folds(records, made_study(origins=(2005,)))["origin"]
    late = records.label_time > before.cut
    spoilt = replace(
        records,
        label=np.where(late & np.isfinite(records.label), 1.0 - records.label, records.label),
        outcome=np.where(late, 1.0 - records.outcome, records.outcome),
    )
    (after,) = planned_folds(spoilt, made_study(origins=(2005,)))["origin"]
    assert np.array_equal(before.parts[0].fit_rows, after.parts[0].fit_rows)
    assert np.array_equal(before.calibration_rows, after.calibration_rows)


def test_the_hash_spreads_codes_evenly_and_tells_seeds_apart():
    codes = np.arange(20_000)
    high = hashed(codes, 7) >> 62
    assert abs(high.mean() - 0.5) < 0.02
    assert np.unique(hashed(codes, 7)).size == codes.size
    assert abs(np.corrcoef(hashed(codes, 7), hashed(codes, 8))[0, 1]) < 0.03
    assert hashed(codes, 7).min() >= 0


def test_parts_are_as_even_as_they_can_be():
    records = made_records(1000, years=None)
    part = dealt(records, np.arange(1000), records.label, 3, seed=5)
    assert np.ptp(np.bincount(part)) <= 1
    assert np.ptp([records.label[part == turn].sum() for turn in range(3)]) <= 1


@pytest.mark.parametrize(
    ("records", "study", "match"),
    [
        (made_records(50, years=None), made_study(), "fit on for repetition 1; there are"),
        (made_records(2000, years=None, rate=-9.0), made_study(), "20 of either class"),
        (made_records(4000), made_study(origins=(2000,)), "vintage 2000; there are 0"),
        (made_records(4000), made_study(origins=(2030,)), "Take 2030 out of evaluate.origins"),
        (made_records(300, months=100), made_study(), "cross-validate"),
        (
            made_records(4000),
            made_study(protocols=("retrospective",), retrospective=((2000, 2001, 2030, 2031),)),
            "2030-2031",
        ),
        (made_records(2000, rate=-4.0, months=36), made_study(origins=(2004,)), "either class"),
    ],
)
def test_too_few_records_are_refused_with_what_to_do(records, study, match):
    with pytest.raises(DataError, match=match):
        planned_folds(records, study)


@pytest.mark.parametrize("windows", [(), ((2000, 2004, 2004, 2005),), ((2003, 2001, 2004, 2005),)])
def test_retrospective_tests_must_lie_after_their_training(windows):
    with pytest.raises(SettingError, match=r"evaluate\.retrospective"):
        planned_folds(made_records(500), made_study(protocols=("retrospective",), retrospective=windows))
