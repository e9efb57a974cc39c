"""From fitted models to candidates: bags averaged, calibrated, stacked, and moved to current experience."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.fitted_records import CalibratorParameters, StackParameters
from barograph.core.scoring_study import ScoringStudy
from barograph.core.unsupervised import pooled_networks, unsupervised_models
from barograph.engines.scoring.conventional import Learned, log_loss
from barograph.engines.scoring.experience import Experience
from barograph.engines.scoring.plan import Bench
from barograph.engines.scoring.tasks import CONTROL, HAZARD, FittedFold, hazard_rows
from barograph.measures.credit.calibrators import calibrate
from barograph.measures.credit.hazard import cumulative_default
from barograph.measures.credit.linear_predictor import linear_mean
from barograph.measures.credit.stacking import stack
from barograph.train.calibrate import fit_calibrator, shift_to_rate
from barograph.train.stacking import fit_stack

COMBINATION, CONTROL_COMBINATION, NETWORKS = "combination", "linear_combination", "networks"
CURRENT_SCORECARD = "scorecard_current"
SCORECARD = "scorecard"


@dataclass(frozen=True, slots=True, eq=False)
class FoldAnswers:
    """What every candidate says on the needed rows of a fold, and the maps that made it."""

    raw: dict[str, FloatArray]  # candidate -> before calibration, [n_needed]
    final: dict[str, FloatArray]  # candidate -> [n_needed]
    members: dict[str, FloatArray]  # network -> [n_seeds, n_needed], uncalibrated
    calibrators: dict[str, CalibratorParameters]  # candidate -> first map
    shifts: dict[str, CalibratorParameters]  # candidate -> second map, to current experience
    stacks: dict[str, StackParameters]
    notes: tuple[str, ...] = field(default=())


def fold_answers(bench: Bench, fitted: FittedFold, study: ScoringStudy) -> FoldAnswers:
    """Every candidate of a fold on its needed rows.

    Calibrators and stacking weights are fitted on the fold's calibration rows, held out by the part that
    answers for them; shifts on what was known at the cut. Nothing is fitted on a test row. Models learn the
    records as they are; where these are a sample, calibrators and stacks undo it by their weights.
    """
    raw, members = raw_answers(bench, fitted, study, bench.source())
    label = bench.views.label[bench.views.places(bench.needed)]
    where = bench.of(bench.fold.calibration_rows)
    weight = None if bench.weight is None else bench.weight[where]
    final, shifts = {}, {}
    calibrators, notes = {}, []
    unsupervised = unsupervised_models(study)
    for model, p in raw.items():
        if model in unsupervised:  # a rank, which no label may touch
            calibrators[model], final[model] = CalibratorParameters("none"), p
            continue
        method = study.model.calibration if model != HAZARD else "none"
        fit = fit_calibrator(method, p[where], label[where], weight=weight)
        calibrators[model] = fit.parameters
        final[model] = calibrate(fit.parameters, p)
        notes += [f"{model}: {fit.note}"] if fit.note else []
    stacks = _stacks(raw, label, where, study, weight)
    for name, parameters in stacks.items():
        parts = with_networks(raw, study)
        raw[name] = final[name] = stack(parameters, np.stack([parts[model] for model in parameters.models]))
        calibrators[name] = CalibratorParameters("none")
    lived = bench.experience
    if lived is not None and study.model.experience:
        if SCORECARD in final:
            raw[CURRENT_SCORECARD], final[CURRENT_SCORECARD] = raw[SCORECARD], final[SCORECARD]
            calibrators[CURRENT_SCORECARD] = calibrators[SCORECARD]
        unmoved = (*study.model.baselines, *unsupervised, HAZARD)
        for model in [name for name in final if name not in unmoved]:
            shifts[model] = current_shift(final[model][bench.of(lived.recent)], lived.default_rate)
            final[model] = calibrate(shifts[model], final[model])
    return FoldAnswers(raw, final, members, calibrators, shifts, stacks, tuple(notes))


def served_answer(
    bench: Bench, fitted: FittedFold, answers: FoldAnswers, study: ScoringStudy, champion: str
) -> FloatArray:
    """What a bundle of the champion must say of the needed rows: every part answers for every row."""
    raw, _ = raw_answers(bench, fitted, study, np.full(bench.needed.size, -1))
    if champion in answers.stacks:
        parts = with_networks(raw, study)
        parameters = answers.stacks[champion]
        p = stack(parameters, np.stack([parts[model] for model in parameters.models]))
    else:
        p = raw[SCORECARD if champion == CURRENT_SCORECARD else champion]
    calibrated = calibrate(answers.calibrators[champion], p)
    return calibrate(answers.shifts[champion], calibrated) if champion in answers.shifts else calibrated


def current_shift(recent: FloatArray, rate: float) -> CalibratorParameters:
    """The shift that brings the mean over recently made records to a default rate."""
    return CalibratorParameters("shift", b=shift_to_rate(recent, np.ones(recent.size), rate * recent.size))


def raw_answers(
    bench: Bench, fitted: FittedFold, study: ScoringStudy, source: IntArray
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Uncalibrated answers of networks, control and baselines on the needed rows, and each seed's.

    `source` names the part that answers for a row; -1 lets the mean of all parts answer, as a bundle does.
    """
    raw: dict[str, FloatArray] = {}
    members: dict[str, FloatArray] = {}
    for model, parts in fitted.learned.items():
        if model == HAZARD and bench.experience is not None:
            seeds = _hazard_seeds(bench, bench.experience, parts, source)
        else:
            seeds = _seeds([[one.answer for one in part] for part in parts], source)
        raw[model] = seeds.mean(axis=0)
        if model not in (*study.model.baselines, *unsupervised_models(study)):
            members[model] = seeds
    if CONTROL not in raw:  # a network of that name, trained on top of the control, takes its place
        features = bench.views.features[bench.views.places(bench.needed)]
        raw[CONTROL] = _seeds([[linear_mean(one, features)] for one in fitted.controls], source)[0]
    return raw, members


def _seeds(answers: Sequence[Sequence[FloatArray]], source: IntArray) -> FloatArray:
    """``answers[part][seed][n]`` as [n_seeds, n]: of the part that held a row out, else the parts' mean."""
    stacked = np.array([list(part) for part in answers])  # [parts, seeds, n]
    mean = stacked.mean(axis=0)
    for number in range(stacked.shape[0]):
        mean[:, source == number] = stacked[number][:, source == number]
    return np.asarray(mean)


def _hazard_seeds(
    bench: Bench, lived: Experience, parts: Sequence[Sequence[Learned]], source: IntArray
) -> FloatArray:
    """Default within the window by each seed, its hazards moved to the defaults of the last year."""
    rows = hazard_rows(bench, lived)
    here = np.searchsorted(rows, bench.needed)
    answers = [
        [cumulative_default(one.answer[here] + hazard_shift(one.answer, rows, lived).b) for one in part]
        for part in parts
    ]
    return _seeds(answers, source)


def hazard_shift(answer: FloatArray, rows: IntArray, lived: Experience) -> CalibratorParameters:
    """The shift at which a hazard expects as many defaults in the last year as there were."""
    exposed = lived.recent_at_risk.sum(axis=1) > 0
    place = np.searchsorted(rows, lived.rows[exposed])
    odds, weight = answer[place], lived.recent_at_risk[exposed]
    inside = weight > 0
    p = 1.0 / (1.0 + np.exp(-odds[inside]))
    return CalibratorParameters("shift", b=shift_to_rate(p, weight[inside], float(lived.recent_event.sum())))


def with_networks(raw: dict[str, FloatArray], study: ScoringStudy) -> dict[str, FloatArray]:
    """The answers, and the networks' mean under a name of its own."""
    return raw | {NETWORKS: np.mean([raw[key] for key in pooled_networks(study)], axis=0)}


def _stacks(
    raw: dict[str, FloatArray],
    label: FloatArray,
    where: IntArray,
    study: ScoringStudy,
    weight: FloatArray | None,
) -> dict[str, StackParameters]:
    """The combination (networks, hazard, best baseline) and its control (linear in the networks' place).

    The best baseline is found on the records as they are, of which all models speak alike before their maps.
    """
    best = min(study.model.baselines, key=lambda key: log_loss(label[where], raw[key][where]))
    parts = with_networks(raw, study)
    deep = (NETWORKS, HAZARD) if HAZARD in raw else (NETWORKS,)
    chosen = {COMBINATION: (*deep, best), CONTROL_COMBINATION: (CONTROL, best)}
    return {
        name: fit_stack(models, np.stack([parts[m][where] for m in models]), label[where], weight=weight)
        for name, models in chosen.items()
    }
