"""The two controls: on shuffled labels nothing wins beyond the test's size; a planted signal is found."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.stats import binom

from barograph.core.results import Comparison
from barograph.core.scoring_study import ScoringStudy
from barograph.engines.scoring.fit import ScoringRun
from barograph.evaluate.records.claims import judge
from barograph.evaluate.records.comparing import comparisons
from small_scoring import book, scored, small_scoring, snapshot_of

QUICK, LONG = 3, 20
SIZE = 0.025
"""Of one side of the two-sided test at 5 %: to win where there is nothing to win."""

LEARNING = {
    "model__networks": ("mlp",),
    "model__settings": {"mlp": {"hidden": (16,)}},
    "train__max_steps": 300,
    "train__check_every": 25,
    "train__learning_rate": 0.03,
}


def shuffled(table: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The book with its labels dealt anew within each year: no column knows anything any more."""
    random = np.random.default_rng(seed)
    labels = table["bad"].to_numpy().reshape(7, -1)
    return table.with_columns(bad=pl.Series(random.permuted(labels, axis=1).ravel()))


def pooled(found: list[Comparison], model: str, opponent: str, metric: str = "auc") -> Comparison:
    (one,) = [
        c
        for c in found
        if (c.model, c.opponent, c.metric, c.block, c.entity) == (model, opponent, metric, "all", "origin:")
    ]
    return one


def compared(table: pl.DataFrame, study: ScoringStudy) -> tuple[ScoringRun, list[Comparison]]:
    made = scored(snapshot_of(table, study), study)
    return made, comparisons(made.record, study)


def check_shuffled(seeds: int, **changes: object) -> None:
    study = small_scoring(model__hazard="mlp", evaluate__development=(), **changes)
    wins: dict[tuple[str, str], int] = {}
    verdicts = 0
    for seed in range(seeds):
        made, found = compared(shuffled(book(200, seed=seed), seed), study)
        for one in found:
            if (one.metric, one.block, one.entity) == ("auc", "all", "origin:"):
                key = (one.model, one.opponent)
                wins[key] = wins.get(key, 0) + (one.standing == "better")
        verdicts += judge(made.record, study)[1].standing == "better"
        assert made.record.leaks == ()
    assert {("combination", "scorecard"), ("mlp", "linear"), ("hazard", "lightgbm")} <= wins.keys()
    bound = int(binom.ppf(1 - 0.001 / len(wins), seeds, SIZE))
    assert max(wins.values()) <= bound, wins
    assert verdicts <= bound


def test_on_shuffled_labels_nothing_is_better_more_often_than_the_test_s_size() -> None:
    check_shuffled(QUICK, model__networks=("mlp",))


@pytest.mark.soak
def test_on_shuffled_labels_nothing_is_better_at_length() -> None:
    check_shuffled(LONG, **LEARNING | {"model__networks": ("mlp", "tabm", "transformer", "autoencoder")})


def test_a_planted_interaction_that_no_scorecard_and_no_control_can_see_is_found() -> None:
    study = small_scoring(**LEARNING)
    _, found = compared(book(), study)
    for model, opponent in (("combination", "scorecard"), ("mlp", "scorecard"), ("mlp", "linear")):
        one = pooled(found, model, opponent)
        assert one.standing == "better", one
        assert one.difference > 0.05, one
        assert one.test.p_value < 0.01, one


def test_without_the_plant_the_network_does_not_beat_its_control() -> None:
    """The same book with a strength of zero: what was found above was the plant."""
    study = small_scoring(**LEARNING)
    made, found = compared(book(plant=0.0), study)
    one = pooled(found, "mlp", "linear")
    assert one.test.p_value > 0.001 or one.standing != "better", one
    assert pooled(found, "mlp", "linear", "log_loss").standing != "better"
    assert made.record.headline.predicted["linear"].std() > 0.1, "the control sees what is plain"
