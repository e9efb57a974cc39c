"""Words are tested: what README and docs say exists, and every public name and setting is explained."""

from __future__ import annotations

import ast
import functools
import importlib
import io
import re
import shlex
import tomllib
from contextlib import redirect_stdout, suppress
from pathlib import Path

import pytest

import barograph
from barograph.cli import main
from barograph.cli.overview import COMMANDS, GROUPS
from barograph.collect.contracts import read_contract
from barograph.core.described import described
from barograph.core.fitted import FITTED_KINDS
from barograph.core.recipe import Recipe
from barograph.models.baselines.catalogue import BASELINES
from barograph.models.catalogue import NETWORKS
from barograph.models.scorers import SCORERS
from barograph.pipeline import settings
from barograph.pipeline.setting_errors import SETTINGS
from barograph.risks.catalogue import DEFAULT_STUDY, RECIPES

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "barograph"
PAGES = [
    *sorted(ROOT.glob("README*.md")),
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\b[^\n]*\n(.*?)^```", read(page), re.MULTILINE | re.DOTALL)


def command_lines(page: Path) -> list[list[str]]:
    text = "".join(blocks(page, "sh")).replace("\\\n", " ")
    found = [shlex.split(line, comments=True) for line in text.splitlines()]
    return [words for words in found if words]


@functools.cache
def help_of(*command: str) -> str:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), suppress(SystemExit):
        patch.setenv("COLUMNS", "200")
        patch.setenv("NO_COLOR", "1")
        main([*command, "--help"])
    return out.getvalue()


def test_the_readme_is_short() -> None:
    assert len(read(ROOT / "README.md").splitlines()) <= 150


@pages
def test_every_make_word_in_a_page_is_a_target(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.MULTILINE))
    named = {
        word for line in command_lines(page) if line[0] == "make" for word in line[1:] if "=" not in word
    }
    named |= set(re.findall(r"`make ([a-z]+)", read(page)))
    assert named <= targets


@pages
def test_every_barograph_command_in_a_page_exists_with_its_flags(page: Path) -> None:
    for words in command_lines(page):
        if Path(words[0]).name != "barograph":
            continue
        assert words[1] in COMMANDS, words
        known = help_of(*words[1 : 3 if words[1] in GROUPS else 2])
        for flag in (word.partition("=")[0] for word in words if word.startswith("--")):
            assert re.search(rf"{flag}\b", known), words


@pages
def test_every_setting_in_a_command_is_one_that_can_be_set(page: Path) -> None:
    for words in command_lines(page):
        given = [words[i + 1] for i, word in enumerate(words) if word == "--set"]
        if not given:
            continue
        assert words[:2] == ["barograph", "run"], words
        if not words[2].endswith(".yaml"):
            settings.with_overrides(settings.load(words[2]), dict(pair.split("=", 1) for pair in given))


@pages
def test_every_study_in_a_command_is_shipped(page: Path) -> None:
    for words in command_lines(page):
        if words[0] == "barograph" and words[1] in ("run", "init") and not words[2].endswith(".yaml"):
            assert words[2] in RECIPES or words[2] in DEFAULT_STUDY, words


@pages
def test_python_blocks_use_what_exists(page: Path) -> None:
    for block in blocks(page, "python"):
        tree = ast.parse(block)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "bg":
                assert node.attr in barograph.__all__
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("barograph"):
                home = importlib.import_module(str(node.module))
                for alias in node.names:
                    getattr(home, alias.name)


@pages
def test_yaml_blocks_are_studies_or_contracts(page: Path, tmp_path: Path) -> None:
    for number, block in enumerate(blocks(page, "yaml")):
        file = tmp_path / f"{number}.yaml"
        file.write_text(block, encoding="utf-8")
        read_contract(file) if re.search(r"^columns:", block, re.MULTILINE) else settings.load(file)


@pages
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", read(page))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


@pages
def test_every_path_in_backticks_exists(page: Path) -> None:
    """Paths are written from the root of the repository or of the package."""
    named = re.findall(r"`((?:src|tests|docs|benchmarks|evidence)/[\w/.-]+|[a-z_]+/[\w/-]+\.py)`", read(page))
    missing = [name for name in named if not any((base / name).exists() for base in (ROOT, SOURCE))]
    assert missing == []


def test_every_public_name_has_a_docstring_and_the_list_is_sorted() -> None:
    assert barograph.__all__ == sorted(barograph.__all__)
    assert dir(barograph) == barograph.__all__
    for name in barograph.__all__:
        value = getattr(barograph, name)
        assert isinstance(value, str) or (value.__doc__ or "").strip(), name


def test_every_list_of_public_names_is_true() -> None:
    """That the lists are sorted is ruff's rule RUF022, in `make check`."""
    for path in SOURCE.rglob("*.py"):
        name = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")
        listed = [
            ast.literal_eval(node.value)
            for node in ast.parse(read(path)).body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        ]
        for names in listed:
            module = importlib.import_module(name)
            assert [word for word in names if word not in dir(module)] == [], name


def test_every_setting_is_explained() -> None:
    explained = {
        (engine, key): (field.description or "").strip()
        for engine, settings_of in SETTINGS.items()
        for key, field in settings_of.items()
    }
    assert [key for key, words in explained.items() if not words] == []
    assert [name for name, field in described(Recipe).items() if not field.description] == []


def test_every_shipped_study_and_command_is_in_the_readme() -> None:
    text = read(ROOT / "README.md")
    for name in (*RECIPES, *(f"barograph {command}" for command in COMMANDS)):
        assert name in text, name


def test_the_changelog_has_an_entry_for_this_version() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    assert project["version"] == barograph.__version__
    assert re.search(rf"^## {re.escape(barograph.__version__)}\b", read(ROOT / "CHANGELOG.md"), re.MULTILINE)


def test_every_catalogue_entry_is_explained() -> None:
    networks = [*NETWORKS.items(), *SCORERS.items()]
    entries: dict[object, object] = {(key, entry.network): entry.network for key, entry in networks}
    entries |= {(key, entry.config): entry.config for key, entry in networks}
    entries |= dict(BASELINES) | dict(FITTED_KINDS)
    assert [key for key, entry in entries.items() if not (entry.__doc__ or "").strip()] == []


def test_continuous_integration_says_only_the_words_of_the_makefile() -> None:
    lines = [line for line in read(ROOT / ".ci" / "run").splitlines() if line and not line.startswith("#")]
    said = ["make browser", "make test", "make check"]
    assert lines == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', *said]
