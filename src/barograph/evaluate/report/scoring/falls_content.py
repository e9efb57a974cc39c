"""What a report on the falls of currencies prints beside that of any probability."""

from __future__ import annotations

from dataclasses import dataclass

from barograph.evaluate.records.arena import Court

IMPLIED, CLIMATOLOGY = "garch_implied", "climatology"


@dataclass(frozen=True, slots=True)
class SkillRow:
    """How much better than the two plain answers a model's probabilities are."""

    model: str
    brier: float
    over_climatology: float  # 1 - Brier / Brier of the climatology
    over_implied: float  # 1 - Brier / Brier of the GARCH-implied probability
    auc: float
    auc_gain: float | None  # over the GARCH-implied probability; None for itself
    interval: tuple[float, float] | None  # of the gain, currencies drawn again
    recall: float  # of falls among the highest tenth of forecasts


@dataclass(frozen=True, slots=True)
class NewestFall:
    """What the bundle says of one currency at its newest fixing."""

    entity: str
    time: str
    probability: float
    implied: float
    climatology: float
    alarm: bool
    held: bool


@dataclass(frozen=True, slots=True)
class FallsContent:
    """Skill of every model, and the newest forecasts."""

    fall: float
    within: int
    skill: tuple[SkillRow, ...]
    newest: tuple[NewestFall, ...]


def falls_content(court: Court, newest: tuple[NewestFall, ...]) -> FallsContent | None:
    """The content of a study of falls; None of another."""
    section = court.study.prepare.fixings
    if section is None:
        return None
    rows = tuple(_row(court, model) for model in court.scored.candidates)
    return FallsContent(section.fall, section.within, rows, newest)


def _row(court: Court, model: str) -> SkillRow:
    brier = court.value(model, "brier")
    gain, interval = None, None
    if model != IMPLIED and IMPLIED in court.scored.predicted:
        duel = court.duel(model, IMPLIED, "auc")
        gain, interval = duel.difference, duel.interval
    return SkillRow(
        model=model,
        brier=brier,
        over_climatology=_skill(court, brier, CLIMATOLOGY),
        over_implied=_skill(court, brier, IMPLIED),
        auc=court.value(model, "auc"),
        auc_gain=gain,
        interval=interval,
        recall=court.value(model, "recall_10"),
    )


def _skill(court: Court, brier: float, reference: str) -> float:
    if reference not in court.scored.predicted:
        return float("nan")
    base = court.value(reference, "brier")
    return 1.0 - brier / base if base > 0 else float("nan")
