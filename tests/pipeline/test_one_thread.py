"""Tasks compute on one thread each, also where the environment asks every library for eight."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from barograph.pipeline.executors import one_thread

PROGRAM = """
import json, sys
import numpy as np
import torch
from threadpoolctl import threadpool_info
from barograph.pipeline.executors import executor_for
from barograph.pipeline.memory import PeakMemory

def threads(size):
    matrix = torch.randn(size, size)
    torch.sigmoid(matrix @ matrix).sum()
    np.ones((size, size)) @ np.ones((size, size))
    return torch.get_num_threads(), max(one["num_threads"] for one in threadpool_info())

if __name__ == "__main__":
    with executor_for(int(sys.argv[1]), PeakMemory()) as executor:
        print(json.dumps(list(executor.map(threads, [500] * 4))))
"""
EIGHT = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "8")


@pytest.mark.parametrize("workers", [1, 2])
def test_every_task_keeps_to_one_thread(tmp_path: Path, workers: int) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, str(program), str(workers)],
        env={**os.environ, **EIGHT},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [[1, 1]] * 4


def test_whoever_asked_for_the_work_has_their_own_threads_back() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        with one_thread():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
