"""The anomaly score as a feature of models that learn from labels, fitted on a fold's training rows alone.

A score is kinder to rows that its model was fitted on than to rows it never met. Trained on such scores, a
network would trust them more than they deserve where it is judged. So the training customers are parted in
two halves, and each half is scored by a model that was fitted on the other, ranked among its own usual rows.
All other rows - held out, scored, and served later - have the score of one of the two models: like a training
row's, it is that of a model which was fitted on half the customers, and never on that row.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.places import evenly
from barograph.core.scored import RecordFold
from barograph.core.scoring_study import ScoringStudy
from barograph.core.seeds import generator, seed_of
from barograph.engines.scoring.conventional import Learned
from barograph.engines.scoring.feature_columns import FeatureModel, widened
from barograph.engines.scoring.unsupervised import FittedUnsupervised, anomaly_matrix
from barograph.engines.scoring.unsupervised_fit import (
    MOST_FIT,
    MOST_OF,
    MOST_RANKED,
    UnsupervisedTask,
    fit_unsupervised,
    read_columns,
    usual_places,
)
from barograph.engines.scoring.views import FoldViews, encoding_rows


def with_anomaly_feature(
    views: FoldViews, fold: RecordFold, study: ScoringStudy, group: IntArray
) -> FoldViews:
    """The views with the columns of `model.anomaly_feature` joined to what networks and controls see.

    Parameters
    ----------
    views : FoldViews
    fold : RecordFold
    study : ScoringStudy
    group : IntArray [n]
        Customer of each row of the views.
    """
    key = study.model.anomaly_feature
    columns = read_columns(views.encoder, study)
    matrix = anomaly_matrix(views.encoder, views.coded, columns)
    half = halves(group, seed=seed_of(study.train.seed, "anomaly_feature", fold.protocol, fold.number))
    rows = encoding_rows(fold)
    trained = views.places(rows)
    usual = usual_places(views, rows)
    parts = [(usual[half[usual] == side], usual[half[usual] != side]) for side in (0, 1)]
    of_second = trained[half[trained] == 0]  # rows of the first half, which the second model never met
    others = np.setdiff1d(np.arange(views.rows.size), of_second)
    first, second = (
        fit_unsupervised(_task(key, matrix, *parts[side], asked, study, fold, side))
        for side, asked in ((0, others), (1, of_second))
    )
    score = _joined(views.rows.size, first, others, second, of_second)
    model = FeatureModel(key, columns, FittedUnsupervised.from_bytes(first.artefact))
    return replace(views, features=widened(views.features, score), feature=model)


def halves(group: IntArray, *, seed: int) -> IntArray:
    """0 or 1 for each row, the same for all rows of a customer; half the customers each."""
    customers, place = np.unique(group, return_inverse=True)
    side = np.arange(customers.size) % 2
    return np.asarray(generator(seed, "halves").permutation(side)[place])


def _task(
    key: str,
    matrix: FloatArray,
    fit: IntArray,
    held_out: IntArray,
    asked: IntArray,
    study: ScoringStudy,
    fold: RecordFold,
    side: int,
) -> UnsupervisedTask:
    return UnsupervisedTask(
        key=key,
        usual=matrix[fit[evenly(fit.size, MOST_OF.get(key, MOST_FIT))]],
        held_out=matrix[held_out[evenly(held_out.size, MOST_RANKED)]],
        asked=matrix[asked],
        places=np.arange(asked.size),
        n_needed=asked.size,
        settings=study.model.settings.get(key, {}),
        train=study.train,
        members=study.model.anomaly_members,
        seed=seed_of(study.train.seed, "anomaly_feature", key, fold.protocol, fold.number, side),
    )


def _joined(n: int, first: Learned, others: IntArray, second: Learned, of_second: IntArray) -> FloatArray:
    score = np.empty(n)
    score[others], score[of_second] = first.answer, second.answer
    return score
