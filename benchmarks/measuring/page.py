"""docs/performance.md, where `BENCH_PAGE` names it: each benchmark's newest table in a section of its own."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path


def kept(
    title: str, where: str, header: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str]
) -> None:
    """Put a table into the page, in place of the one that the same benchmark left there."""
    page = os.environ.get("BENCH_PAGE")
    if not page:
        return
    name = Path(sys.argv[0]).stem
    words = " ".join([f"python benchmarks/{name}.py", *sys.argv[1:]])
    lines = [f"<!-- {name} -->", "", f"## {title}", "", f"{where}; `{words}`.", ""]
    lines += [f"| {' | '.join(row)} |" for row in (header, ["---", "---:", "---", "---:", "---"], *rows)]
    lines += ["", *(f"{note}\n" for note in notes), f"<!-- end of {name} -->"]
    text, section = Path(page).read_text(encoding="utf-8"), "\n".join(lines)
    own = re.compile(rf"<!-- {name} -->\n.*?<!-- end of {name} -->", re.DOTALL)
    fresh = own.sub(lambda _: section, text) if own.search(text) else f"{text.rstrip()}\n\n{section}\n"
    Path(page).write_text(fresh, encoding="utf-8")
