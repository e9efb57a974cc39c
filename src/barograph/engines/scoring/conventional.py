"""The conventional models of a fold: fitted, asked, and kept in a form that travels."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from barograph.core.arrays import AnyArray, FloatArray, IntArray
from barograph.core.fitted import fitted_from_plain
from barograph.core.fitted_records import LogisticParameters, ScorecardParameters
from barograph.engines.scoring.reading import within_one
from barograph.engines.scoring.scorecards import columns_of, scorecard_answer
from barograph.engines.scoring.views import FoldViews
from barograph.measures.credit.linear_predictor import linear_mean
from barograph.models.baselines.scoring.boosting import Boosted, fit_boosting, predict
from barograph.models.baselines.scoring.catalogue import SCORING_BASELINES
from barograph.models.baselines.scoring.logistic import choose_l2, fit_least_squares
from barograph.models.baselines.scoring.scorecard import fit_scorecard
from barograph.prepare.encoder import plain_names


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """One fitted model of a fold: its answers where they are needed, and the model itself."""

    answer: FloatArray  # [n_needed] probability or loss; [n_needed, J] hazard log-odds
    artefact: bytes  # the model: JSON of a fitted value, LightGBM's text, or a trained stack
    facts: dict[str, Any] = field(default_factory=dict)  # seconds, steps, parameters …


@dataclass(frozen=True, slots=True, eq=False)
class ConventionalTask:
    """A conventional model to fit on one part of a fold's bag."""

    key: str  # scorecard, logistic, fractional_logit, ols, lightgbm
    views: FoldViews
    fit: IntArray  # places in the views
    holdout: IntArray
    needed: IntArray
    settings: Mapping[str, float | int | str]
    loss_study: bool  # labels are losses given default
    seed: int
    specials: tuple[float, ...] = ()  # of the scorecard
    columns: IntArray | None = None  # of the coded view that LightGBM reads; None = all


def views_read(key: str) -> tuple[str, ...]:
    """The views that a conventional model looks at."""
    return {"lightgbm": ("coded",), "scorecard": ("table",)}.get(key, ("plain",))


def fit_conventional(task: ConventionalTask) -> Learned:
    """Fit and ask a conventional model; the work of a pool's process."""
    began = time.perf_counter()
    if task.key == "lightgbm":
        learned = _boosted(task)
    elif task.key == "scorecard":
        learned = _scorecard(task)
    elif SCORING_BASELINES[task.key].stated:
        learned = _stated(task)
    else:
        learned = _linear(task)
    return Learned(learned.answer, learned.artefact, learned.facts | {"seconds": time.perf_counter() - began})


def _boosted(task: ConventionalTask) -> Learned:
    views = task.views
    coded = views.coded if task.columns is None else views.coded[:, task.columns]
    boosted = fit_boosting(
        coded[task.fit],
        views.label[task.fit],
        coded[task.holdout],
        views.label[task.holdout],
        task.settings,
        objective="cross_entropy" if task.loss_study else "binary",
        seed=task.seed,
    )
    holdout = predict(boosted, coded[task.holdout])
    facts = {"rounds": boosted.rounds, "holdout_loss": log_loss(views.label[task.holdout], holdout)}
    return Learned(predict(boosted, coded[task.needed]), boosted.to_bytes(), facts)


def boosted_of(learned: Learned) -> Boosted:
    """The booster of a fitted LightGBM."""
    return Boosted.from_bytes(learned.artefact)


def log_loss(label: FloatArray, p: FloatArray) -> float:
    """Mean cross-entropy; labels may be fractions."""
    clipped = np.clip(p, 1e-7, 1.0 - 1e-7)
    return float(-np.mean(label * np.log(clipped) + (1.0 - label) * np.log1p(-clipped)))


def _scorecard(task: ConventionalTask) -> Learned:
    fit = task.views.table[task.fit.tolist()]
    numeric, categorical = raw_columns(fit, task.views)
    fitted = fit_scorecard(numeric, categorical, task.views.label[task.fit], specials=task.specials)
    needed = task.views.table[task.needed.tolist()]
    used = int(np.count_nonzero(fitted.coefficients))
    return Learned(scorecard_answer(fitted, needed), _kept(fitted), {"parameters": used + 1})


def raw_columns(table: pl.DataFrame, views: FoldViews) -> tuple[dict[str, FloatArray], dict[str, AnyArray]]:
    """The columns as they came: numbers with NaN, texts with None."""
    return columns_of(table, views.encoder.numeric, views.encoder.categorical)


def _stated(task: ConventionalTask) -> Learned:
    """A model that a column of log-odds states: nothing is fitted, and the column is what it says."""
    encoder = task.views.encoder
    names, place = plain_names(encoder), encoder.numeric.index(task.key)
    scale = np.zeros(len(names))
    scale[names.index(task.key)] = encoder.spread[place]
    fitted = LogisticParameters(names, float(encoder.center[place]), scale)
    answer = within_one(linear_mean(fitted, task.views.plain[task.needed]))
    return Learned(answer, _kept(fitted), {"parameters": 0})


def _linear(task: ConventionalTask) -> Learned:
    views = task.views
    names = plain_names(views.encoder)
    x, y = views.plain[task.fit], views.label[task.fit]
    if task.key == "ols":
        fitted = fit_least_squares(x, y, names)
    else:
        holdout = views.plain[task.holdout], views.label[task.holdout]
        fitted = choose_l2(x, y, *holdout, names)[0]
    answer = within_one(linear_mean(fitted, views.plain[task.needed]))
    return Learned(answer, _kept(fitted), {"parameters": len(names) + 1})


def fit_control(
    views: FoldViews, fit: IntArray, holdout: IntArray, names: tuple[str, ...]
) -> LogisticParameters:
    """The matched-information linear control: a logistic model on what the networks see of a record."""
    x = views.features
    return choose_l2(x[fit], views.label[fit], x[holdout], views.label[holdout], names)[0]


def _kept(fitted: LogisticParameters | ScorecardParameters) -> bytes:
    return json.dumps(fitted.to_plain()).encode()


def fitted_of(learned: Learned) -> Any:
    """The fitted value behind a model that is one."""
    return fitted_from_plain(json.loads(learned.artefact))


def pack(learned: Sequence[Learned]) -> tuple[dict[str, AnyArray], dict[str, Any]]:
    """The fitted models of a task as arrays and JSON facts, for the run's memory."""
    arrays: dict[str, AnyArray] = {}
    for place, one in enumerate(learned):
        arrays[f"answer-{place}"] = one.answer
        arrays[f"artefact-{place}"] = np.frombuffer(one.artefact, np.uint8)
    return arrays, {"models": [one.facts for one in learned]}


def unpack(arrays: dict[str, AnyArray], facts: dict[str, Any]) -> tuple[Learned, ...]:
    """The inverse of `pack`."""
    return tuple(
        Learned(arrays[f"answer-{place}"], arrays[f"artefact-{place}"].tobytes(), one)
        for place, one in enumerate(facts["models"])
    )
