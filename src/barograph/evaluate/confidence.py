"""Model confidence sets of a run, entity by entity."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.forecast import OutOfSample
from barograph.core.seeds import generator
from barograph.core.study import Study
from barograph.evaluate.arena import Arena, arena
from barograph.evaluate.losses import known_rows
from barograph.measures.comparison import block_means, confidence_set


def confidence_sets(
    out: OutOfSample, study: Study, metric: str = "qlike", horizon: int = 1
) -> dict[str, dict[str, float]]:
    """P-values of the model confidence set over all candidates, per entity.

    A model belongs to the 90 % set where its p-value is at least 0.10. Range statistic, circular block
    bootstrap with `evaluate.bootstrap` resamples and blocks of max(h, ⌈n^⅓⌉) days, seeded by the study's
    seed, the entity, the metric and the horizon.

    Returns
    -------
    dict
        entity -> model -> p-value; NaN for a model without a usable forecast on a row whose outcome is known,
        and for every model where fewer than two are complete or no more than 2 h outcomes are known.

    References
    ----------
    Hansen, Lunde and Nason (2011), The model confidence set, Econometrica 79.
    """
    return sets_in(arena(out, study), metric, horizon)


def sets_in(field: Arena, metric: str, horizon: int) -> dict[str, dict[str, float]]:
    """As `confidence_sets`, in an arena already laid out."""
    table = np.column_stack([field.losses(model, metric, horizon) for model in field.candidates])
    known = known_rows(field.out, horizon)
    found: dict[str, dict[str, float]] = {}
    for entity, rows in field.rows_of.items():
        random = generator(field.study.train.seed, "confidence set", entity, metric, horizon)
        p_values = _p_values(table[rows][known[rows]], random, field.study.evaluate.bootstrap, horizon)
        found[entity] = dict(zip(field.candidates, p_values.tolist(), strict=True))
    return found


def _p_values(table: FloatArray, random: np.random.Generator, resamples: int, horizon: int) -> FloatArray:
    n, n_models = table.shape
    complete = np.flatnonzero(np.isfinite(table).all(axis=0))
    p_values = np.full(n_models, np.nan)
    if complete.size < 2 or n <= 2 * horizon:
        return p_values
    losses = table[:, complete]
    block = max(horizon, int(np.ceil(n ** (1.0 / 3.0))))
    means = block_means(losses, generator=random, resamples=resamples, block=block)
    p_values[complete] = confidence_set(losses, means).p_values
    return p_values
