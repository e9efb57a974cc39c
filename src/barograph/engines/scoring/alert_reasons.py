"""Why an event raised an alert, in words: the reasons of its score, told of what they stand for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from barograph.core.texts import text

SHOWN = 3
"""Reasons told of an event."""
OWN = ("amount", "log_amount", "actor_ratio")
MOMENT = ("weekend", "night", "hour_sin", "hour_cos")
UNITS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"))


@dataclass(frozen=True, slots=True)
class EventWords:
    """Who an event is about."""

    actor: str
    counterparty: str
    time: np.datetime64


@dataclass(frozen=True, slots=True)
class Told:
    """One reason in words, and what it adds to the score."""

    words: str
    effect: float


def told_reasons(
    effects: Mapping[str, float],
    values: Mapping[str, Any],
    about: EventWords,
    lang: str = "en",
    *,
    most: int = SHOWN,
) -> tuple[Told, ...]:
    """The reasons that weigh most, columns that say the same thing taken together.

    Parameters
    ----------
    effects : mapping
        Column -> what it adds to the score (`explain.Reasons.values`).
    values : mapping
        Column -> its value; None where it is missing.
    about : EventWords
    lang : str
    most : int

    Returns
    -------
    tuple of Told
        Largest in size first.
    """
    subjects: dict[str, dict[str, float]] = {}
    for name, effect in effects.items():
        subjects.setdefault(_subject(name), {})[name] = effect
    ranked = sorted(subjects.items(), key=lambda pair: -abs(sum(pair[1].values())))
    return tuple(
        Told(_words(subject, parts, values, about, lang), sum(parts.values()))
        for subject, parts in ranked[:most]
        if sum(parts.values())
    )


def _subject(name: str) -> str:
    """What a column is about: columns of one subject are told as one reason."""
    if name in OWN:
        return "amount"
    if name in MOMENT:
        return "moment"
    if name.startswith("risk_"):
        return "risk"
    if name == "counterparty_ratio":
        return name
    for key in ("actor", "counterparty"):
        if name.startswith(f"{key}_recency"):
            return f"{key}_recency"
        if name.startswith(f"{key}_"):
            return key
    return name


def _words(
    subject: str, parts: Mapping[str, float], values: Mapping[str, Any], about: EventWords, lang: str
) -> str:
    nobody = text("events.reason.nobody", lang)
    who = {"actor": about.actor, "counterparty": about.counterparty or nobody}
    strongest = max(parts, key=lambda name: abs(parts[name]))
    if subject == "amount":
        return _amount(values, who, lang)
    if subject == "counterparty_ratio" and values.get(subject) is not None:
        amount = values.get("amount") or 0.0
        return text("events.reason.amount_there", lang, amount=amount, ratio=values[subject], **who)
    if subject == "moment":
        shown = str(about.time.astype("datetime64[m]")).replace("T", " ")
        return text("events.reason.moment", lang, moment=shown)
    if subject == "risk":
        return _risk(strongest, values, who, lang)
    if subject in ("actor", "counterparty"):
        window = strongest.rsplit("_", 1)[1]
        count, total = (values.get(f"{subject}_{what}_{window}") or 0.0 for what in ("count", "sum"))
        return text(f"events.reason.{subject}", lang, count=count, sum=total, window=window, **who)
    if subject.endswith("_recency"):
        return text(f"events.reason.{subject}", lang, gap=_gap(values.get(strongest)), **who)
    if subject == "new_counterparty":
        key = "new_counterparty" if values.get(subject) else "known_counterparty"
        return text(f"events.reason.{key}", lang, window=_longest(values), **who)
    kind = "graph" if subject.startswith("graph_") else "other"
    name, value = subject.removeprefix("graph_"), _shown(values.get(subject))
    return text(f"events.reason.{kind}", lang, name=name, value=value, **who)


def _amount(values: Mapping[str, Any], who: Mapping[str, str], lang: str) -> str:
    amount, ratio = values.get("amount") or 0.0, values.get("actor_ratio")
    if ratio is None:
        return text("events.reason.amount", lang, amount=amount)
    return text("events.reason.amount_ratio", lang, amount=amount, ratio=ratio, **who)


def _risk(strongest: str, values: Mapping[str, Any], who: Mapping[str, str], lang: str) -> str:
    window = strongest.rsplit("_", 1)[1]
    known, frauds = (values.get(f"risk_{what}_{window}") or 0.0 for what in ("known", "frauds"))
    key = "risk" if frauds else "risk_none" if known else "risk_unknown"
    return text(f"events.reason.{key}", lang, frauds=frauds, known=known, window=window, **who)


def _longest(values: Mapping[str, Any]) -> str:
    windows = [name.rsplit("_", 1)[1] for name in values if name.startswith("actor_count_")]
    return windows[-1] if windows else ""


def _gap(seconds: float | None) -> str:
    if seconds is None or not math.isfinite(seconds):
        return "–"
    size, unit = next(((size, unit) for size, unit in UNITS if seconds >= size), UNITS[-1])
    return f"{seconds / size:.3g} {unit}"


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.6g}" if isinstance(value, float) else str(value)
