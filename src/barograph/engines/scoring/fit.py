"""The scoring engine, fit side: records in; every candidate's scores and the refitted parts out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from barograph.collect.records.row_file import RowFile
from barograph.core.arrays import FloatArray, IntArray
from barograph.core.contracts import Memory, Progress
from barograph.core.notes import noted
from barograph.core.record_table import Records
from barograph.core.scored import LeakFinding, Protocol, RecordFold, ScoredRecords, ScoringRecord, Trial
from barograph.core.scoring_study import ScoringStudy
from barograph.core.unsupervised import WITHOUT_ANOMALY, supervised_networks, unsupervised_models
from barograph.engines.scoring.combining import (
    COMBINATION,
    CONTROL_COMBINATION,
    CURRENT_SCORECARD,
    FoldAnswers,
    fold_answers,
)
from barograph.engines.scoring.leaks import leak_findings
from barograph.engines.scoring.plan import Bench, bench
from barograph.engines.scoring.tasks import CONTROL, HAZARD, FittedFold, fit_fold
from barograph.engines.scoring.tuning import Tuned, tuned_settings
from barograph.evaluate.records.plan import labels_of, planned_folds, refit_fold

CONTROLS = (CONTROL, CONTROL_COMBINATION, CURRENT_SCORECARD, WITHOUT_ANOMALY)


@dataclass(frozen=True, slots=True, eq=False)
class Refit:
    """The last fold: fitted on everything known, for the bundle."""

    bench: Bench
    fitted: FittedFold
    answers: FoldAnswers


@dataclass(frozen=True, slots=True)
class ModelFact:
    """How one model was fitted over all folds, parts and seeds."""

    model: str
    fits: int
    seconds: float  # of all fits together
    parameters: int | None
    steps: float | None  # optimiser steps or boosting rounds, mean


@dataclass(frozen=True, slots=True, eq=False)
class ScoringRun:
    """Everything a run has fitted."""

    record: ScoringRecord
    refit: Refit
    tuned: Tuned
    facts: tuple[ModelFact, ...]
    notes: tuple[str, ...]
    seconds: dict[str, float]


def score_records(
    records: Records,
    study: ScoringStudy,
    *,
    memory: Memory,
    progress: Progress,
    checkpoints: Path | None,
    lang: str = "en",
    file: RowFile | None = None,
) -> ScoringRun:
    """Fit and score every candidate on every fold of the study's protocols, then refit on everything known.

    Parameters
    ----------
    records : Records
        With the constructed history joined, where the study asks for one.
    study : ScoringStudy
    memory : Memory
        Runs the tasks and keeps their outcomes, so that a resumed run skips what is done.
    progress : Progress
    checkpoints : Path, optional
        Where members in training keep their state.
    lang : str
        Language of what the leak alarm says.
    file : RowFile, optional
        The records in memory and those beyond it, which networks alone are fitted on.
    """
    clock = {"began": time.perf_counter()}
    plan = planned_folds(records, study)
    first = next(iter(plan.values()))[0]
    waiting = [bench(records, first, study, file)]  # large: let go when its fold is done
    tuned = tuned_settings(waiting[0], study, memory=memory, progress=progress)
    clock["tuning"] = time.perf_counter()
    leaks = leak_findings(waiting[0], records, study, memory=memory, lang=lang)
    clock["leaks"] = time.perf_counter()
    progress.stage("folds", sum(len(folds) for folds in plan.values()) + 1)
    tally = _Tally()
    scored = []
    for protocol, folds in plan.items():
        pieces = []
        for fold in folds:
            waiting += [] if fold is first else [bench(records, fold, study, file)]
            pieces.append(_piece(waiting.pop(), study, tuned, tally, memory, checkpoints))
            progress.advance()
        scored.append(_joined(records, protocol, folds, pieces, study))
    clock["folds"] = time.perf_counter()
    refit = _refit(records, study, tuned, memory, checkpoints, file)
    progress.advance()
    clock["refit"] = time.perf_counter()
    tally.notes += _streamed(refit.fitted)
    record = _record(records, plan, scored, leaks, tuned.trials)
    return ScoringRun(record, refit, tuned, tally.facts(), tuple(dict.fromkeys(tally.notes)), _laps(clock))


def _piece(
    ready: Bench, study: ScoringStudy, tuned: Tuned, tally: _Tally, memory: Memory, checkpoints: Path | None
) -> _Piece:
    """Every candidate fitted on a fold, and what they say of its test."""
    fitted = fit_fold(ready, study, tuned.settings, memory=memory, checkpoints=checkpoints)
    tally.add(fitted)
    answers = fold_answers(ready, fitted, study)
    tally.notes += answers.notes
    return _scored(ready, answers)


def _record(
    records: Records,
    plan: dict[Protocol, tuple[RecordFold, ...]],
    scored: list[ScoredRecords],
    leaks: Sequence[LeakFinding],
    trials: tuple[Trial, ...],
) -> ScoringRecord:
    cuts = {
        str(name): np.array([fold.cut for fold in folds], dtype=records.time.dtype)
        for name, folds in plan.items()
    }
    return ScoringRecord(records, tuple(scored), tuple(leaks), trials, cuts)


def _streamed(fitted: FittedFold) -> tuple[str, ...]:
    """What the networks of the bundle saw of the rows on disk."""
    found = {model: parts[0][0].facts for model, parts in fitted.learned.items()}
    return tuple(
        noted("notes.fit.streamed", name=model, drawn=facts["drawn"], rows=facts["streamed"])
        for model, facts in found.items()
        if "streamed" in facts
    )


def _refit(
    records: Records,
    study: ScoringStudy,
    tuned: Tuned,
    memory: Memory,
    checkpoints: Path | None,
    file: RowFile | None,
) -> Refit:
    fold = replace(refit_fold(records, study), number=REFIT)
    ready = bench(records, fold, study, file)
    fitted = fit_fold(ready, study, tuned.settings, memory=memory, checkpoints=checkpoints)
    return Refit(ready, fitted, fold_answers(ready, fitted, study))


REFIT = 10_000
"""Number of the refit fold, apart from every scored one."""


class _Tally:
    """Counts and seconds of the fits."""

    def __init__(self) -> None:
        self.notes: tuple[str, ...] = ()
        self._found: dict[str, list[dict[str, float]]] = {}

    def add(self, fitted: FittedFold) -> None:
        for model, parts in fitted.learned.items():
            self._found.setdefault(model, []).extend(one.facts for part in parts for one in part)

    def facts(self) -> tuple[ModelFact, ...]:
        return tuple(
            ModelFact(
                model=model,
                fits=len(found),
                seconds=sum(one["seconds"] for one in found),
                parameters=int(found[-1]["parameters"]) if "parameters" in found[-1] else None,
                steps=_mean([one.get("steps", one.get("rounds")) for one in found]),
            )
            for model, found in self._found.items()
        )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """The scored rows of one fold."""

    rows: IntArray
    raw: dict[str, FloatArray]
    final: dict[str, FloatArray]
    members: dict[str, FloatArray]


def _scored(ready: Bench, answers: FoldAnswers) -> _Piece:
    rows = ready.fold.test_rows
    where = ready.of(rows)
    return _Piece(
        rows,
        {model: p[where] for model, p in answers.raw.items()},
        {model: p[where] for model, p in answers.final.items()},
        {model: p[:, where] for model, p in answers.members.items()},
    )


def _joined(
    records: Records,
    protocol: Protocol,
    folds: Sequence[RecordFold],
    pieces: Sequence[_Piece],
    study: ScoringStudy,
) -> ScoredRecords:
    rows = np.concatenate([piece.rows for piece in pieces])
    names = [name for name in pieces[0].final if all(name in piece.final for piece in pieces)]
    networks = tuple(name for name in (*supervised_networks(study), HAZARD) if name in names)
    sizes = [piece.rows.size for piece in pieces]
    return ScoredRecords(
        protocol=protocol,
        rows=rows,
        fold=np.repeat([fold.number for fold in folds], sizes),
        vintage=np.repeat([fold.block for fold in folds], sizes),
        label=labels_of(records, protocol)[rows],
        predicted={name: np.concatenate([piece.final[name] for piece in pieces]) for name in names},
        uncalibrated={name: np.concatenate([piece.raw[name] for piece in pieces]) for name in names},
        members={n: np.concatenate([p.members[n] for p in pieces], axis=1) for n in networks},
        controls=tuple(name for name in CONTROLS if name in names and name not in networks),
        baselines=tuple(study.model.baselines),
        networks=networks,
        combinations=(COMBINATION,),
        unsupervised=tuple(name for name in unsupervised_models(study) if name in names),
    )


def _laps(clock: dict[str, float]) -> dict[str, float]:
    moments = list(clock.values())
    return {name: moments[i + 1] - moments[i] for i, name in enumerate(list(clock)[1:])}
