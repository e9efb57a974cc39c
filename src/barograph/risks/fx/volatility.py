"""`fx/volatility`: how much each currency moves against the euro in the next days, up or down.

The claims are written down before results are seen, as a ladder. Rates under a peg, a floor or a narrow band
are forecast and shown, and counted in no claim, on the days on which that was known.

Three pairs are development; they chose budgets and nothing else, for the recipe is that of
`market/volatility` with inputs for currencies. The others confirm, with a reservation: a probe of the
project's specification (14 floating currencies, 2010–2026, GARCH-t refitted every 63 days) had looked at all
pairs that float since 1999 before this recipe was written.
"""

from __future__ import annotations

from typing import Final

from barograph.core.recipe import Recipe
from barograph.core.study import (
    Claim,
    CollectSection,
    EvaluateSection,
    ModelSection,
    PrepareSection,
    Study,
    TrainSection,
)
from barograph.core.texts import text

__all__ = ["ANNOUNCED", "RECIPE"]

DEEP: Final = "mlp"
RIVALS: Final = {"garch": "garch_t", "gjr": "gjr_garch_t", "ewma": "ewma"}

ANNOUNCED: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "chf": (("2011-09-06", "2015-01-14"),),
    "czk": (("2013-11-07", "2017-04-05"),),
    "dkk": (("1999-01-04", ""),),
}
"""Held against the euro by announcement, first and last fixing: the Swiss National Bank's floor of 1.20 (left
on the morning of 15 January 2015, before that day's fixing), the Czech National Bank's floor near 27, and the
krone's narrow band in the exchange rate mechanism. The dates of the announcements are from memory; the
fixings agree with them."""

FLOOR = (Claim(key="floor-confidence-set", rung="floor", kind="in_confidence_set", p_value=0.10, share=0.80),)
"""In the 90 % model confidence set on four pairs of five."""

TARGET = (
    *(
        Claim(key=f"target-{key}-share", rung="target", kind="share_below", opponent=rival, share=0.80)
        for key, rival in RIVALS.items()
    ),
    *(
        Claim(key=f"target-{key}-panel", rung="target", kind="panel_better", opponent=rival, p_value=0.001)
        for key, rival in RIVALS.items()
    ),
    Claim(
        key="target-both-tails", rung="target", kind="backtests_pass", p_value=0.05, share=0.80, side="both"
    ),
)
"""Below GARCH-t, GJR-GARCH-t and EWMA on four pairs of five and over the panel; both tails pass."""

MOONSHOT = tuple(
    Claim(
        key=f"moonshot-{key}-holm",
        rung="moonshot",
        kind="share_holm",
        opponent=rival,
        p_value=0.05,
        share=0.50,
    )
    for key, rival in RIVALS.items()
)
"""Better than each of the three on half the pairs after Holm's correction."""

RECIPE = Recipe(
    study=Study(
        name="fx/volatility",
        question=text("studies.question.currencies"),
        collect=CollectSection(source="ecb-fixings", quotes="fixings"),
        prepare=PrepareSection(inputs="currencies", anchor="usd", announced=ANNOUNCED),
        model=ModelSection(networks=(DEEP, "rnn")),
        train=TrainSection(seeds=8, join_days=1000),
        evaluate=EvaluateSection(development=("gbp", "nok", "usd"), claims=(*FLOOR, *TARGET, *MOONSHOT)),
    ),
    budgets={
        "quick": {
            "collect.entities": ("usd", "chf", "dkk", "zar"),
            "collect.since": "2003-01-01",
            "collect.until": "2018-12-31",
            "model.networks": (DEEP,),
            "train.seeds": 2,
            "train.max_steps": 150,
            "train.refit_every": 504,
            "train.baseline_refit_every": 504,
            "evaluate.test_since": "2014-01-01",
        },
        "standard": {
            "collect.entities": (
                *("aud", "cad", "chf", "dkk", "gbp", "hkd", "huf"),
                *("jpy", "krw", "nok", "pln", "sek", "usd", "zar"),
            ),
            "model.networks": (DEEP,),
            "train.seeds": 8,
            "train.batch": 256,
            "train.patience": 4,
            "train.max_steps": 200,
            "train.refit_every": 252,
            "train.baseline_refit_every": 126,
            "evaluate.test_since": "2015-01-01",
        },
        "full": {
            "collect.entities": (),
            "model.networks": (DEEP, "rnn", "cnn", "autoencoder", "transformer"),
            "train.seeds": 8,
            "train.max_steps": 1500,
            "train.refit_every": 252,
            "train.baseline_refit_every": 63,
            "evaluate.test_since": "2010-01-01",
        },
    },
    minutes={"quick": 1.0, "standard": 3.0, "full": 120.0},
)
"""The shipped study; `minutes` are the budgets' allowances on two idle cores, not measurements."""
