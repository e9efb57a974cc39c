"""Anomalous weeks: an autoencoder learns the weeks before the first held-out year and ranks those after."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from barograph.core.ledger_study import LedgerStudy
from barograph.core.ledger_table import AnomalousWeek, LedgerSamples
from barograph.engines.forecasting.ledgers.plan import LedgerFold
from barograph.models.scorers import RECONSTRUCTION, SCORING_CATALOGUE
from barograph.prepare.ledgers import WEEK
from barograph.train.anomaly import fit_deep_anomaly, score_deep_anomaly

MOST = 10
"""Weeks that are told."""
MEMBERS = 4


def anomalous_weeks(
    samples: LedgerSamples, folds: Sequence[LedgerFold], study: LedgerStudy, *, checkpoint: Path
) -> tuple[AnomalousWeek, ...]:
    """The held-out weeks that were hardest to rebuild, the strangest first.

    The score ranks a week's residuals and latent factors among the held-back training weeks
    (`train.anomaly`); 1 says that every one of those was easier.
    """
    first = folds[0].parts["counts"]
    settings = study.train.model_copy(
        update={
            "max_steps": study.train.anomaly_steps,
            "check_every": max(1, study.train.anomaly_steps // 10),
        }
    )
    fitted = fit_deep_anomaly(
        samples.weeks,
        first.fit,
        first.validation,
        network=RECONSTRUCTION,
        network_settings={},
        settings=settings,
        catalogue=SCORING_CATALOGUE,
        members=MEMBERS,
        checkpoint=checkpoint,
    )
    rows = np.concatenate([fold.parts["counts"].test for fold in folds])
    score = score_deep_anomaly(fitted, samples.weeks[rows], catalogue=SCORING_CATALOGUE)
    order = np.argsort(-score, kind="stable")[:MOST]
    return tuple(_week(samples, int(rows[place]), float(score[place])) for place in order)


def _week(samples: LedgerSamples, row: int, score: float) -> AnomalousWeek:
    ledger, monday = samples.ledger, samples.counts.time[row]
    amount = ledger.amount[(ledger.day >= monday) & (ledger.day < monday + WEEK)]
    largest = float(amount.max()) if amount.size else 0.0
    return AnomalousWeek(str(monday), score, amount.size, float(amount.sum()), largest)
