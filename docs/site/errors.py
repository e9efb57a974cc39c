"""docs/errors.md: every error message with its cause and its cure, as the source raises them.

    python docs/site/errors.py     writes the page; `make errors` does it, and a test fails when it is stale

A message of the house says what must hold, what came and what to do. So each call that makes an error is read
from the syntax tree of the source; what is filled in at run time stands as a name in italics.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "barograph"
PAGE = ROOT / "docs" / "errors.md"
ROWS = ("refuse", "refuse_rows")
"""Helpers that speak of rows of a column: must {rule}."""
OWN = ("LeakError", "WordingError")
"""Errors that are our own bug: exit code 1."""
NETWORK = (
    "collect/reading/web",
    "collect/reading/fred",
    "collect/reading/ecb",
    "collect/reading/sql",
    "service",
)
NETWORK += ("collect/reading/remote", "core/late")
GROUPS = {
    "Your file": "A table, a file or a column is not usable: `DataError`, `StorageError`, exit code 2.",
    "Your settings": "A flag, or a key or value of a study, is not usable: `SettingError`, exit code 2.",
    "Your bundle": "A bundle is damaged, was altered, or is of another version: `BundleError`, exit code 2.",
    "Network, database, extras": "Something outside did not answer or is not installed. Exit code 2.",
    "Who may do what": "The registry of models refuses a step, or the person asking for it. Exit code 2.",
    "Functions called from Python": "Formulas and models refuse arrays that do not fit.",
    "Our fault": "A bug of Barograph: exit code 1. Nothing was computed; please report what you did.",
}
"""Heading -> what it is about, in the order of the page."""
STEPS = {
    "api": "Python and the command line",
    "cli": "Python and the command line",
    "collect": "Reading",
    "core": "Settings and records",
    "deploy": "Bundles",
    "engines": "Fitting and answering",
    "evaluate": "Judging",
    "govern": "Registry",
    "measures": "Formulas",
    "models": "Models",
    "pipeline": "Studies",
    "prepare": "Preparing",
    "service": "Services",
    "train": "Training",
}
"""Room -> heading of its messages inside a group."""


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """One message: its three parts, its class, and where it is raised."""

    must: str
    came: str
    do: str
    kind: str
    file: str

    @property
    def group(self) -> str:
        """The heading under which a reader looks for it."""
        if self.kind in OWN:
            return "Our fault"
        if self.kind in ("AccessError", "ForbiddenError", "ConflictError"):
            return "Who may do what"
        if self.kind == "UnavailableError" or self.file.startswith(NETWORK):
            return "Network, database, extras"
        if self.kind == "BundleError":
            return "Your bundle"
        if self.file.startswith(("measures", "models", "train")):
            return "Functions called from Python"
        return "Your settings" if self.kind == "SettingError" else "Your file"

    @property
    def anchor(self) -> str:
        """A name that stays while the message does."""
        plain = re.sub(r"[^a-z0-9]+", "-", re.sub(r"\*\w+\*", "", self.must.lower()))
        return plain.strip("-")[:60].strip("-") or "message"


class Texts:
    """The constants of the package, so that a name in a message is replaced by its words or number."""

    def __init__(self, trees: dict[str, ast.Module]) -> None:
        self.of: dict[str, dict[str, ast.expr]] = {}
        self.homes: dict[str, dict[str, str]] = {}  # file -> imported name -> the module it comes from
        every: dict[str, list[ast.expr]] = {}
        for file, tree in trees.items():
            self.of[file], self.homes[file] = {}, {}
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("barograph."):
                    home = node.module.removeprefix("barograph.").replace(".", "/")
                    self.homes[file] |= {one.asname or one.name: home for one in node.names}
                name, value = _given(node)
                if value is not None and (_said(value) or (name.isupper() and _is_number(value))):
                    self.of[file][name] = value
                    every.setdefault(name, []).append(value)
        self.everywhere = {
            name: found[0] for name, found in every.items() if len(found) == 1 and name.isupper()
        }

    def _known(self, name: str, file: str) -> ast.expr | None:
        """What a name stands for in a file: its own, that of the module it comes from, or the only one."""
        home = self.homes[file].get(name, "")
        for place in (file, f"{home}.py", f"{home}/__init__.py"):
            if name in self.of.get(place, {}):
                return self.of[place][name]
        return self.everywhere.get(name)

    def words(self, node: ast.expr, file: str, depth: int = 0) -> str:
        """An expression as a reader sees it; what is known only at run time is its name in italics."""
        if isinstance(node, ast.Constant):
            return str(node.value)
        if isinstance(node, ast.JoinedStr):
            return "".join(self.words(part, file, depth) for part in node.values)
        if isinstance(node, ast.FormattedValue):
            return self.words(node.value, file, depth + 1)
        if isinstance(node, ast.Name) and depth < 4:
            known = self._known(node.id, file)
            return _name(node) if known is None else self.words(known, file, depth + 1)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self.words(node.left, file, depth) + self.words(node.right, file, depth)
        if isinstance(node, ast.IfExp) and _said(node.body):
            other = self.words(node.orelse, file, depth)
            return self.words(node.body, file, depth) + (f" (or: {other})" if other.strip() else "")
        if isinstance(node, ast.BoolOp):
            return " (or: ".join(self.words(one, file, depth) for one in node.values) + ")" * (
                len(node.values) - 1
            )
        return _name(node)


def _given(node: ast.AST) -> tuple[str, ast.expr | None]:
    """The name that a statement gives a value, and the value."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id, node.value
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id, node.value
    return "", None


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _said(node: ast.expr) -> bool:
    """Whether an expression is a text."""
    if isinstance(node, ast.IfExp):
        return _said(node.body)
    if isinstance(node, ast.BinOp):
        return _said(node.left)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _name(node: ast.AST) -> str:
    """What an expression is about: its last name in italics."""
    if isinstance(node, ast.Name):
        return f"*{node.id}*"
    if isinstance(node, ast.Attribute):
        return f"*{node.attr}*"
    if isinstance(node, ast.Call):
        if (isinstance(node.func, ast.Name) and node.func.id in ("len", "int", "sum")) or not node.args:
            return "*n*" if node.args else _name(node.func)
        return _name(node.args[0])
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    return "…"


def messages() -> list[Message]:
    """Every message that the source can raise, each once."""
    files = sorted(SOURCE.rglob("*.py"))
    trees = {
        path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in files
    }
    texts = Texts(trees)
    found = {one for file, tree in trees.items() for one in _in_file(file, tree, texts)}
    kept: dict[tuple[str, str, str, str], Message] = {}
    for one in sorted(found):
        kept.setdefault((one.must, one.came, one.do, one.group), one)
    return list(kept.values())


def _in_file(file: str, tree: ast.Module, texts: Texts) -> Iterator[Message]:
    if file == "core/errors.py":
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        told = {word.arg: texts.words(word.value, file) for word in node.keywords if word.arg}
        first = [texts.words(one, file) for one in node.args]
        if name.endswith("Error") and first and {"came", "do"} <= told.keys():
            yield _message(first[0], told["came"], told["do"], name, file)
        elif name in OWN and first:
            yield _message(first[0], "", "Report it, with what you did", name, file)
        elif name == "unknown" and len(first) > 1:
            must = f"{first[0]} must be one of the known names"
            yield _message(
                must, f"got '{first[1]}'", "Did you mean …? The nearest known name", "SettingError", file
            )
        elif name in ROWS and "do" in told and len(first) > 2:
            rule = first[2] if name == "refuse_rows" else first[1]
            must, came = f"column … must {rule}", "*n* rows do not, the first in row … with …"
            yield _message(must, came, told["do"], "DataError", file)


def _message(must: str, came: str, do: str, kind: str, file: str) -> Message:
    return Message(*(" ".join(part.split()) for part in (must, came, do)), kind, file)


def page() -> str:
    """The page in Markdown."""
    every = messages()
    lines = [HEAD]
    taken: dict[str, int] = {}
    for group, about in GROUPS.items():
        inside = [one for one in every if one.group == group]
        lines += [f"## {group}", "", about, ""]
        rooms: dict[str, list[Message]] = {}
        for one in inside:
            rooms.setdefault(STEPS[one.file.partition("/")[0]], []).append(one)
        for room in sorted(rooms):
            lines += [
                f"### {group}: {room.lower()}",
                "",
                "| what must hold | what came | what to do |",
                "|---|---|---|",
            ]
            lines += [_row(one, taken) for one in rooms[room]] + [""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _row(one: Message, taken: dict[str, int]) -> str:
    number = taken[one.anchor] = taken.get(one.anchor, 0) + 1
    anchor = one.anchor if number == 1 else f"{one.anchor}-{number}"
    cells = [_cell(part) for part in (one.must, one.came or "–", one.do)]
    return f'| <a id="{anchor}"></a>{cells[0]} | {cells[1]} | {cells[2]} |'


def _cell(words: str) -> str:
    for sign in ("&", "<", ">"):
        words = words.replace(sign, {"&": "&amp;", "<": "&lt;", ">": "&gt;"}[sign])
    return re.sub(r"([|\[\]`_])", r"\\\1", words).replace("\\`", "`")


HEAD = """# Error messages

Every message says three things: *what must hold; what came. What to do.* The first says the rule, the second
the cause, the third the cure. Search this page for words of your message that are not yours: names, numbers
and paths of yours stand here as a name in *italics*, or as a dot-dot-dot (…).

- The command line ends with **exit code 2** where what it was given is not usable, and with **1** where
  Barograph itself is at fault; in Python the same messages are exceptions under `barograph.BarographError`.
- `--debug` before a command adds the traceback.
- What is wrong in the rows of a table of prices comes as one table of violations: column, rule, rows, first
  value, what to do.

This page is written from the source by `make errors`.
"""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
