"""Thresholds, grades, stability, vintages and fairness of scored records, against plain counting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from made_scores import ERRORS, NO_DAY, made_records, made_scored, made_study
from scipy import stats

from barograph.core.fitted_records import GradeParameters
from barograph.core.texts import LANGUAGES
from barograph.evaluate.records.fairness import fairness_rows, grouped
from barograph.evaluate.records.grades import grade_rows
from barograph.evaluate.records.plan import training_rows
from barograph.evaluate.records.stability import stability
from barograph.evaluate.records.thresholds import GRID, approval_limits, threshold_table, thresholds
from barograph.evaluate.records.vintages import default_curves
from barograph.measures.credit.grades import master_scale

ORIGINS = (2004, 2006)


@pytest.fixture(scope="module")
def records():
    return made_records(5000)


@pytest.fixture(scope="module")
def study():
    return made_study(origins=ORIGINS)


@pytest.fixture(scope="module")
def scored(records, study):
    return made_scored(records, study, ERRORS)


def test_a_threshold_row_counts_the_records_above_it(records, study, scored):
    table = threshold_table(records, study, scored, "ours")
    assert [row.threshold for row in table] == sorted(row.threshold for row in table)
    assert [row.threshold for row in table if not row.stated] == list(GRID)
    p, bad = scored.predicted["ours"], scored.label == 1.0
    for row in table:
        above = p > (thresholds(records, study, scored) if row.stated else row.threshold)
        assert row.flagged == pytest.approx(above.mean())
        assert row.accuracy == pytest.approx((above == bad).mean())
        assert row.recall == pytest.approx(above[bad].mean())
        assert row.precision == pytest.approx(bad[above].mean())
        assert row.rate_below == (pytest.approx(bad[~above].mean()) if (~above).any() else None)
    (stated,) = [row for row in table if row.stated]
    assert stated.threshold == pytest.approx(thresholds(records, study, scored).mean())


def test_undefined_ratios_of_a_threshold_are_none(records, study, scored):
    low = replace(scored, predicted={"ours": np.full(scored.rows.size, 0.03)})
    table = {row.threshold: row for row in threshold_table(records, study, low, "ours") if not row.stated}
    assert (table[0.05].precision, table[0.05].recall, table[0.02].rate_below) == (None, 0.0, None)
    assert threshold_table(records, made_study(head="hurdle_beta"), scored, "ours") == ()


def test_grades_hold_their_records_and_an_empty_one_says_so(scored):
    scale = GradeParameters(("A", "B", "C", "D"), np.array([0.1, 0.3, 0.999, 1.0]))
    rows = grade_rows(scored, "ours", scale)
    p, label = scored.predicted["ours"], scored.label
    lower = 0.0
    for row in rows[:3]:
        inside = (p > lower) & (p <= row.upper)
        assert (row.lower, row.records, row.defaults) == (lower, inside.sum(), label[inside].sum())
        assert row.predicted == pytest.approx(p[inside].mean())
        expected = stats.binomtest(row.defaults, row.records, row.predicted, alternative="greater").pvalue
        assert row.binomial == pytest.approx(expected)
        assert row.low < row.defaults / row.records < row.high
        lower = row.upper
    assert (rows[3].records, rows[3].binomial, rows[3].jeffreys) == (0, None, None)


def test_a_scale_that_promises_too_little_is_rejected_and_a_true_one_is_not(scored):
    scale = master_scale(scored.predicted["ours"], 6)
    assert min(row.jeffreys for row in grade_rows(scored, "ours", scale) if row.records) > 0.001
    low = replace(scored, predicted={"ours": scored.predicted["ours"] / 2})
    assert min(row.jeffreys for row in grade_rows(low, "ours", scale) if row.records) < 1e-6


def test_a_column_that_moves_is_seen_in_the_block_in_which_it_moves(records, study, scored):
    moved = records.vintage == 2006
    table = records.table.with_columns(
        pl.Series("signal", records.table["signal"].to_numpy() + 2.0 * moved),
        pl.Series("state", np.where(moved, "ZZ", records.table["state"].to_numpy())),
    )
    shifted = replace(records, table=table)
    found = stability(shifted, study, scored, "ours")
    assert found.blocks == ("2004", "2006")
    index = dict(zip(found.columns, found.csi, strict=True))
    assert index["signal"][0] < 0.1 < 0.25 < index["signal"][1]
    assert index["state"][0] < 0.1 < 0.25 < index["state"][1]
    assert index["noise"].max() < 0.1
    assert np.isnan(found.score[0])
    assert found.score[1] < 0.1
    higher = replace(
        scored, predicted={"ours": scored.predicted["ours"] ** np.where(scored.vintage == 2006, 0.5, 1)}
    )
    assert stability(records, study, higher, "ours").score[1] > 0.25


def test_columns_are_held_against_what_the_models_of_the_block_were_fitted_on(records, study, scored):
    rows = training_rows(records, study, "origin", 2004)
    values = records.table["noise"].to_numpy()
    cuts = np.quantile(values[rows], np.linspace(0, 1, 11)[1:-1])
    tested = scored.rows[scored.vintage == 2004]
    shares = [
        np.bincount(np.searchsorted(cuts, values[where]), minlength=10) / where.size
        for where in (rows, tested)
    ]
    expected = np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0]))
    found = stability(records, study, scored, "ours")
    assert found.csi[found.columns.index("noise"), 0] == pytest.approx(expected, abs=1e-4)


def test_missing_values_and_columns_that_are_all_missing_have_an_index(records, study, scored):
    gaps = pl.Series("noise", np.where(records.vintage == 2006, np.nan, 1.0)).fill_nan(None)
    table = records.table.with_columns(gaps, pl.Series("state", [None] * records.n, dtype=pl.String))
    found = stability(replace(records, table=table), study, scored, "ours")
    index = dict(zip(found.columns, found.csi, strict=True))
    assert index["noise"][1] > 0.25
    assert index["state"].tolist() == [0.0, 0.0]


def test_folds_of_a_cross_validation_have_no_stability():
    loose, study = made_records(900, years=None), made_study()
    scored = made_scored(loose, study, ERRORS, protocol="cross_validation")
    assert stability(loose, study, scored, "ours") is None
    assert default_curves(loose) == ()


def test_curves_of_ageing_count_defaults_as_far_as_everyone_was_watched():
    records = made_records(6000, months=24)
    curves = {curve.vintage: curve for curve in default_curves(records, longest=30)}
    inside = records.vintage == 2003
    age = (records.event_time[inside] - records.time[inside]) / np.timedelta64(1, "D") / (365.25 / 12)
    for month, rate in zip(curves["2003"].months, curves["2003"].rate, strict=True):
        assert rate == pytest.approx(np.mean(age <= month))
    assert curves["2003"].months[-1] == 30
    assert (np.diff(curves["2003"].rate) >= 0).all()
    end = max(records.time.max(), np.nanmax(records.event_time))
    youngest = records.time[records.vintage == 2009].max()
    for curve in curves.values():
        last = records.time[records.vintage == int(curve.vintage)].max()
        assert last + np.timedelta64(int(curve.months[-1] * 365.25 / 12), "D") <= end
    assert curves["2009"].months[-1] <= (end - youngest) / np.timedelta64(1, "D") / 30
    assert default_curves(replace(records, event_time=np.full(records.n, NO_DAY))) == ()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_fairness_compares_each_group_with_the_one_approved_most(records, study, scored, lang):
    rows = {row.group: row for row in fairness_rows(records, study, scored, "ours", lang=lang)}
    assert set(rows) == {"f", "m"}
    approved = scored.predicted["ours"] < approval_limits(records, study, scored)
    sex, good = records.protected["sex"][scored.rows], scored.label == 0.0
    for group, row in rows.items():
        assert row.approved == pytest.approx(approved[sex == group].mean())
        assert row.records == (sex == group).sum()
    reference = max(rows.values(), key=lambda row: row.approved)
    (other,) = (row for row in rows.values() if row is not reference)
    assert (reference.impact, reference.opportunity) == (None, None)
    assert reference.note
    assert other.impact == pytest.approx(other.approved / reference.approved)
    gap = approved[good & (sex == other.group)].mean() - approved[good & (sex == reference.group)].mean()
    assert other.opportunity == pytest.approx(gap)


def test_a_planted_disadvantage_falls_below_four_fifths_and_small_groups_are_noted(records, study, scored):
    sex = np.where(np.arange(records.n) % 97 == 0, "x", records.protected["sex"])
    harsher = np.where(sex[scored.rows] == "f", 2.0, 1.0)
    odds = scored.predicted["ours"] / (1 - scored.predicted["ours"]) * harsher
    hard = replace(scored, predicted={"ours": odds / (1 + odds)})
    people = replace(records, protected={"sex": sex})
    rows = {row.group: row for row in fairness_rows(people, study, hard, "ours")}
    assert rows["f"].impact < 0.8
    assert rows["f"].opportunity < -0.05
    assert "too few" in rows["x"].note
    assert rows["m"].impact is None  # the small group is no reference however often it is approved
    assert fairness_rows(replace(records, protected={}), study, scored, "ours") == ()


def test_many_values_become_bands_of_a_number_or_the_most_frequent_texts():
    ages = np.array([str(age) for age in range(20, 60)] + ["", None], dtype=object)
    groups = grouped(ages, unknown="?", other="others")
    assert groups[-2:].tolist() == ["?", "?"]
    assert dict.fromkeys(groups[:40].tolist()) == dict.fromkeys(
        ["≤ 29.75", "29.75–39.5", "39.5–49.25", "> 49.25"]
    )
    names = np.array([f"town {i % 30}" if i < 900 else f"town {i % 3}" for i in range(1000)], dtype=object)
    groups = grouped(names, unknown="?", other="others")
    assert np.unique(groups.astype(str)).size == 13
    assert (groups[names == "town 1"] == "town 1").all()
    assert grouped(np.array(["f", "m"]), unknown="?", other="others").tolist() == ["f", "m"]
