"""A bundle as an MLflow model: loaded and registered by MLflow itself, in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from polars.testing import assert_frame_equal

import barograph as bg
from barograph.api.example import example_of
from barograph.api.registered import HASH, _load_pyfunc
from barograph.deploy.bundle import MANIFEST, manifest_hash, plain_manifest
from small_bundles import KINDS, bundle_of

needs_mlflow = pytest.mark.skipif(find_spec("mlflow") is None, reason="the extra [mlflow] is not installed")
LIVE = {"events", "prices", "fixings", "panels"}
EXPORT = """
import json, sys
import barograph as bg
for bundle, folder in json.loads(sys.argv[1]):
    bg.export(bundle, mlflow=folder)
assert not {"torch", "sklearn", "lightgbm"} & set(sys.modules)
"""
ASK = """
import json, sys
import mlflow
for model, out in json.loads(sys.argv[1]):
    loaded = mlflow.pyfunc.load_model(model)
    example = loaded.metadata.load_input_example(model)
    loaded.predict(example).to_parquet(out)
"""
REGISTER = """
import json, sys
import mlflow
folder, store, out = json.loads(sys.argv[1])
mlflow.set_tracking_uri(store)
mlflow.set_registry_uri(store)
version = mlflow.register_model(folder, "credit").version
loaded = mlflow.pyfunc.load_model(f"models:/credit/{version}")
loaded.predict(loaded.metadata.load_input_example(folder)).to_parquet(out)
"""


def process(program: str, given: Any, folder: Path, *, passes: bool = True) -> str:
    """What a program says on stderr; it ends well, or as it should not."""
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(given, default=str)],
        capture_output=True, text=True, check=False, cwd=folder, timeout=300,
        env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
    )  # fmt: skip
    assert (done.returncode == 0) == passes, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    process(EXPORT, [(bundle_of(kind), folder / kind) for kind in KINDS], folder)
    return folder


@pytest.fixture(scope="module")
def answered(exported: Path) -> Path:
    process(ASK, [(exported / kind, exported / f"{kind}.parquet") for kind in KINDS], exported)
    return exported


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_bundle_answers_its_example_in_polars_and_in_pandas(kind: str) -> None:
    model = bg.load(bundle_of(kind))
    example = example_of(model)
    answer = model.predict(example.table)
    assert answer.height >= 1
    assert_frame_equal(pl.DataFrame(model.predict(example.table.to_pandas())), answer, check_dtypes=False)
    if kind in ("levels", "panels"):
        assert answer.equals(model.forecast()), "the example is the newest that the bundle knows"
    if kind == "levels":
        assert example.table.height == 5, "a window of 3 periods that are known 2 periods later, of 200"
    if kind in ("prices", "fixings"):
        assert answer["time"].min() > model.forecast()["time"].min(), "the example is a new day"
    if kind == "events":
        assert answer["status"].to_list() == ["new"]
    if kind == "records":
        assert answer["probability"].is_between(0.0, 1.0).all()
        ids = set(model.predictor.parts.reference.record_id.tolist())
        assert not ids & set(example.table.row(0)), "nobody's record"


@needs_mlflow
@pytest.mark.parametrize("kind", KINDS)
def test_mlflow_answers_as_the_bundle_does(kind: str, answered: Path) -> None:
    model = bg.load(bundle_of(kind))
    expected = model.predict(example_of(model).table)
    told = pl.read_parquet(answered / f"{kind}.parquet")
    assert_frame_equal(told, expected, check_dtypes=False, rel_tol=0.0, abs_tol=0.0)


@needs_mlflow
@pytest.mark.parametrize("kind", KINDS)
def test_the_model_says_what_it_is_and_needs_nothing_that_trains(kind: str, exported: Path) -> None:
    written = yaml.safe_load((exported / kind / "MLmodel").read_text(encoding="utf-8"))
    manifest, told = plain_manifest(bundle_of(kind)), written["metadata"]["barograph"]
    assert {key: told[key] for key in ("study", "verdict", "fitted_until")} == {
        key: manifest[key] for key in ("study", "verdict", "fitted_until")
    }
    assert told["data_hash"] == manifest["data"]["content_hash"]
    assert told[HASH] == manifest_hash(bundle_of(kind))
    assert ("nothing is kept between calls" in told["state"]) == (kind in LIVE)
    pinned = (exported / kind / "requirements.txt").read_text(encoding="utf-8").split()
    assert f"barograph=={bg.__version__}" in pinned
    assert any(one.startswith("onnxruntime==") for one in pinned)
    assert all("==" in one for one in pinned)
    assert not any(one.startswith(("torch", "scikit", "lightgbm")) for one in pinned)
    example = example_of(bg.load(bundle_of(kind)))
    inputs = {one["name"]: one["required"] for one in json.loads(written["signature"]["inputs"])}
    assert inputs == {**dict.fromkeys(example.table.columns, True), **dict.fromkeys(example.optional, False)}
    assert json.loads(written["signature"]["outputs"])


@needs_mlflow
def test_it_is_registered_and_loaded_from_a_registry(exported: Path, tmp_path: Path) -> None:
    out = tmp_path / "answer.parquet"
    process(REGISTER, (exported / "records", f"sqlite:///{tmp_path / 'registry.db'}", out), tmp_path)
    model = bg.load(bundle_of("records"))
    expected = model.predict(example_of(model).table)
    assert_frame_equal(pl.read_parquet(out), expected, check_dtypes=False, rel_tol=0.0, abs_tol=0.0)


@needs_mlflow
@pytest.mark.parametrize("what", ["part", "manifest"])
def test_mlflow_loads_no_bundle_that_was_changed(what: str, exported: Path, tmp_path: Path) -> None:
    shutil.copytree(exported / "records", tmp_path / "model")
    inside = tmp_path / "model" / "data" / bundle_of("records").name
    path = inside / (MANIFEST if what == "manifest" else "prepare.json")
    path.write_text(path.read_text(encoding="utf-8") + " ", encoding="utf-8")
    said = process(ASK, [(tmp_path / "model", tmp_path / "none")], tmp_path, passes=False)
    assert ("hash its MLmodel states" if what == "manifest" else "hash its manifest states") in said
    assert not (tmp_path / "none").exists()


def test_the_loader_takes_a_bundle_only_under_the_hash_it_was_exported_with() -> None:
    bundle = str(bundle_of("records"))
    assert _load_pyfunc(bundle, {HASH: manifest_hash(bundle)}).model.manifest["study"] == "credit/default"
    for stated in (None, {}, {HASH: ""}, {HASH: "0" * 64}):
        with pytest.raises(bg.InputError, match="hash its MLmodel states"):
            _load_pyfunc(bundle, stated)


@needs_mlflow
def test_the_command_writes_one_object_and_spoils_nothing_that_is_there(tmp_path: Path) -> None:
    program = "import json, sys; from barograph.cli import main; main(json.loads(sys.argv[1]))"
    words = ["export", bundle_of("prices"), "--mlflow", tmp_path / "model", "--json"]
    beside = tmp_path / "model.new"
    beside.mkdir()
    (beside / "file").write_bytes(b"of a user")
    process(program, words, tmp_path)
    before = (tmp_path / "model" / "MLmodel").read_bytes()
    assert "must not exist yet" in process(program, words, tmp_path, passes=False)
    assert (tmp_path / "model" / "MLmodel").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "model.new"]
    assert (beside / "file").read_bytes() == b"of a user"


def test_without_mlflow_it_says_what_to_install(tmp_path: Path) -> None:
    program = "import sys; sys.modules['mlflow'] = None\n" + EXPORT
    said = process(program, [(bundle_of("prices"), tmp_path / "model")], tmp_path, passes=False)
    assert "pip install 'barograph[mlflow]'" in said
    assert not list(tmp_path.iterdir())
