"""A study as YAML to edit, each setting under the sentence that explains it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic.fields import FieldInfo

from barograph.core.described import described
from barograph.core.plain_yaml import written
from barograph.core.recipe import AnyStudy
from barograph.core.section import Section

__all__ = ["dump"]


def dump(study: AnyStudy) -> str:
    """The full settings of a study as commented YAML; `pipeline.settings.load` gives an equal study back.

    Examples
    --------
    >>> from barograph.core.study import Study
    >>> print(dump(Study(name="my/study", question="What moves?")).splitlines()[3])
    name: my/study
    """
    lines = [f"# {study.name}, budget {study.budget}. Edit and run: barograph run FILE"]
    for name, field in described(type(study)).items():
        value = getattr(study, name)
        lines += ["", *_comment(field, ""), *_setting(name, value, "")]
    return "\n".join(lines) + "\n"


def _comment(field: FieldInfo, indent: str) -> list[str]:
    return [f"{indent}# {line.strip()}" for line in (field.description or "").splitlines()]


def _setting(key: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Section):
        yield f"{indent}{key}:"
        for name, inner in described(type(value)).items():
            yield from _comment(inner, f"{indent}  ")
            yield from _setting(name, getattr(value, name), f"{indent}  ")
    elif isinstance(value, tuple) and value and isinstance(value[0], Section):
        yield f"{indent}{key}:"
        for item in value:
            yield f"{indent}  - {written(item.model_dump())}"
    else:
        yield f"{indent}{key}: {written(value)}"
