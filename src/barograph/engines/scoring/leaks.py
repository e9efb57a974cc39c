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
from barograph.engines.scoring.conventional import ConventionalTask, Learned, pack, unpack
from barograph.engines.scoring.plan import Bench
from barograph.engines.scoring.tasks import conventional_task, work
from barograph.evaluate.records.leaks import column_alarms, removal_alarms
from barograph.evaluate.records.plan import labels_of
from barograph.measures.credit.discrimination import auc
from barograph.prepare.encoder import coded_names

MOST_ROWS = 40_000
"""Rows that the removal alarm fits on, spread over those of the fold: it fits once per column."""


def leak_findings(
    first: Bench, records: Records, study: ScoringStudy, *, memory: Memory, lang: str
) -> list[LeakFinding]:
    """Alarms on the training part of the first fold; a loss study has none, for AUC says nothing there.

    The removal alarm fits LightGBM with its default settings on the fold's fitting rows, once with all
    columns and once without each, and compares AUC on the rows held out.
    """
    if study.model.head != "bernoulli":
        return []
    part = first.fold.parts[0]
    label = labels_of(records, first.fold.protocol)
    alone = column_alarms(records, part.fit_rows, label, study, lang=lang)
    columns = coded_names(first.views.encoder)
    found = _aucs(first, study, [columns, *(_without(columns, one) for one in columns)], memory)
    return [*alone, *removal_alarms(lambda kept: found[kept], columns, study, lang=lang)]


def _without(columns: Sequence[str], left_out: str) -> tuple[str, ...]:
    return tuple(column for column in columns if column != left_out)


def _aucs(
    first: Bench, study: ScoringStudy, choices: Sequence[tuple[str, ...]], memory: Memory
) -> dict[tuple[str, ...], float]:
    """Columns kept -> AUC on the held-out rows."""
    part = first.fold.parts[0]
    whole = conventional_task(first, part, study, "lightgbm", {})
    fit = whole.fit[evenly(whole.fit.size, MOST_ROWS)]
    whole = replace(whole, fit=fit, needed=whole.holdout, loss_study=False)
    tasks = [_with_columns(whole, coded_names(first.views.encoder), kept) for kept in choices]
    outcomes: list[Learned] = memory.run(
        "leaks",
        work,
        tasks,
        keys=[str(i) for i in range(len(tasks))],
        pack=pack,
        unpack=unpack,
        on_done=lambda: None,
    )
    label = first.views.label[whole.holdout]
    return {kept: auc(label, one.answer) for kept, one in zip(choices, outcomes, strict=True)}


def _with_columns(task: ConventionalTask, names: tuple[str, ...], kept: tuple[str, ...]) -> ConventionalTask:
    places = np.array([names.index(name) for name in kept], dtype=np.int64)
    return replace(task, views=replace(task.views, coded=task.views.coded[:, places]))
