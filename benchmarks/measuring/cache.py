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
HASHED = dict.fromkeys(("neuralforecast", "darts", "pytorch_tabular"), ("pytorch_lightning",))
"""Peers with requirements that are pinned by hash: names of files in `peers/`."""


class NoPeer(Exception):
    """An environment could not be made; the message is the last line of what pip said."""


def python_of(peer: str) -> Path:
    """The interpreter of a peer's own environment, made anew where its pinned requirements have changed.

    What `HASHED` names for it is installed first, alone, and only where the archive has the pinned hash.
    """
    files = [PEERS / f"{one}.txt" for one in (*HASHED.get(peer, ()), peer)]
    pinned = b"".join(file.read_bytes() for file in files)
    folder = CACHE / "peers" / f"{peer}-{hashlib.sha256(pinned).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    if (folder / "complete").exists():
        return python
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    for file in files[:-1]:
        _install(python, "--require-hashes", "--no-deps", "-r", str(file))
    _install(python, "-r", str(files[-1]))
    (folder / "complete").touch()
    return python


def _install(python: Path, *given: str) -> None:
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *given]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise NoPeer(said[-1] if said else "pip failed")
