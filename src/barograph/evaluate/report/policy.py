"""Policy packs: data files that give a report its headings and say which parts stand under each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from barograph.core.errors import unknown


@dataclass(frozen=True, slots=True)
class PolicySection:
    """One heading, the paragraph of the text it follows, and its parts."""

    title: dict[str, str]  # language -> words
    parts: tuple[str, ...]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """A pack: its name, what it follows, its headings in order."""

    title: dict[str, str]
    basis: dict[str, str]
    sections: tuple[PolicySection, ...]


def policy_names() -> tuple[str, ...]:
    """The packs shipped, sorted."""
    files = resources.files("barograph.evaluate.report").joinpath("policies").iterdir()
    return tuple(sorted(f.name.removesuffix(".yaml") for f in files if f.name.endswith(".yaml")))


@cache
def policy(name: str) -> Policy:
    """The pack of a name; an unknown one raises `SettingError`."""
    if name not in policy_names():
        raise unknown("a policy pack", name, policy_names())
    file = resources.files("barograph.evaluate.report").joinpath("policies", f"{name}.yaml")
    return _policy(yaml.safe_load(file.read_text(encoding="utf-8")))


def _policy(plain: dict[str, Any]) -> Policy:
    sections = tuple(
        PolicySection(title=item["title"], parts=tuple(item["parts"]), source=item.get("source", ""))
        for item in plain["sections"]
    )
    return Policy(title=plain["title"], basis=plain["basis"], sections=sections)
