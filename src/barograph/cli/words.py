"""The command line's own words, in the language of BAROGRAPH_LANG unless a command was told another."""

from __future__ import annotations

import os

from barograph.core.errors import InputError
from barograph.core.texts import has_text, text

__all__ = ["called", "language", "safely", "said"]


def language() -> str:
    """The language of help and messages: the variable BAROGRAPH_LANG, or English."""
    return os.environ.get("BAROGRAPH_LANG") or "en"


def said(key: str, lang: str | None = None, /, **values: object) -> str:
    """The wording of a key of the area `cli`.

    Examples
    --------
    >>> said("standing.better", "en")
    'better'
    """
    return text(f"cli.{key}", lang or language(), **values)


def called(kind: str, name: str, lang: str) -> str:
    """What people call a key of a catalogue, such as a test's; the key itself where it has no other name.

    Examples
    --------
    >>> called("test", "diebold_mariano", "en")
    'Diebold-Mariano'
    """
    key = f"names.{kind}.{name}"
    return text(key, lang) if has_text(key, lang) else name


def safely(key: str, **values: object) -> str:
    """The wording in the language asked for; in English where that language is itself what is wrong."""
    try:
        return said(key, **values)
    except InputError:
        return said(key, "en", **values)
