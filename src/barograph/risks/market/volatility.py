"""`market/volatility`: how much an index, a commodity or a stock moves in the next days, its VaR and its ES.

The claims are written down before results are seen, as a ladder: the floor is an obligation, the target is
what a release should show, the moonshot is what would be new. Each is printed as it comes out.
"""

from __future__ import annotations

from typing import Final

from barograph.core.recipe import Recipe
from barograph.core.study import (
    Claim,
    CollectSection,
    EvaluateSection,
    ModelSection,
    Study,
    TrainSection,
)
from barograph.core.texts import text

__all__ = ["RECIPE"]

CONTROL: Final = "linear"
DEEP: Final = "mlp"
RIVAL: Final = "gjr_garch_t"

FLOOR = (
    Claim(key="floor-never-worse", rung="floor", kind="never_worse", opponent=RIVAL, p_value=0.05),
    Claim(
        key="floor-confidence-set",
        rung="floor",
        kind="in_confidence_set",
        p_value=0.10,
        share=0.80,
    ),
)
"""Worse than GJR-GARCH-t on no asset (Holm, 5 %); in the 90 % model confidence set on four assets of five."""

TARGET = (
    Claim(key="target-gjr", rung="target", kind="panel_better", opponent=RIVAL, p_value=0.001),
    Claim(key="target-har", rung="target", kind="panel_better", opponent="har", p_value=0.001),
    Claim(key="target-share", rung="target", kind="share_better", opponent=RIVAL, p_value=0.05, share=0.85),
)
"""Better than GJR-GARCH-t and than HAR over the panel, and than GJR-GARCH-t on 85 % of the assets."""

MOONSHOT = (
    Claim(
        key="moonshot-network",
        rung="moonshot",
        kind="panel_better",
        model=DEEP,
        opponent=CONTROL,
        p_value=0.01,
    ),
    Claim(
        key="moonshot-network-share",
        rung="moonshot",
        kind="share_better",
        model=DEEP,
        opponent=CONTROL,
        p_value=0.05,
        share=0.30,
    ),
    Claim(
        key="moonshot-tail-1",
        rung="moonshot",
        kind="panel_better",
        opponent="filtered_historical",
        metric="fz0_1",
        p_value=0.05,
    ),
    Claim(
        key="moonshot-tail-2.5",
        rung="moonshot",
        kind="panel_better",
        opponent="filtered_historical",
        metric="fz0_2.5",
        p_value=0.05,
    ),
    Claim(key="moonshot-backtests", rung="moonshot", kind="backtests_pass", p_value=0.05, share=0.80),
)
"""The network alone beats the linear control on the same inputs; VaR and ES beat filtered historical
simulation at both tails; Kupiec, Christoffersen and dynamic-quantile tests pass on four assets of five."""

RECIPE = Recipe(
    study=Study(
        name="market/volatility",
        question=text("studies.question.volatility"),
        collect=CollectSection(source="market-samples"),
        model=ModelSection(networks=(DEEP, "rnn")),
        train=TrainSection(seeds=8),
        evaluate=EvaluateSection(claims=(*FLOOR, *TARGET, *MOONSHOT)),
    ),
    budgets={
        "quick": {
            "collect.entities": ("sp500", "wti", "ko"),
            "collect.until": "2018-12-31",
            "model.networks": (DEEP,),
            "train.seeds": 2,
            "train.max_steps": 150,
            "train.refit_every": 504,
            "train.baseline_refit_every": 504,
            "evaluate.test_since": "2014-01-01",
        },
        "standard": {
            "collect.entities": ("sp500", "nasdaq", "wti", "aapl", "jpm", "ko", "unh", "xom"),
            "model.networks": (DEEP, "rnn"),
            "model.settings": {"rnn": {"hidden": 8}},
            "train.seeds": 8,
            "train.batch": 256,
            "train.patience": 4,
            "train.max_steps": 200,
            "train.refit_every": 63,
            "train.baseline_refit_every": 63,
            "evaluate.test_since": "2015-01-01",
        },
        "full": {
            "collect.entities": (),
            "model.networks": (DEEP, "rnn", "cnn", "autoencoder", "transformer"),
            "train.seeds": 8,
            "train.max_steps": 1500,
            "train.refit_every": 252,
            "train.baseline_refit_every": 21,
            "evaluate.test_since": "2010-01-01",
            "evaluate.test_since_of": {"sp500": "2005-01-01", "nasdaq": "2005-01-01"},
        },
    },
    minutes={"quick": 1.0, "standard": 3.0, "full": 120.0},
)
"""The shipped study; `minutes` are the budgets' allowances on two idle cores, not measurements."""
