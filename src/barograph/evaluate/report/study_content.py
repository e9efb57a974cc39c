"""What every report is made of, whichever engine ran: the study, its answer, and what only the run knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from barograph.core.arrays import FloatArray
from barograph.core.records import Provenance
from barograph.core.results import ClaimResult, Verdict

Role = Literal["combination", "network", "control", "baseline"]


@dataclass(frozen=True, slots=True)
class TrainingFact:
    """How a network was fitted over all folds and seeds."""

    network: str
    folds: int
    seeds: int
    steps: float  # optimiser steps of a member, mean
    seconds: float  # all members together
    parameters: int | None = None  # weights of one member


@dataclass(frozen=True, slots=True, eq=False)
class SeedSpread:
    """The study's first score of every seed of a network, and of their ensemble."""

    network: str
    seeds: FloatArray  # [n_seeds]
    ensemble: float


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """What only the run itself knows."""

    seconds: float
    peak_memory_mib: float | None = None
    versions: dict[str, str] = field(default_factory=dict)  # package -> version
    confirmation_scored: int = 1  # how often the confirmation block has been scored so far, this run included
    training: tuple[TrainingFact, ...] = ()
    limits: tuple[str, ...] = ()  # further limits of this model, one sentence each
    made_on: str = ""  # ISO date; empty prints none


@dataclass(frozen=True, slots=True, eq=False)
class StudyContent:
    """What the views of both engines share."""

    name: str
    question: str
    settings: dict[str, Any]  # the whole study, printed as YAML
    verdict: Verdict
    claims: tuple[ClaimResult, ...]
    provenance: Provenance
    roles: dict[str, Role]  # every model scored, in the order of the tables
    candidate: str  # the model put forward before results were seen
    reference: str  # the baseline that differences are taken to
    facts: StudyFacts
