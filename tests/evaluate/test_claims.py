"""Comparisons, claims and verdicts: on noise nobody wins beyond the size; planted winners are found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_runs import made_run, made_study, without_forecasts

from barograph.core.errors import SettingError
from barograph.core.forecast import Distribution
from barograph.core.results import BackTest, ClaimResult, TestResult
from barograph.core.study import Claim
from barograph.core.texts import keys, placeholders
from barograph.evaluate.claims import comparisons, confidence_sets, judge, nested_comparisons
from barograph.evaluate.losses import losses
from barograph.measures.comparison import automatic_lags, diebold_mariano, panel_diebold_mariano

ROLES = {
    "baselines": ("rival", "weak"),
    "networks": ("net",),
    "combinations": ("ours",),
    "controls": ("linear",),
}
GOOD = {"ours": 0.1, "net": 0.1, "linear": 0.6, "rival": 0.8, "weak": 1.2}
BAD = {"ours": 1.2, "net": 1.2, "linear": 0.6, "rival": 0.3, "weak": 0.8}
SERIES = ("a", "b", "c", "d")

FLOOR = Claim(key="floor", rung="floor", kind="never_worse", model="ours", opponent="rival")
INSIDE = Claim(key="inside", rung="floor", kind="in_confidence_set", model="ours", p_value=0.1, share=0.75)
PANEL = Claim(key="panel", rung="target", kind="panel_better", model="ours", opponent="rival", p_value=0.01)
SHARE = Claim(key="share", rung="target", kind="share_better", model="ours", opponent="rival", share=0.5)
TESTS = Claim(key="tests", rung="moonshot", kind="backtests_pass", model="ours", share=0.5)
ALL = (FLOOR, INSIDE, PANEL, SHARE, TESTS)


def run_of(noise: dict[str, float], seed: int = 0, **options):
    return made_run(noise, roles=ROLES, entities=SERIES, seed=seed, **options)


def by_block(results: list[ClaimResult], key: str) -> dict[str, ClaimResult]:
    return {result.block: result for result in results if result.claim == key}


def back_tests(passed: dict[str, bool | None]) -> list[BackTest]:
    return [
        BackTest("ours", entity, "lower", alpha, 5, TestResult(name, 1.0, 0.5, 400), outcome)
        for entity, outcome in passed.items()
        for name in ("kupiec", "conditional_coverage", "dynamic_quantile")
        for alpha in (0.01, 0.025)
    ]


@pytest.fixture(scope="module")
def good():
    return run_of(GOOD)


def test_every_pair_is_compared_per_entity_and_per_block(good):
    found = comparisons(good, made_study(), metrics=("qlike",))
    pairs = {(c.model, c.opponent) for c in found}
    assert pairs == {
        *((model, rival) for model in ("net", "ours", "linear") for rival in ("rival", "weak")),
        ("net", "linear"),
        ("ours", "linear"),
    }
    assert len(found) == len(pairs) * 2 * (len(SERIES) + 3)
    assert {(c.entity, c.block) for c in found} == {
        ("", "all"),
        ("", "development"),
        ("", "confirmation"),
        ("a", "development"),
        *((name, "confirmation") for name in "bcd"),
    }


def test_a_comparison_is_the_test_of_the_losses_of_its_rows(good):
    found = {
        (c.model, c.opponent, c.horizon, c.entity, c.block): c
        for c in comparisons(good, made_study(), metrics=("crps",))
    }
    difference = losses(good, "net", "crps", 5) - losses(good, "rival", "crps", 5)
    single = difference[400:800]
    lags = automatic_lags(395, horizon=5)
    expected = diebold_mariano(single, horizon=5, lags=lags, kernel="bartlett")
    cell = found["net", "rival", 5, "b", "confirmation"]
    assert cell.test == expected
    assert cell.difference == pytest.approx(np.nanmean(single))
    assert cell.standing == ("better" if expected.p_value < 0.05 else "indistinguishable")
    pooled = panel_diebold_mariano(difference[400:], good.samples.time[400:], horizon=5)
    assert found["net", "rival", 5, "", "confirmation"].test == pooled


def test_rows_a_model_did_not_forecast_are_counted_in_the_note(good):
    holed = without_forecasts(good, "ours", slice(0, 7))
    found = comparisons(holed, made_study(), metrics=("qlike",))
    notes = {c.block + c.entity: c.test.note for c in found if c.model == "ours" and c.horizon == 1}
    assert notes["developmenta"] == notes["all"] == "7 rows left out for want of a forecast"
    assert notes["confirmation"] == ""


@pytest.mark.parametrize("runs", [25, pytest.param(250, marks=pytest.mark.soak)])
def test_of_two_equal_forecasters_neither_comes_out_better_beyond_the_size_of_the_test(runs):
    equal = dict.fromkeys(GOOD, 0.5)
    single, pooled, verdicts = [], [], []
    for seed in range(runs):
        run = run_of(equal, seed, days=300, horizons=(1,))
        found = comparisons(run, made_study(), metrics=("qlike",))
        single += [c.standing == "better" for c in found if c.entity]
        pooled += [c.standing == "better" for c in found if not c.entity and c.block == "all"]
        verdicts.append(judge(run, made_study(FLOOR, PANEL), [])[1].standing)
    assert np.mean(single) < 0.025 + 0.02
    assert np.mean(pooled) < 0.025 + 4 * np.sqrt(0.025 * 0.975 / runs)
    assert np.mean([v == "better" for v in verdicts]) < 0.005 + 2 / runs


def test_a_planted_better_model_is_found(good):
    results, verdict = judge(good, made_study(*ALL), back_tests(dict.fromkeys(SERIES, True)))
    assert len(results) == len(ALL) * 3
    assert all(result.held for result in results)
    panel = by_block(results, "panel")["confirmation"]
    assert panel.verdict == "better"
    assert panel.difference < 0
    assert panel.p_value < 0.01
    assert verdict.standing == "better"
    assert verdict.champion == "ours"
    assert "rival" in verdict.sentence


def test_a_planted_worse_model_breaks_its_floor_and_the_best_baseline_is_champion():
    results, verdict = judge(run_of(BAD), made_study(*ALL), [])
    floor = by_block(results, "floor")["all"]
    assert (floor.held, floor.verdict) == (False, "worse")
    assert floor.statistic > 2
    assert by_block(results, "inside")["all"].held is False
    assert not any(result.held for result in results)
    assert (verdict.standing, verdict.champion) == ("worse", "rival")
    assert "floor, inside" in verdict.sentence


def test_a_win_over_the_baseline_that_is_none_over_the_control_is_a_win_of_the_inputs():
    equal_to_control = run_of({**GOOD, "linear": 0.1})
    _, verdict = judge(equal_to_control, made_study(FLOOR, PANEL), [])
    assert verdict.standing == "better"
    assert "a win of the inputs" in verdict.sentence
    _, own = judge(run_of(GOOD), made_study(FLOOR, PANEL), [])
    assert "a win of the inputs" not in own.sentence


def test_the_rival_is_the_strongest_baseline_the_targets_name():
    beats_only_the_weak = run_of({**GOOD, "ours": 0.8, "rival": 0.1})
    weak = PANEL.model_copy(update={"key": "weak", "opponent": "weak"})
    _, verdict = judge(beats_only_the_weak, made_study(weak), [])
    assert verdict.standing == "better"
    results, verdict = judge(beats_only_the_weak, made_study(weak, PANEL), [])
    assert by_block(results, "weak")["confirmation"].held
    assert verdict.standing == "indistinguishable"
    assert "rival" in verdict.sentence


def test_without_a_confirmation_block_nothing_is_called_better(good):
    study = made_study(FLOOR, PANEL, development=SERIES)
    results, verdict = judge(good, study, [])
    assert {result.block for result in results} == {"all", "development"}
    assert all(result.held for result in results)
    assert verdict.standing == "indistinguishable"
    assert "not confirmed" in verdict.sentence


def test_a_floor_broken_only_where_the_recipe_was_chosen_does_not_break_the_study(good):
    opposed = without_forecasts(good, "ours", slice(0, 400))
    results, verdict = judge(opposed, made_study(FLOOR), [])
    held = {block: result.held for block, result in by_block(results, "floor").items()}
    assert held == {"all": True, "development": False, "confirmation": True}
    assert verdict.champion == "ours"


def test_the_settings_may_name_the_champion_and_an_unknown_name_is_refused(good):
    _, verdict = judge(good, made_study(FLOOR, champion="weak"), [])
    assert verdict.champion == "weak"
    assert "chosen in the settings" in verdict.sentence
    with pytest.raises(SettingError, match="rival"):
        judge(good, made_study(FLOOR, champion="rivall"), [])
    with pytest.raises(SettingError, match=r"deploy\.candidate"):
        judge(good, made_study(FLOOR, candidate="nobody"), [])
    with pytest.raises(SettingError, match="baseline"):
        judge(replace(good, baselines=()), made_study(FLOOR), [])


def test_a_claim_about_what_the_run_does_not_have_is_not_judged_and_not_held(good):
    strange = Claim(key="far", rung="floor", kind="panel_better", model="ours", opponent="rnn")
    later = Claim(key="later", rung="target", kind="never_worse", model="ours", opponent="rival", horizon=22)
    results, verdict = judge(good, made_study(strange, later), [])
    assert not any(result.held for result in results)
    assert all(result.statistic is None for result in results)
    assert "no model called 'rnn'" in results[0].detail
    assert "22 days" in results[3].detail
    assert verdict.standing == "worse"


def test_one_worse_series_of_many_breaks_never_worse_and_the_share(good):
    spoilt = good.distributions["ours"].variance.copy()
    spoilt[400:800] *= 6.0
    run = replace(
        good,
        distributions={
            **good.distributions,
            "ours": replace(good.distributions["ours"], variance=spoilt),
        },
    )
    results, _ = judge(run, made_study(FLOOR, SHARE), [])
    floor = by_block(results, "floor")
    assert {block: result.held for block, result in floor.items()} == {
        "all": False,
        "development": True,
        "confirmation": False,
    }
    assert "b with adjusted p < 0.001" in floor["all"].detail
    share = by_block(results, "share")["all"]
    assert (share.held, share.verdict, share.statistic) == (False, "worse", 0.75)


def test_back_tests_must_all_pass_and_one_not_made_is_not_passed(good):
    outcomes = {"a": True, "b": True, "c": False, "d": None}
    results, _ = judge(good, made_study(TESTS), back_tests(outcomes))
    found = by_block(results, "tests")
    assert (found["all"].statistic, found["all"].held) == (0.5, True)
    assert (found["confirmation"].statistic, found["confirmation"].held) == (1 / 3, False)
    assert "on 1 not every test could be made" in found["all"].detail
    missing_one = [t for t in back_tests(dict.fromkeys(SERIES, True)) if t.alpha == 0.01]
    assert by_block(judge(good, made_study(TESTS), missing_one)[0], "tests")["all"].statistic == 0.0
    both = TESTS.model_copy(update={"side": "both"})
    assert by_block(judge(good, made_study(both), back_tests(outcomes))[0], "tests")["all"].statistic == 0.0


def test_confidence_sets_keep_the_best_and_drop_the_worst_the_same_way_each_time(good):
    found = confidence_sets(good, made_study())
    assert set(found) == set(SERIES)
    for p_values in found.values():
        assert set(p_values) == set(GOOD)
        assert max(p_values["ours"], p_values["net"]) == 1.0
        assert p_values["weak"] < 0.1
    assert confidence_sets(good, made_study()) == found
    holed = without_forecasts(good, "net", slice(0, 1))
    again = confidence_sets(holed, made_study())
    assert np.isnan(again["a"]["net"])
    assert again["b"] == found["b"]


def test_nested_comparisons_are_one_sided_tests_of_each_network_against_its_control(good):
    found = nested_comparisons(good, made_study())
    assert {(c.model, c.opponent, c.metric) for c in found} == {("net", "linear", "mse")}
    assert len(found) == 2 * len(SERIES)
    assert all(c.standing == "better" for c in found if c.horizon == 1)
    assert all(c.test.name == "clark_west" for c in found)


def test_the_same_figures_can_be_told_in_chinese(good):
    outcomes = back_tests({"a": True, "b": None, "c": True, "d": True})
    for run in (good, run_of(BAD)):
        english, verdict = judge(run, made_study(*ALL), outcomes)
        chinese, told = judge(run, made_study(*ALL), outcomes, lang="zh")
        assert [replace(result, detail="") for result in english] == [
            replace(result, detail="") for result in chinese
        ]
        assert (verdict.standing, verdict.champion) == (told.standing, told.champion)
        for sentence in (told.sentence, *(result.detail for result in chinese)):
            assert "。" in sentence
            assert "{" not in sentence


def test_every_sentence_exists_in_both_languages_with_the_same_gaps():
    english, chinese = ({key for key in keys(lang) if key.startswith("verdict.")} for lang in ("en", "zh"))
    assert english == chinese
    for key in english:
        assert placeholders(key, "en") == placeholders(key, "zh"), key


BELOW = Claim(key="below", rung="target", kind="share_below", model="ours", opponent="rival", share=0.75)
SEED_BETWEEN = 8
"""A run on which some series are better before Holm's correction and not after."""
HOLM = Claim(key="holm", rung="moonshot", kind="share_holm", model="ours", opponent="rival", share=0.5)


def test_the_share_of_series_with_a_smaller_mean_loss_is_counted_without_a_test(good):
    mixed = replace(good, distributions={**good.distributions, "ours": swapped(good, ("a", "b"))})
    for run, count in ((good, 4), (mixed, 2)):
        result = by_block(judge(run, made_study(BELOW), [])[0], "below")["all"]
        loss = {name: losses(run, name, "qlike", 1) for name in ("ours", "rival")}
        entity = run.samples.entity[run.rows]
        means = [np.nanmean((loss["ours"] - loss["rival"])[entity == code]) for code in range(4)]
        assert sum(mean < 0 for mean in means) == count
        assert result.statistic == count / 4
        assert result.held == (count >= 3)


def swapped(run, entities: tuple[str, ...]):
    """The candidate's forecasts, on some series those of the weak baseline."""
    there = np.isin(run.samples.entity[run.rows], [run.samples.entities.index(name) for name in entities])
    ours, weak = run.distributions["ours"], run.distributions["weak"]
    parts = [
        np.where(
            there.reshape(-1, *[1] * (getattr(ours, name).ndim - 1)), getattr(weak, name), getattr(ours, name)
        )
        for name in ("variance", "quantiles", "shortfall")
    ]
    return Distribution(*parts)


def plain_holm(p_values: list[float]) -> list[float]:
    """Holm's step-down p-values, in the order given."""
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted


def test_holm_counts_only_series_that_survive_the_correction_over_all():
    run = run_of({**GOOD, "ours": 0.5, "rival": 0.57}, seed=SEED_BETWEEN)
    gap = losses(run, "ours", "qlike", 1) - losses(run, "rival", "qlike", 1)
    p_values, means = [], []
    for code in range(4):
        mine = gap[run.samples.entity[run.rows] == code]
        lags = automatic_lags(int(np.isfinite(mine).sum()), horizon=1)
        p_values.append(diebold_mariano(mine, horizon=1, lags=lags, kernel="bartlett").p_value)
        means.append(np.nanmean(mine))
    better = [mean < 0 for mean in means]
    surviving = sum(b and p < 0.05 for b, p in zip(better, plain_holm(p_values), strict=True))
    assert surviving < sum(b and p < 0.05 for b, p in zip(better, p_values, strict=True))
    result = by_block(judge(run, made_study(HOLM), [])[0], "holm")["all"]
    assert result.statistic == surviving / 4
    assert result.held == (surviving >= 2)
