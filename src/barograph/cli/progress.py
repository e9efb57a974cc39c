"""How far a run has come, drawn on stderr in a terminal, nothing anywhere else; and what it warns of."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from barograph.api.fetching import heard_by
from barograph.cli.words import said
from barograph.core.notes import in_language
from barograph.core.texts import has_text

__all__ = ["Drawn", "drawn", "warned"]

PACKAGE = Path(__file__).parents[1]


@dataclass(slots=True)
class Drawn:
    """`core.contracts.Progress` as one bar per stage."""

    bars: Progress
    lang: str
    current: TaskID | None = field(default=None, init=False)
    download: TaskID | None = field(default=None, init=False)

    def stage(self, name: str, total: int) -> None:
        """A stage begins; the one before it is complete."""
        self._complete()
        known = has_text(f"cli.stage.{name}", self.lang)
        words = said(f"stage.{name}" if known else "stage.other", self.lang, name=name)
        self.current = self.bars.add_task(words, total=total or None)

    def advance(self, n: int = 1) -> None:
        """`n` more steps are done."""
        if self.current is not None:
            self.bars.advance(self.current, n)

    def fetched(self, done: int, total: int) -> None:
        """So many bytes of an address have come, of so many in all (0: the server does not say)."""
        words = said("stage.fetch", self.lang, mebibytes=done / (1 << 20))
        if self.download is None:
            self.download = self.bars.add_task(words, total=total or None)
        self.bars.update(self.download, description=words, completed=done, total=total or None)
        if total and done >= total:
            self.download = None

    def close(self) -> None:
        """The last stage is complete, and drawing ends."""
        self._complete()
        self.bars.stop()

    def _complete(self) -> None:
        if self.current is None:
            return
        task = self.bars.tasks[self.bars.task_ids.index(self.current)]
        total = task.total or max(task.completed, 1)
        self.bars.update(self.current, total=total, completed=total)
        self.bars.stop_task(self.current)
        self.current = None


@contextmanager
def drawn(lang: str, *, silent: bool) -> Iterator[Drawn | None]:
    """Bars while a run lasts, or None where nobody watches: `silent`, or stderr is not a terminal."""
    console = Console(stderr=True, highlight=False)
    if silent or not console.is_terminal:
        yield None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        watching = Drawn(bars, lang)
        with heard_by(watching.fetched):
            yield watching


@contextmanager
def warned(lang: str) -> Iterator[None]:
    """What Barograph warns of is a line on stderr in a language; what others do, is as Python shows it."""
    with warnings.catch_warnings():
        usual = warnings.showwarning

        def shown(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if Path(filename).is_relative_to(PACKAGE):
                sys.stderr.write(f"{in_language(str(message), lang)}\n")
            else:
                usual(message, category, filename, lineno, file, line)

        warnings.showwarning = shown
        yield
