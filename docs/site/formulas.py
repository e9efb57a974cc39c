"""Formulas of docstrings as MathML, which browsers draw by themselves: no script, nothing fetched."""

from __future__ import annotations

import re
from typing import Any

import griffe
from latex2mathml.converter import convert

BLOCK = re.compile(r"^\.\. math:: ((?:.+\n?)(?:^[ \t]+.+\n?)*)", re.MULTILINE)
INLINE = re.compile(r":math:`([^`]+)`")


class Formulas(griffe.Extension):
    """Writes each formula of a docstring as MathML."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """See griffe: called for every module, class, function and attribute."""
        if obj.docstring is not None:
            text = BLOCK.sub(_block, obj.docstring.value)
            obj.docstring.value = INLINE.sub(lambda found: convert(found[1]), text)


def _block(found: re.Match[str]) -> str:
    lines = " ".join(found[1].split())
    tex = rf"\begin{{aligned}}{lines}\end{{aligned}}" if "&" in lines else lines
    return f'<div class="formula">{convert(tex, display="block")}</div>\n\n'
