"""What the scoring engine leaves behind: every candidate's probability for every scored record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from barograph.core.arrays import DateArray, FloatArray, IntArray
from barograph.core.record_table import Records

Protocol = Literal["origin", "retrospective", "cross_validation"]
"""`origin`: walk forward, labels known at the origin only. `retrospective`: train on earlier vintages with
final outcomes (some matured after the origin; compares models, no calibration claim). `cross_validation`:
repeated stratified, grouped folds for records without time."""


@dataclass(frozen=True, slots=True, eq=False)
class BagPart:
    """One part of a fold's bag: what is fitted on, and what early stopping and stacking see held out."""

    fit_rows: IntArray
    holdout_rows: IntArray  # disjoint from fit_rows, customers too unless a vintage is held out whole


@dataclass(frozen=True, slots=True, eq=False)
class RecordFold:
    """One training window and one test block of the records' plan.

    Under `origin` every row of `parts` was known at `cut` (`Records.known_at`) and every test row was made
    after it. `calibration_rows` are held out in some part: those of the last matured vintage where there is
    a time, all of them otherwise. The refit fold, fitted for the bundle, has no test rows.
    """

    number: int
    protocol: Protocol
    block: int  # test vintage, number of the retrospective test, or number of the repetition
    cut: np.datetime64  # NaT without time
    parts: tuple[BagPart, ...]
    calibration_rows: IntArray
    test_rows: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class ScoredRecords:
    """The scored records of one protocol, and what every candidate said of them.

    A record may occur more than once under `cross_validation` (once per repetition). Predictions are
    calibrated probabilities of default, or losses given default for a loss study; those of `unsupervised`
    models are ranks in [0, 1], which are no probabilities.
    """

    protocol: Protocol
    rows: IntArray  # [n] index into the study's records
    fold: IntArray  # [n] number of the fold that scored the row
    vintage: IntArray  # [n] the block a row belongs to: test vintage, or number of the repetition
    label: FloatArray  # [n] what came
    predicted: dict[str, FloatArray]  # candidate -> [n]
    uncalibrated: dict[str, FloatArray]  # candidate -> [n]
    members: dict[str, FloatArray]  # network -> [n_seeds, n] each seed's own prediction (uncalibrated)
    controls: tuple[str, ...]
    baselines: tuple[str, ...]
    networks: tuple[str, ...]
    combinations: tuple[str, ...]
    unsupervised: tuple[str, ...] = ()  # models that never saw a label: their predictions are ranks

    @property
    def candidates(self) -> tuple[str, ...]:
        """Every model, combinations first, then networks, controls, baselines, those without labels."""
        return (*self.combinations, *self.networks, *self.controls, *self.baselines, *self.unsupervised)


@dataclass(frozen=True, slots=True)
class Trial:
    """One try of a model's settings, on data before the first scored block."""

    model: str
    settings: dict[str, float | int | str]
    loss: float  # validation log loss (or squared error for a loss study)
    seconds: float


@dataclass(frozen=True, slots=True)
class LeakFinding:
    """A column that explains too much: alone, or by what its removal costs."""

    column: str
    kind: Literal["alone", "removal", "denied"]
    auc: float | None  # of the column alone, or lost by its removal; None for a denied column
    threshold: float | None
    reason: str  # one sentence


@dataclass(frozen=True, slots=True, eq=False)
class ScoringRecord:
    """Everything that evaluation and report read of a scoring run."""

    records: Records
    protocols: tuple[ScoredRecords, ...]  # the headline first
    leaks: tuple[LeakFinding, ...] = ()
    trials: tuple[Trial, ...] = ()
    cuts: dict[str, DateArray] = field(default_factory=dict)  # protocol -> [n_folds] last day known per fold

    @property
    def headline(self) -> ScoredRecords:
        """The protocol that the verdict rests on."""
        return self.protocols[0]

    def of(self, protocol: str) -> ScoredRecords | None:
        """The scored records of a protocol, if it was run."""
        return next((one for one in self.protocols if one.protocol == protocol), None)
