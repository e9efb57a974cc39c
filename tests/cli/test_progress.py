"""Progress: bars in a terminal, nothing anywhere else, and every stage complete at the end."""

from __future__ import annotations

import io
import warnings

import pytest
from rich.console import Console
from rich.progress import Progress

from barograph.cli import progress as ours
from barograph.cli.progress import Drawn, drawn, warned
from barograph.core import contracts
from barograph.core.notes import noted


def watched() -> tuple[Drawn, Progress]:
    bars = Progress(console=Console(file=io.StringIO(), force_terminal=True))
    return Drawn(bars, "en"), bars


def test_nobody_watching_means_no_bars() -> None:
    with drawn("en", silent=True) as first, drawn("en", silent=False) as second:
        assert first is None
        assert second is None  # pytest's stderr is no terminal


def test_a_stage_ends_complete_when_the_next_begins() -> None:
    progress, bars = watched()
    heard: contracts.Progress = progress
    heard.stage("mlp", 10)
    heard.advance(4)
    assert bars.tasks[0].completed == 4
    heard.stage("evaluate", 0)
    heard.advance()
    heard.close()
    assert [task.finished for task in bars.tasks] == [True, True]
    assert [task.description for task in bars.tasks] == ["Training mlp", "Judging forecasts"]


def test_nothing_is_drawn_before_the_first_stage_and_closing_twice_is_harmless() -> None:
    progress, bars = watched()
    progress.advance()
    assert bars.tasks == []
    progress.stage("collect", 2)
    progress.close()
    progress.close()
    assert bars.finished


def test_a_fetch_has_a_bar_of_its_own_that_ends_with_it() -> None:
    progress, bars = watched()
    half, whole = 1 << 20, 2 << 20
    progress.fetched(half, whole)
    progress.fetched(whole, whole)
    progress.fetched(half, 0)
    assert [(task.completed, task.total) for task in bars.tasks] == [(whole, whole), (half, None)]
    assert [task.description for task in bars.tasks] == ["Fetching: 2.0 MiB", "Fetching: 1.0 MiB"]


def test_a_warning_of_ours_is_a_line_in_the_readers_words_and_others_are_as_they_were(
    capfd: pytest.CaptureFixture[str],
) -> None:
    note = noted("notes.run.worker_died")
    seen: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, *_: seen.append(str(message))
        with warned("zh"):
            warnings.warn_explicit(note, RuntimeWarning, ours.__file__, 1)
            warnings.warn_explicit("of another", RuntimeWarning, "elsewhere.py", 7)
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("一个工作进程被终止")
    assert seen == ["of another"]
