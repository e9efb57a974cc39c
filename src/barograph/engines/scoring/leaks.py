"""The leak alarm of a run: columns that explain too much alone, or whose removal costs too much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from barograph.core.contracts import Memory
from barograph.core.places import evenly
from barograph.core.record_table import Records
from barograph.core.scored import LeakFinding
from barograph.core.scoring_study import ScoringStudy
from barograph.core.seeds import generator
from barograph.engines.scoring.conventional import Learned, boosted_of, pack, unpack
from barograph.engines.scoring.plan import Bench
from barograph.engines.scoring.tasks import conventional_task, work
from barograph.evaluate.records.leaks import column_alarms, removal_alarms
from barograph.evaluate.records.plan import labels_of
from barograph.measures.credit.discrimination import auc
from barograph.models.baselines.scoring.boosting import gains, predict
from barograph.prepare.encoder import coded_names

MOST_ROWS = 40_000
"""Rows that the removal alarm fits on, spread over those of the fold: it fits once per suspect."""
SUSPECTS = 12
"""Columns that are looked at, those with most of the whole model's gain: what trees hardly split on is
nothing whose removal could cost them much."""
SHUFFLED = 0.5
"""Share of the limit that shuffling a suspect must cost before a model is fitted without it: a model that was
told nothing of a column does at least about as well as one that is told nonsense of it."""


def leak_findings(
    first: Bench, records: Records, study: ScoringStudy, *, memory: Memory, lang: str
) -> list[LeakFinding]:
    """Alarms on the training part of the first fold; a loss study has none, for AUC says nothing there.

    The removal alarm fits LightGBM with its default settings on the fold's fitting rows, once with all
    columns and once without each of its `SUSPECTS` whose shuffling costs enough (`SHUFFLED`), and compares
    AUC on the rows held out.
    """
    if study.model.head != "bernoulli":
        return []
    part = first.fold.parts[0]
    label = labels_of(records, first.fold.protocol)
    alone = column_alarms(records, part.fit_rows, label, study, lang=lang)
    trees = _Trees(first, study, memory)
    whole = trees.fitted("leaks", [trees.columns])[0]
    suspects = trees.suspects(whole, study.evaluate.leak_removal * SHUFFLED)
    found = trees.fitted("leaks-without", [trees.without(name) for name in suspects])
    costs = {name: trees.auc(whole) - trees.auc(one) for name, one in zip(suspects, found, strict=True)}
    return [*alone, *removal_alarms(costs, study, lang=lang)]


class _Trees:
    """LightGBM on the first part of a fold, with some of the columns."""

    def __init__(self, first: Bench, study: ScoringStudy, memory: Memory) -> None:
        whole = conventional_task(first, first.fold.parts[0], study, "lightgbm", {})
        fit = whole.fit[evenly(whole.fit.size, MOST_ROWS)]
        views = whole.views.for_trees(np.concatenate([fit, whole.holdout]))
        holdout = np.arange(fit.size, views.rows.size)
        self.columns = coded_names(first.views.encoder)
        self._memory, self._label = memory, views.label[holdout]
        self._whole = replace(
            whole, views=views, fit=np.arange(fit.size), holdout=holdout, needed=holdout, loss_study=False
        )

    def without(self, left_out: str) -> tuple[str, ...]:
        """All columns but one."""
        return tuple(column for column in self.columns if column != left_out)

    def fitted(self, stage: str, choices: Sequence[tuple[str, ...]]) -> list[Learned]:
        """One model per choice of columns."""
        places = [np.array([self.columns.index(name) for name in kept]) for kept in choices]
        fitted = self._memory.run(
            stage,
            work,
            [replace(self._whole, columns=one) for one in places],
            keys=[str(i) for i in range(len(choices))],
            pack=pack,
            unpack=unpack,
            on_done=lambda: None,
        )
        return [one for (one,) in fitted]

    def suspects(self, whole: Learned, least: float) -> list[str]:
        """Columns with most gain whose shuffling among the rows held out costs at least so much AUC."""
        boosted = boosted_of(whole)
        gain = gains(boosted)
        order = [place for place in np.argsort(-gain, kind="stable")[:SUSPECTS] if gain[place] > 0.0]
        before, held = self.auc(whole), self._whole.views.coded[self._whole.holdout]
        found = []
        for place in order:
            spoilt = held.copy()
            random = generator(self._whole.seed, "shuffled", self.columns[place])
            spoilt[:, place] = random.permutation(held[:, place])
            if before - auc(self._label, predict(boosted, spoilt)) >= least:
                found.append(self.columns[place])
        return found

    def auc(self, learned: Learned) -> float:
        """Of the rows held out."""
        return auc(self._label, learned.answer)
