"""Runs a notebook as Jupyter would, cell by cell in one namespace, without Jupyter."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any

import plotly.io as pio

SHOWN = ("_repr_mimebundle_", "_repr_html_")
"""What Jupyter asks a value for, in this order; else its repr."""


def cells(path: Path) -> list[dict[str, Any]]:
    """The cells of a notebook, each source as one text."""
    made = json.loads(path.read_text(encoding="utf-8"))
    return [{**cell, "source": "".join(cell["source"])} for cell in made["cells"]]


def run(path: Path) -> list[tuple[str, str]]:
    """Run every code cell; for each the type of what its last line shows, and that as text ("": nothing)."""
    pio.renderers.default = "plotly_mimetype"  # what Jupyter draws; plotly finds out by itself there
    space: dict[str, Any] = {"__name__": "__main__"}
    told = []
    for cell in cells(path):
        if cell["cell_type"] == "code":
            value = _run_cell(cell["source"], space)
            told.append((type(value).__name__, "" if value is None else _shown(value)))
    return told


def _run_cell(source: str, space: dict[str, Any]) -> Any:
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), space)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), space) if last is not None else None


def _shown(value: Any) -> str:
    for way in SHOWN:
        if hasattr(value, way):
            return str(getattr(value, way)())
    return repr(value)


if __name__ == "__main__":
    for kind, text in run(Path(sys.argv[1])):
        print(json.dumps([kind, text[:2000]]))
