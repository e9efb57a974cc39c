"""Literal prose of the source: English sentences that stand in the code itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import barograph

SOURCE = Path(barograph.__file__).parent
WORD = re.compile(r"(?<![\w{%/.-])[A-Za-z]{2,}(?![\w}/])")
SENTENCE = 3
"""Words in a row from which on a literal is prose; shorter ones are names."""
RAISING = ("unknown", "nearest", "Violation", "Wrong", "Rule", "warns", "compile", "Option", "Argument")
"""Calls besides those of errors whose words are an error's, a pattern, or help of the command line."""
OF_ERRORS = frozenset({"must", "came", "do", "match", "message", "reason_if_missing"})


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal with its place; what an f-string fills in stands as {}."""

    file: str
    line: int
    words: str


def literals(room: str) -> Iterator[Literal]:
    """The prose of a room that is neither a docstring nor an error's words."""
    trees = {
        path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted((SOURCE / room).rglob("*.py"))
    }
    told = {name for tree in trees.values() for name in _names_in_errors(tree)}
    for path, tree in trees.items():
        for node in _outside(tree, told):
            words = _words(node)
            if words is not None and is_prose(words):
                yield Literal(str(path.relative_to(SOURCE)), getattr(node, "lineno", 0), words)


def is_prose(words: str) -> bool:
    """Whether a text has three plain words in a row, as a sentence has and a name has not."""
    run = r"[\s,;:()'\"–-]+".join([WORD.pattern] * SENTENCE)
    return re.search(run, words) is not None


def _words(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values)
    return None


def _outside(node: ast.AST, told: set[str]) -> Iterator[ast.AST]:
    """Strings below a node, but docstrings and errors."""
    if isinstance(node, ast.JoinedStr):
        yield node
        return
    if _is_error(node) or _assigns(node, told):
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring, of a module, a class, a function or a field
    if isinstance(node, ast.Constant):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _outside(child, told)


def _is_error(node: ast.AST) -> bool:
    if isinstance(node, ast.Raise | ast.Assert):
        return True
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name.endswith("Error") or name in RAISING or any(k.arg in OF_ERRORS for k in node.keywords)


def _names_in_errors(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if _is_error(node):
            yield from (one.id for one in ast.walk(node) if isinstance(one, ast.Name))


def _assigns(node: ast.AST, told: set[str]) -> bool:
    """Whether a statement gives a name its words that only errors say."""
    if isinstance(node, ast.Assign):
        targets: list[ast.expr] = node.targets
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        targets = [node.target]
    else:
        return False
    names = {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}
    return bool(names) and names <= told
