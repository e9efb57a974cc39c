"""Networks of studies of levels, panels and ledgers: which may be named, and the facts of their training."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Protocol

from barograph.core.errors import SettingError
from barograph.core.ledger_study import LedgerStudy
from barograph.core.level_study import LevelStudy
from barograph.core.panel_study import PanelStudy
from barograph.evaluate.report.study_content import StudyFacts, TrainingFact
from barograph.models.baselines.levels import LINEAR
from barograph.models.catalogue import configured
from barograph.pipeline.facts import versions
from barograph.pipeline.outcome import Context


class Trained(Protocol):
    """What is told of a network that was fitted over all folds and seeds."""

    @property
    def steps(self) -> float:
        """Optimiser steps of a member, mean."""

    @property
    def parameters(self) -> int:
        """Weights of a member."""

    @property
    def seconds(self) -> float:
        """All members together."""


def check_networks(study: LevelStudy | PanelStudy | LedgerStudy) -> None:
    """Refuse unknown networks and settings, and the control where it is named as one of them."""
    model = study.model
    for key in (*model.networks, *model.settings):
        configured(key, model.settings.get(key, {}))
    if LINEAR in model.networks:
        raise SettingError(
            "model.networks must not name 'linear': the linear control always runs",
            came="it does",
            do="Name another network, such as mlp",
        )


def study_facts(context: Context[Any], networks: Mapping[str, Trained], *, folds: int) -> StudyFacts:
    """What only the run itself knows, for the report."""
    training = tuple(
        TrainingFact(
            network=key,
            folds=folds,
            seeds=context.study.train.seeds,
            steps=network.steps,
            seconds=network.seconds,
            parameters=network.parameters,
        )
        for key, network in networks.items()
    )
    return StudyFacts(
        seconds=context.seconds,
        peak_memory_mib=context.memory.total(),
        versions=versions(context.study.train),
        confirmation_scored=context.scored(),
        training=training,
        made_on=datetime.date.today().isoformat(),
    )
