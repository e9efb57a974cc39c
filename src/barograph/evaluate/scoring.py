"""The score table: every candidate, horizon and entity, over exactly the rows whose outcome is known."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray
from barograph.core.forecast import OutOfSample
from barograph.core.results import Score
from barograph.core.study import Study
from barograph.core.texts import text
from barograph.evaluate.arena import entity_rows
from barograph.evaluate.events import EVENT_METRICS, Events, event_scores, events
from barograph.evaluate.losses import LOSSES, column_of, known_rows, losses
from barograph.measures.scores import qlike

__all__ = ["losses", "scores"]


def scores(out: OutOfSample, study: Study, *, lang: str = "en") -> list[Score]:
    """Every cell of the score table.

    For each candidate, horizon and loss of `evaluate.losses.LOSSES`: the mean loss per entity, and under the
    entity "" the mean of these means, so that an entity counts once however long its record. Networks carry
    the standard deviation over seeds of the single seed's QLIKE. For the event "tomorrow's squared return
    above the training quantile" (horizon 1): `log_loss` (the loss), `brier`, `accuracy`, `precision`,
    `recall` and `f1`, per entity and, under "", over all rows together (see `evaluate.events` for the alarm).

    Rows whose outcome is not known are left out. A candidate that lacks a usable forecast on any other row
    gets a blank cell with the reason, never a mean over the rows that suit it; so does an undefined ratio.

    Parameters
    ----------
    out : OutOfSample
        The walk-forward run.
    study : Study
        Its settings (`evaluate.event_quantile`).
    lang : str
        Language of the reasons.
    """
    cells: list[Score] = []
    for model in out.distributions:
        for horizon in out.samples.horizons:
            for metric in LOSSES:
                cells += _loss_cells(out, model, metric, horizon, lang=lang)
        cells += _event_cells(out, study, model, lang=lang)
    return cells


def _loss_cells(out: OutOfSample, model: str, metric: str, horizon: int, *, lang: str) -> Iterable[Score]:
    loss = losses(out, model, metric, horizon)
    known = known_rows(out, horizon)
    seeds = _seed_losses(out, model, horizon) if metric == "qlike" else None
    values: dict[str, float] = {}
    spreads: list[FloatArray] = []
    blanks = 0
    cells: list[Score] = []
    for entity, rows in entity_rows(out).items():
        value, note = _mean_of(loss[rows], known[rows], lang=lang)
        cell_seeds = None if seeds is None or value is None else seeds[:, rows][:, known[rows]].mean(axis=1)
        if value is not None:
            values[entity] = value
        if cell_seeds is not None:
            spreads.append(cell_seeds)
        blanks += value is None and bool(known[rows].any())
        cells.append(Score(model, metric, value, horizon, entity, _spread(cell_seeds), note))
    pooled = float(np.mean(list(values.values()))) if values and not blanks else None
    note = "" if pooled is not None else _blank_note(blanks, lang=lang)
    pooled_seeds = np.mean(spreads, axis=0) if spreads and pooled is not None else None
    return [Score(model, metric, pooled, horizon, "", _spread(pooled_seeds), note), *cells]


def _mean_of(loss: FloatArray, known: BoolArray, *, lang: str) -> tuple[float | None, str]:
    """The mean over known rows, or None and the reason."""
    n_known = int(known.sum())
    if not n_known:
        return None, text("verdict.blank.no_outcome", lang)
    missing = int(np.isnan(loss[known]).sum())
    if missing:
        return None, text("verdict.blank.no_forecast", lang, missing=missing, rows=n_known)
    return float(loss[known].mean()), ""


def _blank_note(blanks: int, *, lang: str) -> str:
    if blanks:
        return text("verdict.blank.entities", lang, entities=blanks)
    return text("verdict.blank.no_outcome", lang)


def _seed_losses(out: OutOfSample, model: str, horizon: int) -> FloatArray | None:
    """QLIKE of each seed alone on every scored row, [n_seeds, n_scored]; None for what has no seeds."""
    if model not in out.members:
        return None
    column = column_of(out, horizon)
    variance = np.exp(out.members[model][:, :, column])
    return qlike(out.samples.target[out.rows, column], variance)


def _spread(seeds: FloatArray | None) -> float | None:
    """Sample standard deviation over seeds; None for fewer than two, or where a seed has no forecast."""
    if seeds is None or seeds.size < 2 or not np.isfinite(seeds).all():
        return None
    return float(np.std(seeds, ddof=1))


def _event_cells(out: OutOfSample, study: Study, model: str, *, lang: str) -> Iterable[Score]:
    if 1 not in out.samples.horizons:
        reason = text("verdict.blank.no_day_ahead", lang)
        return [Score(model, metric, None, 1, "", None, reason) for metric in EVENT_METRICS]
    said = events(out, study, model)
    parts = {"": slice(None), **entity_rows(out)}
    return [
        cell for entity, rows in parts.items() for cell in _events_of(said.take(rows), model, entity, lang)
    ]


def _events_of(said: Events, model: str, entity: str, lang: str) -> Iterable[Score]:
    known = np.isfinite(said.happened)
    _, reason = _mean_of(said.probability, known, lang=lang)
    if reason:
        return [Score(model, metric, None, 1, entity, None, reason) for metric in EVENT_METRICS]
    undefined = text("verdict.blank.undefined", lang)
    return [
        Score(model, metric, value, 1, entity)
        if np.isfinite(value)
        else Score(model, metric, None, 1, entity, None, undefined)
        for metric, value in event_scores(said).items()
    ]
