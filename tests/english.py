"""English sentences left standing on a page in another language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

WORD = "[A-Za-z]+[a-z]"
RUN = re.compile(rf"{WORD}(?:[ '-]+{WORD}){{3,}}")
"""Four words in a row; model and metric names, laws and licences have fewer, and codes are capitals."""
NAMES = ("Journal of Statistics Education", "Noto Sans CJK SC")
"""Names that are sentences long."""
UNREAD = ("script", "style", "pre", "code")
SAID = ("title", "alt", "aria-label", "placeholder")
WORDS_OF_CHARTS = ("text", "name", "title", "hovertemplate", "hovertext", "label")


def english_in(page: str | Path) -> list[str]:
    """What a person reads on a report – text, tips, words in charts – that is an English sentence.

    Settings are printed as they are typed (`pre`), so they are not looked at.
    """
    html = page.read_text(encoding="utf-8") if isinstance(page, Path) else page
    reader = _Reader()
    reader.feed(html)
    said = [*reader.said, *(word for figure in reader.figures for word in _words(json.loads(figure)))]
    assert len(reader.said) > 50, "this is no report"
    return sorted({one for one in said if is_english(one)})


def is_english(words: str) -> bool:
    """Whether four plain words stand in a row."""
    for name in NAMES:
        words = words.replace(name, "")
    return RUN.search(words) is not None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.figures: list[str] = []
        self._open: list[str] = []
        self._json = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNREAD:
            self._open.append(tag)
            self._json = dict(attrs).get("type") == "application/json"
        self.said += [value for name, value in attrs if name in SAID and value]

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._open:
            self.said.append(data.strip())
        elif self._open[-1] == "script" and self._json:
            self.figures.append(data)


def _words(node: Any) -> Iterator[str]:
    """The strings below a figure that are shown, but not its data's own names."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in WORDS_OF_CHARTS:
                yield from _strings(value)
            else:
                yield from _words(value)
    elif isinstance(node, list):
        for value in node:
            yield from _words(value)


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield re.sub(r"%\{.*?\}|<.*?>", " ", node)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)
    elif isinstance(node, dict):
        yield from _words(node)
