"""From content to one HTML file: self-contained, escaped, readable on screen, phone and paper."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from barograph.evaluate.report.blocks import Block
from barograph.evaluate.report.content import ReportContent
from barograph.evaluate.report.policy import policy as policy_pack
from barograph.evaluate.report.views import PARTS
from barograph.evaluate.report.words import Words

_HTML_LANGUAGE = {"en": "en", "zh": "zh-Hans"}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the policy pack with what stands under it."""

    anchor: str
    title: str
    source: str
    blocks: tuple[Block, ...]


def render(content: ReportContent, *, lang: str = "en", policy: str = "general") -> str:
    """The report as one HTML document.

    Everything it needs is inside: style, script, plotly.js and the figures' numbers. A content security
    policy in the file forbids loading anything else. Without scripts all words and tables remain, charts do not.

    Parameters
    ----------
    content : ReportContent
        What to print (see `content_from`).
    lang : str
        "en" or "zh".
    policy : str
        Name of a policy pack, such as "general" or "model_risk".

    Raises
    ------
    SettingError
        The language or the policy pack is not known.
    """
    words = Words(lang)
    pack = policy_pack(policy)
    title = words("report.title", name=content.name)
    sections = [
        Section(f"s{number}", item.title[lang], item.source, blocks)
        for number, item in enumerate(pack.sections, start=1)
        if (blocks := tuple(block for part in item.parts for block in PARTS[part](content, words)))
    ]
    page = _environment().get_template("report.html.j2")
    return page.render(
        title=title,
        content=content,
        sections=sections,
        policy_title=pack.title[lang],
        policy_basis=pack.basis[lang],
        html_language=_HTML_LANGUAGE[lang],
        t=words,
        css=Markup(_packaged("report.css")),
        plotly=Markup(_plotly()),
    )


@cache
def _plotly() -> str:
    return str(get_plotlyjs()).replace("</script", "<\\/script")


def _packaged(name: str) -> str:
    return (
        resources.files("barograph.evaluate.report").joinpath("templates", name).read_text(encoding="utf-8")
    )


def figure_json(figure: Any) -> Markup:
    """A figure's plain JSON, safe inside a script element."""
    plain = json.dumps(figure.to_plotly_json(), separators=(",", ":"), allow_nan=False)
    return Markup(plain.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_packaged),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figure_json"] = figure_json
    return environment
