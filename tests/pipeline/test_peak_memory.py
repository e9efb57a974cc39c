"""The peak memory of a run: its worker processes count, and one that ends while we look does not stop it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from barograph.pipeline.memory import PROC, tree_memory, watched

pytestmark = pytest.mark.skipif(not (PROC / "self" / "smaps_rollup").exists(), reason="no /proc here")

HOLDING = """
import sys
held = bytearray(100 * 2**20)
held[::4096] = b"x" * len(held[::4096])
print("here", flush=True)
sys.stdin.read()
"""


def test_a_child_s_memory_counts_and_is_remembered_when_it_has_ended() -> None:
    before = tree_memory(os.getpid())
    with (
        watched() as memory,
        subprocess.Popen(
            [sys.executable, "-c", HOLDING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as child,
    ):
        assert child.stdout is not None
        assert child.stdout.readline() == "here\n"
        assert tree_memory(os.getpid()) > before + 100
        memory.look()
        child.communicate()
    assert tree_memory(os.getpid()) < before + 100 < memory.total()


def test_processes_that_end_while_we_look_do_not_stop_the_count() -> None:
    """Many looks at children that come and go: some are bound to end in the middle of one."""
    with subprocess.Popen(["sh", "-c", "while :; do env true & env true & env true; done"]) as busy:
        try:
            assert min(tree_memory(busy.pid) for _ in range(1500)) > 0
        finally:
            busy.kill()


def test_a_process_that_is_not_there_takes_no_memory() -> None:
    child = subprocess.Popen(["true"])
    child.wait()
    assert tree_memory(child.pid) == 0.0
