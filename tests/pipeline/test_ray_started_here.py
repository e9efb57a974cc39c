"""A cluster of Ray that is started for a run is gone with it, and leaves nothing in a home folder."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from patience import until

pytest.importorskip("ray", reason="no release of Ray for this system")

PROGRAM = """
import os, re, signal
from pathlib import Path
from barograph.core.on_ray import on_ray

def of_us(file):
    try:
        return os.environ["BAROGRAPH_TEST"].encode() in file.with_name("environ").read_bytes()
    except OSError:
        return False

before, handler = dict(os.environ), signal.getsignal(signal.SIGTERM)
heard = []
try:
    with on_ray(2, lambda node, pid, peak: heard.append((node, peak > 30))) as executor:
        assert list(executor.map(abs, range(-3, 1))) == [3, 2, 1, 0]
        words = [file.read_text() for file in Path("/proc").glob("[0-9]*/cmdline") if of_us(file)]
        folders = set(re.findall(r"/tmp/barograph-ray-[a-z0-9_]+", " ".join(words)))
        assert len(folders) == 1 and all(map(os.path.isdir, folders))
        raise RuntimeError("in the middle")
except RuntimeError as error:
    print(error, set(heard))
assert dict(os.environ) == before
assert not any(map(os.path.exists, folders))
assert signal.getsignal(signal.SIGTERM) == handler
"""


def test_after_an_error_every_process_and_folder_of_it_is_gone(tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    own = {"HOME": str(tmp_path), "BAROGRAPH_TEST": mark}
    kept = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    command = [sys.executable, "-W", "error", "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=kept | own)
    assert (done.stdout, done.stderr) == ("in the middle {('', True)}\n", "")
    until(
        lambda: not [one for one in Path("/proc").glob("[0-9]*/environ") if mark in content(one)], "its end"
    )
    assert not list(tmp_path.iterdir())


def content(file: Path) -> str:
    """What a process was started with; of one that has ended, nothing."""
    try:
        return file.read_bytes().decode(errors="replace")
    except OSError:
        return ""
