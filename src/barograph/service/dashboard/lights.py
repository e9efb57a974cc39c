"""Monitors as lights: what each says of a model, and how worrying that is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from barograph.core.texts import text
from barograph.service.dashboard.numbers import figure, percent
from barograph.service.dashboard.usage import Level

LEVELS: tuple[Level, ...] = ("hard", "soft", "ok", "none")
"""The worst first; "none" where there is nothing to say it of."""
DEVIATIONS = (2.0, 3.0)
"""Standard deviations between figures and labels from which a light warns, and alarms."""
WEAKER = (0.03, 0.06)
"""AUC below the one to be expected from which a light warns, and alarms."""
PRECISION = (0.2, 0.1)
"""Share of right alerts below which a light warns, and alarms."""
LABELS = 50
"""Labels below which nothing is said of discrimination."""
BANDS: Mapping[str, Level] = {"stable": "ok", "watch": "soft", "shifted": "hard", "unknown": "none"}
ZONES: Mapping[str, Level] = {"green": "ok", "yellow": "soft", "amber": "soft", "red": "hard"}


@dataclass(frozen=True, slots=True)
class Light:
    """A light, what it is of, and what it says."""

    key: str
    level: Level
    name: str
    said: str


def lights_of(told: Mapping[str, Any], lang: str) -> list[Light]:
    """The lights of a study's monitors (the answer of `alerting.monitored`); none of what is not watched."""
    found = [
        _drift(told, lang) if told["kind"] != "series" else None,
        _exceptions(told, lang),
        _calibration(told, lang),
        _ranking(told, lang),
    ]
    return [one for one in [*found, _alerts(told, lang)] if one is not None]


def worst_of(lights: list[Light]) -> Level:
    """The most worrying level; "none" without a light."""
    return min((one.level for one in lights), key=LEVELS.index, default="none")


def _light(key: str, level: Level, lang: str, said: str, **values: object) -> Light:
    name = text(f"dashboard_monitors.{key}.name", lang)
    return Light(key, level, name, text(f"dashboard_monitors.{key}.{said}", lang, **values))


def _drift(told: Mapping[str, Any], lang: str) -> Light | None:
    if not told["drift"]:
        return _light("drift", "none", lang, "nothing")
    worst = min(told["drift"], key=lambda one: (LEVELS.index(BANDS[one["band"]]), -one["index"]))
    level = BANDS[worst["band"]]
    name = worst["name"] or text("dashboard_monitors.own_figure", lang)
    if level == "none":
        return _light("drift", level, lang, "few", records=worst["records"])
    return _light("drift", level, lang, level, name=name, index=figure(worst["index"]))


def _exceptions(told: Mapping[str, Any], lang: str) -> Light | None:
    known = [one for one in told["exceptions"] if one["days"]]
    if not told["exceptions"]:
        return None
    if not known:
        return _light("exceptions", "none", lang, "nothing")
    worst = min(
        known, key=lambda one: (LEVELS.index(ZONES[one["light"]["zone"]]), -one["light"]["exceptions"])
    )
    light = worst["light"]
    said = {"entity": worst["entity"], "exceptions": light["exceptions"], "days": worst["days"]}
    return _light("exceptions", ZONES[light["zone"]], lang, "said", **said)


def _calibration(told: Mapping[str, Any], lang: str) -> Light | None:
    labels = told["performance"]
    if not labels["labelled"] and not labels["waiting"]:
        return None
    if not math.isfinite(labels["deviations"]):
        return _light("calibration", "none", lang, "nothing", waiting=labels["waiting"])
    size = abs(labels["deviations"])
    level: Level = "ok" if size < DEVIATIONS[0] else "soft" if size < DEVIATIONS[1] else "hard"
    said = {"expected": percent(labels["expected"]), "observed": percent(labels["observed"])}
    return _light("calibration", level, lang, "said", labelled=labels["labelled"], **said)


def _ranking(told: Mapping[str, Any], lang: str) -> Light | None:
    labels, expected = told["performance"], told["estimate"]
    if not labels["labelled"]:
        return None
    if labels["labelled"] < LABELS or not math.isfinite(labels["auc"]):
        return _light("ranking", "none", lang, "nothing", labelled=labels["labelled"])
    gap = expected["auc"] - labels["auc"]
    level: Level = "ok" if not gap > WEAKER[0] else "soft" if gap < WEAKER[1] else "hard"
    return _light(
        "ranking", level, lang, "said", auc=f"{labels['auc']:.3f}", expected=f"{expected['auc']:.3f}"
    )


def _alerts(told: Mapping[str, Any], lang: str) -> Light | None:
    alerts = told["alerts"]
    decided = alerts["fraud"] + alerts["false_alarm"]
    if not decided and not alerts["open"]:
        return None
    if not decided:
        return _light("alerts", "none", lang, "nothing", open=alerts["open"])
    share = alerts["precision"]
    level: Level = "ok" if share >= PRECISION[0] else "soft" if share >= PRECISION[1] else "hard"
    return _light("alerts", level, lang, "said", share=percent(share, 0), decided=decided)
