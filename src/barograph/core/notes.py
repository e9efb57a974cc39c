"""Notes: short sentences that are stored with what they are about, and shown in the reader's language.

A note on data, a book or a fit is made where nobody knows yet who will read it, and lies in files for years.
So it is stored in English, as plain text, and `in_language` finds its key again by its wording: the templates
of `core/texts/en/notes.yaml` are what such a sentence can be. What no template fits – a question that
somebody typed, an error's own words – stays as it is.
"""

from __future__ import annotations

import re
import string
from functools import cache

from barograph.core.texts import areas, keys, text, wording

__all__ = ["in_language", "noted"]

AREAS = ("notes.", "studies.")
"""Beginnings of the keys whose wordings are found again."""
NESTED = "why"
"""The placeholder whose value is a note itself."""
APART = "; "
"""What stands between notes that were joined; no value holds it."""


def noted(key: str, **values: object) -> str:
    """A note as it is stored: the English wording of a key, its placeholders filled in.

    Raises
    ------
    WordingError
        The key is not known, or a placeholder was left without a value.

    Examples
    --------
    >>> noted("notes.reading.files", n=3)
    '3 files'
    """
    return text(key, "en", **values)


def in_language(note: str, lang: str) -> str:
    """A stored note in a language; what no wording of the house fits stays as it is.

    Notes joined by "; " are looked up one by one, and so is what follows a name and a colon.

    Examples
    --------
    >>> in_language("3 files", "zh")
    '3 个文件'
    >>> in_language("What will my ships earn?", "zh")
    'What will my ships earn?'
    """
    if lang == "en":
        areas(lang)
        return note
    found = _found(note, lang)
    if found is not None:
        return found
    name, colon, rest = note.partition(": ")
    if colon and (found := _found(rest, lang)) is not None:
        return f"{name}：{found}"
    parts = note.split(APART)
    return note if len(parts) == 1 else "；".join(in_language(part, lang) for part in parts)


def _found(note: str, lang: str) -> str | None:
    for key, pattern in _patterns():
        match = pattern.fullmatch(note)
        if match:
            values = match.groupdict()
            if NESTED in values:
                values[NESTED] = in_language(values[NESTED], lang)
            return _plain(wording(key, lang)).format(**values)
    return None


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Key and pattern of every template, those with the most words of their own first."""
    named = [(key, wording(key, "en")) for key in keys("en") if key.startswith(AREAS)]
    return tuple((key, _pattern(one)) for key, one in sorted(named, key=lambda pair: -_own(pair[1])))


def _own(template: str) -> int:
    return sum(len(said) for said, *_ in string.Formatter().parse(template))


def _pattern(template: str) -> re.Pattern[str]:
    parts = []
    for said, name, _, _ in string.Formatter().parse(template):
        parts.append(re.escape(said))
        if name is not None:
            parts.append(f"(?P<{name}>(?:(?!{APART}).)+?)" if name != NESTED else f"(?P<{name}>.+)")
    return re.compile("".join(parts))


def _plain(template: str) -> str:
    """A template without format specifications: its values are text already."""
    return "".join(
        said.replace("{", "{{").replace("}", "}}") + ("" if name is None else f"{{{name}}}")
        for said, name, _, _ in string.Formatter().parse(template)
    )
