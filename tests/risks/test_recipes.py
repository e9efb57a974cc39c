"""Every shipped recipe is complete and keeps the rules of the house, whichever engine runs it."""

from __future__ import annotations

import pytest

from barograph.core.level_study import LevelStudy
from barograph.core.recipe import AnyStudy, Recipe
from barograph.core.scoring_study import ScoringStudy
from barograph.core.study import Study
from barograph.core.unsupervised import BEST_RIVAL, unsupervised_models
from barograph.engines.scoring.combining import CONTROL_COMBINATION
from barograph.engines.scoring.tasks import HAZARD
from barograph.evaluate.records.plan import block_name
from barograph.pipeline.settings import with_budget
from barograph.risks.catalogue import DEFAULT_STUDY, RECIPES

BUDGETS = ("quick", "standard", "full")
recipes = pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
OF_RECORDS = [recipe for recipe in RECIPES.values() if isinstance(recipe.study, ScoringStudy)]
OF_LOANS = [recipe for recipe in OF_RECORDS if recipe.study.collect.source in ("sba-loans", "sba-lgd")]
of_records = pytest.mark.parametrize("recipe", OF_RECORDS, ids=lambda recipe: recipe.study.name)
of_loans = pytest.mark.parametrize("recipe", OF_LOANS, ids=lambda recipe: recipe.study.name)


def running(study: AnyStudy) -> set[str]:
    """Every model that a run of the study has."""
    names = {study.deploy.candidate, "linear", *study.model.networks, *study.model.baselines}
    if isinstance(study, ScoringStudy):
        names |= {CONTROL_COMBINATION, "network"} | ({HAZARD} if study.model.hazard else set())
        names |= {BEST_RIVAL, *unsupervised_models(study)} if unsupervised_models(study) else set()
    return names | ({"network"} if isinstance(study, LevelStudy) else set())


def spoken_for(study: AnyStudy) -> set[str]:
    """Whom a floor may speak for: the candidate, of records also the network alone."""
    return {study.deploy.candidate} | ({"network"} if isinstance(study, ScoringStudy) else set())


@recipes
def test_a_recipe_is_catalogued_under_its_own_name(recipe: Recipe) -> None:
    assert RECIPES[recipe.study.name] is recipe


def test_a_risk_named_alone_means_a_shipped_study_of_that_risk() -> None:
    assert {name.partition("/")[0] for name in RECIPES} == set(DEFAULT_STUDY)
    for risk, name in DEFAULT_STUDY.items():
        assert name in RECIPES
        assert name.startswith(f"{risk}/")


@recipes
@pytest.mark.parametrize("budget", BUDGETS)
def test_every_budget_is_a_valid_study(recipe: Recipe, budget: str) -> None:
    study = with_budget(recipe.study, budget)
    assert study.budget == budget
    assert recipe.minutes[study.budget] > 0
    if isinstance(study, Study):
        assert study.train.baseline_refit_every <= study.train.refit_every


@recipes
def test_a_larger_budget_is_allowed_more_minutes(recipe: Recipe) -> None:
    assert recipe.minutes["quick"] < recipe.minutes["standard"] < recipe.minutes["full"]


@recipes
@pytest.mark.parametrize("budget", BUDGETS)
def test_every_claim_speaks_of_models_that_run(recipe: Recipe, budget: str) -> None:
    study = with_budget(recipe.study, budget)
    for claim in study.evaluate.claims:
        assert claim.model in running(study)
        assert claim.opponent in running(study) | {""}


@of_records
@pytest.mark.parametrize("budget", ["standard", "full"])
def test_every_claim_about_records_speaks_of_a_protocol_and_a_block_that_are_scored(
    recipe: Recipe, budget: str
) -> None:
    study = with_budget(recipe.study, budget)
    assert isinstance(study, ScoringStudy)
    tests = {block_name(study, "retrospective", code) for code in range(len(study.evaluate.retrospective))}
    for claim in study.evaluate.claims:
        assert claim.protocol in study.evaluate.protocols
        assert claim.block in tests | {""}
        assert not (claim.protocol == "retrospective" and claim.kind == "better_calibrated")


@recipes
def test_the_ladder_has_all_three_rungs_and_the_floor_speaks_for_the_candidate(recipe: Recipe) -> None:
    claims, deploy = recipe.study.evaluate.claims, recipe.study.deploy
    assert {claim.rung for claim in claims} == {"floor", "target", "moonshot"}
    floor = {claim.model for claim in claims if claim.rung == "floor"}
    assert deploy.candidate in floor
    assert floor <= spoken_for(recipe.study)


@recipes
def test_enough_seeds_for_a_verdict_and_something_left_to_confirm(recipe: Recipe) -> None:
    for budget in ("standard", "full"):
        study = with_budget(recipe.study, budget)
        if isinstance(study, ScoringStudy):
            judged = study.evaluate
            assert study.train.seeds >= 3 or study.train.bag >= 5  # a bag's parts differ by more than a seed
            assert study.train.seeds >= 3 or budget == "full"
            assert set(judged.origins) - set(judged.development) or judged.protocols[0] != "origin"
        else:
            assert study.train.seeds >= 5
        if isinstance(study, Study):
            assert set(study.collect.entities) - set(study.evaluate.development) or not study.collect.entities


@of_loans
def test_what_became_of_a_loan_is_denied_with_a_reason(recipe: Recipe) -> None:
    study = recipe.study
    assert isinstance(study, ScoringStudy)
    known_later = {"term", "status", "chgoff_date", "chgoff_amount", "balance", "disbursement_date"}
    assert known_later <= set(study.collect.deny)
    assert all(study.collect.deny.values())


@of_records
@pytest.mark.parametrize("budget", BUDGETS)
def test_networks_and_boosting_get_the_same_number_of_trials(recipe: Recipe, budget: str) -> None:
    study = with_budget(recipe.study, budget)
    assert isinstance(study, ScoringStudy)
    assert study.model.networks[0] in study.train.tuned
    assert "lightgbm" in study.train.tuned
