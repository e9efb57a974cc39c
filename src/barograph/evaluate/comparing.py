"""Every network, combination and control against every baseline, and every network against the controls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from barograph.core.forecast import OutOfSample
from barograph.core.results import Comparison, Standing
from barograph.core.study import Study
from barograph.core.texts import text
from barograph.evaluate.arena import SIGNIFICANCE, Arena, Duel, arena
from barograph.evaluate.losses import column_of, known_rows
from barograph.measures.comparison import automatic_lags, clark_west

COMPARED = ("qlike", "fz0_1", "fz0_2.5", "crps")
"""Losses compared at every horizon, the headline first."""


def pairs(out: OutOfSample) -> tuple[tuple[str, str], ...]:
    """(model, opponent): all but the baselines against the baselines; all but these against the controls."""
    ours = (*out.networks, *out.combinations)
    against_baselines = [(model, rival) for model in (*ours, *out.controls) for rival in out.baselines]
    against_controls = [(model, control) for model in ours for control in out.controls]
    return (*against_baselines, *against_controls)


def comparisons(
    out: OutOfSample, study: Study, *, metrics: Sequence[str] = COMPARED, lang: str = "en"
) -> list[Comparison]:
    """Diebold-Mariano tests of all `pairs`, per entity and pooled.

    Per entity: small-sample corrected, with a Bartlett variance of `automatic_lags` (the overlap of h-day
    targets included). Pooled (entity ""): panel test clustered by date, once for each block that holds an
    entity. The standing is that of the two-sided p-value at 5 %; no correction for the number of cells is
    made here (the claims make theirs). `block` of a single entity says whether it chose the recipe or
    confirms it.

    Parameters
    ----------
    out : OutOfSample
        The walk-forward run.
    study : Study
        Names the development entities.
    metrics : sequence of str
        Keys of `evaluate.losses.LOSSES`.
    lang : str
        Language of the notes.
    """
    found: list[Comparison] = []
    for horizon in out.samples.horizons:
        for metric in metrics:
            field = arena(out, study)  # one per loss, so that no more than one loss is held at a time
            for model, opponent in pairs(out):
                found += _of_pair(field, model, opponent, metric, horizon, lang)
    return found


def _of_pair(
    field: Arena, model: str, opponent: str, metric: str, horizon: int, lang: str
) -> Iterator[Comparison]:
    missing = known_rows(field.out, horizon) & ~np.isfinite(
        field.losses(model, metric, horizon) - field.losses(opponent, metric, horizon)
    )
    for block in field.blocks():
        duel = field.panel_duel(model, opponent, metric=metric, horizon=horizon, block=block)
        left_out = sum(int(missing[field.rows_of[entity]].sum()) for entity in field.entities(block))
        named = _noted(duel, left_out, lang)
        yield Comparison(
            model, opponent, metric, horizon, "", duel.difference, named.test, duel.standing(), block
        )
    for entity, rows in field.rows_of.items():
        duel = field.duel(model, opponent, metric=metric, horizon=horizon, entity=entity)
        named = _noted(duel, int(missing[rows].sum()), lang)
        yield Comparison(
            model,
            opponent,
            metric,
            horizon,
            entity,
            duel.difference,
            named.test,
            duel.standing(),
            field.block_of(entity),
        )


def _noted(duel: Duel, missing: int, lang: str) -> Duel:
    if not missing:
        return duel
    parts = (duel.test.note, text("verdict.note.missing", lang, missing=missing))
    return replace(duel, test=replace(duel.test, note="; ".join(part for part in parts if part)))


def nested_comparisons(out: OutOfSample, study: Study) -> list[Comparison]:
    """Clark-West tests of each network against each control it nests, on the squared error of the variance.

    Networks start at the control and add a correction, so that the control is the smaller model. One-sided:
    `better` at p < 0.05, never `worse`. The mean difference is that of plain squared errors, since the
    test's own, adjusted one favours the larger model by construction.

    The Giacomini-White test (`measures.comparison.giacomini_white`) is not made here: training windows grow
    from fold to fold, and its theory needs windows that do not.
    """
    field = arena(out, study)
    found: list[Comparison] = []
    for horizon in out.samples.horizons:
        for network in out.networks:
            for control in out.controls:
                found += _nested(field, network, control, horizon)
    return found


def _nested(field: Arena, network: str, control: str, horizon: int) -> Iterable[Comparison]:
    column = column_of(field.out, horizon)
    target = field.out.samples.target[field.out.rows, column]
    small = field.out.distributions[control].variance[:, column]
    large = field.out.distributions[network].variance[:, column]
    for entity, rows in field.rows_of.items():
        known = int(np.isfinite(target[rows]).sum())
        lags = automatic_lags(known, horizon=horizon)
        test = clark_west(target[rows], small[rows], large[rows], lags=lags)
        duel = field.duel(network, control, metric="mse", horizon=horizon, entity=entity)
        standing: Standing = "better" if test.p_value < SIGNIFICANCE else "indistinguishable"
        yield Comparison(
            network,
            control,
            "mse",
            horizon,
            entity,
            duel.difference,
            test,
            standing,
            field.block_of(entity),
        )
