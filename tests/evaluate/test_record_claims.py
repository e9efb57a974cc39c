"""Claims, comparisons and verdicts of records: planted winners are found, noise wins at most at the size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_scores import made_record, made_records, made_scored, made_study
from scipy.stats import binom

from barograph.core.errors import SettingError
from barograph.core.results import ClaimResult
from barograph.core.scoring_study import ScoringClaim
from barograph.core.texts import LANGUAGES, has_text
from barograph.evaluate.records.arena import Arena
from barograph.evaluate.records.claims import judge
from barograph.evaluate.records.comparing import comparisons, pairs
from barograph.measures.credit.delong import stratified_delong
from barograph.measures.credit.paired_tests import paired_loss_test
from barograph.measures.credit.repeated_cv import corrected_repeated_cv

ORIGINS = (2004, 2005, 2006, 2007)
WINDOWS = ((2000, 2003, 2004, 2005), (2000, 2005, 2006, 2007))
GOOD = {"ours": (0.1, 0.0), "net": (0.3, 0.0), "linear": (1.2, 0.6), "card": (1.5, 0.8), "trees": (1.6, 0.9)}
BAD = {"ours": (1.5, 0.8), "net": (1.5, 0.0), "linear": (0.5, 0.0), "card": (0.2, 0.0), "trees": (1.0, 0.5)}


def claim(key, kind, *, rung="target", model="ours", opponent="card", **more):
    return ScoringClaim(key=key, kind=kind, rung=rung, model=model, opponent=opponent, **more)


FLOOR = claim("floor", "not_worse", rung="floor")
CALIBRATED = claim("calibrated", "better_calibrated", rung="floor")
BETTER = claim("better", "better", p_value=0.01, margin=0.005)
NEAR = claim("near", "within_margin", opponent="trees", margin=0.005)
BEST = claim("best", "best_of_all", opponent="")
REACH = claim("reach", "at_least", rung="moonshot", opponent="", margin=0.7)
ALL = (FLOOR, CALIBRATED, BETTER, NEAR, BEST, REACH)


@pytest.fixture(scope="module")
def records():
    return made_records(6000)


def judged(records, errors, claims, *, protocol="origin", lang="en", seed=0, **judge_settings):
    study = made_study(
        claims=claims,
        protocols=(protocol,),
        **{"origins": ORIGINS, "retrospective": WINDOWS, **judge_settings},
    )
    run = made_record(records, made_scored(records, study, errors, protocol=protocol, seed=seed))
    return judge(run, study, lang=lang)


def by_key(results: list[ClaimResult], block: str = "all") -> dict[str, ClaimResult]:
    return {result.claim: result for result in results if result.block == block}


def test_a_planted_winner_holds_every_claim_and_is_better(records):
    results, verdict = judged(records, GOOD, ALL)
    assert {result.claim for result in results if result.held} == {one.key for one in ALL}
    assert (verdict.standing, verdict.champion) == ("better", "ours")
    assert "win of the inputs" not in verdict.sentence
    found = by_key(results)
    assert found["better"].difference > 0  # of an AUC positive is better
    assert "positive is better" in found["better"].detail
    assert found["calibrated"].difference < 0  # of a gap negative is better
    assert "negative is better" in found["calibrated"].detail
    assert found["calibrated"].metric == "calibration_gap"


def test_a_planted_loser_breaks_its_floor_and_the_best_baseline_is_champion(records):
    results, verdict = judged(records, BAD, ALL)
    assert [result.claim for result in results if result.held] == []
    assert by_key(results)["floor"].verdict == "worse"
    assert (verdict.standing, verdict.champion) == ("worse", "card")
    assert "floor, calibrated" in verdict.sentence


def test_a_win_over_the_baseline_only_is_a_win_of_the_inputs(records):
    errors = {**GOOD, "linear": (0.1, 0.0)}
    _, verdict = judged(records, errors, (FLOOR, BETTER))
    assert verdict.standing == "better"
    assert "win of the inputs" in verdict.sentence
    _, chinese = judged(records, errors, (FLOOR, BETTER), lang="zh")
    assert "这是输入的胜利" in chinese.sentence


def test_vintages_that_chose_the_recipe_are_judged_apart_and_confirm_nothing(records):
    results, verdict = judged(records, GOOD, ALL, development=(2004, 2005))
    assert [result.block for result in results] == ["all", "development", "confirmation"] * len(ALL)
    assert verdict.standing == "better"
    whole, chose, confirm = (
        by_key(results, block)["better"] for block in ("all", "development", "confirmation")
    )
    assert len({whole.difference, chose.difference, confirm.difference}) == 3
    assert "did not choose the recipe" in confirm.detail
    results, verdict = judged(records, GOOD, ALL, development=ORIGINS)
    assert verdict.standing == "indistinguishable"
    assert "not confirmed" in verdict.sentence


def test_a_claim_about_one_block_is_judged_on_it(records):
    one = claim("one", "better", block="2006")
    (result,), verdict = judged(records, GOOD, (one,))
    assert (result.block, result.held) == ("all", True)
    assert "at the origin, 2006" in result.detail
    assert verdict.standing == "indistinguishable"  # one vintage alone does not make the study's answer
    (result,), _ = judged(records, GOOD, (one,), development=(2006,))
    assert result.block == "development"
    late = claim("late", "better", protocol="retrospective", block="2006-2007")
    (result,), verdict = judged(records, GOOD, (late,), protocol="retrospective")
    assert (result.block, result.held) == ("all", True)
    assert "retrospectively, 2006-2007" in result.detail


@pytest.mark.parametrize("protocol", ["origin", "retrospective"])
def test_the_test_of_a_claim_is_that_of_the_records(records, protocol):
    claims = (
        claim("auc", "better", protocol=protocol),
        claim("brier", "better", metric="brier", protocol=protocol),
        claim("log_loss", "not_worse", metric="log_loss", protocol=protocol),
    )
    study = made_study(claims=claims, protocols=(protocol,), origins=ORIGINS, retrospective=WINDOWS)
    scored = made_scored(records, study, GOOD, protocol=protocol)
    found = by_key(judge(made_record(records, scored), study)[0])
    ours, card, label = scored.predicted["ours"], scored.predicted["card"], scored.label
    area = stratified_delong(label, ours, card, scored.vintage)
    assert found["auc"].p_value == pytest.approx(area.test.p_value)
    assert found["auc"].difference == pytest.approx(area.difference)
    brier = paired_loss_test((ours - label) ** 2, (card - label) ** 2, scored.vintage)
    assert found["brier"].statistic == pytest.approx(brier.test.statistic)
    assert found["brier"].held
    logs = [np.log(np.where(label == 1, p, 1 - p)) for p in (ours, card)]
    assert found["log_loss"].difference == pytest.approx(logs[1].mean() - logs[0].mean())


def test_records_of_one_customer_are_one_observation():
    many = made_records(6000, customers=3000)
    study = made_study(claims=(BETTER,), origins=ORIGINS)
    scored = made_scored(many, study, GOOD)
    (result,), _ = judge(made_record(many, scored), study)
    expected = stratified_delong(
        scored.label,
        scored.predicted["ours"],
        scored.predicted["card"],
        scored.fold,
        cluster=many.group[scored.rows],
    )
    assert result.p_value == pytest.approx(expected.test.p_value, rel=1e-9)


def test_under_cross_validation_the_folds_are_compared_and_corrected():
    loose = made_records(1500, years=None)
    cv = {"protocol": "cross_validation"}
    claims = (claim("auc", "better", **cv), claim("near", "within_margin", margin=0.005, **cv))
    study = made_study(claims=claims, protocols=("cross_validation",), folds=3, repeats=3)
    scored = made_scored(loose, study, GOOD, protocol="cross_validation")
    results, verdict = judge(made_record(loose, scored), study)
    found = by_key(results)
    court = Arena(made_record(loose, scored), study).headline
    table = [
        [
            court.figures["auc"](court.said("ours", "all").take(rows))
            - court.figures["auc"](court.said("card", "all").take(rows))
            for fold in range(3 * turn, 3 * turn + 3)
            for rows in [np.flatnonzero(scored.fold == fold)]
        ]
        for turn in range(3)
    ]
    expected = corrected_repeated_cv(table)
    assert found["auc"].test == "corrected_repeated_cv"
    assert found["auc"].p_value == pytest.approx(expected.p_value)
    assert found["auc"].difference == pytest.approx(np.mean(table))
    assert found["near"].held
    assert verdict.standing == "better"


def test_claims_about_what_the_run_lacks_are_not_judged_and_say_so(records):
    claims = (
        claim("model", "better", model="absent"),
        claim("opponent", "better", opponent="absent"),
        claim("protocol", "better", protocol="retrospective"),
        claim("block", "better", block="1999"),
        claim("metric", "better", metric="r2"),
    )
    results, _ = judged(records, GOOD, claims)
    assert len(results) == len(claims)
    assert not any(result.held for result in results)
    assert {result.test for result in results} == {"none"}
    assert all("Not judged" in result.detail for result in results)
    past = claim("past", "better_calibrated", protocol="retrospective")
    (result,), _ = judged(records, GOOD, (past,), protocol="retrospective")
    assert (result.held, result.test) == (False, "none")
    assert "matured after the origin" in result.detail


def test_network_stands_for_the_network_the_study_names_first(records):
    (result,), _ = judged(records, GOOD, (claim("net", "better", model="network"),))
    assert (result.model, result.held) == ("net", True)


def test_models_that_say_the_same_are_neither_worse_nor_apart(records):
    study = made_study(claims=(FLOOR, claim("near", "within_margin"), BETTER), origins=ORIGINS)
    scored = made_scored(records, study, GOOD)
    scored = replace(scored, predicted={**scored.predicted, "ours": scored.predicted["card"]})
    results, verdict = judge(made_record(records, scored), study)
    assert {result.claim for result in results if result.held} == {"floor", "near"}
    assert "the same of every record" in results[0].detail
    assert verdict.standing == "indistinguishable"


def test_missing_predictions_are_left_out_of_a_duel_and_counted(records):
    study = made_study(claims=(BETTER,), origins=ORIGINS)
    scored = made_scored(records, study, GOOD)
    holed = scored.predicted["card"].copy()
    holed[:7] = np.nan
    run = made_record(records, replace(scored, predicted={**scored.predicted, "card": holed}))
    (found,) = [
        row
        for row in comparisons(run, study)
        if (row.model, row.opponent, row.metric, row.entity) == ("ours", "card", "auc", "origin:")
    ]
    assert "7 records left out" in found.test.note
    assert found.test.n_obs == scored.rows.size - 7


def test_loss_studies_are_judged_by_error_and_rank():
    loose = made_records(1200, years=(2000, 2009), loss=True)
    claims = (
        claim("mae", "better", metric="mae"),
        claim("r2", "better", metric="r2"),
        claim("rank", "better", metric="spearman"),
        claim("low", "at_least", metric="mae", opponent="", margin=0.3),
        claim("auc", "better"),
    )
    results, verdict = judged(loose, GOOD, claims, head="hurdle_beta", origins=(2005, 2006))
    found = by_key(results)
    assert {key for key, result in found.items() if result.held} == {"mae", "r2", "rank", "low"}
    assert found["mae"].difference < 0 < found["r2"].difference
    assert found["rank"].difference > 0
    assert found["rank"].test == "paired_bootstrap"
    assert verdict.standing == "better"


def test_every_pair_is_compared_on_every_protocol_part_and_block(records):
    study = made_study(
        protocols=("origin", "retrospective"), origins=ORIGINS, retrospective=WINDOWS, development=(2004,)
    )
    one = made_scored(records, study, GOOD)
    two = made_scored(records, study, GOOD, protocol="retrospective")
    found = comparisons(made_record(records, one, two), study)
    assert len(pairs(one)) == 9
    entities = {(row.entity, row.block) for row in found if row.metric == "auc"}
    assert entities == {
        *(("origin:", block) for block in ("all", "development", "confirmation")),
        ("origin:2004", "development"),
        *((f"origin:{year}", "confirmation") for year in (2005, 2006, 2007)),
        *((f"retrospective:{block}", "all") for block in ("", "2004-2005", "2006-2007")),
    }
    assert len([row for row in found if row.metric == "auc"]) == 9 * len(entities)
    gaps = {(row.model, row.entity) for row in found if row.metric == "calibration_gap"}
    assert gaps == {("ours", "origin:")}
    better = next(row for row in found if (row.model, row.opponent, row.metric) == ("ours", "card", "auc"))
    assert (better.standing, better.difference > 0) == ("better", True)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_test_a_claim_can_name_has_a_name(records, lang):
    results, _ = judged(records, GOOD, ALL, lang=lang)
    names = {result.test for result in results} | {
        "none",
        "paired_loss_test",
        "corrected_repeated_cv",
        "paired_bootstrap",
    }
    assert [name for name in names if not has_text(f"names.test.{name}", lang)] == []
    assert [row.metric for row in results if not has_text(f"names.metric.{row.metric}", lang)] == []


def test_settings_choose_the_champion_but_not_the_verdict(records):
    _, verdict = judged(records, GOOD, (FLOOR, BETTER), champion="trees")
    assert (verdict.standing, verdict.champion) == ("better", "trees")
    assert "chosen in the settings" in verdict.sentence


@pytest.mark.parametrize(
    ("settings", "match"),
    [({"candidate": "absent"}, "deploy.candidate"), ({"champion": "x"}, "deploy.champion")],
)
def test_unknown_candidates_and_champions_are_refused(records, settings, match):
    with pytest.raises(SettingError, match=match):
        judged(records, GOOD, (FLOOR,), **settings)


def test_without_a_baseline_there_is_no_verdict(records):
    study = made_study(origins=ORIGINS)
    bare = replace(made_scored(records, study, GOOD), baselines=())
    with pytest.raises(SettingError, match="conventional baseline"):
        judge(made_record(records, bare), study)


def test_shuffled_predictions_come_out_better_at_most_at_the_size():
    """Two models that know equally little: each of AUC, log loss and calibration wins within its size."""
    runs, size = 150, 0.05
    wins = dict.fromkeys(("auc", "log_loss", "calibration_gap", "verdict"), 0)
    claims = (
        claim("auc", "better", p_value=size),
        claim("log_loss", "better", metric="log_loss", p_value=size),
        claim("gap", "better_calibrated", p_value=size),
    )
    records = made_records(2500)
    study = made_study(claims=claims, origins=(2005, 2006, 2007))
    made = made_scored(records, study, GOOD)
    for number in range(runs):
        random = np.random.default_rng(number)
        base = made.predicted["ours"]
        shuffled = {name: random.permutation(base) for name in made.predicted}
        results, verdict = judge(made_record(records, replace(made, predicted=shuffled)), study)
        for result in results:
            wins[result.metric] += result.held
        wins["verdict"] += verdict.standing == "better"
    # a two-sided test at 5 % is won by one side 2.5 % of the time; any of three at most 7.5 %
    for name, share in (("auc", 0.025), ("log_loss", 0.025), ("calibration_gap", 0.025), ("verdict", 0.075)):
        assert wins[name] <= binom.ppf(0.9999, runs, share), (name, wins)
    assert sum(wins.values()) > 0
