"""Progress: bars in a terminal, nothing anywhere else, and every stage complete at the end."""

from __future__ import annotations

import io

from rich.console import Console
from rich.progress import Progress

from barograph.cli.progress import Drawn, drawn
from barograph.core import contracts


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
    heard.stage("networks", 10)
    heard.advance(4)
    assert bars.tasks[0].completed == 4
    heard.stage("evaluate", 0)
    heard.advance()
    heard.close()
    assert [task.finished for task in bars.tasks] == [True, True]
    assert [task.description for task in bars.tasks] == ["Training networks", "Judging forecasts"]


def test_a_stage_without_words_of_its_own_is_shown_by_its_name() -> None:
    progress, bars = watched()
    progress.advance()
    progress.stage("curves", 2)
    assert bars.tasks[0].description == "curves"
    progress.close()
    progress.close()
