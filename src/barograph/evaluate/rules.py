"""The kinds of claim a recipe can make, and what each finds on a block of entities.

- `never_worse`: on no entity significantly worse than the opponent, two-sided Diebold-Mariano p-values
  corrected by Holm over the block's entities at `p_value`. An entity that cannot be tested does not count;
  if none can, the claim does not hold.
- `in_confidence_set`: in the model confidence set of size `p_value` on at least `share` of the entities.
- `panel_better`: smaller mean loss, with a two-sided panel Diebold-Mariano p-value below `p_value`.
- `share_better`: Diebold-Mariano better at p below `p_value` on at least `share` of the entities, and after
  Holm worse on none.
- `share_below`: smaller mean loss on at least `share` of the entities; no test is made.
- `share_holm`: Diebold-Mariano better at `p_value`, after Holm's correction over the block, on at least
  `share` of the entities.
- `backtests_pass`: Kupiec, conditional coverage and dynamic quantile pass, at every tail probability of
  `BACKTEST_ALPHAS` and on the claim's side, on at least `share` of the entities. A test that could not be
  made is not passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from barograph.core.forecast import ALPHAS
from barograph.core.notes import in_language
from barograph.core.results import BackTest, ClaimResult
from barograph.core.study import Claim
from barograph.core.texts import text
from barograph.evaluate.arena import Arena, Block, Duel
from barograph.evaluate.claim_results import answered
from barograph.evaluate.confidence import sets_in
from barograph.evaluate.wording import label, p_text, percent
from barograph.measures.comparison import holm

BACKTEST_ALPHAS: Final = ALPHAS
"""Tail probabilities at which the back-tests of `backtests_pass` must pass."""

BACKTESTS: Final = ("kupiec", "conditional_coverage", "dynamic_quantile")
"""Names of the tests it asks for."""


@dataclass(frozen=True, slots=True)
class Question:
    """One claim on one block, with all that is needed to answer it."""

    claim: Claim
    field: Arena
    block: Block
    back_tests: Sequence[BackTest]
    lang: str

    @property
    def metric(self) -> str:
        """The loss that is compared."""
        return self.claim.metric

    @property
    def entities(self) -> tuple[str, ...]:
        """The block's entities."""
        return self.field.entities(self.block)

    def duels(self) -> dict[str, Duel]:
        """The claim's models against each other, entity by entity."""
        claim = self.claim
        return {
            entity: self.field.duel(
                claim.model, claim.opponent, metric=claim.metric, horizon=claim.horizon, entity=entity
            )
            for entity in self.entities
        }

    def panel(self) -> Duel:
        """The claim's models against each other, over the block taken together."""
        claim = self.claim
        return self.field.panel_duel(
            claim.model, claim.opponent, metric=claim.metric, horizon=claim.horizon, block=self.block
        )

    def detail(self, key: str, **values: object) -> str:
        """The sentence of a key of `verdict.detail`, with what all of them may name."""
        claim, lang = self.claim, self.lang
        common: dict[str, object] = {
            "model": label("model", claim.model, lang),
            "opponent": label("model", claim.opponent, lang) if claim.opponent else "",
            "metric": label("metric", claim.metric, lang),
            "horizon": claim.horizon,
            "size": f"{claim.p_value:g}",
            "share": percent(claim.share),
            "block": text(f"verdict.block.{self.block}", lang),
            "entities": len(self.entities),
        }
        return text(f"verdict.detail.{key}", lang, **{**common, **values})

    def enough(self, count: int) -> bool:
        """Whether a number of entities reaches the claim's share of the block."""
        return bool(self.entities) and count >= self.claim.share * len(self.entities) - 1e-9


Rule = Callable[[Question], ClaimResult]


def _worse_after_holm(duels: dict[str, Duel], size: float) -> tuple[list[str], dict[str, float]]:
    """Entities significantly worse after Holm's correction, and all adjusted p-values."""
    adjusted = holm(np.array([duel.test.p_value for duel in duels.values()]))
    by_entity = dict(zip(duels, adjusted.tolist(), strict=True))
    worse = [name for name, duel in duels.items() if by_entity[name] < size and duel.difference > 0.0]
    return worse, by_entity


def never_worse(question: Question) -> ClaimResult:
    """See the module. Statistic and p-value are those of the entity nearest to being worse.

    The verdict is `worse` where an entity is, else the standing of the panel test.
    """
    test = "diebold_mariano"
    duels = question.duels()
    tested = {name: duel for name, duel in duels.items() if np.isfinite(duel.test.statistic)}
    panel = question.panel()
    if not tested:
        detail = question.detail("never_worse_untested")
        return answered(
            question, test, detail, held=False, verdict="indistinguishable", difference=panel.difference
        )
    worse, adjusted = _worse_after_holm(duels, question.claim.p_value)
    nearest = max(tested, key=lambda name: tested[name].test.statistic)
    detail = question.detail(
        "never_worse",
        tested=len(tested),
        count=len(worse),
        worst=label("entity", nearest, question.lang),
        p=p_text(adjusted[nearest], question.lang),
    )
    return answered(
        question,
        test,
        detail,
        held=not worse,
        verdict="worse" if worse else panel.standing(),
        difference=panel.difference,
        statistic=tested[nearest].test.statistic,
        p_value=adjusted[nearest],
    )


def in_confidence_set(question: Question) -> ClaimResult:
    """See the module. The statistic is the share of entities; a claim that fails is `worse`."""
    claim = question.claim
    sets = sets_in(question.field, claim.metric, claim.horizon)
    inside = [name for name in question.entities if sets[name][claim.model] >= claim.p_value]
    held = question.enough(len(inside))
    detail = question.detail("in_confidence_set", count=len(inside), level=percent(1.0 - claim.p_value))
    return answered(
        question,
        "model_confidence_set",
        detail,
        held=held,
        verdict="indistinguishable" if held else "worse",
        statistic=len(inside) / len(question.entities),
    )


def panel_better(question: Question) -> ClaimResult:
    """See the module."""
    duel, lang = question.panel(), question.lang
    if np.isnan(duel.test.statistic):
        detail = question.detail("panel_better_untested", reason=in_language(duel.test.note, lang))
    else:
        detail = question.detail(
            "panel_better",
            difference=f"{duel.difference:+.4g}",
            statistic=f"{duel.test.statistic:.2f}",
            p=p_text(duel.test.p_value, lang),
        )
    verdict = duel.standing(question.claim.p_value)
    return answered(
        question,
        duel.test.name,
        detail,
        held=verdict == "better",
        verdict=verdict,
        difference=duel.difference,
        statistic=duel.test.statistic,
        p_value=duel.test.p_value,
    )


def share_better(question: Question) -> ClaimResult:
    """See the module. The statistic is the share of entities on which the model is better."""
    size = question.claim.p_value
    duels = question.duels()
    better = [name for name, duel in duels.items() if duel.standing(size) == "better"]
    worse, _ = _worse_after_holm(duels, size)
    held = question.enough(len(better)) and not worse
    detail = question.detail("share_better", count=len(better), worse=len(worse))
    return answered(
        question,
        "diebold_mariano",
        detail,
        held=held,
        verdict="better" if held else "worse" if worse else "indistinguishable",
        difference=question.panel().difference,
        statistic=len(better) / len(question.entities),
    )


def share_below(question: Question) -> ClaimResult:
    """See the module. The statistic is the share of entities; the verdict is that of the panel test."""
    duels, panel = question.duels(), question.panel()
    below = [name for name, duel in duels.items() if duel.difference < 0.0]
    return answered(
        question,
        "series_counted",
        question.detail("share_below", count=len(below)),
        held=question.enough(len(below)),
        verdict=panel.standing(),
        difference=panel.difference,
        statistic=len(below) / len(question.entities),
    )


def share_holm(question: Question) -> ClaimResult:
    """See the module. The statistic is the share of entities that are better after the correction."""
    duels = question.duels()
    adjusted = holm(np.array([duel.test.p_value for duel in duels.values()]))
    surviving = dict(zip(duels, adjusted.tolist(), strict=True))
    size = question.claim.p_value
    better = [n for n, duel in duels.items() if surviving[n] < size and duel.difference < 0.0]
    held = question.enough(len(better))
    return answered(
        question,
        "diebold_mariano",
        question.detail("share_holm", count=len(better)),
        held=held,
        verdict="better" if held else "indistinguishable",
        difference=question.panel().difference,
        statistic=len(better) / len(question.entities),
    )


def backtests_pass(question: Question) -> ClaimResult:
    """See the module. The statistic is the share of entities that pass; a claim that fails is `worse`."""
    outcomes = {name: _passes(question, name) for name in question.entities}
    passed = sum(outcome is True for outcome in outcomes.values())
    untested = sum(outcome is None for outcome in outcomes.values())
    held = question.enough(passed)
    lang = question.lang
    detail = question.detail(
        "backtests_pass",
        count=passed,
        alphas=", ".join(percent(alpha) for alpha in BACKTEST_ALPHAS),
        untested=text("verdict.detail.backtests_untested", lang, untested=untested) if untested else "",
    )
    return answered(
        question,
        "backtests",
        detail,
        held=held,
        verdict="indistinguishable" if held else "worse",
        statistic=passed / len(question.entities),
    )


def _passes(question: Question, entity: str) -> bool | None:
    """Whether every asked test passes on an entity; None where none fails but not every one could be made."""
    claim = question.claim
    sides: tuple[Literal["lower", "upper"], ...] = (
        ("lower", "upper") if claim.side == "both" else (claim.side,)
    )
    asked = [(name, side, alpha) for name in BACKTESTS for side in sides for alpha in BACKTEST_ALPHAS]
    found = {
        (result.test.name, result.side, result.alpha): result.passed
        for result in _of_model(question.back_tests, claim.model)
        if result.entity == entity
    }
    outcomes = [found.get(key) for key in asked]
    if any(outcome is False for outcome in outcomes):
        return False
    return None if any(outcome is None for outcome in outcomes) else True


def _of_model(back_tests: Iterable[BackTest], model: str) -> Iterable[BackTest]:
    return (result for result in back_tests if result.model == model)


RULES: Final[dict[str, Rule]] = {
    "never_worse": never_worse,
    "in_confidence_set": in_confidence_set,
    "panel_better": panel_better,
    "share_better": share_better,
    "share_below": share_below,
    "share_holm": share_holm,
    "backtests_pass": backtests_pass,
}
"""Every kind of claim, by name."""
