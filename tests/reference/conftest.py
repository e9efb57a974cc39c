"""``pytest tests/reference --cases DIR`` runs any folder of reference cases; the default is `cases`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

DEFAULT_CASES = Path(__file__).parent / "cases"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--cases", default=None, metavar="DIR", help="folder of reference cases (JSON files, CSV below data/)"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test per case of every JSON file of the folder; an empty folder is an error, never a pass."""
    if not {"case", "folder"} <= set(metafunc.fixturenames):
        return
    asked = metafunc.config.getoption("--cases", default=None)
    folder = DEFAULT_CASES if asked is None else Path(metafunc.config.invocation_params.dir) / str(asked)
    cases = [
        pytest.param(case, folder, id=f"{file.stem}-{case['id']}")
        for file in sorted(folder.glob("*.json"))
        for case in json.loads(file.read_text(encoding="utf-8"))["cases"]
    ]
    if not cases:
        raise pytest.UsageError(f"no reference case in {folder}")
    metafunc.parametrize(("case", "folder"), cases)
