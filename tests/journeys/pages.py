"""Pages in Markdown, and the blocks of code in them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
FENCE = re.compile(r"^(?:<!-- (.+?) -->\n)?( *)```(.*)\n((?:.*\n)*?)\2```$", re.MULTILINE)
INFO = re.compile(r'(\w+)(?: title="([\w./-]+)")?')
MARK = re.compile(r"(long)|not run: (.+)")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block.

    A comment on the line above may say `long`: run by `make soak` only, here its words are looked at; or
    `not run:` and why, which a test counts.
    """

    page: str
    language: str
    title: str  # the file that it is, "" for none
    code: str
    long: bool
    excuse: str  # why it is never run, "" where it is

    @property
    def lines(self) -> list[list[str]]:
        """The words of each command of a shell block, without comments."""
        text = self.code.replace("\\\n", " ")
        return [words for line in text.splitlines() if (words := shlex.split(line, comments=True))]


def blocks(path: Path) -> list[Block]:
    """Every fenced block of a page, in order; one that says nothing of its language, or oddly, raises."""
    name, text = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    found = [_block(name, *match.groups()) for match in FENCE.finditer(text)]
    fences = len(re.findall(r"^ *```", text, re.MULTILINE))
    assert fences == 2 * len(found), f"{name}: a fence that is not read as one"
    return found


def _block(page: str, comment: str | None, indent: str, info: str, code: str) -> Block:
    told = INFO.fullmatch(info)
    assert told, f"{page}: a block must say its language, got '{info}'"
    mark = MARK.fullmatch(comment or "")
    flush = "".join(line.removeprefix(indent) for line in code.splitlines(keepends=True))
    long, excuse = (bool(mark[1]), mark[2] or "") if mark else (False, "")
    return Block(page, told[1], told[2] or "", flush, long, excuse)
