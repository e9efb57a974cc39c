"""Every network, combination and control of a scoring run against the others it must be told from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from barograph.core.results import Comparison
from barograph.core.scored import Protocol, ScoredRecords, ScoringRecord
from barograph.core.scoring_study import ScoringStudy
from barograph.core.unsupervised import ANOMALY_NETWORKS
from barograph.evaluate.records.arena import Arena, Block, Court
from barograph.evaluate.records.duels import Duel
from barograph.evaluate.records.scores import entity_of

COMPARED = {
    "bernoulli": ("auc", "log_loss"),
    "hurdle_beta": ("mae", "r2"),
    "alerts": ("average_precision", "auc"),
    "falls": ("auc", "brier"),
}
"""Figures compared, by head, or of alerts or the falls of currencies; the calibration gap is apart."""


def pairs(scored: ScoredRecords) -> tuple[tuple[str, str], ...]:
    """(model, opponent): all against the baselines, ours against controls, combinations against networks;
    networks that never see a label against their rivals, which do not either."""
    ours = (*scored.combinations, *scored.networks)
    baselines = [(model, rival) for model in (*ours, *scored.controls) for rival in scored.baselines]
    controls = [(model, control) for model in ours for control in scored.controls]
    networks = [(model, network) for model in scored.combinations for network in scored.networks]
    deep = [name for name in scored.unsupervised if name in ANOMALY_NETWORKS]
    rivals = [name for name in scored.unsupervised if name not in deep]
    return (*baselines, *controls, *networks, *((model, rival) for model in deep for rival in rivals))


@dataclass(frozen=True, slots=True)
class Contest:
    """A duel and where it was fought."""

    protocol: Protocol
    where: str  # "all", "development" or "confirmation", or the name of a block
    block: Block
    model: str
    opponent: str
    duel: Duel

    def comparison(self) -> Comparison:
        """As the score tables keep it: entity ``protocol:`` over a part, ``protocol:block`` of a block."""
        whole = self.where in ("all", "development", "confirmation")
        entity = entity_of(self.protocol, "" if whole else self.where)
        duel = self.duel
        return Comparison(
            self.model,
            self.opponent,
            duel.metric,
            1,
            entity,
            duel.difference,
            duel.test,
            duel.standing(),
            self.block,
        )


def contests(record: ScoringRecord, study: ScoringStudy, *, lang: str = "en") -> list[Contest]:
    """Duels of all `pairs` on every protocol, over its parts and per block (see `duels`).

    A difference is model minus opponent, as the figure is; which sign is better is in
    `figures.HIGHER_IS_BETTER`. A standing is that of the two-sided p-value at 5 %, without correction for the
    number of cells. The calibration gap is compared for the study's candidate, over the parts, where the
    protocol allows a claim of calibration. A study judged by its alerts compares its two figures over
    the parts only: its blocks are short and hold few frauds.
    """
    arena = Arena(record, study, lang)
    candidate = arena.model(study.deploy.candidate)
    alerts, falls = study.evaluate.alerts is not None, study.prepare.fixings is not None
    kind = "alerts" if alerts else "falls" if falls else study.model.head
    found: list[Contest] = []
    for court in arena:
        for model, opponent in pairs(court.scored):
            for metric in COMPARED[kind]:
                found += _of_parts(court, model, opponent, metric)
                found += () if alerts or falls else _of_blocks(court, model, opponent, metric)
            if (
                model == candidate
                and not alerts
                and "calibration_gap" in court.figures
                and court.protocol != "retrospective"
            ):
                found += _of_parts(court, model, opponent, "calibration_gap")
    return found


def comparisons(record: ScoringRecord, study: ScoringStudy, *, lang: str = "en") -> list[Comparison]:
    """All `contests` as rows of the comparison table, without their intervals."""
    return [contest.comparison() for contest in contests(record, study, lang=lang)]


def _of_parts(court: Court, model: str, opponent: str, metric: str) -> Iterator[Contest]:
    for part in court.parts:
        duel = court.duel(model, opponent, metric, part)
        yield Contest(court.protocol, part, part, model, opponent, duel)


def _of_blocks(court: Court, model: str, opponent: str, metric: str) -> Iterator[Contest]:
    for name in court.blocks:
        duel = court.duel(model, opponent, metric, name)
        yield Contest(court.protocol, name, court.block_of(name), model, opponent, duel)
