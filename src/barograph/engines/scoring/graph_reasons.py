"""Reasons that lie in the network of accounts, in words: flows of both sides, and what a transfer closes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from barograph.core.texts import has_text, text
from barograph.engines.scoring.reason_words import gap_words, window_words

GRAPH = "graph_"
"""Before the name of every feature of the network of accounts (see `engines.scoring.event_records`)."""
CYCLES = ("cycles_3", "cycles_4", "shortest_cycle")
SIDES = {"source": "actor", "target": "counterparty"}
"""Role in a feature's name -> who that is."""


def graph_subject(name: str) -> str:
    """What a column is about, whatever its window; cycles of any length are one thing.

    Examples
    --------
    >>> graph_subject("graph_source_out_degree_7d"), graph_subject("graph_cycles_4_30d")
    ('graph_source_out_degree', 'graph_cycles')
    """
    figure, _ = _parted(name)
    return f"{GRAPH}cycles" if figure in CYCLES else GRAPH + figure


def graph_words(name: str, value: Any, who: Mapping[str, str], lang: str) -> str:
    """One column in words.

    Parameters
    ----------
    name : str
        As `engines.scoring.event_records` calls it.
    value : float or None
        None where there is none.
    who : mapping
        Names of `actor` and `counterparty`.
    lang : str
    """
    figure, window = _parted(name)
    role, _, flow = figure.partition("_")
    account = who[SIDES[role]] if role in SIDES else ""
    key = f"laundering.graph.{flow if account else figure}"
    given = {"window": window_words(window, lang), "account": account, **who}
    if value is None:
        return text(
            f"{key}_none" if has_text(f"{key}_none", lang) else "laundering.graph.none", lang, **given
        )
    if not window:
        return text(key, lang, gap=gap_words(value, lang), **given)
    if figure in CYCLES and not value:
        return text("laundering.graph.no_cycle", lang, **given)
    return text(key, lang, value=value, **given)


def _parted(name: str) -> tuple[str, str]:
    """A column's figure and its window; ages have none."""
    figure, _, window = name.removeprefix(GRAPH).rpartition("_")
    return (figure, window) if window[:1].isdigit() else (f"{figure}_{window}", "")
