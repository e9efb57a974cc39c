"""From judged claims to the overall answer of a scoring study and its champion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from barograph.core.errors import SettingError, unknown
from barograph.core.results import ClaimResult, Standing, Verdict
from barograph.core.scoring_study import ScoringClaim
from barograph.core.texts import text
from barograph.evaluate.records.arena import Arena, Block, Court
from barograph.evaluate.records.figures import HIGHER_IS_BETTER, ranks_baselines
from barograph.evaluate.records.rules import where_text
from barograph.evaluate.wording import label, p_text

WINS = ("better", "better_calibrated")
"""Kinds of claim that can make a candidate better than a baseline, the stronger first."""


@dataclass(frozen=True, slots=True)
class Case:
    """All that the overall answer rests on."""

    arena: Arena
    results: Sequence[ClaimResult]

    @property
    def court(self) -> Court:
        """The headline protocol."""
        return self.arena.headline

    @property
    def lang(self) -> str:
        """Language of the sentence."""
        return self.arena.lang

    @property
    def candidate(self) -> str:
        """The model put forward before results were seen."""
        return self.arena.model(self.arena.study.deploy.candidate)

    @property
    def claims(self) -> dict[str, ScoringClaim]:
        """The candidate's claims on the headline protocol, by key."""
        return {
            claim.key: claim
            for claim in self.arena.study.evaluate.claims
            if self.arena.model(claim.model) == self.candidate and claim.protocol == self.court.protocol
        }

    @property
    def judged_on(self) -> Block | None:
        """What decides: the confirming vintages, all if none chose the recipe, None if all did."""
        if len(self.court.parts) == 1:
            return "all"
        return "confirmation" if "confirmation" in self.court.parts else None

    def broken_floors(self) -> tuple[str, ...]:
        """Keys of the candidate's floors that do not hold on all records or on the confirming vintages."""
        floors = {key for key, claim in self.claims.items() if claim.rung == "floor"}
        counted = (r for r in self.results if r.claim in floors and r.block != "development")
        return tuple(dict.fromkeys(r.claim for r in counted if not r.held))

    def best_baseline(self, among: Sequence[str]) -> str:
        """The best baseline by `figures.ranks_baselines`, complete ones first."""
        metric = ranks_baselines(self.arena.study)
        sign = -1.0 if metric in HIGHER_IS_BETTER else 1.0
        where = self.judged_on or "all"

        def rank(name: str) -> tuple[bool, float]:
            said = self.court.said(name, where)
            value = sign * self.court.value(name, metric, where)
            return said.usable().size < said.label.size, value if value == value else float("inf")

        return min(among, key=rank)

    def rival(self) -> str:
        """The best baseline of those the candidate's wins would be over, else of its claims, else of all."""
        baselines = self.court.scored.baselines
        wins = [self.arena.model(c.opponent) for c in self.claims.values() if c.kind in WINS]
        for named in (wins, [self.arena.model(c.opponent) for c in self.claims.values()]):
            among = [name for name in baselines if name in named]
            if among:
                return self.best_baseline(among)
        return self.best_baseline(baselines)

    def won(self, rival: str) -> ClaimResult | None:
        """The win over the rival that holds on what decides: in the figure rather than in calibration."""
        held = [
            result
            for result in self.results
            if result.claim in self.claims
            and self.claims[result.claim].kind in WINS
            and not self.claims[result.claim].block
            and (result.opponent, result.block, result.held) == (rival, self.judged_on, True)
        ]
        return min(held, key=lambda result: WINS.index(self.claims[result.claim].kind), default=None)


def overall(arena: Arena, results: Sequence[ClaimResult]) -> Verdict:
    """The study's answer: the standing of the candidate against the best baseline it was set against.

    Only the candidate's claims on the headline protocol count.

    - `worse` if one of its floors does not hold, over all records or on the confirming vintages;
    - `better` if one of its claims of kind `better` or `better_calibrated` against that baseline holds over
      all blocks: on the confirming vintages, or on all records where no vintage chose the recipe;
    - `indistinguishable` otherwise, and always if every vintage chose the recipe.

    That baseline is, of those which such claims name (else any of its claims, else of all), the one with the
    smallest log loss, of a loss study the smallest mean absolute error, of a study judged by its alerts the
    highest average precision. The champion is the candidate unless
    a floor is broken, then the best of all baselines by the same measure; a name in `deploy.champion`
    overrides. A candidate whose win is not also one over every control in the same figure is called a win of
    the inputs.

    Raises
    ------
    SettingError
        The candidate or the named champion is not a model of this run, or the run has no baseline.
    """
    case = Case(arena, results)
    if case.candidate not in case.court.scored.candidates:
        raise unknown("deploy.candidate", case.candidate, case.court.scored.candidates)
    if not case.court.scored.baselines:
        raise SettingError(
            "a study must have a conventional baseline to be judged against",
            came="got none",
            do="Name at least one in model.baselines",
        )
    broken, rival = case.broken_floors(), case.rival()
    won = None if broken else case.won(rival)
    standing: Standing = "worse" if broken else "better" if won is not None else "indistinguishable"
    champion = _champion(case, broken=bool(broken))
    parts = [_headline(case, broken, rival, won, champion)]
    parts += [] if won is None else _inputs(case, won)
    if arena.study.deploy.champion != "auto":
        parts.append(text("scoring.sentence.chosen", case.lang, champion=label("model", champion, case.lang)))
    return Verdict(standing, champion, (" " if case.lang == "en" else "").join(parts))


def _champion(case: Case, *, broken: bool) -> str:
    chosen, scored = case.arena.model(case.arena.study.deploy.champion), case.court.scored
    if chosen == "auto":
        return case.best_baseline(scored.baselines) if broken else case.candidate
    if chosen not in scored.candidates:
        raise unknown("deploy.champion", chosen, (*scored.candidates, "auto"))
    return chosen


def _headline(case: Case, broken: Sequence[str], rival: str, won: ClaimResult | None, champion: str) -> str:
    lang, court = case.lang, case.court
    names = {"candidate": label("model", case.candidate, lang), "baseline": label("model", rival, lang)}
    where = where_text(court.protocol, case.judged_on or "all", lang)
    if broken:
        key = "worse" if case.arena.study.deploy.champion == "auto" else "worse_chosen"
        claims = ("、" if lang == "zh" else ", ").join(broken)
        return text(
            f"scoring.sentence.{key}", lang, claims=claims, champion=label("model", champion, lang), **names
        )
    if won is not None and won.difference is not None and won.p_value is not None:
        return text(
            "scoring.sentence.better",
            lang,
            where=where,
            metric=label("metric", won.metric, lang),
            difference=f"{won.difference:+.4f}",
            sign=text(f"scoring.sign.{'higher' if won.metric in HIGHER_IS_BETTER else 'lower'}", lang),
            p=p_text(won.p_value, lang),
            **names,
        )
    if case.judged_on is None:
        return text("scoring.sentence.unconfirmed", lang, **names)
    floors = any(claim.rung == "floor" for claim in case.claims.values())
    return text(
        f"scoring.sentence.{'indistinguishable' if floors else 'no_floor'}", lang, where=where, **names
    )


def _inputs(case: Case, won: ClaimResult) -> list[str]:
    """A sentence naming the controls the winner was not shown to beat in the same figure, if any."""
    unbeaten = [
        label("model", control, case.lang)
        for control in case.court.scored.controls
        if control != case.candidate
        and case.court.duel(case.candidate, control, won.metric, won.block).standing() != "better"
    ]
    if not unbeaten:
        return []
    controls = ("、" if case.lang == "zh" else ", ").join(unbeaten)
    metric = label("metric", won.metric, case.lang)
    return [text("scoring.sentence.inputs", case.lang, controls=controls, metric=metric)]
