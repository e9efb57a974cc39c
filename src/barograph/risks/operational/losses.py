"""`operational/losses`: how many losses will there be, how large, and how bad can a year be?

The packaged sample is a stand-in: Danish fire losses above a million kroner. The years to 1987 are for
choosing the recipe; those after confirm. The 99.9 % quantile of a year is stated with its interval and is not
testable on this sample.
"""

from __future__ import annotations

from barograph.core.ledger_study import (
    LedgerClaim,
    LedgerInputsSection,
    LedgerJudgeSection,
    LedgerModelSection,
    LedgerSection,
    LedgerShipSection,
    LedgerStudy,
    LedgerTrainSection,
)
from barograph.core.recipe import Recipe
from barograph.core.texts import text

__all__ = ["RECIPE"]

CLAIMS = (
    LedgerClaim(key="floor-counts", rung="floor", kind="not_worse", metric="count_log_score"),
    LedgerClaim(
        key="floor-severity", rung="floor", kind="not_worse", opponent="spliced", metric="severity_tail_crps"
    ),
    LedgerClaim(key="target-counts", rung="target", kind="better", metric="count_log_score"),
    LedgerClaim(
        key="target-severity", rung="target", kind="better", opponent="spliced", metric="severity_tail_crps"
    ),
    LedgerClaim(key="moonshot-counts", rung="moonshot", kind="better", p_value=0.01),
    LedgerClaim(
        key="moonshot-severity",
        rung="moonshot",
        kind="better",
        opponent="spliced",
        metric="severity_log_score",
        p_value=0.01,
    ),
)

RECIPE = Recipe(
    study=LedgerStudy(
        name="operational/losses",
        question=text("studies.question.losses"),
        collect=LedgerSection(source="danish-fire"),
        prepare=LedgerInputsSection(window=26, tail_share=0.10),
        model=LedgerModelSection(
            networks=("mlp", "rnn"),
            settings={"mlp": {"hidden": [16]}, "rnn": {"hidden": 8, "readout": [16]}},
        ),
        train=LedgerTrainSection(
            seeds=5,
            max_steps=200,
            check_every=10,
            patience=5,
            batch=128,
            learning_rate=3e-3,
            weight_decay=0.1,
        ),
        evaluate=LedgerJudgeSection(test_since=1986, development_until=1987, claims=CLAIMS),
        deploy=LedgerShipSection(candidate="network"),
    ),
    budgets={
        "quick": {
            "model.networks": ("mlp",),
            "train.seeds": 2,
            "train.max_steps": 100,
            "train.workers": 1,  # a second process would take longer to start than to train
            "deploy.simulated_years": 20_000,
            "deploy.bootstrap": 50,
        },
        "standard": {
            "model.networks": ("mlp", "rnn"),
            "train.seeds": 5,
            "train.max_steps": 200,
            "deploy.simulated_years": 100_000,
            "deploy.bootstrap": 200,
        },
        "full": {
            "model.networks": ("mlp", "rnn", "cnn", "autoencoder", "transformer"),
            "train.seeds": 10,
            "train.max_steps": 600,
            "deploy.simulated_years": 1_000_000,
            "deploy.bootstrap": 1_000,
        },
    },
    minutes={"quick": 1.0, "standard": 3.0, "full": 40.0},
)
"""The shipped study; `minutes` are the budgets' allowances on two idle cores, not measurements."""
