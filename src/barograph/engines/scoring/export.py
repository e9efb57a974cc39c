"""The files of a scoring bundle, from the refitted champion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.errors import unknown
from barograph.core.fitted_records import CalibratorParameters, LogisticParameters
from barograph.core.places import evenly
from barograph.core.record_table import EventLink, FixingLink, Records, RecordSchema
from barograph.core.scoring_study import ScoringStudy
from barograph.core.unsupervised import pooled_networks, unsupervised_models
from barograph.deploy.bundle import packed
from barograph.deploy.manifest import ScoreCombine
from barograph.engines.scoring import parts as names
from barograph.engines.scoring.anomaly import fit_anomaly
from barograph.engines.scoring.combining import (
    CURRENT_SCORECARD,
    NETWORKS,
    SCORECARD,
    hazard_shift,
    served_answer,
)
from barograph.engines.scoring.conventional import Learned, boosted_of, fitted_of
from barograph.engines.scoring.deep import stack_of
from barograph.engines.scoring.export_live import GATE_ROWS, check_live, live_files, live_gap
from barograph.engines.scoring.export_unsupervised import unsupervised_files
from barograph.engines.scoring.fit import Refit
from barograph.engines.scoring.fixing_parts import fixing_files
from barograph.engines.scoring.live_rows import LIVE_TOLERANCE
from barograph.engines.scoring.tasks import CONTROL, HAZARD, hazard_rows, hazard_start
from barograph.measures.credit.grades import master_scale
from barograph.models.baselines.scoring.boosting_graph import to_onnx
from barograph.models.scorers import SCORING_CATALOGUE
from barograph.prepare.history import History
from barograph.train.export import export_onnx
from barograph.train.stack import joined_stacks

PROFILE_LEVELS = tuple(i / 10 for i in range(11))
"""Quantiles of every column and of the figure in training, against which drift is measured."""


@dataclass(frozen=True, slots=True, eq=False)
class Exported:
    """A champion ready to be written."""

    combine: ScoreCombine
    files: dict[str, bytes]
    reference: IntArray  # rows of the study's records


def export(
    refit: Refit,
    records: Records,
    study: ScoringStudy,
    champion: str,
    *,
    history: History | None,
    schema: RecordSchema,
    events: EventLink | None = None,
    fixings: FixingLink | None = None,
) -> Exported:
    """Turn the refitted champion into the files of a bundle.

    Parameters
    ----------
    refit : Refit
    records : Records
        As they came, before the constructed history joined.
    study : ScoringStudy
    champion : str
        Any candidate of the run.
    history : History or None
    schema : RecordSchema
    events : EventLink, optional
        Of records that are events.
    fixings : FixingLink, optional
        Of records made of currency fixings.

    Raises
    ------
    BundleError
        Where a graph does not reproduce its model.
    """
    models = _models(refit, study, champion)
    combine = _combine(refit, study, champion, models)
    figure = served_answer(refit.bench, refit.fitted, refit.answers, study, champion)
    reference = refit.bench.needed[evenly(refit.bench.needed.size, study.deploy.reference_records)]
    expected = figure[np.searchsorted(refit.bench.needed, reference)]
    files = {
        names.ENCODER: names.as_json(refit.bench.views.encoder.to_plain()),
        names.CONTROLS: names.as_json([one.to_plain() for one in _controls(refit, combine)]),
        names.MAPS: names.as_json(_maps(refit, champion)),
        names.GRADES: names.as_json(master_scale(figure, study.deploy.grades).to_plain()),
        names.PROFILE: names.as_json(_profile(refit, figure)),
        names.PARITY: packed({"figure": expected}),
        **names.reference_files(records.take(reference)),
        **names.history_file(history),
        **names.event_files(events, records),
        **fixing_files(fixings),
        **_networks(refit, models),
        **_boosters(refit, models),
        **_linear(refit, tuple(key for key in models if key not in unsupervised_models(study))),
        **unsupervised_files(refit, study, models),
        **_scorecards(refit),
        **(_anomaly(refit, study) if events is None else {}),  # a live scorer asks for no rank
    }
    if history is None and fixings is None and not schema.stream_steps:
        files |= _live(refit, records, files, combine, figure, needed=events is not None)
    return Exported(combine, files, reference)


def _models(refit: Refit, study: ScoringStudy, champion: str) -> tuple[str, ...]:
    """Fitted models the champion is made of."""
    if champion in refit.answers.stacks:
        models = refit.answers.stacks[champion].models
        pooled = pooled_networks(study)
        deep = [key for model in models for key in (pooled if model == NETWORKS else (model,))]
        return tuple(dict.fromkeys(deep))
    if champion == CURRENT_SCORECARD:
        return (SCORECARD,)
    if champion not in refit.answers.final:
        raise unknown("the champion", champion, refit.answers.final)
    return (champion,)


def _combine(refit: Refit, study: ScoringStudy, champion: str, models: tuple[str, ...]) -> ScoreCombine:
    deep = tuple(key for key in models if key in (*study.model.networks, HAZARD))
    others = tuple(key for key in models if key not in deep and key != CONTROL)
    head = "hazard" if models == (HAZARD,) else study.model.head
    if champion in refit.answers.stacks:
        return ScoreCombine(kind="stack", networks=deep, baseline=others[0] if others else "", head=head)
    if deep:
        return ScoreCombine(kind="network", networks=deep, head=head)
    if champion == CONTROL:
        return ScoreCombine(kind="control", head=head)
    return ScoreCombine(kind="baseline", baseline=others[0], head=head)


def _controls(refit: Refit, combine: ScoreCombine) -> tuple[LogisticParameters, ...]:
    """Per part of the bag what networks correct; without one the linear control."""
    return refit.fitted.starts if combine.networks else refit.fitted.controls


def _maps(refit: Refit, champion: str) -> dict[str, Any]:
    answers = refit.answers
    maps = {
        "calibrator": answers.calibrators[champion].to_plain(),
        "shift": answers.shifts.get(champion, CalibratorParameters("none")).to_plain(),
    }
    if champion in answers.stacks:
        maps["stack"] = answers.stacks[champion].to_plain()
    return maps


def _networks(refit: Refit, models: tuple[str, ...]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    about: dict[str, Any] = {}
    for key in models:
        parts = refit.fitted.learned.get(key, [])
        stacks = [stack_of(one) for part in parts for one in part] if _is_deep(parts) else []
        if not stacks:
            continue
        whole = joined_stacks(stacks)
        members = range(whole.shape.n_members)
        files[names.graph_name(key)] = export_onnx(whole, members, catalogue=SCORING_CATALOGUE).content
        files[names.weights_name(key)] = whole.to_bytes()
        starts, shifts = _hazard_members(refit, parts) if key == HAZARD else ([], [])
        about[key] = {
            "head": whole.head,
            "parts": [number for number, part in enumerate(parts) for _ in part],
            "starts": starts,
            "shifts": shifts,
        }
    return files | ({names.NETWORKS: names.as_json(about)} if about else {})


def _is_deep(parts: list[list[Learned]]) -> bool:
    return bool(parts) and "best_step" in parts[0][0].facts


def _hazard_members(refit: Refit, parts: list[list[Learned]]) -> tuple[list[list[float]], list[float]]:
    """Per member the log-odds of each period that it corrects, and its shift to current experience."""
    lived = refit.bench.experience
    if lived is None:
        return [], []
    rows = hazard_rows(refit.bench, lived)
    starts = [hazard_start(lived, part).tolist() for part in refit.bench.fold.parts]
    return (
        [starts[number] for number, part in enumerate(parts) for _ in part],
        [hazard_shift(one.answer, rows, lived).b for part in parts for one in part],
    )


def _boosters(refit: Refit, models: tuple[str, ...]) -> dict[str, bytes]:
    if "lightgbm" not in models:
        return {}
    coded = refit.bench.views.coded[:256]
    return {
        names.graph_name("lightgbm", number): to_onnx(boosted_of(part[0]), rows=coded)
        for number, part in enumerate(refit.fitted.learned["lightgbm"])
    }


def _linear(refit: Refit, models: tuple[str, ...]) -> dict[str, bytes]:
    found = {}
    for key in models:
        parts = refit.fitted.learned.get(key, [])
        if parts and not _is_deep(parts) and key not in ("lightgbm", SCORECARD):
            found[key] = [_logistic(part[0]).to_plain() for part in parts]
    return {names.LINEAR: names.as_json(found)} if found else {}


def _logistic(learned: Learned) -> LogisticParameters:
    fitted = fitted_of(learned)
    assert isinstance(fitted, LogisticParameters)
    return fitted


def _scorecards(refit: Refit) -> dict[str, bytes]:
    """The scorecard goes along whoever is champion: its points explain, and a validator wants it beside."""
    parts = refit.fitted.learned.get(SCORECARD, [])
    return (
        {names.SCORECARD: names.as_json([fitted_of(part[0]).to_plain() for part in parts])} if parts else {}
    )


def _anomaly(refit: Refit, study: ScoringStudy) -> dict[str, bytes]:
    made = fit_anomaly(refit.bench, study)
    plain = {
        "center": made.center.tolist(),
        "scale": [None if np.isinf(one) else float(one) for one in made.scale],
        "quantiles": made.quantiles.tolist(),
    }
    return {names.ANOMALY: names.as_json(plain), names.graph_name("reconstruction"): made.graph}


def _live(
    refit: Refit,
    records: Records,
    files: dict[str, bytes],
    combine: ScoreCombine,
    figure: FloatArray,
    *,
    needed: bool,
) -> dict[str, bytes]:
    """The live graph, compared with the served figure.

    Events need it. Of other records it only makes single answers fast, and is left out where it differs.
    """
    encoder, all_rows = refit.bench.views.encoder, refit.bench.needed
    rows = evenly(all_rows.size, GATE_ROWS)
    found = live_files(files, combine, encoder, records.sequence.shape[1])
    for content in found.values():
        some, expected = records.take(all_rows[rows]), figure[rows]
        if needed:
            check_live(content, encoder, some, expected)
        elif not live_gap(content, encoder, some, expected) <= LIVE_TOLERANCE:
            return {}
    return found


def _profile(refit: Refit, figure: FloatArray) -> dict[str, Any]:
    """Quantiles of numbers, shares of categories and quantiles of the figure over the training records."""
    views = refit.bench.views
    fitted_on = views.places(refit.bench.fold.parts[0].fit_rows)
    table = views.table[fitted_on.tolist()]
    numeric = {
        name: {
            "missing": table[name].null_count() / max(table.height, 1),
            "quantiles": [table[name].quantile(level) for level in PROFILE_LEVELS],
        }
        for name in views.encoder.numeric
    }
    encoder = views.encoder
    categories = {
        name: dict(zip((*kept, "other"), shares, strict=True))
        for name, kept, shares in zip(encoder.categorical, encoder.categories, encoder.shares, strict=True)
    }
    return {
        "levels": list(PROFILE_LEVELS),
        "rows": table.height,
        "numeric": numeric,
        "categorical": categories,
        "figure": np.quantile(figure, PROFILE_LEVELS).tolist(),
    }
