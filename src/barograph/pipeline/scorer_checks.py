"""What must hold of the models of a study of records before anything is read or written."""

from __future__ import annotations

from barograph.core.errors import SettingError, unknown
from barograph.core.scoring_study import ScoringStudy
from barograph.core.unsupervised import ANOMALY_NETWORKS, UNSUPERVISED, unsupervised_models
from barograph.engines.scoring.combining import COMBINATION, CONTROL_COMBINATION, CURRENT_SCORECARD
from barograph.engines.scoring.plan import networks_of
from barograph.engines.scoring.tasks import CONTROL, HAZARD
from barograph.models.baselines.scoring.catalogue import scoring_baseline
from barograph.models.scorers import configured_reconstructor, configured_scorer
from barograph.pipeline.outcome import check_named


def check_scorers(study: ScoringStudy) -> None:
    """Refuse unknown networks, settings, baselines and champions before anything is read or written."""
    known = (*study.model.baselines, *unsupervised_models(study))
    for key in (*networks_of(study), *(key for key in study.model.settings if key not in known)):
        configured_scorer(key, study.model.settings.get(key, {}))
    for key in study.model.baselines:
        entry = scoring_baseline(key, target="loss" if study.model.head == "hurdle_beta" else "default")
        if entry.stated and study.prepare.fixings is None:
            raise SettingError(
                f"'{key}' says what a column of that name says, which only currency fixings have",
                came="prepare.fixings is empty",
                do="Leave it out of model.baselines",
            )
    _check_unsupervised(study)
    _check_in_memory(study)
    if not study.model.networks:
        raise SettingError(
            "model.networks must name at least one network", came="it is empty", do="Name one, such as tabm"
        )
    hazard = (HAZARD,) if study.model.hazard else ()
    combined = (COMBINATION, CONTROL_COMBINATION, CURRENT_SCORECARD)
    check_named(study, (*combined, *study.model.networks, CONTROL, *hazard, *known))


def _check_in_memory(study: ScoringStudy) -> None:
    """Refuse what needs every record at once where only some are held in memory."""
    if not study.collect.in_memory:
        return
    section = study.collect
    whole = {
        "collect.stream": section.stream,
        "collect.block_hours": section.block_hours,
        "collect.sequence": section.sequence,
        "collect.join": section.join,
        "collect.contract": section.contract,
        "collect.kept": section.kept < 1.0,
        "collect.share": section.share < 1.0,
        "prepare.events": study.prepare.events,
        "prepare.fixings": study.prepare.fixings,
        "prepare.history_by": study.prepare.history_by,
        "model.hazard": study.model.hazard,
        "model.anomaly_feature": study.model.anomaly_feature,
        "evaluate.hold_out": study.evaluate.hold_out == "vintages",
    }
    if study.train.engine == "ray":
        raise SettingError(
            "a study that reads some of its records from disk must run on the machine of that disk",
            came=f"collect.in_memory is {section.in_memory:,}, and train.engine is ray",
            do="Leave --engine ray out, or hold the whole table: --set collect.in_memory=0",
        )
    asked = [key for key, value in whole.items() if value]
    if asked:
        raise SettingError(
            "a study that holds some of its records in memory must not need all of them at once",
            came=f"collect.in_memory is {section.in_memory:,}, and {', '.join(asked)} would",
            do="Leave that out, or hold the whole table: --set collect.in_memory=0",
        )


def _check_unsupervised(study: ScoringStudy) -> None:
    """Refuse unknown models, settings that they do not have, and studies and claims that cannot judge them.

    Raises
    ------
    SettingError
    """
    _check_models(study)
    for claim in study.evaluate.claims:
        judged = claim.metric == "average_precision" and claim.protocol == "origin" and claim.margin > 0.0
        if claim.kind == "times_better" and (not judged or study.evaluate.alerts is None):
            raise SettingError(
                f"evaluate.claims: '{claim.key}' of kind times_better must speak of average precision at the"
                " origin and of a margin above 0, in a study judged by its alerts",
                came=f"got {claim.metric}, {claim.protocol} and {claim.margin}",
                do="Correct it",
            )


def _check_models(study: ScoringStudy) -> None:
    """The models named in `model.unsupervised`, `model.networks` and `model.anomaly_feature`."""
    for key in study.model.unsupervised:
        if key not in UNSUPERVISED:
            raise unknown("a model of model.unsupervised", key, UNSUPERVISED)
    if study.model.unsupervised and study.evaluate.alerts is None:
        raise SettingError(
            "unsupervised models need a study judged by its alerts",
            came=f"model.unsupervised names {', '.join(study.model.unsupervised)}, evaluate.alerts is empty",
            do="Empty model.unsupervised, or say what alerts cost in evaluate.alerts",
        )
    feature = study.model.anomaly_feature
    if feature and feature not in UNSUPERVISED:
        raise unknown("model.anomaly_feature", feature, UNSUPERVISED)
    if feature and study.evaluate.alerts is None:
        raise SettingError(
            "an anomaly score as a feature needs a study judged by its alerts",
            came=f"model.anomaly_feature is '{feature}', evaluate.alerts is empty",
            do="Empty model.anomaly_feature, or say what alerts cost in evaluate.alerts",
        )
    if feature and study.train.bag > 1:
        raise SettingError(
            "an anomaly score as a feature needs train.bag 1, for each row is held out or not",
            came=f"train.bag is {study.train.bag}",
            do="Set train.bag to 1, or empty model.anomaly_feature",
        )
    for key in dict.fromkeys((*unsupervised_models(study), *filter(None, (feature,)))):
        given = study.model.settings.get(key, {})
        if key in ANOMALY_NETWORKS:
            configured_reconstructor(key, given)
        elif given:
            raise SettingError(
                f"'{key}' must be left without settings",
                came=f"model.settings gives it {', '.join(given)}",
                do="Delete them",
            )
