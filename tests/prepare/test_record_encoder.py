"""The record encoder: four views, fitted on the training rows alone, the same for one record as for many."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepare_records import NO_DAY, made_records

from barograph.core.errors import DataError, LeakError
from barograph.core.fitted import fitted_from_plain
from barograph.core.fitted_records import EncoderParameters
from barograph.core.record_table import Records
from barograph.core.scoring_study import EncodeSection
from barograph.prepare import encoder
from barograph.prepare.encoder_fit import fit_encoder

SECTION = EncodeSection(bins=4, least_category=2, most_categories=3, limit=2.0)
NUMBER = (
    st.none()
    | st.integers(-3, 3).map(float)
    | st.floats(-1e9, 1e9)
    | st.sampled_from([1e300, -1e300, 5e-324])
)
WORD = st.none() | st.sampled_from(["a", "b", "c", "d", "e", "long name, with: signs = 1", ""])
LENGTH = 12


def columns(of: st.SearchStrategy) -> st.SearchStrategy[list]:
    return st.lists(of, min_size=LENGTH, max_size=LENGTH)


@st.composite
def mixed_records(draw: st.DrawFn) -> Records:
    steps = draw(columns(st.floats(-1e6, 1e6) | st.just(np.nan)))
    return made_records(
        {"x": draw(columns(NUMBER)), "y": draw(columns(NUMBER))},
        {"u": draw(columns(WORD)), "v": draw(columns(WORD))},
        sequence=np.array(steps).reshape(LENGTH, 1, 1) * np.ones((1, 3, 2)),
        channels=("p", "q"),
    )


def fitted(
    records: Records,
    rows: np.ndarray | None = None,
    *,
    section: EncodeSection = SECTION,
) -> EncoderParameters:
    chosen = np.arange(records.n) if rows is None else rows
    return fit_encoder(records, chosen, section=section, until=NO_DAY)


def views(parameters: EncoderParameters, records: Records) -> dict[str, np.ndarray]:
    names = ("features", "plain", "coded", "steps", "unseen")
    return {name: getattr(encoder, name)(parameters, records) for name in names}


@given(mixed_records())
def test_one_record_alone_is_encoded_as_in_company_to_the_bit(records: Records) -> None:
    parameters = fitted(records, np.arange(LENGTH // 2))
    many = views(parameters, records)
    for row in range(records.n):
        one = encoder.encode_one(parameters, records.take(np.array([row])))
        for name in ("features", "plain", "coded", "steps"):
            np.testing.assert_array_equal(getattr(one, name), many[name][row])
        assert len(one.unseen) == many["unseen"][row]


@given(mixed_records())
def test_views_are_finite_bounded_and_as_wide_as_their_names(records: Records) -> None:
    parameters = fitted(records, np.arange(LENGTH // 2))
    many = views(parameters, records)
    for name in ("features", "plain", "steps"):
        assert np.isfinite(many[name]).all()
    assert many["features"].min() >= 0.0
    assert many["features"].max() <= 1.0
    assert np.abs(many["plain"]).max() <= SECTION.limit
    missing = np.isnan(many["coded"])
    nulls = np.column_stack([records.table[name].is_null().to_numpy() for name in ("x", "y")])
    np.testing.assert_array_equal(missing[:, :2], nulls & np.array(parameters.missing))
    assert not missing[:, 2:].any()
    assert not np.isinf(many["coded"]).any()
    groups = encoder.feature_groups(parameters)
    assert many["features"].shape[1] == sum(groups.values()) == len(encoder.feature_names(parameters))
    assert tuple(groups) == ("x", "y", "u", "v")
    assert many["plain"].shape[1] == len(set(encoder.plain_names(parameters)))
    assert encoder.coded_names(parameters) == ("x", "y", "u", "v")


@given(mixed_records())
def test_a_fitted_encoder_comes_back_from_json_the_same(records: Records) -> None:
    parameters = fitted(records)
    again = fitted_from_plain(json.loads(json.dumps(parameters.to_plain())))
    assert isinstance(again, EncoderParameters)
    for name, view in views(parameters, records).items():
        np.testing.assert_array_equal(views(again, records)[name], view)


@given(mixed_records(), mixed_records())
def test_nothing_outside_the_training_rows_moves_the_fit(records: Records, others: Records) -> None:
    half = LENGTH // 2
    rows, later = np.arange(half), np.arange(half, LENGTH)
    corrupted = replace(
        records,
        table=pl.concat([records.table[:half], others.table[half:]]),
        sequence=np.concatenate([records.sequence[rows], others.sequence[later]]),
    )
    first, second = fitted(records, rows), fitted(corrupted, rows)
    assert first.to_plain() == second.to_plain()


def test_rows_may_come_as_places_or_as_a_mask() -> None:
    records = made_records({"x": [1.0, 2.0, 3.0, 9.0]}, {"u": ["a", "a", "b", "c"]})
    mask = np.array([True, True, True, False])
    assert fitted(records, mask).to_plain() == fitted(records, np.arange(3)).to_plain()


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.floats(-2e6, 2e6))
def test_bins_are_the_papers_formula_clipped_at_both_ends(training: list[float], value: float) -> None:
    parameters = fitted(made_records({"x": training}, {}))
    seen = encoder.features(parameters, made_records({"x": [value]}, {}))[0]
    edges = parameters.edges[0]
    for low, high, found in zip(edges[:-1], edges[1:], seen, strict=True):
        inside = min(max(value, low), high)
        expected = (inside - low) / (high - low) if high > low else 0.0
        assert found == np.float32(expected)
    assert list(edges) == sorted(edges)
    assert (edges[0], edges[-1]) == (min(training), max(training))


def test_edges_lie_at_quantiles_and_at_the_values_where_there_are_few() -> None:
    many, few = np.arange(101.0), np.tile([0.0, 1.0, 5.0, 1.0], 26)[:101]
    parameters = fitted(made_records({"many": many.tolist(), "few": few.tolist()}, {}))
    assert parameters.edges == ((0.0, 25.0, 50.0, 75.0, 100.0), (0.0, 1.0, 5.0))


def test_numbers_beyond_training_saturate() -> None:
    parameters = fitted(made_records({"x": [0.0, 1.0, 2.0, 4.0]}, {}))
    far = made_records({"x": [-1e12, 0.0, 4.0, 1e12]}, {})
    seen = encoder.features(parameters, far)
    np.testing.assert_array_equal(seen[0], seen[1])
    np.testing.assert_array_equal(seen[2], seen[3])
    assert seen[3].tolist() == [1.0, 1.0, 1.0]
    assert encoder.plain(parameters, far)[[0, 3], 0].tolist() == [-2.0, 2.0]


@pytest.mark.parametrize("training", [[3.0, 3.0, 3.0], [None, None, None], [0.1] * 7])
def test_a_column_that_said_nothing_in_training_says_nothing_ever(training: list[float | None]) -> None:
    parameters = fitted(made_records({"x": training}, {}))
    served = made_records({"x": [3.0, -8.0, 1e9, None]}, {})
    assert not encoder.features(parameters, served).any()
    assert not encoder.plain(parameters, served).any()
    assert np.isfinite(encoder.coded(parameters, served)).all()


def test_a_missing_number_reads_as_the_mean_with_an_indicator_where_training_had_some() -> None:
    training = made_records({"x": [0.0, 2.0, 4.0], "y": [0.0, None, 4.0]}, {})
    parameters = fitted(training)
    served = made_records({"x": [None, 2.0], "y": [None, 2.0]}, {})
    assert encoder.feature_names(parameters) == ("x:1", "x:2", "y:1", "y:missing")
    assert encoder.features(parameters, served).tolist() == [[1.0, 0.0, 0.5, 1.0], [1.0, 0.0, 0.5, 0.0]]
    assert encoder.plain_names(parameters) == ("x", "y", "y:missing")
    assert encoder.plain(parameters, served).tolist() == [[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    np.testing.assert_array_equal(encoder.coded(parameters, served), [[2.0, np.nan], [2.0, 2.0]])


def test_plain_scores_are_standard_scores_of_the_training_rows() -> None:
    values = np.random.default_rng(0).normal(5.0, 3.0, 50)
    records = made_records({"x": values.tolist()}, {})
    found = encoder.plain(fitted(records), records)[:, 0]
    np.testing.assert_allclose(found, np.clip((values - values.mean()) / values.std(), -2, 2), rtol=1e-12)


WORDS = ["a"] * 5 + ["b"] * 4 + [None] * 3 + ["d"] * 2 + ["e"]


def test_frequent_categories_have_a_column_missing_among_them_and_the_rare_ones_share_one() -> None:
    parameters = fitted(made_records({}, {"u": WORDS}))
    assert parameters.categories == (("a", "b", ""),)
    assert encoder.feature_names(parameters) == ("u=a", "u=b", "u:missing", "u:other")
    served = made_records({}, {"u": ["a", None, "e", "d", "never"]})
    assert encoder.features(parameters, served).argmax(axis=1).tolist() == [0, 2, 3, 3, 3]
    assert encoder.features(parameters, served).sum(axis=1).tolist() == [1.0] * 5
    assert encoder.unseen(parameters, served).tolist() == [0, 0, 0, 0, 1]


def test_an_unseen_category_is_the_average_record_where_training_had_no_rare_ones() -> None:
    parameters = fitted(
        made_records({}, {"u": ["a"] * 3 + ["b"], "v": ["c"] * 4}), section=EncodeSection(least_category=1)
    )
    served = made_records({}, {"u": ["never", "b"], "v": ["c", None]})
    assert encoder.features(parameters, served).tolist() == [[0.75, 0.25, 1.0], [0.0, 1.0, 1.0]]
    assert encoder.plain(parameters, served).tolist() == [[0.75, 0.25, 1.0], [0.0, 1.0, 1.0]]
    assert encoder.unseen(parameters, served).tolist() == [1, 1]
    one = encoder.encode_one(parameters, served.take(np.array([1])))
    assert one.unseen == ("v",)


def test_trees_get_categories_in_the_order_of_their_frequency() -> None:
    words = ["a"] * 5 + ["b"] * 4 + [None] * 3 + ["d", "e"]
    parameters = fitted(made_records({}, {"u": words}), section=EncodeSection(least_category=3))
    served = made_records({}, {"u": ["a", "b", None, "e", "never"]})
    assert encoder.coded(parameters, served)[:, 0].tolist() == [0.0, 1.0, 2.0, 3.0, 3.0]


def test_ten_thousand_categories_keep_the_most_frequent_and_know_all() -> None:
    words = [f"c{number}" for number in range(10_000)] * 2 + ["c7", "c5", "c5"]
    parameters = fitted(made_records({}, {"u": words}))
    assert parameters.categories == (("c5", "c7", "c0"),)
    served = made_records({}, {"u": ["c9999", "c10000"]})
    assert encoder.unseen(parameters, served).tolist() == [0, 1]


def test_steps_are_standardised_over_rows_and_steps_clipped_and_zero_where_missing() -> None:
    sequence = np.random.default_rng(1).normal([5.0, -1.0], [3.0, 0.1], (30, 4, 2))
    sequence[3, 1, 0] = np.nan
    records = made_records({"x": [0.0] * 30}, {}, sequence=sequence, channels=("p", "q"))
    found = encoder.steps(fitted(records, np.arange(20)), records)
    own = sequence[:20].reshape(-1, 2)
    scores = (sequence - np.nanmean(own, axis=0)) / np.nanstd(own, axis=0)
    np.testing.assert_allclose(found, np.nan_to_num(np.clip(scores, -2, 2)), atol=1e-6)
    assert found.dtype == np.float32


def test_columns_are_found_by_name_and_strangers_ignored() -> None:
    records = made_records({"x": [0.0, 2.0, 4.0]}, {"u": ["a", "b", "b"]})
    parameters = fitted(records)
    shuffled = replace(
        records, table=records.table.select("u", pl.lit(1).alias("stranger"), pl.col("x").cast(pl.Int8))
    )
    np.testing.assert_array_equal(
        encoder.features(parameters, shuffled), encoder.features(parameters, records)
    )


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (pl.lit("$1,200").alias("x"), "must hold numbers; it holds String"),
        (pl.lit(True).alias("x"), "must hold numbers; it holds Boolean"),
        (pl.lit(float("inf")).alias("x"), "must be finite"),
        (pl.lit(float("nan")).alias("x"), "must be finite"),
        (pl.lit(3).alias("u"), "must hold text; it holds Int32"),
    ],
)
def test_a_column_of_another_type_is_refused(column: pl.Expr, says: str) -> None:
    records = made_records({"x": [0.0, 2.0]}, {"u": ["a", "b"]})
    parameters = fitted(records)
    with pytest.raises(DataError, match=says.replace("$", r"\$")):
        encoder.features(parameters, replace(records, table=records.table.with_columns(column)))


def test_a_missing_column_and_another_history_are_refused() -> None:
    records = made_records({"income": [0.0, 2.0]}, {"u": ["a", "b"]})
    parameters = fitted(records)
    for gone in ("income", "u"):
        with pytest.raises(DataError, match=f"must carry the column '{gone}'"):
            encoder.plain(parameters, replace(records, table=records.table.drop(gone)))
    other = replace(records, sequence=np.zeros((2, 1, 1)), channels=("p",))
    with pytest.raises(DataError, match="got p"):
        encoder.steps(parameters, other)
    with pytest.raises(DataError, match="must hold records"):
        fitted(records, np.array([], dtype=np.int64))
    with pytest.raises(ValueError, match="single record"):
        encoder.encode_one(parameters, records)


DAYS = np.datetime64("2020-01-01") + np.arange(4)


def test_a_fit_refuses_rows_made_later_and_remembers_its_last_day() -> None:
    records = made_records({"x": [0.0, 1.0, 2.0, 3.0]}, {}, time=DAYS)
    for until in (DAYS[1], NO_DAY):
        with pytest.raises(LeakError, match="later"):
            fit_encoder(records, np.arange(3), section=SECTION, until=until)
    parameters = fit_encoder(records, np.arange(3), section=SECTION, until=DAYS[2])
    assert parameters.until == "2020-01-03"
    encoder.refuse_fit_window(parameters, records.take(np.array([3])))
    with pytest.raises(LeakError, match="1 of them not later"):
        encoder.refuse_fit_window(parameters, records.take(np.array([2, 3])))


def test_without_time_there_is_no_window_to_enforce() -> None:
    records = made_records({"x": [0.0, 1.0]}, {})
    parameters = fitted(records)
    assert parameters.until == ""
    encoder.refuse_fit_window(parameters, records)
