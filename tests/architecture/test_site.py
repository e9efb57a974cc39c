"""The documentation site: nothing public is missing from its reference, and no page from its menu."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import barograph

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MEASURES = ROOT / "src" / "barograph" / "measures"


def shown(page: str) -> list[str]:
    """What the reference page asks to be written from docstrings."""
    return re.findall(
        r"^::: ([\w.]+)$", (DOCS / "reference" / page).read_text(encoding="utf-8"), re.MULTILINE
    )


def test_every_public_name_is_in_the_reference() -> None:
    named = {name.rpartition(".")[2] for page in ("python.md", "settings.md") for name in shown(page)}
    public = {name for name in barograph.__all__ if not name.startswith("__")}
    assert public - named == {"Study"}, "Study is on the page of settings, as a class of its module"
    assert "barograph.core.study" in shown("settings.md")


def test_every_measure_is_on_one_page_of_the_reference() -> None:
    named = Counter(name for page in (DOCS / "reference").glob("*.md") for name in shown(page.name))
    modules = [
        ".".join(path.relative_to(MEASURES.parents[1]).with_suffix("").parts)
        for path in MEASURES.rglob("*.py")
        if path.stem != "__init__"
    ]
    assert modules
    assert {name: named[name] for name in modules if named[name] != 1} == {}


def test_every_page_is_in_the_menu() -> None:
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    named = set(re.findall(r"[\w/-]+\.md", menu))
    assert {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")} - named == set()
