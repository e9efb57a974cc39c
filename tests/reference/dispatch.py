"""From the words of a case's `measure` to the function that answers it.

A room of handlers exposes ``HANDLERS: dict[str, Handler]``. A key is a handful of words, such as
``"kupiec region"``; it fits a case when every one of its words occurs in the case's measure (in any order,
case, accents, punctuation and a plural s aside). Where several keys fit, the one with most words wins, then
the longest.

A handler gets the case's ``inputs`` and the folder of its JSON file, and returns a mapping with (at least)
the keys of ``expected``; nested mappings and lists alike.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

Handler = Callable[[dict[str, Any], Path], dict[str, Any]]


def words(text: str) -> frozenset[str]:
    """The normalised words of a key; a compound such as ``one-step`` is its parts."""
    return frozenset(_singular(word) for word in re.findall(r"[a-z0-9]+", _plain(text)))


def words_of_measure(text: str) -> frozenset[str]:
    """The normalised words of a measure, compounds both apart and in one: back, test and backtest."""
    joined = [part.replace("-", "") for part in re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)+", _plain(text))]
    return words(text) | frozenset(_singular(word) for word in joined)


def find_handler(measure: str, handlers: Mapping[str, Handler]) -> Handler | None:
    """The handler whose key fits the measure best, or None."""
    present = words_of_measure(measure)
    fitting = [key for key in handlers if words(key) <= present]
    if not fitting:
        return None
    return handlers[max(fitting, key=lambda key: (len(words(key)), len(key)))]


def merged(rooms: Iterable[Mapping[str, Handler]]) -> dict[str, Handler]:
    """The handlers of several rooms as one mapping; two rooms may not claim the same words."""
    together: dict[str, Handler] = {}
    claimed: dict[frozenset[str], str] = {}
    for room in rooms:
        for key, handler in room.items():
            if words(key) in claimed:
                raise ValueError(f"two handlers claim '{key}'; the other says '{claimed[words(key)]}'")
            claimed[words(key)] = key
            together[key] = handler
    return together


def columns(path: Path) -> dict[str, np.ndarray]:
    """A CSV file with a header as float columns by name."""
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    table = np.array([[float(cell) for cell in row] for row in rows if row])
    return {name.strip(): table[:, index] for index, name in enumerate(header)}


def _plain(text: str) -> str:
    """Lower-case ASCII: accents dropped, every dash a hyphen, ``back test`` as a compound."""
    hyphened = re.sub("[\u2010-\u2015\u2212]", "-", text)
    ascii_only = unicodedata.normalize("NFKD", hyphened).encode("ascii", "ignore").decode().lower()
    return re.sub(r"\bback test", "back-test", ascii_only)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
