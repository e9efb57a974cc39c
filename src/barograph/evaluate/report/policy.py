"""Policy packs: data files that give a report its headings and say which parts stand under each.

A section lists its parts by engine; a section that names no parts of an engine is not in its report, and a
pack none of whose sections does is not for that engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from barograph.core.errors import SettingError, unknown
from barograph.evaluate.report.edition import Engine


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


def policy_names(engine: Engine) -> tuple[str, ...]:
    """The packs shipped that have headings for an engine, sorted."""
    return tuple(name for name in _names() if _sections(name, engine))


@cache
def policy(name: str, engine: Engine) -> Policy:
    """The pack of a name, with the headings it has for an engine; `SettingError` where there are none."""
    if name not in _names():
        raise unknown("a policy pack", name, policy_names(engine))
    sections = _sections(name, engine)
    if not sections:
        raise SettingError(
            f"a policy pack must have headings for the {engine} engine",
            came=f"'{name}' has none",
            do=f"Choose one of {', '.join(policy_names(engine))}",
        )
    plain = _plain(name)
    return Policy(title=plain["title"], basis=plain["basis"], sections=sections)


@cache
def _names() -> tuple[str, ...]:
    files = resources.files("barograph.evaluate.report").joinpath("policies").iterdir()
    return tuple(sorted(f.name.removesuffix(".yaml") for f in files if f.name.endswith(".yaml")))


@cache
def _plain(name: str) -> dict[str, Any]:
    file = resources.files("barograph.evaluate.report").joinpath("policies", f"{name}.yaml")
    plain: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return plain


def _sections(name: str, engine: Engine) -> tuple[PolicySection, ...]:
    return tuple(
        PolicySection(title=item["title"], parts=tuple(item[engine]), source=item.get("source", ""))
        for item in _plain(name)["sections"]
        if engine in item
    )
