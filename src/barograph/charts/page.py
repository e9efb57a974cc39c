"""What a page is made with: templates, the style sheet that all pages share, the scripts, figures as JSON.

Report and dashboard are pages of one look. Nothing here loads Plotly's Python: a page is sent its script.
"""

from __future__ import annotations

import importlib.util
import json
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from barograph.core.late import late

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["figure_json", "packaged", "plotly_script", "script", "style_sheet", "templates"]


def style_sheet() -> str:
    """Colours, type, tables and figures of every page, in CSS."""
    return packaged("barograph.charts", "theme.css")


def script() -> str:
    """JavaScript that draws the figures of a page, when they become visible and anew for paper."""
    return packaged("barograph.charts", "draw.js")


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


def templates(package: str) -> Environment:
    """The templates of a package, `templates/` in it: all that they show is escaped, and a name that nobody
    gave is an error. A figure is written by the filter `figure_json`.
    """
    jinja = late("jinja2", need="a page", install="Install jinja2")
    environment: Environment = jinja.Environment(
        loader=jinja.FunctionLoader(partial(packaged, package, "templates")),
        autoescape=True,
        undefined=jinja.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figure_json"] = figure_json
    return environment


def packaged(package: str, *path: str) -> str:
    """A text file of a package."""
    return resources.files(package).joinpath(*path).read_text(encoding="utf-8")
