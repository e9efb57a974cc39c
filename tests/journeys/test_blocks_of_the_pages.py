"""What the pages show is run: commands and Python. A block that cannot be is marked, and counted here.

Of every command, run or not, `tests/architecture/test_docs.py` looks at flags, settings and study; of every
block of YAML, whether it is a study.
"""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cutting import Desk, cut_run
from desk import fill
from pages import PAGES, ROOT, Block, blocks

EXCUSES = {
    "needs a database server": 1,
    "needs a database server, needs the network": 1,
    "needs a Redis server": 2,
    "needs MLflow": 2,
    "needs a cluster": 2,
    "needs a GPU": 1,
    "the table is yours": 2,
    "serves until it is stopped": 5,
    "serves until it is stopped, and needs both servers": 1,
    "installs what the tests run in": 2,
    "needs a log of several files": 1,
    "these words run the tests": 1,
}
"""Why a block is never run -> how many are marked so."""
LONG = {"README.md": 1, "docs/risks/operational.md": 1, "docs/risks/fx.md": 1}
"""Page -> blocks that `make soak` runs and a short test does not."""
RUNNABLE = [path for path in PAGES if any(block.language in ("sh", "python") for block in blocks(path))]
ALL = [block for path in PAGES for block in blocks(path)]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs made for one page lie here for the next."""
    return tmp_path_factory.mktemp("kept")


class OnTheCut(ast.NodeTransformer):
    """Calls `cut_run` where a block calls `bg.run`."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        named = isinstance(node.value, ast.Name) and (node.value.id, node.attr) == ("bg", "run")
        return ast.copy_location(ast.Name("cut_run", ast.Load()), node) if named else self.generic_visit(node)


@pytest.mark.parametrize("path", RUNNABLE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_block_of_a_page_runs(
    path: Path,
    kept: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    fill(tmp_path / "desk")
    monkeypatch.chdir(tmp_path / "desk")
    monkeypatch.setenv("BAROGRAPH_CACHE", str(kept / "cache"))
    desk, names = Desk(kept, capsys), {"cut_run": cut_run}
    for block in blocks(path):
        if block.title:
            Path(block.title).write_text(block.code, encoding="utf-8")
        elif block.excuse or (block.long and not request.config.getoption("--soak")):
            continue
        elif block.language == "sh":
            for words in block.lines:
                desk.obey(words)
        elif block.language == "python":
            run_python(block, desk, names)


def test_what_is_not_run_is_counted() -> None:
    assert Counter(block.excuse for block in ALL if block.excuse) == EXCUSES
    assert Counter(block.page for block in ALL if block.long) == LONG
    assert all(block.language in ("sh", "python", "yaml") for block in ALL)


def run_python(block: Block, desk: Desk, names: dict[str, Any]) -> None:
    """A block after those above it on its page."""
    desk.provide(block.code)
    tree = ast.fix_missing_locations(OnTheCut().visit(ast.parse(block.code)))
    exec(compile(tree, block.page, "exec", dont_inherit=True), names)
