"""Every network, combination and control of a scoring run against the others it must be told from."""

from __future__ import annotations

from collections.abc import Iterator

from barograph.core.results import Comparison
from barograph.core.scored import ScoredRecords, ScoringRecord
from barograph.core.scoring_study import ScoringStudy
from barograph.evaluate.records.arena import Arena, Block, Court
from barograph.evaluate.records.scores import entity_of

COMPARED = {"bernoulli": ("auc", "log_loss"), "hurdle_beta": ("mae", "r2")}
"""Figures compared, by head, the headline first; the calibration gap of probabilities is apart."""


def pairs(scored: ScoredRecords) -> tuple[tuple[str, str], ...]:
    """(model, opponent): all against the baselines, ours against controls, combinations against networks."""
    ours = (*scored.combinations, *scored.networks)
    baselines = [(model, rival) for model in (*ours, *scored.controls) for rival in scored.baselines]
    controls = [(model, control) for model in ours for control in scored.controls]
    networks = [(model, network) for model in scored.combinations for network in scored.networks]
    return (*baselines, *controls, *networks)


def comparisons(record: ScoringRecord, study: ScoringStudy, *, lang: str = "en") -> list[Comparison]:
    """Tests of all `pairs` on every protocol, over its parts and per block (see `duels`).

    The entity is ``protocol:`` over all records (once for each part: all, development, confirmation) and
    ``protocol:block`` for a block; a difference is model minus opponent as the figure is, and which sign is
    better is in `figures.HIGHER_IS_BETTER`. The standing is that of the two-sided p-value at 5 %, without
    correction for the number of cells. The calibration gap is compared for the study's candidate, over the
    parts, where the protocol allows a claim of calibration.
    """
    arena = Arena(record, study, lang)
    candidate = arena.model(study.deploy.candidate)
    found: list[Comparison] = []
    for court in arena:
        for model, opponent in pairs(court.scored):
            for metric in COMPARED[study.model.head]:
                found += _of_pair(court, model, opponent, metric)
            if (
                model == candidate
                and "calibration_gap" in court.figures
                and court.protocol != "retrospective"
            ):
                found += _of_parts(court, model, opponent, "calibration_gap")
    return found


def _of_pair(court: Court, model: str, opponent: str, metric: str) -> Iterator[Comparison]:
    yield from _of_parts(court, model, opponent, metric)
    for name in court.blocks:
        yield _compared(court, model, opponent, metric, name, court.block_of(name))


def _of_parts(court: Court, model: str, opponent: str, metric: str) -> Iterator[Comparison]:
    for part in court.parts:
        yield _compared(court, model, opponent, metric, part, part)


def _compared(court: Court, model: str, opponent: str, metric: str, where: str, block: Block) -> Comparison:
    duel = court.duel(model, opponent, metric, where)
    entity = entity_of(court.protocol, "" if where in court.parts else where)
    return Comparison(model, opponent, metric, 1, entity, duel.difference, duel.test, duel.standing(), block)
