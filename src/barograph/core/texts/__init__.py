"""Every word people read, by key and language: ``text("report.summary.title")``.

A key is ``area.rest``; the area names the YAML file, ``<language>/<area>.yaml``, whose nested mappings the
rest walks through. Files are read once, when the first key of their area is asked for. English is the
reference: a test holds every other language to the same keys and placeholders.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from barograph.core.errors import SettingError, WordingError, nearest

__all__ = ["LANGUAGES", "areas", "has_text", "keys", "placeholders", "text", "text_list", "wording"]

LANGUAGES = ("en", "zh")
"""Languages shipped: English and Simplified Chinese."""

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Read by libyaml where PyYAML was built with it, ten times faster; the same result without."""
HAN = re.compile("[一-鿿（）“”]")
AFTER = re.compile(" [一-鿿（“]")
BEFORE = re.compile("[一-鿿）”] $")
Entry = str | tuple[str, ...]


def text(key: str, lang: str = "en", **values: object) -> str:
    """The wording of a key in a language, its placeholders filled in.

    Parameters
    ----------
    key : str
        ``area.rest``, such as ``"report.summary.title"``.
    lang : str
        One of `LANGUAGES`.
    **values : object
        One value per placeholder of the wording; format specifications such as ``{share:.0%}`` are honoured.

    Raises
    ------
    SettingError
        The language is not known.
    WordingError
        The key is not known, or a placeholder was left without a value.

    Examples
    --------
    >>> text("names.metric.qlike")
    'QLIKE'
    """
    return _filled(wording(key, lang), key, values)


def wording(key: str, lang: str = "en") -> str:
    """The wording of a key with its placeholders still open; raises as `text` does."""
    entry = _entry(key, lang)
    if not isinstance(entry, str):
        raise WordingError(f"'{key}' is a list of texts; text_list reads it")
    return entry


def text_list(key: str, lang: str = "en", **values: object) -> tuple[str, ...]:
    """The wordings of a key that holds a list, in order; otherwise as `text`."""
    entry = _entry(key, lang)
    items = (entry,) if isinstance(entry, str) else entry
    return tuple(_filled(item, key, values) for item in items)


def has_text(key: str, lang: str = "en") -> bool:
    """Whether a key is known in a language; an unknown language raises."""
    area = key.partition(".")[0]
    return area in areas(lang) and key in _area(area, lang)


def keys(lang: str = "en") -> tuple[str, ...]:
    """Every key of a language, sorted."""
    return tuple(sorted(key for area in areas(lang) for key in _area(area, lang)))


def placeholders(key: str, lang: str = "en") -> frozenset[str]:
    """The names a key's wording leaves to be filled in."""
    entry = _entry(key, lang)
    items = (entry,) if isinstance(entry, str) else entry
    return frozenset(name for item in items for _, name, _, _ in string.Formatter().parse(item) if name)


@cache
def areas(lang: str = "en") -> tuple[str, ...]:
    """The areas (files) of a language, sorted."""
    files = _folder(lang).iterdir()
    return tuple(sorted(f.name.removesuffix(".yaml") for f in files if f.name.endswith(".yaml")))


def _folder(lang: str) -> Path:
    if lang not in LANGUAGES:
        raise SettingError(
            f"a language must be one of {', '.join(LANGUAGES)}",
            came=f"got '{lang}'",
            do="Choose one of these",
        )
    return Path(__file__).parent / lang


@cache
def _area(area: str, lang: str) -> dict[str, Entry]:
    content = yaml.load(_folder(lang).joinpath(f"{area}.yaml").read_bytes(), Loader=LOADER)  # noqa: S506 - it is a safe one
    return dict(_flattened(area, content))


def _flattened(prefix: str, node: Any) -> list[tuple[str, Entry]]:
    if isinstance(node, dict):
        return [pair for name, child in node.items() for pair in _flattened(f"{prefix}.{name}", child)]
    return [(prefix, tuple(str(item) for item in node) if isinstance(node, list) else str(node))]


def _entry(key: str, lang: str) -> Entry:
    area = key.partition(".")[0]
    if area not in areas(lang):
        raise WordingError(f"'{key}' in '{lang}': {nearest(area, areas(lang))}")
    entries = _area(area, lang)
    if key not in entries:
        raise WordingError(f"'{key}' is not in {lang}/{area}.yaml: {nearest(key, entries)}")
    return entries[key]


def _filled(wording: str, key: str, values: dict[str, object]) -> str:
    try:
        return "".join(_joined(_parts(wording, values)))
    except KeyError as missing:
        raise WordingError(f"'{key}' needs a value for {missing}") from missing


def _parts(wording: str, values: dict[str, object]) -> Iterator[tuple[str, bool]]:
    """The wording's own pieces and the values between them, and whether a piece is the wording's own."""
    for said, name, form, kind in string.Formatter().parse(wording):
        yield said, True
        if name is not None:
            field = f"{{{name}{f'!{kind}' if kind else ''}{f':{form}' if form else ''}}}"
            yield field.format(**values), False


def _joined(parts: Iterable[tuple[str, bool]]) -> list[str]:
    """The pieces, without the space beside a value that parts two Chinese characters.

    A wording leaves a space beside a placeholder for values in Latin letters; between characters none stands.
    """
    pieces = list(parts)
    done = [piece for piece, _ in pieces]
    for i, (_, own) in enumerate(pieces):
        if own and i > 0 and HAN.match(done[i - 1][-1:]) and AFTER.match(done[i]):
            done[i] = done[i][1:]
        if own and i + 1 < len(done) and HAN.match(done[i + 1][:1]) and BEFORE.search(done[i]):
            done[i] = done[i][:-1]
    return done
