"""Every shipped recipe is complete and keeps the rules of the house."""

from __future__ import annotations

import pytest

from barograph.core.recipe import Recipe
from barograph.pipeline.settings import with_budget
from barograph.risks.catalogue import DEFAULT_STUDY, RECIPES

BUDGETS = ("quick", "standard", "full")
recipes = pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))


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
    assert study.train.baseline_refit_every <= study.train.refit_every
    assert recipe.minutes[study.budget] > 0


@recipes
@pytest.mark.parametrize("budget", BUDGETS)
def test_every_claim_speaks_of_models_that_run(recipe: Recipe, budget: str) -> None:
    study = with_budget(recipe.study, budget)
    running = {study.deploy.candidate, "linear", *study.model.networks, *study.model.baselines}
    for claim in study.evaluate.claims:
        assert claim.model in running
        assert claim.opponent in running | {""}


@recipes
def test_the_ladder_has_all_three_rungs_and_the_floor_speaks_for_the_candidate(recipe: Recipe) -> None:
    claims = recipe.study.evaluate.claims
    assert {claim.rung for claim in claims} == {"floor", "target", "moonshot"}
    assert {c.model for c in claims if c.rung == "floor"} == {recipe.study.deploy.candidate}


@recipes
def test_enough_seeds_for_a_verdict_and_something_left_to_confirm(recipe: Recipe) -> None:
    for budget in ("standard", "full"):
        study = with_budget(recipe.study, budget)
        assert study.train.seeds >= 5
        assert set(study.collect.entities) - set(study.evaluate.development) or not study.collect.entities
