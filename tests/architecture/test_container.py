"""The container files start what the command line has; `make check` lints them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_docs import help_of

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["service", "worker"])
def test_the_commands_and_flags_of_a_service_exist(name: str) -> None:
    command, *words = COMPOSE["services"][name]["command"]
    told = help_of(command)
    if command == "serve":  # with a database, bundles come from its registry
        assert words[0].startswith("--")
    assert [word for word in words if word.startswith("--") and word not in told] == []


def test_the_image_holds_no_training_library() -> None:
    installed = re.findall(r"'\.\[(.*?)\]'", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    assert installed == ["postgres,redis,fast"]


def test_no_password_stands_in_the_files() -> None:
    given = COMPOSE["services"]["database"]["environment"]["POSTGRES_PASSWORD"]
    assert given.startswith("${POSTGRES_PASSWORD:?")
