"""What every report is made of, whichever engine ran: the study, its answer, and what only the run knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.records import Provenance
from barograph.core.results import ClaimResult, Comparison, Score, Verdict

Role = Literal["combination", "network", "control", "baseline", "unsupervised"]


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


@dataclass(frozen=True, slots=True, eq=False)
class PitBins:
    """Shares of outcomes in equal bins of a model's predictive distribution."""

    model: str
    share: FloatArray  # [n_bins]
    half_width: FloatArray  # two standard errors, as if outcomes were independent
    n_obs: int


def pit_bins(model: str, place: FloatArray, bins: int) -> PitBins:
    """The histogram of probability integral transforms; NaN is left out."""
    known = place[np.isfinite(place)]
    share = np.histogram(known, bins=bins, range=(0.0, 1.0))[0] / max(known.size, 1)
    error = np.sqrt((1 / bins) * (1 - 1 / bins) / max(known.size, 1))
    return PitBins(model, share, np.full(bins, 2.0 * error), int(known.size))


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What judging a run gave."""

    scores: Sequence[Score]
    comparisons: Sequence[Comparison]
    claims: Sequence[ClaimResult]
    verdict: Verdict


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
