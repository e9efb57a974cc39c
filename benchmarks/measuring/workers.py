"""Programs of peers that stay: each runs in its own environment, on one thread, and does one job per line."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from measuring.cache import PEERS, NoPeer, python_of

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
LAST = 300
"""Characters of what a program said before it died that are told."""


class Worker:
    """A program that answers one JSON object per line; `NoPeer` with its last words where it does not."""

    def __init__(self, process: subprocess.Popen[str], said: IO[str]) -> None:
        self.process, self.said = process, said

    def ask(self, **job: Any) -> Mapping[str, Any]:
        """What came of a job; its `seconds` are those the peer itself took, without imports."""
        wants, gives = self.process.stdin, self.process.stdout
        assert wants is not None
        assert gives is not None
        try:
            print(json.dumps(job), file=wants, flush=True)
            line = gives.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.said.seek(0)
            words = self.said.read().strip().splitlines()
            raise NoPeer(f"its program ended: {words[-1][-LAST:] if words else 'without a word'}")
        answer: Mapping[str, Any] = json.loads(line)
        return answer


@contextmanager
def worker(peer: str, program: str, *given: str) -> Iterator[Worker]:
    """A program of `peers/` in the peer's environment, ended with the block."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= dict.fromkeys(THREADS, "1") | {"CUDA_VISIBLE_DEVICES": ""}
    with (
        tempfile.TemporaryDirectory(prefix="barograph-bench-") as folder,
        tempfile.TemporaryFile("w+") as said,
    ):
        process = subprocess.Popen(
            [python_of(peer), PEERS / program, *given],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said,
            text=True, cwd=folder, env=environment,
        )  # fmt: skip
        try:
            yield Worker(process, said)
        finally:
            process.kill()
            process.communicate()
