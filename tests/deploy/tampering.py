"""What the tests of bad bundles share: bundles altered as an accident or an attacker would, and refusals."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from barograph.api import answer as api
from barograph.core.errors import BundleError

Load = Callable[[Path], Any]


def refused(load: Load, folder: Path) -> str:
    """Why a bundle is refused; `verify` must say what loading says."""
    with pytest.raises(BundleError) as caught:
        load(folder)
    checks = api.verify(folder)
    assert [check["passed"] for check in checks] == [False], "verify must say what load says"
    assert checks[0]["detail"] == str(caught.value)
    return str(caught.value)


def restate(folder: Path, name: str, change: Callable[[dict[str, Any]], object] = lambda plain: None) -> None:
    """Write the file's present hash into the manifest, as someone would who hides a change."""
    path = folder / "manifest.json"
    plain = json.loads(path.read_text(encoding="utf-8"))
    if name:
        plain["hashes"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    change(plain)
    path.write_text(json.dumps(plain), encoding="utf-8")


def files_of(folder: Path) -> list[str]:
    """Every file that the manifest names."""
    return sorted(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["hashes"])


def check_every_file_is_watched(load: Load, folder: Path) -> None:
    """One bit changed, or a file gone, is noticed for each file; the bundle is left as it was."""
    for name in files_of(folder):
        path = folder / name
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert f"{name} must have the hash" in refused(load, folder)
        path.unlink()
        assert f"{name} does not" in refused(load, folder)
        path.write_bytes(content)


def alter_graph(folder: Path, name: str, change: Callable[[np.ndarray], np.ndarray]) -> None:
    """Change every weight of a graph, and its hash."""
    model = onnx.load(folder / name)
    for part in model.graph.initializer:
        values = numpy_helper.to_array(part)
        if values.dtype == np.float32:
            part.CopyFrom(numpy_helper.from_array(change(values).astype(np.float32), part.name))
    onnx.save(model, folder / name)
    restate(folder, name)


def alter_figures(folder: Path, name: str) -> None:
    """Raise every fraction in a JSON part by one percent, and put its hash right."""

    def nudged(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: nudged(one) for key, one in value.items()}
        if isinstance(value, list):
            return [nudged(one) for one in value]
        return value * 1.01 if isinstance(value, float) else value

    plain = json.loads((folder / name).read_text(encoding="utf-8"))
    (folder / name).write_text(json.dumps(nudged(plain)), encoding="utf-8")
    restate(folder, name)


def replace_part(folder: Path, name: str, content: bytes) -> None:
    """Put other content in a file's place, and its hash right."""
    (folder / name).write_bytes(content)
    restate(folder, name)
