"""Where the candidates of a scoring run meet: protocols, their parts, figures, and duels fought once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.scored import Protocol, ScoredRecords, ScoringRecord
from barograph.core.scoring_study import ScoringStudy
from barograph.core.seeds import generator
from barograph.core.texts import text
from barograph.core.unsupervised import ANOMALY_NETWORKS
from barograph.evaluate.records import duels
from barograph.evaluate.records.duels import Duel
from barograph.evaluate.records.figures import HIGHER_IS_BETTER, OF_RANKS, Figure, Said, figures_of
from barograph.evaluate.records.plan import block_name
from barograph.evaluate.records.thresholds import thresholds

Block = Literal["all", "development", "confirmation"]


@dataclass(frozen=True, eq=False)
class Court:
    """One protocol of a run, laid out for comparison."""

    record: ScoringRecord
    study: ScoringStudy
    scored: ScoredRecords
    lang: str = "en"
    kept: dict[tuple[str, str, str, str], Duel] = field(default_factory=dict)

    @property
    def protocol(self) -> Protocol:
        """Which one."""
        return self.scored.protocol

    @property
    def figures(self) -> dict[str, Figure]:
        """What is measured in this study."""
        return figures_of(self.study)

    @cached_property
    def threshold(self) -> FloatArray:
        """Probability above which each scored record is called bad, [n] (see `thresholds`)."""
        return thresholds(self.record.records, self.study, self.scored)

    @cached_property
    def blocks(self) -> dict[str, IntArray]:
        """Places of the scored records of each block, by its name (see `plan.block_name`)."""
        codes = np.unique(self.scored.vintage).tolist()
        return {
            block_name(self.study, self.protocol, code): np.flatnonzero(self.scored.vintage == code)
            for code in codes
        }

    def block_of(self, name: str) -> Block:
        """Whether a block chose the recipe or confirms it; "all" where the study knows no such parts."""
        if len(self.parts) == 1:
            return "all"
        return "development" if int(name) in self.study.evaluate.development else "confirmation"

    @cached_property
    def parts(self) -> dict[Block, IntArray]:
        """Places of all records, and, if vintages at the origin chose the recipe, of these and the others."""
        parts: dict[Block, IntArray] = {"all": np.arange(self.scored.rows.size)}
        chose = np.isin(self.scored.vintage, self.study.evaluate.development)
        if self.protocol == "origin" and chose.any():
            parts["development"] = np.flatnonzero(chose)
            if not chose.all():
                parts["confirmation"] = np.flatnonzero(~chose)
        return parts

    def places(self, where: str) -> IntArray:
        """Places of a part or of a block."""
        for part, rows in self.parts.items():
            if part == where:
                return rows
        return self.blocks[where]

    def said(self, model: str, where: str) -> Said:
        """What a candidate said of the records of a part or block, unusable ones included."""
        scored, places, weight = self.scored, self.places(where), self.record.records.weight
        return Said(
            scored.label, scored.predicted[model], scored.fold, scored.vintage, self.threshold,
            self.record.records.amount[scored.rows], None if weight is None else weight[scored.rows],
        ).take(places)  # fmt: skip

    def ranks_only(self, model: str, metric: str) -> bool:
        """Whether a figure needs a probability where the model, which never saw a label, says a rank."""
        return model in self.scored.unsupervised and metric not in OF_RANKS

    def value(self, model: str, metric: str, where: str = "all") -> float:
        """A figure over the usable records of a part or block; NaN where it is undefined."""
        if self.ranks_only(model, metric):
            return math.nan
        said = self.said(model, where)
        return self.figures[metric](said.take(said.usable()))

    def best_rival(self, metric: str, where: str) -> str:
        """The unsupervised model, no network, with the best figure on a part or block; "" of none."""
        sign = 1.0 if metric in HIGHER_IS_BETTER else -1.0
        rivals = [name for name in self.scored.unsupervised if name not in ANOMALY_NETWORKS]
        known = {name: sign * self.value(name, metric, where) for name in rivals}
        known = {name: value for name, value in known.items() if math.isfinite(value)}
        return max(known, key=lambda name: known[name], default="")

    def duel(
        self, model: str, opponent: str, metric: str, where: str = "all", *, factor: float = 1.0
    ) -> Duel:
        """Two candidates on the records of a part or block that both have scored (see `duels`).

        With a factor the model meets that many times the opponent's average precision.
        """
        key = (model, opponent, metric, where if factor == 1.0 else f"{where} ×{factor}")
        if key not in self.kept:
            self.kept[key] = self._duel(model, opponent, metric, where, factor)
        return self.kept[key]

    def _duel(self, model: str, opponent: str, metric: str, where: str, factor: float) -> Duel:
        ours, theirs = self.said(model, where), self.said(opponent, where)
        common = ours.usable()
        common = common[np.isfinite(theirs.predicted[common])]
        here = self.places(where)[common]
        found = self._tested(ours.take(common), theirs.take(common), metric, here, factor)
        missing = int(np.isfinite(ours.label).sum()) - common.size
        if not missing:
            return found
        notes = (found.test.note, text("scoring.note.missing", self.lang, missing=missing))
        return replace(found, test=replace(found.test, note="; ".join(note for note in notes if note)))

    def _tested(self, ours: Said, theirs: Said, metric: str, places: IntArray, factor: float) -> Duel:
        figure, draws = self.figures[metric], self.study.evaluate.bootstrap
        if self.protocol == "cross_validation":
            return duels.repeated_duel(metric, figure, ours, theirs)
        if metric == "auc" and self.study.prepare.fixings is not None:
            group = self.record.records.group[self.scored.rows[places]]
            random = generator(self.study.train.seed, "clusters", metric)
            return duels.cluster_duel(ours, theirs, group, draws, random)
        if metric == "auc":
            return duels.auc_duel(ours, theirs, self._cluster(places))
        if metric == "average_precision" and self.study.evaluate.alerts is not None:
            times = self.record.records.time[self.scored.rows[places]]
            random = generator(self.study.train.seed, "bootstrap", metric)
            return duels.day_duel(ours, theirs, times, draws, random, factor=factor)
        if metric in duels.LOSSES:
            return duels.loss_duel(metric, ours, theirs, self._cluster(places))
        random = generator(self.study.train.seed, "bootstrap", metric)
        if metric == "calibration_gap":
            return duels.gap_duel(ours, theirs, draws, random)
        return duels.bootstrap_duel(metric, figure, ours, theirs, draws, random)

    @cached_property
    def _customers(self) -> IntArray | None:
        """What each scored record shares its luck with: the customer, of currencies the quarter of a year.

        None where nobody occurs twice. Falls of currencies come together, and their windows overlap.
        """
        if self.study.prepare.fixings is not None:
            months = self.record.records.time[self.scored.rows].astype("datetime64[M]").astype(np.int64)
            return np.asarray(months // 3)
        group = self.record.records.group[self.scored.rows]
        return group if np.unique(group).size < group.size else None

    def _cluster(self, places: IntArray) -> IntArray | None:
        return None if self._customers is None else self._customers[places]


@dataclass(frozen=True, eq=False)
class Arena:
    """A scoring run laid out for comparison, protocol by protocol."""

    record: ScoringRecord
    study: ScoringStudy
    lang: str = "en"

    @cached_property
    def courts(self) -> dict[str, Court]:
        """Each protocol of the run, the headline first."""
        return {
            scored.protocol: Court(self.record, self.study, scored, self.lang)
            for scored in self.record.protocols
        }

    @property
    def headline(self) -> Court:
        """The protocol that the verdict rests on."""
        return next(iter(self.courts.values()))

    def __iter__(self) -> Iterator[Court]:
        return iter(self.courts.values())

    def model(self, name: str) -> str:
        """A model's name; `network` stands for the network that the study names first."""
        return self.study.model.networks[0] if name == "network" and self.study.model.networks else name
