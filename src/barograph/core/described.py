"""What a setting says of itself: the words under it in the source, read only where somebody is shown them.

A service shows none of them, and starts a tenth sooner for not having looked.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise

from pydantic import BaseModel
from pydantic.fields import FieldInfo


@cache
def described(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """The fields of a model by their names, each with its `description`; None where the source says nothing.

    Examples
    --------
    >>> from barograph.core.section import StudyBase
    >>> described(StudyBase)["name"].description
    'Such as `market/volatility`.'
    """
    words: dict[str, str] = {}
    for kind in reversed(model.__mro__):
        if issubclass(kind, BaseModel) and kind is not BaseModel:
            words |= _words_of(kind)
    for name, field in model.model_fields.items():
        field.description = field.description or words.get(name)
    return model.model_fields


def _words_of(kind: type[BaseModel]) -> dict[str, str]:
    try:
        source = inspect.getsource(kind)
    except OSError:  # made without a file, or installed without sources: it says nothing
        return {}
    tree = ast.parse(textwrap.dedent(source)).body[0]
    assert isinstance(tree, ast.ClassDef)
    return {name: words for line, below in pairwise(tree.body) for name, words in _said(line, below)}


def _said(line: ast.stmt, below: ast.stmt) -> Iterator[tuple[str, str]]:
    if not (isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)):
        return
    if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
        yield line.target.id, inspect.cleandoc(str(below.value.value))
