"""From judged claims to the study's overall answer and its champion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from barograph.core.errors import SettingError, unknown
from barograph.core.results import ClaimResult, Standing, Verdict
from barograph.core.study import Claim
from barograph.core.texts import text
from barograph.evaluate.arena import Arena, Block
from barograph.evaluate.wording import label, p_text

TARGETS = ("panel_better", "share_better")
"""Kinds of claim that can make a candidate better than a baseline."""


@dataclass(frozen=True, slots=True)
class Case:
    """All that the overall answer rests on."""

    field: Arena
    results: Sequence[ClaimResult]
    lang: str

    @property
    def candidate(self) -> str:
        """The model put forward before results were seen."""
        return self.field.study.deploy.candidate

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The candidate's claims."""
        return tuple(c for c in self.field.study.evaluate.claims if c.model == self.candidate)

    @property
    def judged_on(self) -> Block:
        """The confirmation block, or all where nothing is left to confirm."""
        return "confirmation" if "confirmation" in self.field.blocks() else "all"

    def broken_floors(self) -> tuple[str, ...]:
        """Keys of the candidate's floors that do not hold on all entities or on the confirming ones."""
        floors = {claim.key for claim in self.claims if claim.rung == "floor"}
        counted = (r for r in self.results if r.claim in floors and r.block != "development")
        return tuple(dict.fromkeys(r.claim for r in counted if not r.held))

    def best_baseline(self, among: Sequence[str], *, block: Block) -> str:
        """The baseline with the smallest mean QLIKE at the first horizon, complete ones before others."""
        horizon = self.field.out.samples.horizons[0]
        return min(among, key=lambda name: self.field.mean_loss(name, "qlike", horizon, block=block))

    def rival(self) -> str:
        """The best baseline of those the candidate's targets name, else any of its claims, else of all."""
        baselines = self.field.out.baselines
        targets = [c.opponent for c in self.claims if c.rung == "target" and c.kind in TARGETS]
        for named in (targets, [c.opponent for c in self.claims]):
            among = [name for name in baselines if name in named]
            if among:
                return self.best_baseline(among, block=self.judged_on)
        return self.best_baseline(baselines, block=self.judged_on)

    def won(self, rival: str) -> Claim | None:
        """The first target against the rival that holds on the confirming entities."""
        if self.judged_on != "confirmation":
            return None
        held = {r.claim for r in self.results if r.block == "confirmation" and r.held}
        targets = (c for c in self.claims if c.rung == "target" and c.kind in TARGETS)
        return next((c for c in targets if c.opponent == rival and c.key in held), None)


def overall(field: Arena, results: Sequence[ClaimResult], lang: str) -> Verdict:
    """The study's answer: the standing of the candidate against the best baseline it was set against.

    - `worse` if one of the candidate's floors does not hold (on all entities or on the confirming ones);
    - `better` if a target of kind `panel_better` or `share_better` against that baseline holds on the
      confirming entities;
    - `indistinguishable` otherwise.

    The champion is the candidate unless a floor is broken, then the baseline with the smallest QLIKE; a name
    in `deploy.champion` overrides. A better candidate that does not beat the control on the same inputs is
    called a win of the inputs.

    Raises
    ------
    SettingError
        The candidate or the named champion is not a model of this run, or the run has no baseline.
    """
    case = Case(field, results, lang)
    if case.candidate not in field.candidates:
        raise unknown("deploy.candidate", case.candidate, field.candidates)
    if not field.out.baselines:
        raise SettingError(
            "a study must have a conventional baseline to be judged against",
            came="got none",
            do="Name at least one in model.baselines",
        )
    broken, rival = case.broken_floors(), case.rival()
    won = None if broken else case.won(rival)
    standing: Standing = "worse" if broken else "better" if won is not None else "indistinguishable"
    chosen = field.study.deploy.champion
    champion = _champion(case, broken=bool(broken))
    parts = [_headline(case, broken, rival, won, champion)]
    parts += [] if won is None else _inputs(case, won)
    if chosen != "auto":
        parts.append(text("verdict.sentence.chosen", lang, champion=label("model", champion, lang)))
    return Verdict(standing, champion, (" " if lang == "en" else "").join(parts))


def _champion(case: Case, *, broken: bool) -> str:
    chosen = case.field.study.deploy.champion
    if chosen == "auto":
        baselines = case.field.out.baselines
        return case.best_baseline(baselines, block="all") if broken else case.candidate
    if chosen not in case.field.candidates:
        raise unknown("deploy.champion", chosen, (*case.field.candidates, "auto"))
    return chosen


def _headline(case: Case, broken: Sequence[str], rival: str, won: Claim | None, champion: str) -> str:
    lang = case.lang
    names = {"candidate": label("model", case.candidate, lang), "baseline": label("model", rival, lang)}
    if broken:
        key = "worse" if case.field.study.deploy.champion == "auto" else "worse_chosen"
        claims = ", ".join(broken)
        return text(
            f"verdict.sentence.{key}", lang, claims=claims, champion=label("model", champion, lang), **names
        )
    if won is not None:
        return _won(case, won, names)
    if case.judged_on != "confirmation":
        return text("verdict.sentence.unconfirmed", lang, **names)
    floors = any(claim.rung == "floor" for claim in case.claims)
    return text(f"verdict.sentence.{'indistinguishable' if floors else 'no_floor'}", lang, **names)


def _won(case: Case, won: Claim, names: dict[str, str]) -> str:
    duel = case.field.panel_duel(
        won.model, won.opponent, metric=won.metric, horizon=won.horizon, block="confirmation"
    )
    return text(
        "verdict.sentence.better",
        case.lang,
        metric=label("metric", won.metric, case.lang),
        horizon=won.horizon,
        difference=f"{duel.difference:+.4g}",
        p=p_text(duel.test.p_value, case.lang),
        **names,
    )


def _inputs(case: Case, won: Claim) -> list[str]:
    """A sentence naming the controls the winner was not shown to beat on confirming entities, if any."""
    unbeaten = [
        label("model", control, case.lang)
        for control in case.field.out.controls
        if control != case.candidate
        and case.field.panel_duel(
            won.model, control, metric=won.metric, horizon=won.horizon, block="confirmation"
        ).standing()
        != "better"
    ]
    if not unbeaten:
        return []
    controls = ("、" if case.lang == "zh" else ", ").join(unbeaten)
    return [text("verdict.sentence.inputs", case.lang, controls=controls)]
