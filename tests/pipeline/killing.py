"""What the tests of killed runs share: a run in another process that is killed where it is told to halt."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
VARYING = {"seconds", "stages", "peak_rss_mib", "bundle", "report", "resumed"}
"""What a clock or a place decides, and whether the run went on with another."""

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
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

{setup}
run(study, data=data, out=sys.argv[2], progress=Slow(sys.argv[3], int(sys.argv[4])))
"""


def numbers_of(folder: Path) -> dict[str, Any]:
    """The result without what varies, at any depth."""

    def kept(plain: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in plain.items() if key not in VARYING}

    text = (folder / "result.json").read_text(encoding="utf-8")
    return dict(json.loads(text, object_hook=kept))


def check_went_on(resumed: Path, undisturbed: Path) -> None:
    """A resumed run says that it is one, and has the numbers and files of an undisturbed one."""
    said = [json.loads((one / "result.json").read_text(encoding="utf-8")) for one in (resumed, undisturbed)]
    assert [one["resumed"] for one in said] == [True, False]
    assert numbers_of(resumed) == numbers_of(undisturbed)
    assert sorted(os.listdir(resumed)) == sorted(os.listdir(undisturbed))


@contextmanager
def halted_at(setup: str, stage: str, steps: int, target: Path) -> Iterator[subprocess.Popen[str]]:
    """A run in another process that waits where a stage has come so far; killed, hard, when the block ends.

    `setup` is Python that makes `study` and `data`; the helpers of the tests can be imported.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(setup=setup), str(TESTS), str(target), stage, str(steps)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "here\n"
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def killed_at(setup: str, stage: str, steps: int, target: Path) -> None:
    """Start a run in another process and kill it, hard, when a stage has come so far."""
    with halted_at(setup, stage, steps, target):
        pass
