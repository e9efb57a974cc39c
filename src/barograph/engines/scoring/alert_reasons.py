"""Why an event raised an alert, in words: the reasons of its score, told of what they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from barograph.core.texts import has_text, text
from barograph.engines.scoring.graph_reasons import GRAPH, graph_subject, graph_words
from barograph.engines.scoring.reason_words import gap_words, window_words

SHOWN = 3
"""Reasons told of an event."""
OWN = ("amount", "log_amount", "actor_ratio")
MOMENT = ("weekend", "night", "hour_sin", "hour_cos")


@dataclass(frozen=True, slots=True)
class EventWords:
    """Who an event is about."""

    actor: str
    counterparty: str
    time: np.datetime64
    network: bool = False  # whether both are accounts: a transfer, and laundering rather than fraud


@dataclass(frozen=True, slots=True)
class Told:
    """One reason in words, and what it adds to the score."""

    words: str
    effect: float


def titled(column: str, name: str) -> str:
    """A name that is a bare number, with what its column calls it.

    Examples
    --------
    >>> titled("terminal_id", "814"), titled("terminal_id", "t0814"), titled("actor", "7")
    ('terminal 814', 't0814', '7')
    """
    title = column.removesuffix("_id").replace("_", " ")
    return f"{title} {name}" if name.isdigit() and title not in ("", "actor", "counterparty") else name


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
    if name.startswith(GRAPH):
        return graph_subject(name)
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
    strongest = max(parts, key=lambda name: abs(parts[name]))
    said = _Words(about, lang)
    if subject.startswith(GRAPH):
        return graph_words(strongest, values.get(strongest), said.who, lang)
    if subject == "amount":
        return _amount(values, said)
    if subject == "counterparty_ratio" and values.get(subject) is not None:
        return said("amount_there", amount=values.get("amount") or 0.0, ratio=values[subject])
    if subject == "moment":
        shown = str(about.time.astype("datetime64[m]")).replace("T", " ")
        return said("moment", moment=shown)
    if subject == "risk":
        return _risk(strongest, values, said)
    if subject in ("actor", "counterparty"):
        window = strongest.rsplit("_", 1)[1]
        count, total = (values.get(f"{subject}_{what}_{window}") or 0.0 for what in ("count", "sum"))
        return said(subject, count=count, sum=total, window=window)
    if subject.endswith("_recency"):
        return _recency(subject, values.get(strongest), said)
    if subject == "new_counterparty":
        known = "new_counterparty" if values.get(subject) else "known_counterparty"
        return said(known, window=_longest(values))
    return said("other", name=subject, value=_shown(values.get(subject)))


class _Words:
    """The wording of a reason about one event: of a transfer where there is one of its own."""

    def __init__(self, about: EventWords, lang: str) -> None:
        nobody = text("events.reason.nobody", lang)
        self.who = {"actor": about.actor, "counterparty": about.counterparty or nobody}
        self._lang, self._network = lang, about.network

    def __call__(self, key: str, **values: Any) -> str:
        if "window" in values:
            values["window"] = window_words(values["window"], self._lang)
        own = f"laundering.reason.{key}"
        chosen = own if self._network and has_text(own, self._lang) else f"events.reason.{key}"
        return text(chosen, self._lang, **values, **self.who)

    def gap(self, seconds: float) -> str:
        """A span of time."""
        return gap_words(seconds, self._lang)


def _amount(values: Mapping[str, Any], said: _Words) -> str:
    amount, ratio = values.get("amount") or 0.0, values.get("actor_ratio")
    return (
        said("amount", amount=amount) if ratio is None else said("amount_ratio", amount=amount, ratio=ratio)
    )


def _risk(strongest: str, values: Mapping[str, Any], said: _Words) -> str:
    window = strongest.rsplit("_", 1)[1]
    known, frauds = (values.get(f"risk_{what}_{window}") or 0.0 for what in ("known", "frauds"))
    key = "risk" if frauds else "risk_none" if known else "risk_unknown"
    return said(key, frauds=frauds, known=known, window=window)


def _recency(subject: str, seconds: float | None, said: _Words) -> str:
    return said(f"{subject}_none") if seconds is None else said(subject, gap=said.gap(seconds))


def _longest(values: Mapping[str, Any]) -> str:
    windows = [name.rsplit("_", 1)[1] for name in values if name.startswith("actor_count_")]
    return windows[-1] if windows else ""


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.6g}" if isinstance(value, float) else str(value)
