"""Peers are pinned, and what was once poisoned comes by hash or not at all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PEERS = Path(__file__).parents[2] / "benchmarks" / "peers"
FILES = sorted(PEERS.glob("*.txt"))
LINE = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s=]+)(?P<rest>( --hash=sha256:[0-9a-f]{64})*)$"
)


def requirements(file: Path) -> dict[str, tuple[str, str]]:
    """Name -> version and hashes; every line must pin."""
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    found = {}
    for line in lines:
        match = LINE.match(line)
        assert match, f"{file.name}: {line}"
        found[match["name"].lower().replace("_", "-")] = (match["version"], match["rest"])
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_requirement_is_pinned_and_torch_is_ours(file: Path) -> None:
    found = requirements(file)
    constraints = (PEERS.parents[1] / "constraints.txt").read_text(encoding="utf-8")
    if "torch" in found:
        assert f"torch=={found['torch'][0]}\n" in constraints, "another torch pulls gigabytes of CUDA"


def test_lightning_comes_by_hash_in_the_environments_that_need_it() -> None:
    hashed = requirements(PEERS / "pytorch_lightning.txt")
    version, digest = hashed["pytorch-lightning"]
    assert version not in {"2.6.2", "2.6.3"}
    assert digest
    users = [file.stem for file in FILES if "pytorch-lightning" in requirements(file)]
    assert users == ["darts", "neuralforecast", "pytorch_lightning", "pytorch_tabular"]
    cache = (PEERS.parent / "measuring" / "cache.py").read_text(encoding="utf-8")
    for file in FILES:
        found = requirements(file)
        assert "lightning" not in found
        assert found.get("pytorch-lightning", (version,))[0] == version
        if "pytorch-lightning" in found and file.stem != "pytorch_lightning":
            assert f'"{file.stem}"' in cache[cache.index("HASHED") :]
