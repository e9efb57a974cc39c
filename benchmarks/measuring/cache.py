"""What benchmarks keep for the next run: bundles, and the environments of those they are compared with."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "benchmarks" / "peers"
CACHE = Path(os.environ.get("BAROGRAPH_BENCH_CACHE") or ROOT / "build" / "bench")
"""Folder of both; `make clean` removes it."""


class NoPeer(Exception):
    """An environment could not be made; the message is the last line of what pip said."""


def python_of(peer: str) -> Path:
    """The interpreter of a peer's own environment, made anew where its pinned requirements have changed."""
    pinned = (PEERS / f"{peer}.txt").read_bytes()
    folder = CACHE / "peers" / f"{peer}-{hashlib.sha256(pinned).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    if (folder / "complete").exists():
        return python
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]
    done = subprocess.run([*install, PEERS / f"{peer}.txt"], capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise NoPeer(said[-1] if said else "pip failed")
    (folder / "complete").touch()
    return python
