"""What must hold between the settings of a study, beyond each one's own type and range."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise

from barograph.core.errors import SettingError
from barograph.core.ledger_study import LedgerStudy
from barograph.core.level_study import LevelStudy
from barograph.core.panel_study import PanelStudy
from barograph.core.recipe import AnyStudy
from barograph.core.scoring_study import ScoringStudy
from barograph.core.study import Study

__all__ = ["check"]


def check(study: AnyStudy, *, where: str) -> None:
    """Raise `SettingError` where settings contradict each other, whichever engine they are for."""
    if isinstance(study, ScoringStudy):
        _check_scoring(study, where)
    elif isinstance(study, LevelStudy):
        _check_levels(study, where)
    elif isinstance(study, LedgerStudy):
        _check_ledgers(study, where)
    elif isinstance(study, PanelStudy):
        _check_panels(study, where)
    else:
        _check_forecasting(study, where)


def _check_scoring(study: ScoringStudy, where: str) -> None:
    """Days are ISO days; each model is named once; a column has one role; ranges of vintages ascend."""
    _iso_days({"collect.since": study.collect.since, "collect.until": study.collect.until}, where)
    _in_order(study.collect.since, study.collect.until, where)
    for key, names in (
        ("model.networks", study.model.networks),
        ("model.baselines", study.model.baselines),
        ("evaluate.protocols", study.evaluate.protocols),
        ("the keys of evaluate.claims", tuple(claim.key for claim in study.evaluate.claims)),
    ):
        _each_once(key, names, where)
    if not study.model.baselines:
        raise SettingError(
            "model.baselines must name at least one baseline",
            came=f"it is empty {where}",
            do="A verdict needs an opponent: name one, such as scorecard",
        )
    for test in study.evaluate.retrospective:
        if not test[0] <= test[1] < test[2] <= test[3]:
            raise SettingError(
                "evaluate.retrospective must hold ascending vintages, the test after the training",
                came=f"got {list(test)} {where}",
                do="Write first and last of training, then of the test, such as [2000, 2003, 2004, 2005]",
            )
    for claim in study.evaluate.claims:
        if not 0 < claim.p_value < 1:
            raise SettingError(
                f"evaluate.claims: '{claim.key}' must have a p_value between 0 and 1",
                came=f"got {claim.p_value} {where}",
                do="Correct it",
            )


def _check_levels(study: LevelStudy, where: str) -> None:
    """Days are ISO days, horizons ascend, models and claims are named once, claims speak of a horizon."""
    judge, horizons = study.evaluate, study.prepare.horizons
    days = {
        "collect.since": study.collect.since,
        "collect.until": study.collect.until,
        "evaluate.test_since": judge.test_since,
        "evaluate.development_until": judge.development_until,
    }
    _iso_days(days, where)
    _in_order(study.collect.since, study.collect.until, where)
    for key, names in (
        ("model.networks", study.model.networks),
        ("model.baselines", study.model.baselines),
        ("the keys of evaluate.claims", tuple(claim.key for claim in judge.claims)),
    ):
        _each_once(key, names, where)
    if not study.model.baselines:
        raise SettingError(
            "model.baselines must name at least one baseline",
            came=f"it is empty {where}",
            do="A verdict needs an opponent: name one, such as random_walk",
        )
    for key, values in (("prepare.horizons", horizons), ("train.penalties", study.train.penalties)):
        if not values or any(a >= b for a, b in pairwise(values)):
            raise SettingError(
                f"{key} must ascend, each once",
                came=f"got {list(values)} {where}",
                do="Write them like [-4, 1]" if key == "prepare.horizons" else "Write them like [0.1, 1, 10]",
            )
    _level_claims(study, where)


def _check_ledgers(study: LedgerStudy, where: str) -> None:
    """Days are ISO days, models, claims and levels are given once, p-values lie between 0 and 1."""
    _iso_days({"collect.since": study.collect.since, "collect.until": study.collect.until}, where)
    _in_order(study.collect.since, study.collect.until, where)
    claims, levels = study.evaluate.claims, study.deploy.levels
    for key, names in (
        ("model.networks", study.model.networks),
        ("model.baselines", study.model.baselines),
        ("the keys of evaluate.claims", tuple(claim.key for claim in claims)),
    ):
        _each_once(key, names, where)
    if not levels or any(a >= b for a, b in pairwise((0.0, *levels, 1.0))):
        raise SettingError(
            "deploy.levels must ascend between 0 and 1",
            came=f"got {list(levels)} {where}",
            do="Write them like [0.5, 0.99, 0.999]",
        )
    if len(study.deploy.accounts) not in (0, 3):
        raise SettingError(
            "deploy.accounts must hold three years, or none",
            came=f"it holds {len(study.deploy.accounts)} {where}",
            do="The standardised approach averages three years of accounts",
        )
    for claim in claims:
        if not 0 < claim.p_value < 1:
            raise SettingError(
                f"evaluate.claims: '{claim.key}' must have a p_value between 0 and 1",
                came=f"got {claim.p_value} {where}",
                do="Correct it",
            )


def _check_panels(study: PanelStudy, where: str) -> None:
    """Days are ISO days, horizons and penalties ascend, models and claims are named once."""
    judge = study.evaluate
    days = {
        "collect.since": study.collect.since,
        "collect.until": study.collect.until,
        "evaluate.test_since": judge.test_since,
        "evaluate.development_until": judge.development_until,
    }
    _iso_days(days, where)
    _in_order(study.collect.since, study.collect.until, where)
    for key, names in (
        ("model.networks", study.model.networks),
        ("model.baselines", study.model.baselines),
        ("the keys of evaluate.claims", tuple(claim.key for claim in judge.claims)),
    ):
        _each_once(key, names, where)
    horizons = study.prepare.horizons
    if any(a >= b for a, b in pairwise((0, *horizons))):
        raise SettingError(
            "prepare.horizons must be whole periods of at least 1, in ascending order, each once",
            came=f"got {list(horizons)} {where}",
            do="Write them like [1, 5, 22], or leave them out",
        )
    penalties = study.train.penalties
    if not penalties or any(a >= b for a, b in pairwise(penalties)):
        raise SettingError(
            "train.penalties must ascend, each once",
            came=f"got {list(penalties)} {where}",
            do="Write them like [0.1, 1, 10]",
        )
    if horizons and judge.headline and judge.headline not in horizons:
        raise SettingError(
            "evaluate.headline must be a horizon that is forecast",
            came=f"got {judge.headline}, with prepare.horizons {list(horizons)} {where}",
            do="Add the horizon, or set it to 0 for the longest",
        )
    _probabilities(study, where)


def _probabilities(study: PanelStudy, where: str) -> None:
    """P-values of claims lie between 0 and 1."""
    for claim in study.evaluate.claims:
        if not 0 < claim.p_value < 1:
            raise SettingError(
                f"evaluate.claims: '{claim.key}' must have a p_value between 0 and 1",
                came=f"got {claim.p_value} {where}",
                do="Correct it",
            )


def _level_claims(study: LevelStudy, where: str) -> None:
    """Headline and claims speak of horizons that are forecast; p-values lie between 0 and 1."""
    judge, horizons = study.evaluate, study.prepare.horizons
    spoken = {f"evaluate.claims: '{claim.key}'": claim.horizon for claim in judge.claims}
    for key, horizon in {"evaluate.headline": judge.headline, **spoken}.items():
        if horizon not in horizons:
            raise SettingError(
                f"{key} must speak of a horizon that is forecast",
                came=f"got {horizon}, with prepare.horizons {list(horizons)} {where}",
                do="Add the horizon, or change the setting",
            )
    for claim in judge.claims:
        if not 0 < claim.p_value < 1:
            raise SettingError(
                f"evaluate.claims: '{claim.key}' must have a p_value between 0 and 1",
                came=f"got {claim.p_value} {where}",
                do="Correct it",
            )


def _check_forecasting(study: Study, where: str) -> None:
    """The rules of a forecasting study.

    Days are ISO days; horizons are positive, ascending and each given once; the baselines are refitted at
    least as often as the networks; claims have keys of their own and speak of a horizon that is forecast.
    """
    _days(study, where)
    horizons = study.prepare.horizons
    if not horizons or horizons[0] < 1 or any(a >= b for a, b in pairwise(horizons)):
        raise SettingError(
            "prepare.horizons must be whole days of at least 1, in ascending order, each once",
            came=f"got {list(horizons)} {where}",
            do="Write them like [1, 5, 22]",
        )
    if study.train.baseline_refit_every > study.train.refit_every:
        raise SettingError(
            "train.baseline_refit_every must be at most train.refit_every",
            came=f"got {study.train.baseline_refit_every} against {study.train.refit_every} {where}",
            do="Refit the baselines at least as often as the networks: lower the one or raise the other",
        )
    for key, names in (
        ("collect.entities", study.collect.entities),
        ("model.networks", study.model.networks),
        ("model.baselines", study.model.baselines),
        ("the keys of evaluate.claims", tuple(claim.key for claim in study.evaluate.claims)),
    ):
        _each_once(key, names, where)
    _claims(study, where)


def _days(study: Study, where: str) -> None:
    given = {
        "collect.since": study.collect.since,
        "collect.until": study.collect.until,
        "evaluate.test_since": study.evaluate.test_since,
        **{f"evaluate.test_since_of.{name}": day for name, day in study.evaluate.test_since_of.items()},
    }
    _iso_days(given, where)
    _in_order(study.collect.since, study.collect.until, where)


def _iso_days(given: Mapping[str, str | None], where: str) -> None:
    for key, day in given.items():
        if day is not None and not _is_day(day):
            raise SettingError(
                f"{key} must be an ISO day",
                came=f"got '{day}' {where}",
                do="Write it year-month-day, like 2015-01-01",
            )


def _in_order(since: str | None, until: str | None, where: str) -> None:
    if since is not None and until is not None and since > until:
        raise SettingError(
            "collect.since must not be later than collect.until",
            came=f"got {since} and {until} {where}",
            do="Swap or widen them",
        )


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _each_once(key: str, names: Iterable[str], where: str) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise SettingError(
            f"{key} must name each one once", came=f"got '{twice[0]}' twice {where}", do="Leave one out"
        )


def _claims(study: Study, where: str) -> None:
    for claim in study.evaluate.claims:
        key = f"evaluate.claims: '{claim.key}'"
        if claim.horizon not in study.prepare.horizons:
            raise SettingError(
                f"{key} must speak of a horizon that is forecast",
                came=f"got {claim.horizon}, with prepare.horizons {list(study.prepare.horizons)} {where}",
                do="Add the horizon, or change or remove the claim",
            )
        if not (0 < claim.p_value < 1 and 0 < claim.share <= 1):
            raise SettingError(
                f"{key} must have a p_value between 0 and 1 and a share above 0 and up to 1",
                came=f"got p_value {claim.p_value} and share {claim.share} {where}",
                do="Correct it",
            )
