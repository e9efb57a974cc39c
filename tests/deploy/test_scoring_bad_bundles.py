"""A scoring bundle that is not what was written is refused, with the reason."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

import barograph
from barograph.api import answer as api
from barograph.core.errors import BundleError
from barograph.engines.scoring.answer import load
from small_scoring import book, finished


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished().bundle, tmp_path / "bundle"))


def refusal(folder: Path) -> str:
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
    return sorted(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["hashes"])


def test_any_changed_file_is_noticed(folder: Path) -> None:
    assert {"parts/mlp.onnx", "parts/scorecard.json", "parts/maps.json", "parity.npz"} <= set(
        files_of(folder)
    )
    for name in files_of(folder):
        path = folder / name
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert f"{name} must have the hash" in refusal(folder)
        path.unlink()
        assert f"{name} does not" in refusal(folder)
        path.write_bytes(content)
    assert load(folder).predict(book(2)).height == 14


@pytest.mark.parametrize("network", ["mlp", "tabm"])
def test_a_graph_altered_together_with_its_hash_fails_the_gate(folder: Path, network: str) -> None:
    name = f"parts/{network}.onnx"
    model = onnx.load(folder / name)
    for part in model.graph.initializer:
        values = numpy_helper.to_array(part)
        if values.dtype == np.float32:
            part.CopyFrom(numpy_helper.from_array((values + 0.5).astype(np.float32), part.name))
    onnx.save(model, folder / name)
    restate(folder, name)
    assert "served figure, 8 at once differs by" in refusal(folder)


@pytest.mark.parametrize("part", ["parts/maps.json", "parts/controls.json", "prepare.json"])
def test_figures_altered_together_with_their_hash_fail_the_gate(folder: Path, part: str) -> None:
    plain = json.loads((folder / part).read_text(encoding="utf-8"))

    def nudged(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: nudged(one) for key, one in value.items()}
        if isinstance(value, list):
            return [nudged(one) for one in value]
        return value * 1.01 if isinstance(value, float) else value

    (folder / part).write_text(json.dumps(nudged(plain)), encoding="utf-8")
    restate(folder, part)
    assert "served figure" in refusal(folder)


@pytest.mark.parametrize(
    "part",
    ["parts/maps.json", "parts/networks.json", "parts/grades.json", "prepare.json", "parts/anomaly.json"],
)
@pytest.mark.parametrize("content", [b"{}", b"[]", b"no json at all"])
def test_a_part_that_lacks_what_it_must_hold_is_refused(folder: Path, part: str, content: bytes) -> None:
    (folder / part).write_bytes(content)
    restate(folder, part)
    assert "must" in refusal(folder)


@pytest.mark.parametrize(
    "part", ["parts/mlp.onnx", "parts/lightgbm-0.onnx", "reference.parquet", "parity.npz"]
)
def test_a_part_that_is_no_such_file_is_refused_even_with_its_hash(folder: Path, part: str) -> None:
    (folder / part).write_bytes(b"nothing of the kind")
    restate(folder, part)
    assert "must" in refusal(folder)


def test_a_part_that_the_figure_needs_may_not_be_struck_from_the_manifest(folder: Path) -> None:
    (folder / "parts/lightgbm-0.onnx").unlink()
    restate(folder, "", lambda plain: plain["hashes"].pop("parts/lightgbm-0.onnx"))
    assert "'lightgbm' is not" in refusal(folder)


def test_a_bundle_of_another_engine_or_format_is_refused(folder: Path) -> None:
    restate(folder, "", lambda plain: plain.update({"engine": "forecasting"}))
    with pytest.raises(BundleError, match="must"):
        barograph.load(folder)
    restate(folder, "", lambda plain: plain.update({"engine": "scoring", "format": 99, "barograph": "7.1"}))
    assert "format 99, written by Barograph 7.1" in refusal(folder)
