"""What a fold is made of: its views, what was known at its cut, and the rows models are asked about."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from barograph.collect.records.row_file import RowFile
from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted_records import LogisticParameters
from barograph.core.record_table import Records
from barograph.core.scored import RecordFold
from barograph.core.scoring_study import ScoringStudy
from barograph.core.unsupervised import supervised_networks
from barograph.engines.scoring.anomaly_feature import with_anomaly_feature
from barograph.engines.scoring.experience import Experience, experience_at
from barograph.engines.scoring.views import FoldViews, fold_views
from barograph.evaluate.records.plan import labels_of
from barograph.models.scorers import SCORERS

NOBODY: IntArray = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Beyond:
    """Records that are not held in memory, which networks alone are fitted on."""

    file: RowFile
    vintage: IntArray  # [n] of the records that are held


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """One fold, ready to be fitted. Rows are those of the study's records, ascending."""

    fold: RecordFold
    views: FoldViews
    experience: Experience | None
    needed: IntArray  # rows every model answers for: held out, tested, and made in the last year
    weight: FloatArray | None = None  # records that each needed row stands for; None = one each
    controls: dict[int, LogisticParameters] = field(default_factory=dict)  # by part, once fitted
    beyond: Beyond | None = None

    def source(self) -> IntArray:
        """Per needed row the part of the bag that held it out; -1 where every part may answer."""
        found = np.full(self.needed.size, -1, dtype=np.int64)
        for number, part in enumerate(self.fold.parts):
            found[np.searchsorted(self.needed, np.intersect1d(part.holdout_rows, self.needed))] = number
        return found

    def of(self, rows: IntArray) -> IntArray:
        """Where rows lie among the needed ones."""
        return np.searchsorted(self.needed, rows).astype(np.int64)


def bench(records: Records, fold: RecordFold, study: ScoringStudy, file: RowFile | None = None) -> Bench:
    """Encode a fold and gather what its cut allows to be known; `file` holds what is not in memory."""
    label: FloatArray = labels_of(records, fold.protocol)
    lived = _experience(records, fold, study)
    running = NOBODY if lived is None else lived.rows
    recent = NOBODY if lived is None else lived.recent
    views = fold_views(
        records,
        fold,
        label,
        section=study.prepare,
        also=running,
        with_steps=any(SCORERS[key].reads_sequence for key in networks_of(study)),
    )
    if study.model.anomaly_feature:
        views = with_anomaly_feature(views, fold, study, records.group[views.rows])
    needed = np.unique(np.concatenate([fold.calibration_rows, fold.test_rows, recent]))
    weight = None if records.weight is None else records.weight[needed]
    beyond = None if file is None else Beyond(file, records.vintage)
    return Bench(fold, views, lived, needed, weight, beyond=beyond)


def networks_of(study: ScoringStudy) -> tuple[str, ...]:
    """Networks of a study that learn from labels, that of the hazard included."""
    return (*supervised_networks(study), *((study.model.hazard,) if study.model.hazard else ()))


def _experience(records: Records, fold: RecordFold, study: ScoringStudy) -> Experience | None:
    wanted = study.model.experience or bool(study.model.hazard)
    if fold.protocol != "origin" or not wanted or study.model.head != "bernoulli":
        return None
    return experience_at(
        records, fold.cut, since=study.evaluate.train_since, months=study.collect.outcome_months
    )
