"""What a page needs to show figures: the style sheet that all pages share, the scripts, figures as JSON.

Report and dashboard are pages of one look. Nothing here loads Plotly's Python: a page is sent its script.
"""

from __future__ import annotations

import importlib.util
import json
from importlib import resources
from pathlib import Path
from typing import Any

from markupsafe import Markup

__all__ = ["figure_json", "plotly_script", "script", "style_sheet"]


def style_sheet() -> str:
    """Colours, type, tables and figures of every page, in CSS."""
    return _packaged("theme.css")


def script() -> str:
    """JavaScript that draws the figures of a page, when they become visible and anew for paper."""
    return _packaged("draw.js")


def plotly_script() -> str:
    """Plotly's JavaScript, as its Python package brings it."""
    found = importlib.util.find_spec("plotly")
    assert found is not None  # a dependency
    assert found.origin is not None
    return (Path(found.origin).parent / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


def figure_json(figure: Any) -> Markup:
    """A figure's plain JSON, safe inside a script element.

    Traces over the same days share one list: a later trace names the first that has it.
    """
    content = figure.to_plotly_json()
    seen: dict[str, int] = {}
    for position, trace in enumerate(content["data"]):
        days = json.dumps(trace["x"])
        if days in seen:
            trace["x"] = {"of": seen[days]}
        seen.setdefault(days, position)
    plain = json.dumps(content, separators=(",", ":"), allow_nan=False)
    return Markup(plain.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def _packaged(name: str) -> str:
    return resources.files("barograph.charts").joinpath(name).read_text(encoding="utf-8")
