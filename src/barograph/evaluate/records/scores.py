"""The score table of a scoring run: every protocol, candidate, figure and block."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.results import Score
from barograph.core.scored import ScoringRecord
from barograph.core.scoring_study import ScoringStudy
from barograph.core.texts import text
from barograph.evaluate.records.arena import Arena, Court
from barograph.evaluate.records.figures import CALIBRATION, Said, headline_metric

OF_SEEDS = frozenset({"auc", "gini", "r2", "mae", "spearman"})
"""Figures whose spread over seeds is given: those that a seed's uncalibrated prediction has, too. So has a
study's first score.
"""


def scores(record: ScoringRecord, study: ScoringStudy, *, lang: str = "en") -> list[Score]:
    """Every cell of the score table.

    For each protocol, candidate and figure of `evaluate.records.figures`: one cell over all records, entity
    ``protocol:``, and one for each block, such as ``origin:2004``, ``retrospective:2004-2005`` or
    ``cross_validation:1`` (the first repetition). Figures of ranking never compare records across folds, so
    that the AUC over all vintages is stratified by vintage. Networks carry the standard deviation of the
    single seed's figure over seeds.

    A record counts if its label is known. A candidate that lacks a prediction for any such record gets a
    blank cell with the reason, never a figure over the records that suit it; so does an undefined figure, and
    every figure of calibration under the retrospective protocol.

    Parameters
    ----------
    record : ScoringRecord
    study : ScoringStudy
        Its head (which figures), `evaluate.threshold` and `evaluate.retrospective`.
    lang : str
        Language of the reasons.
    """
    cells: list[Score] = []
    for court in Arena(record, study, lang):
        for model in court.scored.candidates:
            for metric in court.figures:
                cells += [_cell(court, model, metric, where) for where in ("all", *court.blocks)]
    return cells


def entity_of(protocol: str, block: str = "") -> str:
    """How a cell names protocol and block; the block is empty for all records together.

    Examples
    --------
    >>> entity_of("origin", "2004"), entity_of("origin")
    ('origin:2004', 'origin:')
    """
    return f"{protocol}:{block}"


def _cell(court: Court, model: str, metric: str, where: str) -> Score:
    entity = entity_of(court.protocol, "" if where == "all" else where)
    said = court.said(model, where)
    reason = _blank(court, said, metric, model)
    value = math.nan if reason else court.value(model, metric, where)
    if not math.isfinite(value):
        note = reason or text("scoring.blank.undefined", court.lang)
        return Score(model, metric, None, 1, entity, None, note)
    spread = _spread(_of_seeds(court, model, metric, where)) if _has_seeds(court, metric) else None
    return Score(model, metric, value, 1, entity, spread)


def _blank(court: Court, said: Said, metric: str, model: str) -> str:
    """Why a cell must stay blank; empty where it need not."""
    if court.ranks_only(model, metric):
        return text("scoring.blank.ranks_only", court.lang)
    if court.protocol == "retrospective" and metric in CALIBRATION:
        return text("scoring.blank.retrospective", court.lang)
    known = int(np.isfinite(said.label).sum())
    if not known:
        return text("scoring.blank.no_outcome", court.lang)
    missing = known - said.usable().size
    return text("scoring.blank.no_prediction", court.lang, missing=missing, rows=known) if missing else ""


def _has_seeds(court: Court, metric: str) -> bool:
    return metric in OF_SEEDS or metric == headline_metric(court.study)


def _of_seeds(court: Court, model: str, metric: str, where: str) -> Iterable[float]:
    """The figure of each seed alone."""
    members = court.scored.members.get(model)
    if members is None:
        return []
    said, places = court.said(model, where), court.places(where)
    return [court.figures[metric](_in_place(said, member[places])) for member in members]


def _in_place(said: Said, predicted: FloatArray) -> Said:
    """What one seed said; one that misses a record has no figure."""
    whole = bool(np.isfinite(predicted).all())
    other = replace(said, predicted=predicted)
    return other.take(other.usable() if whole else np.empty(0, dtype=np.int64))


def _spread(values: Iterable[float]) -> float | None:
    """Sample standard deviation; None for fewer than two values, or where one is undefined."""
    figures = np.array(list(values))
    if figures.size < 2 or not np.isfinite(figures).all():
        return None
    return float(np.std(figures, ddof=1))
