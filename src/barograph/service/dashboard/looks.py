"""How a page is to look: the language and the theme that a reader chose, or whose browser asks for."""

from __future__ import annotations

import os
from dataclasses import dataclass

from starlette.requests import Request

from barograph.core.texts import LANGUAGES

COOKIE = "barograph_look"
YEAR = 365 * 86_400
"""Seconds for which a choice is kept."""
THEMES = ("auto", "light", "dark")
HTML_LANGUAGE = {"en": "en", "zh": "zh-Hans"}


@dataclass(frozen=True, slots=True)
class Look:
    """A language and a theme."""

    lang: str
    theme: str  # "auto": as the browser has it

    @property
    def cookie(self) -> str:
        """The look as its cookie has it."""
        return f"{self.lang}.{self.theme}"


def look_of(request: Request) -> Look:
    """By the cookie, else the header Accept-Language, else the variable BAROGRAPH_LANG."""
    lang, _, theme = request.cookies.get(COOKIE, "").partition(".")
    if lang not in LANGUAGES:
        lang = _wanted(request.headers.get("accept-language", "")) or _default()
    return Look(lang, theme if theme in THEMES else THEMES[0])


def chosen(look: Look, lang: str, theme: str) -> Look:
    """The look with what was chosen; what is no choice changes nothing."""
    return Look(lang if lang in LANGUAGES else look.lang, theme if theme in THEMES else look.theme)


def _wanted(header: str) -> str:
    """The language of ours that a browser likes best; empty where it likes none."""
    likes: list[tuple[float, str]] = []
    for part in header[:400].split(","):
        name, _, quality = part.strip().partition(";q=")
        try:
            likes.append((-float(quality or 1.0), name.split("-")[0].lower()))
        except ValueError:
            continue
    return next((name for _, name in sorted(likes, key=lambda one: one[0]) if name in LANGUAGES), "")


def _default() -> str:
    named = os.environ.get("BAROGRAPH_LANG", "")
    return named if named in LANGUAGES else LANGUAGES[0]
