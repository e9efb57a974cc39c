"""`fx/depreciation`: how likely a currency is to lose more than a share of its value within some fixings.

Nothing is claimed on direction. A rate without drift and its GARCH volatility imply a probability; networks
start there, and what they add is judged against it and against how often the currency fell before. The
claims are written down before results are seen. 2010 to 2012 are development; the later years confirm.
"""

from __future__ import annotations

from typing import Final

from barograph.core.recipe import Recipe
from barograph.core.record_sections import FixingsSection
from barograph.core.scoring_study import (
    EncodeSection,
    FitSection,
    JudgeSection,
    RecordsSection,
    ScorersSection,
    ScoringClaim,
    ScoringStudy,
    ShipSection,
)
from barograph.core.texts import text
from barograph.risks.fx.volatility import ANNOUNCED

__all__ = ["RECIPE"]

DEEP: Final = "mlp"
IMPLIED, CLIMATOLOGY = "garch_implied", "climatology"

CLAIMS = (
    ScoringClaim(
        key="floor-implied",
        rung="floor",
        kind="not_worse",
        model="combination",
        opponent=IMPLIED,
        metric="brier",
    ),
    *(
        ScoringClaim(
            key=f"target-{rival.replace('_', '-')}",
            rung="target",
            kind="better",
            model="combination",
            opponent=rival,
            metric="brier",
        )
        for rival in (CLIMATOLOGY, IMPLIED)
    ),
    ScoringClaim(
        key="target-ranking",
        rung="target",
        kind="better",
        model="combination",
        opponent=IMPLIED,
        metric="auc",
    ),
    ScoringClaim(
        key="moonshot-network",
        rung="moonshot",
        kind="better",
        model="network",
        opponent=IMPLIED,
        metric="brier",
    ),
    ScoringClaim(
        key="moonshot-booster",
        rung="moonshot",
        kind="better",
        model="network",
        opponent="lightgbm",
        metric="brier",
    ),
)
"""The combination is no worse than the GARCH-implied probability; it is better than that and than
climatology in Brier score, and than the former in AUC; the network alone is better than the former and than
tuned LightGBM."""

RECIPE = Recipe(
    study=ScoringStudy(
        name="fx/depreciation",
        question=text("studies.question.depreciation"),
        collect=RecordsSection(source="ecb-fixings", outcome_months=1),
        prepare=EncodeSection(
            fixings=FixingsSection(announced=ANNOUNCED), bins=8, history_months=0, macro=False
        ),
        model=ScorersSection(
            networks=(DEEP,),
            offset=IMPLIED,
            baselines=(IMPLIED, CLIMATOLOGY, "logistic", "lightgbm"),
            calibration="platt",
            experience=False,
        ),
        train=FitSection(
            seeds=3,
            trials=4,
            tuned=(DEEP, "lightgbm"),
            max_steps=300,
            batch=512,
            learning_rate=3e-3,
            check_every=25,
            patience=4,
        ),
        evaluate=JudgeSection(
            origins=tuple(range(2010, 2027)),
            hold_out="vintages",
            development=(2010, 2011, 2012),
            leak_removal=0.2,
            claims=CLAIMS,
        ),
        deploy=ShipSection(policy="currency"),
    ),
    budgets={
        "quick": {
            "prepare.fixings.entities": ("aud", "brl", "gbp", "mxn", "try", "usd", "zar"),
            "train.seeds": 1,
            "train.trials": 2,
            "train.max_steps": 100,
            "evaluate.origins": (2012, 2016, 2020),
            "evaluate.bootstrap": 200,
        },
        "standard": {
            "prepare.fixings.entities": (
                *("aud", "brl", "cad", "chf", "czk", "gbp", "huf", "inr", "jpy", "krw"),
                *("mxn", "nok", "nzd", "pln", "sek", "try", "usd", "zar"),
            ),
        },
        "full": {
            "model.networks": (DEEP, "tabm", "cnn", "rnn", "autoencoder", "transformer"),
            "train.seeds": 5,
            "train.trials": 16,
            "train.max_steps": 1000,
        },
    },
    minutes={"quick": 1.0, "standard": 3.0, "full": 90.0},
)
"""The shipped study; `minutes` are the budgets' allowances on two idle cores, not measurements."""
