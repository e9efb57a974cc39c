"""The scorecard: binning against a full enumeration, monotone weights, signs, order of rows."""

import json
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.core.errors import DataError
from barograph.core.fitted_records import ScorecardParameters
from barograph.measures.credit.scorecard import bin_index, scorecard_logit
from barograph.models.baselines.scoring import fit_scorecard
from barograph.models.baselines.scoring.binning import Tally, level_groups, optimal_bins
from barograph.models.baselines.scoring.scorecard import LEAST_INFORMATION

Table = tuple[dict[str, np.ndarray], dict[str, np.ndarray], np.ndarray]


def planted(seed: int, n: int = 4000) -> Table:
    """Risk falls with income, rises with debt, differs by town; the others say nothing."""
    stream = np.random.default_rng(seed)
    income, debt = stream.lognormal(size=n), stream.normal(size=n)
    town = stream.choice(["Aa", "Bb", "Cc", "Dd"], size=n)
    risk = -1.5 - 0.8 * np.log(income) + 0.6 * debt + np.where(town == "Bb", 0.9, 0.0)
    label = (stream.uniform(size=n) < 1 / (1 + np.exp(-risk))).astype(float)
    income[stream.uniform(size=n) < 0.1] = np.nan
    debt[stream.uniform(size=n) < 0.05] = -999.0
    towns = town.astype(object)
    towns[:200] = None
    towns[200:205] = "Rare"
    numeric = {"income": income, "debt": debt, "noise": stream.normal(size=n), "same": np.ones(n)}
    categorical = {"town": towns, "day": stream.choice(["x", "y"], size=n).astype(object)}
    return numeric, categorical, label


def logit_of(card: ScorecardParameters, table: Table) -> np.ndarray:
    return scorecard_logit(card, bin_index(card, table[0], table[1]))


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=7),
    st.integers(1, 4),
    st.sampled_from([0.0, 0.1, 0.3]),
)
def test_the_chosen_split_is_the_best_of_all_monotone_ones(
    counts: list[tuple[int, int]], max_bins: int, least_share: float
) -> None:
    goods, bads = (np.array(one, dtype=float) for one in zip(*counts, strict=True))
    n = goods.sum() + bads.sum()
    if n == 0:
        return

    def worth(ends: tuple[int, ...]) -> float:
        bounds = [0, *ends]
        g = np.array([goods[a:b].sum() for a, b in zip(bounds, ends, strict=False)])
        b = np.array([bads[a:b].sum() for a, b in zip(bounds, ends, strict=False)])
        size = g + b
        if (size < max(least_share * n, 1.0)).any():
            return -np.inf
        steps = np.diff(b / size)
        if (steps < 0).any() and (steps > 0).any():
            return -np.inf
        chance = np.clip(b / size, 1e-300, 1.0)
        rest = np.clip(g / size, 1e-300, 1.0)
        return float((b * np.log(chance) + g * np.log(rest)).sum() - 0.5 * np.log(n) * len(ends))

    every = [
        (*inner, len(counts))
        for k in range(min(max_bins, len(counts)))
        for inner in combinations(range(1, len(counts)), k)
    ]
    chosen = optimal_bins(Tally(goods, bads), max_bins=max_bins, least_share=least_share)
    assert len(chosen) <= max_bins
    assert worth(chosen) == pytest.approx(max(map(worth, every)), abs=1e-9)


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_weights_of_evidence_rise_or_fall_along_a_numeric_column(seed: int) -> None:
    numeric, categorical, label = planted(seed, n=600)
    card = fit_scorecard(numeric, categorical, label, specials=(-999.0,))
    for place, is_numeric in enumerate(card.numeric):
        ordinary = len(card.edges[place]) + 1 if is_numeric else len(card.groups[place])
        rates = np.array([bads / (goods + bads) for goods, bads in card.counts[place][:ordinary]])
        steps = np.diff(rates)
        assert (steps >= 0).all() or (steps <= 0).all()
        if not is_numeric:
            assert (steps >= 0).all()


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_coefficients_never_turn_the_evidence_round(seed: int) -> None:
    card = fit_scorecard(*planted(seed, n=600))
    assert (card.coefficients <= 0.0).all()


def test_it_finds_what_was_planted_and_leaves_noise_alone() -> None:
    train, test = planted(1), planted(2)
    card = fit_scorecard(*train, specials=(-999.0,))
    found = dict(zip(card.columns, card.coefficients, strict=True))
    assert min(abs(found[name]) for name in ("income", "debt", "town")) > 0.5
    assert found["noise"] == found["same"] == found["day"] == 0.0
    score, label = logit_of(card, test), test[2]
    higher = score[label == 1][:, np.newaxis] > score[label == 0]
    assert higher.mean() > 0.68
    assert (1 / (1 + np.exp(-score))).mean() == pytest.approx(label.mean(), abs=0.02)


def test_special_codes_and_missing_values_have_bins_of_their_own() -> None:
    numeric, categorical, label = planted(3)
    card = fit_scorecard(numeric, categorical, label, specials=(-999.0, -1.5e9))
    debt = card.columns.index("debt")
    assert card.specials[debt] == (-999.0,)  # the other code does not occur
    assert sum(card.counts[debt][-2]) == (numeric["debt"] == -999.0).sum()
    assert min(card.edges[debt]) > -999.0
    income = card.columns.index("income")
    assert sum(card.counts[income][-1]) == np.isnan(numeric["income"]).sum()


def test_missing_where_training_knew_none_is_neutral() -> None:
    numeric, categorical, label = planted(4)
    card = fit_scorecard(numeric, categorical, label)
    assert card.woe[card.columns.index("noise")][-1] == pytest.approx(0.0, abs=1e-12)


def test_rare_and_unseen_levels_share_the_bin_of_missing_ones() -> None:
    numeric, categorical, label = planted(5)
    card = fit_scorecard(numeric, categorical, label)
    town = card.columns.index("town")
    assert "Rare" not in {level for group in card.groups[town] for level in group}
    assert sum(card.counts[town][-1]) == 205
    asked = {"town": np.array(["Rare", "never seen", None], dtype=object)}
    one = {name: values[:3] for name, values in numeric.items()}
    bins = bin_index(card, one, categorical | asked | {"day": np.array(["x"] * 3, dtype=object)})
    assert (bins[:, town] == len(card.groups[town])).all()


def test_ten_thousand_levels_are_grouped_in_a_moment() -> None:
    stream = np.random.default_rng(6)
    names = np.array([f"level {i}" for i in range(10_000)], dtype=object)
    values = np.concatenate([stream.choice(names, size=20_000), stream.choice(names[:300], size=20_000)])
    label = (stream.uniform(size=values.size) < 0.2).astype(float)
    groups = level_groups(values, label, max_bins=6, least_share=0.05)
    kept = [level for group in groups for level in group]
    assert len(kept) == len(set(kept)) == 300
    assert len(groups) <= 6


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_the_order_of_rows_is_of_no_account(seed: int) -> None:
    numeric, categorical, label = planted(seed, n=600)
    rows = np.random.default_rng(seed).permutation(600)
    plain = fit_scorecard(numeric, categorical, label)
    mixed = fit_scorecard(
        {name: values[rows] for name, values in numeric.items()},
        {name: values[rows] for name, values in categorical.items()},
        label[rows],
    )
    assert (plain.edges, plain.groups, plain.counts) == (mixed.edges, mixed.groups, mixed.counts)
    np.testing.assert_allclose(plain.coefficients, mixed.coefficients, atol=1e-6)


def test_it_survives_json() -> None:
    table = planted(7)
    card = fit_scorecard(*table, specials=(-999.0,))
    again = ScorecardParameters.from_plain(json.loads(json.dumps(card.to_plain(), allow_nan=False)))
    np.testing.assert_array_equal(logit_of(card, table), logit_of(again, table))
    assert again.to_plain() == card.to_plain()


def test_columns_without_a_word_leave_the_base_rate() -> None:
    stream = np.random.default_rng(8)
    label = (np.arange(500) % 5 == 0).astype(float)
    empty = {"nothing": np.full(500, np.nan), "constant": np.full(500, 7.0)}
    blank = {
        "blank": np.full(500, None, dtype=object),
        "each": stream.permutation(500).astype(str).astype(object),
    }
    card = fit_scorecard(empty, blank, label)
    assert (card.coefficients == 0.0).all()
    assert card.intercept == pytest.approx(np.log(0.2 / 0.8), abs=1e-6)


def test_fifty_rows_are_enough_for_an_answer() -> None:
    numeric, categorical, label = planted(9, n=50)
    categorical["town"][:] = "Aa"
    card = fit_scorecard(numeric, categorical, label)
    assert np.isfinite(logit_of(card, (numeric, categorical, label))).all()


@pytest.mark.parametrize("value", [0.0, 1.0, 0.5])
def test_labels_of_one_kind_are_refused(value: float) -> None:
    numeric, categorical, label = planted(10)
    with pytest.raises(DataError, match=r"0 \(good\) and 1 \(bad\)"):
        fit_scorecard(numeric, categorical, np.full(label.size, value))


def test_without_columns_there_is_no_scorecard() -> None:
    with pytest.raises(DataError, match="needs columns"):
        fit_scorecard({}, {}, np.array([0.0, 1.0]))


def test_the_threshold_of_information_is_kept() -> None:
    card = fit_scorecard(*planted(11))
    for place, counts in enumerate(card.counts):
        goods, bads = np.array(counts).T
        shares = goods / goods.sum() - bads / bads.sum()
        if shares @ np.array(card.woe[place]) < LEAST_INFORMATION / 2:
            assert card.coefficients[place] == 0.0
