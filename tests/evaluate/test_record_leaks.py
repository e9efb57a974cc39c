"""The leak alarm: a copy of the target trips it under any name, honest columns do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_scores import made_records, made_study

from barograph.core.record_table import Records
from barograph.core.scoring_study import RecordsSection
from barograph.core.texts import LANGUAGES
from barograph.evaluate.records.leaks import auc_alone, column_alarms, denied_columns, removal_alarms


def with_column(records: Records, name: str, values: pl.Series) -> Records:
    """The records with one more feature column."""
    table = records.table.with_columns(values.alias(name))
    if values.dtype == pl.String:
        return replace(records, table=table, categorical=(*records.categorical, name))
    return replace(records, table=table, numeric=(*records.numeric, name))


@settings(deadline=None, max_examples=12)
@given(
    name=st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8),
    form=st.sampled_from(["number", "scaled", "negated", "text", "mostly missing"]),
    seed=st.integers(0, 1000),
)
def test_the_target_copied_under_another_name_trips_the_alarm(name, form, seed):
    records = made_records(1500, years=None, seed=seed)
    label = pl.Series(records.label)
    forms = {
        "number": label,
        "scaled": label * 1e6 + 3.0,
        "negated": -label,
        "text": label.replace_strict({0.0: "paid", 1.0: "charged off"}, return_dtype=pl.String),
        "mostly missing": label.replace_strict({0.0: None, 1.0: 7.0}, return_dtype=pl.Float64),
    }
    leaky = with_column(records, f"x {name}", forms[form])
    (finding,) = column_alarms(leaky, np.arange(1500), leaky.label, made_study())
    assert (finding.column, finding.kind) == (f"x {name}", "alone")
    assert finding.auc > 0.99


def test_honest_columns_stay_silent_and_the_auc_alone_is_what_they_tell():
    records = made_records(6000, years=None)
    rows, half = np.arange(6000), np.arange(6000) % 2
    assert column_alarms(records, rows, records.label, made_study()) == []
    assert auc_alone(records, "signal", rows, records.label, half) == pytest.approx(0.745, abs=0.03)
    assert auc_alone(records, "noise", rows, records.label, half) == pytest.approx(0.5, abs=0.03)


def test_ten_thousand_categories_that_say_nothing_do_not_look_like_a_leak():
    records = made_records(10_000, years=None)
    names = pl.Series([f"id {number}" for number in range(10_000)])
    leaky = with_column(records, "account", names)
    rows = np.arange(10_000)
    assert column_alarms(leaky, rows, leaky.label, made_study()) == []
    assert auc_alone(leaky, "account", rows, leaky.label, rows % 2) == pytest.approx(0.5, abs=0.02)


def test_the_dearest_finding_comes_first_and_the_threshold_is_the_studys():
    records = made_records(3000, years=None)
    random = np.random.default_rng(1)
    near = pl.Series(records.label + random.normal(scale=0.4, size=3000))
    leaky = with_column(with_column(records, "near", near), "copy", pl.Series(records.label))
    found = column_alarms(leaky, np.arange(3000), leaky.label, made_study(leak_alone=0.7))
    assert [one.column for one in found] == ["copy", "near", "signal"]
    assert {one.threshold for one in found} == {0.7}


def test_a_loss_that_is_a_feature_trips_the_alarm_too():
    records = made_records(1500, years=None, loss=True)
    leaky = with_column(records, "loss again", pl.Series(records.label * 100))
    study = made_study(head="hurdle_beta")
    assert [one.column for one in column_alarms(leaky, np.arange(1500), leaky.label, study)] == ["loss again"]


def test_one_class_says_nothing():
    records = made_records(300, years=None)
    good = np.flatnonzero(records.label == 0.0)
    assert column_alarms(records, good, records.label, made_study()) == []


def test_only_the_rows_given_are_looked_at():
    records = made_records(2000, years=None)
    leaky = with_column(records, "copy", pl.Series(records.label))
    spoilt = replace(leaky, label=np.where(np.arange(2000) < 1000, leaky.label, 1.0 - leaky.label))
    early, late = np.arange(1000), np.arange(1000, 2000)
    for rows in (early, late):
        (finding,) = column_alarms(spoilt, rows, spoilt.label, made_study())
        assert finding.column == "copy"


def test_a_removal_that_costs_too_much_is_reported_with_its_cost():
    costs = {"state": 0.11, "term": 0.2, "amount": 0.05}
    found = removal_alarms(costs, made_study())
    assert [(one.column, one.kind) for one in found] == [("term", "removal"), ("state", "removal")]
    assert found[0].auc == 0.2
    assert found[0].threshold == 0.10
    stricter = removal_alarms(costs, made_study(leak_removal=0.15))
    assert [(one.column, one.threshold) for one in stricter] == [("term", 0.15)]


def test_denied_columns_carry_the_reason_of_the_recipe():
    study = made_study().model_copy(
        update={"collect": RecordsSection(deny={"term": "it is extended to default"})}
    )
    (finding,) = denied_columns(study)
    assert (finding.column, finding.kind, finding.auc) == ("term", "denied", None)
    assert finding.reason == "it is extended to default"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_reason_names_column_and_figure(lang):
    records = made_records(500, years=None)
    leaky = with_column(records, "copy", pl.Series(records.label))
    (finding,) = column_alarms(leaky, np.arange(500), leaky.label, made_study(), lang=lang)
    assert "copy" in finding.reason
    assert f"{finding.auc:.3f}" in finding.reason
