"""Every notebook runs from its first cell to its last, and shows what it promises."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from notebooks_as_run import cells

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
RUNNER = ROOT / "tests" / "notebooks_as_run.py"
notebooks = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def test_there_is_one_for_market_credit_and_fraud() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["credit", "fraud", "market"]


@notebooks
def test_a_notebook_is_one_of_version_4_with_its_outputs_stripped(path: Path) -> None:
    made = json.loads(path.read_text(encoding="utf-8"))
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in made["cells"]}) == len(made["cells"])
    for cell in made["cells"]:
        assert cell["cell_type"] in ("markdown", "code")
        if cell["cell_type"] == "code":
            assert (cell["execution_count"], cell["outputs"]) == (None, [])
        assert all(line.endswith("\n") for line in cell["source"][:-1])


@notebooks
def test_a_notebook_says_the_question_the_run_the_verdict_the_report_and_the_live_answer(path: Path) -> None:
    said = "\n".join(cell["source"] for cell in cells(path) if cell["cell_type"] == "markdown")
    for heading in ("**The question.**", "## How to read the verdict", "## The report", "## Answering live"):
        assert heading in said
    first, second = (cell["cell_type"] for cell in cells(path)[:2])
    assert (first, second) == ("markdown", "code")


@notebooks
def test_every_cell_runs_and_shows_verdict_table_chart_and_live_answer(path: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:__main__", str(RUNNER), str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    shown = dict(told)
    assert "plotly" in shown["Figure"]
    assert "<table" in shown["DataFrame"]
    assert any(kind == "str" and "ombination" in words for kind, words in told), "the verdict's sentence"
    assert any("report.html" in words for _, words in told)
    assert list(tmp_path.iterdir()) == [], "nothing is left beside the notebook"
