"""A scoring bundle that is not what was written is refused, with the reason."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tampering import (
    alter_figures,
    alter_graph,
    check_every_file_is_watched,
    files_of,
    refused,
    replace_part,
    restate,
)

import barograph
from barograph.core.errors import BundleError
from barograph.engines.scoring.answer import load
from small_scoring import book, finished


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished().bundle, tmp_path / "bundle"))


def refusal(folder: Path) -> str:
    return refused(load, folder)


def test_any_changed_file_is_noticed(folder: Path) -> None:
    assert {"parts/mlp.onnx", "parts/scorecard.json", "parts/maps.json", "parity.npz"} <= set(
        files_of(folder)
    )
    check_every_file_is_watched(load, folder)
    assert load(folder).predict(book(2)).height == 14


@pytest.mark.parametrize("network", ["mlp", "tabm"])
def test_a_graph_altered_together_with_its_hash_fails_the_gate(folder: Path, network: str) -> None:
    alter_graph(folder, f"parts/{network}.onnx", lambda weights: weights + 0.5)
    assert "served figure, 8 at once differs by" in refusal(folder)


@pytest.mark.parametrize("part", ["parts/maps.json", "parts/controls.json", "prepare.json"])
def test_figures_altered_together_with_their_hash_fail_the_gate(folder: Path, part: str) -> None:
    alter_figures(folder, part)
    assert "served figure" in refusal(folder)


@pytest.mark.parametrize(
    "part",
    ["parts/maps.json", "parts/networks.json", "parts/grades.json", "prepare.json", "parts/anomaly.json"],
)
@pytest.mark.parametrize("content", [b"{}", b"[]", b"no json at all"])
def test_a_part_that_lacks_what_it_must_hold_is_refused(folder: Path, part: str, content: bytes) -> None:
    replace_part(folder, part, content)
    assert "must" in refusal(folder)


@pytest.mark.parametrize(
    "part", ["parts/mlp.onnx", "parts/lightgbm-0.onnx", "reference.parquet", "parity.npz"]
)
def test_a_part_that_is_no_such_file_is_refused_even_with_its_hash(folder: Path, part: str) -> None:
    replace_part(folder, part, b"nothing of the kind")
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
