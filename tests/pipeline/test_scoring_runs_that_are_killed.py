"""A scoring run that is killed goes on where it stood and ends with the numbers of an undisturbed one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from barograph.api.study import run
from barograph.core.errors import SettingError
from small_scoring import book, finished, small_scoring

TESTS = Path(__file__).parents[1]
VARYING = ("seconds", "stages", "peak_rss_mib", "bundle", "report", "fits")

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from small_scoring import book, small_scoring
from barograph.api.study import run

class Slow:
    '''Halts when told to: the parent kills us while we wait.'''
    def __init__(self, stage, steps):
        self.awaited, self.steps, self.now, self.done = stage, steps, "", 0
    def stage(self, name, total):
        self.now, self.done = name, 0
    def advance(self, n=1):
        self.done += n
        if self.now == self.awaited and self.done >= self.steps:
            print("here", flush=True)
            sys.stdin.read()
    def close(self):
        pass

run(small_scoring(), data=book(), out=sys.argv[2], progress=Slow(sys.argv[3], int(sys.argv[4])))
"""


def numbers_of(folder: Path) -> dict[str, Any]:
    """The result without what a clock or a place decides."""
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    kept = {key: value for key, value in result.items() if key not in VARYING}
    fits = [{key: value for key, value in fit.items() if key != "seconds"} for fit in result["fits"]]
    return kept | {"fits": fits}


def killed_at(stage: str, steps: int, target: Path) -> None:
    """Start a run in another process and kill it, hard, when a stage has come so far."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(TESTS), str(target), stage, str(steps)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def test_a_killed_run_resumes_to_the_numbers_of_an_undisturbed_one(tmp_path: Path) -> None:
    """Killed after one fold; other settings and data are refused first, and spoil nothing."""
    target, part = tmp_path / "run", tmp_path / "run.part"
    killed_at("folds", 1, target)
    before = {path: path.stat().st_mtime_ns for path in part.rglob("*.npz")}
    assert before
    assert not target.exists()
    for study, data in ((small_scoring(train__seeds=2), book()), (small_scoring(), book(seed=2))):
        with pytest.raises(SettingError, match="must have the settings and data"):
            run(study, data=data, out=target, resume=True)
    assert {path: path.stat().st_mtime_ns for path in part.rglob("*.npz")} == before
    resumed = run(small_scoring(), data=book(), out=target, resume=True)
    assert not part.exists()
    assert numbers_of(resumed.folder) == numbers_of(finished().folder)
    assert sorted(os.listdir(resumed.folder)) == sorted(os.listdir(finished().folder))


def check_same(folder: Path) -> None:
    assert numbers_of(folder) == numbers_of(finished().folder)
    ours, theirs = (where / "bundle" / "parts" for where in (folder, finished().folder))
    names = sorted(os.listdir(theirs))
    assert sorted(os.listdir(ours)) == names
    for name in names:
        if not name.endswith(".onnx"):  # graphs carry names that the exporter counts up
            assert (ours / name).read_bytes() == (theirs / name).read_bytes(), name


@pytest.mark.soak
def test_a_pool_of_processes_gives_the_bits_of_one_process(tmp_path: Path) -> None:
    check_same(run(small_scoring(train__workers=2), data=book(), out=tmp_path / "run").folder)


@pytest.mark.soak
def test_the_same_run_twice_gives_the_same_bits(tmp_path: Path) -> None:
    check_same(run(small_scoring(), data=book(), out=tmp_path / "run").folder)
