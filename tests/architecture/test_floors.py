"""The house: floors, sizes, imports, and a serving side that needs no training library."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import barograph

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "barograph"
MODULES = sorted(SOURCE.rglob("*.py"))
FILE_LINES, FUNCTION_LINES = 300, 40
TRAINING_ONLY = (
    "torch",
    "sklearn",
    "lightgbm",
    "arch",
    "statsmodels",
    "optuna",
    "onnx",
    "onnxscript",
    "safetensors",
    "pandas",
)
BARE = f"""
import sys
from importlib.machinery import PathFinder

class Bare(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition('.')[0] in {TRAINING_ONLY!r}:
            return None
        return super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Bare
"""
"""An interpreter in which the training libraries are not installed, as far as any import can tell."""


def of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def serving(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", BARE + script], capture_output=True, text=True, check=False
    )


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    if not linter.exists():
        pytest.skip("import-linter comes with the extra `check`; `make check` runs it")
    done = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_is_long() -> None:
    lines = {of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {path: n for path, n in lines.items() if n > FILE_LINES} == {}


def test_no_function_is_long() -> None:
    """A docstring does not count: it is a formula card, not code."""
    long = {}
    for path in MODULES:
        for function in functions(path):
            first = function.body[0]
            documented = ast.get_docstring(function, clean=False) is not None
            card = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
            length = (function.end_lineno or 0) - function.lineno + 1 - card
            if length > FUNCTION_LINES:
                long[f"{of(path)}:{function.name}"] = length
    assert long == {}


def test_nothing_of_ours_is_imported_inside_a_function() -> None:
    """Lazily, by `importlib`: the command line, the package's own `__init__`, rare sources, the compiler."""
    found = [
        f"{of(path)}:{node.lineno}"
        for path in MODULES
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert found == []
    lazy = {of(path) for path in MODULES if "import_module" in path.read_text(encoding="utf-8")}
    assert lazy == {"__init__.py", "cli/__init__.py", "cli/commands.py", "core/late.py", "core/compiled.py"}


def test_nothing_is_pickled_or_evaluated() -> None:
    words = ("import pickle", "pickle.load", "yaml.unsafe_load", "allow_pickle=True", "eval(", "exec(")
    calls = {
        of(path): word
        for path in MODULES
        for word in words
        for text in path.read_text(encoding="utf-8").splitlines()
        if word in text and f".{word}" not in text and not text.strip().startswith("#")
    }
    # tasks and outcomes of a run, between its own processes; joblib and Ray do the same
    assert calls == {"core/on_ray.py": "pickle.load"}


def test_every_room_belongs_to_a_floor() -> None:
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert {room for room in rooms if room not in text} == set()


@pytest.mark.parametrize(
    "module",
    [
        "barograph",
        "barograph.core.study",
        "barograph.core.scoring_study",
        "barograph.measures",
        "barograph.charts",
        "barograph.deploy.bundle",
        "barograph.deploy.graph",
        "barograph.govern.registry",
        "barograph.risks.catalogue",
        "barograph.engines.forecasting.answer",
        "barograph.engines.scoring.answer",
        "barograph.api.answer",
        "barograph.api.assess",
        "barograph.api.audit",
        "barograph.api.models",
        "barograph.cli.predict",
        "barograph.cli.verify",
        "barograph.cli.assess",
        "barograph.cli.models",
        "barograph.cli.serve",
        "barograph.service.server",
    ],
)
def test_what_serves_is_imported_without_the_training_libraries(module: str) -> None:
    done = serving(f"import {module}\n")
    assert done.returncode == 0, done.stderr


def test_the_public_serving_functions_are_reached_without_the_training_libraries() -> None:
    done = serving(
        "import barograph as bg\nbg.load, bg.predict, bg.verify, bg.assess, bg.Study, bg.InputError\n"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("library", TRAINING_ONLY)
def test_the_bare_interpreter_has_no_training_library(library: str) -> None:
    done = serving(f"import {library}\n")
    assert done.returncode != 0
    assert "ModuleNotFoundError" in done.stderr


def test_importing_the_package_loads_nothing_but_its_version() -> None:
    version = "('barograph.core', 'barograph.core.version')"
    loaded = f"[n for n in sys.modules if n.startswith('barograph.') and n not in {version}]"
    script = f"import sys, barograph; sys.exit(', '.join({loaded}) or 0)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="frobnicate"):
        barograph.frobnicate  # noqa: B018 - reading it is what is tested
