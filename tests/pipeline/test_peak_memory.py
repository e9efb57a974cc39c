"""The peak memory of a run: its worker processes count, and one that ends while we look does not stop it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from barograph.pipeline.memory import PROC, tree_memory

pytestmark = pytest.mark.skipif(not (PROC / "self" / "smaps_rollup").exists(), reason="no /proc here")

HOLDING = """
import sys
held = bytearray(100 * 2**20)
held[::4096] = b"x" * len(held[::4096])
print("here", flush=True)
sys.stdin.read()
"""

WATCHING = """
import os, subprocess, sys
from barograph.pipeline.memory import tree_memory, watched
own = os.getpid()
print(tree_memory(own))
with watched() as memory:
    command = [sys.executable, "-c", sys.argv[1]]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline() == "here\\n"
        print(tree_memory(own))
        memory.look()
        child.communicate()
print(tree_memory(own), memory.total())
"""


def test_a_child_s_memory_counts_and_is_remembered_when_it_has_ended() -> None:
    """In a process of its own: what other tests left in this one may be given back at any moment."""
    done = subprocess.run(
        [sys.executable, "-c", WATCHING, HOLDING], capture_output=True, text=True, check=True
    )
    before, during, after, peak = map(float, done.stdout.split())
    assert during > before + 100
    assert after < before + 100 < peak


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
