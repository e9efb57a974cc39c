"""docs/errors.md lists every error message, and is what its script writes."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

import barograph as bg
from barograph.core import errors
from barograph.core.errors import BarographError, InputError, LeakError, WordingError
from barograph.core.texts import text
from barograph.pipeline import settings

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("errors_page", ROOT / "docs" / "site" / "errors.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page() -> str:
    return (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")


def test_the_page_is_what_the_script_writes(script: ModuleType, page: str) -> None:
    assert page == script.page(), "an error message was added or changed: run `make errors`"


def test_every_class_of_error_has_its_place(script: ModuleType) -> None:
    kinds = {one.kind for one in script.messages()}
    known = {name for name, value in vars(errors).items() if isinstance(value, type)}
    ours = {name for name in known if issubclass(getattr(errors, name), BarographError)}
    assert ours - kinds == {"BarographError", "InputError"}, "the roots are never raised themselves"
    assert {one.group for one in script.messages()} == set(script.GROUPS)


def test_anchors_are_links_that_lead_to_one_row(page: str) -> None:
    anchors = re.findall(r'<a id="([^"]*)">', page)
    assert len(anchors) == len(set(anchors)) > 500
    assert [one for one in anchors if not re.fullmatch(r"[a-z0-9-]+", one)] == []


def test_no_row_lacks_what_must_hold_or_what_to_do(page: str) -> None:
    rows = [line for line in page.splitlines() if line.startswith("| <a id")]
    for row in rows:
        cells = re.split(r"(?<!\\) \| ", row.strip("| "))
        assert len(cells) == 3, row
        assert all(re.search(r"\w|…", cell) for cell in (cells[0].partition("</a>")[2], cells[2])), row


def unknown_setting() -> None:
    settings.with_overrides(settings.load("market/volatility"), {"train.seedz": 3})


def no_bundle() -> None:
    bg.load("nowhere/bundle")


def empty_table() -> None:
    bg.run("market/volatility", data=pl.DataFrame({"time": [], "close": []}))


def no_such_file() -> None:
    bg.run("credit/default", data="nowhere.csv", target="bad")


def no_such_study() -> None:
    settings.load("market/volatilty")


def no_such_wording() -> None:
    text("report.nothing")


RAISED = (unknown_setting, no_bundle, empty_table, no_such_file, no_such_study)


def pattern(cell: str) -> str:
    """A cell of the page as what a message may look like: names in italics and dots stand for anything."""
    plain = re.sub(r"\\(.)", r"\1", cell).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    parts = re.split(r"(\*\w+\*|…| \(or: .*\))", plain)
    return "".join(".*" if number % 2 else re.escape(part) for number, part in enumerate(parts))


@pytest.mark.parametrize("raising", RAISED, ids=lambda one: one.__name__)
def test_a_message_that_is_raised_is_found_on_the_page(raising: Callable[[], None], page: str) -> None:
    with pytest.raises(InputError) as caught:
        raising()
    rows = [re.split(r"(?<!\\) \| ", row.strip("| ")) for row in page.splitlines() if row.startswith("| <a")]
    found = [
        cells for cells in rows if re.fullmatch(pattern(cells[0].partition("</a>")[2]), caught.value.must)
    ]
    assert any(re.sub(r"\W|\.\*", "", cells[0].partition("</a>")[2]) for cells in found), str(caught.value)


def test_a_constant_means_what_it_does_where_it_is_imported_from(script: ModuleType) -> None:
    """Two modules have a constant of one name: a third means that of the one it imports it from."""
    files = {
        "one.py": "LEAST = 3",
        "two/__init__.py": "LEAST = 7",
        "three.py": "from barograph.two import LEAST",
    }
    texts = script.Texts({file: script.ast.parse(source) for file, source in files.items()})
    assert texts.words(script.ast.parse("LEAST", mode="eval").body, "three.py") == "7"
    assert texts.words(script.ast.parse("LEAST", mode="eval").body, "one.py") == "3"


def test_bugs_of_our_own_are_told_apart(script: ModuleType) -> None:
    with pytest.raises(WordingError):
        no_such_wording()
    assert {one.kind for one in script.messages() if one.group == "Our fault"} == {
        "LeakError",
        "WordingError",
    }
    assert not issubclass(LeakError, InputError)
