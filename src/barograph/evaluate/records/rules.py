"""The kinds of claim that a scoring recipe can make, and what each finds.

Whatever the figure, "better" means: by the sign of `figures.HIGHER_IS_BETTER`, and every p-value is
two-sided (see `duels` for the tests).

- `better`: the figure is better than the opponent's by at least `margin`, with a p-value below `p_value`.
- `not_worse`: not worse with a p-value below `p_value`.
- `within_margin`: the 95 % interval of the difference does not reach further than `margin` to the worse side.
- `best_of_all`: no other candidate has a better figure; the test, against the best other, is only reported.
- `better_calibrated`: a smaller calibration gap (the root mean square over blocks of predicted less observed
  default rate) with a p-value below `p_value`.
- `at_least`: the figure reaches `margin`; a loss stays at or below it.
- `times_better`: average precision is `margin` times the opponent's or more, with a p-value below `p_value`
  when whole days are drawn again. The opponent `unsupervised_rival` is the best of the unsupervised rivals on
  the very records that judge: its luck in being chosen there counts against the claimant.

A duel that cannot be tested holds no claim, except that two models that say the same of every record are
neither worse than each other nor apart by any margin.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from barograph.core.results import ClaimResult
from barograph.core.scoring_study import ScoringClaim
from barograph.core.texts import text
from barograph.core.unsupervised import BEST_RIVAL
from barograph.evaluate.claim_results import answered
from barograph.evaluate.records.arena import Block, Court
from barograph.evaluate.records.duels import Duel
from barograph.evaluate.records.figures import HIGHER_IS_BETTER
from barograph.evaluate.wording import label, p_text


@dataclass(frozen=True, slots=True)
class Question:
    """One claim on one part or block of its protocol, with all that is needed to answer it."""

    claim: ScoringClaim  # `network` already replaced by the network it stands for
    court: Court
    where: str  # part or block of the protocol
    block: Block

    @property
    def metric(self) -> str:
        """The figure that is compared."""
        return "calibration_gap" if self.claim.kind == "better_calibrated" else self.claim.metric

    @property
    def lang(self) -> str:
        """Language of the sentence."""
        return self.court.lang

    def duel(self, opponent: str = "") -> Duel:
        """The claimant against the claim's opponent, or against another."""
        return self.court.duel(self.claim.model, opponent or self.claim.opponent, self.metric, self.where)

    def detail(self, key: str, **values: object) -> str:
        """The sentence of a key of `scoring.detail`, with what all of them may name."""
        claim, lang = self.claim, self.lang
        sign = "higher" if self.metric in HIGHER_IS_BETTER else "lower"
        common: dict[str, object] = {
            "model": label("model", claim.model, lang),
            "opponent": label("model", claim.opponent, lang) if claim.opponent else "",
            "metric": label("metric", self.metric, lang),
            "where": where_text(self.court.protocol, self.where, lang),
            "size": f"{claim.p_value:g}",
            "margin": f"{claim.margin:g}",
            "sign": text(f"scoring.sign.{sign}", lang),
        }
        return text(f"scoring.detail.{key}", lang, **{**common, **values})

    def of_duel(self, key: str, duel: Duel, *, held: bool, **values: object) -> ClaimResult:
        """The answer that rests on a duel."""
        even = "even" if duel.even else "untested"
        tested = not math.isnan(duel.test.p_value)
        low, high = duel.interval
        figures = {
            "difference": f"{duel.difference:+.4f}",
            "low": f"{low:+.4f}",
            "high": f"{high:+.4f}",
            "p": p_text(duel.test.p_value, self.lang),
        }
        found = text(f"scoring.found.{'duel' if tested else even}", self.lang, **figures)
        return answered(
            self,
            duel.test.name,
            self.detail(key, found=found, **values),
            held=held,
            verdict=duel.standing(),
            difference=duel.difference,
            statistic=duel.test.statistic,
            p_value=duel.test.p_value,
        )


Rule = Callable[[Question], ClaimResult]


def where_text(protocol: str, where: str, lang: str) -> str:
    """A part or block of a protocol, as sentences name it."""
    named = where in ("all", "development", "confirmation")
    part = text(f"scoring.part.{where}", lang) if named else text("scoring.part.block", lang, block=where)
    return text(f"scoring.where.{protocol}", lang, part=part)


def better(question: Question) -> ClaimResult:
    """See the module."""
    claim, duel = question.claim, question.duel()
    held = duel.gain > 0.0 and duel.gain >= claim.margin and duel.test.p_value < claim.p_value
    return question.of_duel("better", duel, held=held)


def not_worse(question: Question) -> ClaimResult:
    """See the module."""
    duel = question.duel()
    tested = not math.isnan(duel.test.p_value)
    return question.of_duel(
        "not_worse", duel, held=duel.even or (tested and duel.standing(question.claim.p_value) != "worse")
    )


def within_margin(question: Question) -> ClaimResult:
    """See the module."""
    duel = question.duel()
    held = duel.even or duel.least_gain > -question.claim.margin
    return question.of_duel("within_margin", duel, held=held)


def better_calibrated(question: Question) -> ClaimResult:
    """See the module."""
    duel = question.duel()
    return question.of_duel("better_calibrated", duel, held=duel.standing(question.claim.p_value) == "better")


def best_of_all(question: Question) -> ClaimResult:
    """See the module. Candidates without a figure here do not count."""
    court, metric, model = question.court, question.metric, question.claim.model
    sign = 1.0 if metric in HIGHER_IS_BETTER else -1.0
    every = {name: sign * court.value(name, metric, question.where) for name in court.scored.candidates}
    others = {name: value for name, value in every.items() if name != model and math.isfinite(value)}
    if not others or not math.isfinite(every[model]):
        detail = question.detail("no_figure")
        return answered(question, "none", detail, held=False, verdict="indistinguishable")
    rival = max(others, key=lambda name: others[name])
    held = every[model] >= others[rival]
    lang = question.lang
    return question.of_duel(
        "best_of_all",
        question.duel(rival),
        held=held,
        value=f"{sign * every[model]:.4f}",
        rival=label("model", rival, lang),
        best=f"{sign * others[rival]:.4f}",
    )


def at_least(question: Question) -> ClaimResult:
    """See the module. The difference is the figure less the value to reach; nothing is tested."""
    claim, metric = question.claim, question.metric
    value = question.court.value(claim.model, metric, question.where)
    if not math.isfinite(value):
        detail = question.detail("no_figure")
        return answered(question, "none", detail, held=False, verdict="indistinguishable")
    held = value >= claim.margin if metric in HIGHER_IS_BETTER else value <= claim.margin
    key = "at_least" if metric in HIGHER_IS_BETTER else "at_most"
    return answered(
        question,
        "value",
        question.detail(key, value=f"{value:.4f}"),
        held=held,
        verdict="indistinguishable" if held else "worse",
        difference=value - claim.margin,
    )


def times_better(question: Question) -> ClaimResult:
    """See the module. The difference is the figure less `margin` times the opponent's."""
    claim, court, metric, lang = question.claim, question.court, question.metric, question.lang
    rival = claim.opponent
    if rival == BEST_RIVAL:
        rival = court.best_rival(metric, question.where)
    values = {name: court.value(name, metric, question.where) for name in (claim.model, rival) if name}
    if len(values) < 2 or not all(math.isfinite(value) for value in values.values()):
        detail = question.detail("no_figure")
        return answered(question, "none", detail, held=False, verdict="indistinguishable")
    duel = court.duel(claim.model, rival, metric, question.where, factor=claim.margin)
    return question.of_duel(
        "times_better",
        duel,
        held=duel.gain >= 0.0 and duel.test.p_value < claim.p_value,
        value=f"{values[claim.model]:.4f}",
        rival=label("model", rival, lang),
        best=f"{values[rival]:.4f}",
        ratio=f"{values[claim.model] / values[rival]:.2f}" if values[rival] > 0.0 else "∞",
    )


RULES: Final[dict[str, Rule]] = {
    "better": better,
    "not_worse": not_worse,
    "within_margin": within_margin,
    "best_of_all": best_of_all,
    "better_calibrated": better_calibrated,
    "at_least": at_least,
    "times_better": times_better,
}
"""Every kind of claim, by name."""
