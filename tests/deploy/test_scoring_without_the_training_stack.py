"""The torch rule, lived: a scoring bundle is loaded, checked and asked where no training library exists."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from small_scoring import book, finished

BLOCKED = (
    *("torch", "sklearn", "lightgbm", "arch", "statsmodels", "optuna", "onnx", "onnxscript", "onnxmltools"),
    *("skl2onnx", "safetensors", "joblib", "threadpoolctl", "pandas"),
)

PROGRAM = """
import json, sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"No module named {name!r}: it is not on a serving machine")

sys.meta_path.insert(0, Block())
for name in BLOCKED:
    try:
        __import__(name)
    except ModuleNotFoundError:
        continue
    raise SystemExit(f"{name} is not blocked")

import barograph

bundle, loans = sys.argv[1:]
model = barograph.load(bundle)
answers = model.predict(loans)
one = model.predict_one({**json.loads(sys.stdin.read())})
print(json.dumps({
    "passed": [check["passed"] for check in barograph.verify(bundle)],
    "probability": answers["probability"].to_list(),
    "written": barograph.predict(bundle, loans, out=loans + ".out.parquet"),
    "one": one["probability"],
    "sum": one["base"] + sum(one["reasons"].values()),
    "book": barograph.assess(bundle, loans)["total"]["records"],
    "loaded": sorted(set(BLOCKED) & {name.partition(".")[0] for name in sys.modules}),
}))
"""


def test_a_scoring_bundle_serves_where_no_training_library_is_installed(tmp_path: Path) -> None:
    loans = tmp_path / "new.csv"
    new = book(6, seed=9).drop("bad")
    new.write_csv(loans)
    one = {name: str(value) if name == "made" else value for name, value in new.row(0, named=True).items()}
    done = subprocess.run(
        [sys.executable, "-c", f"BLOCKED = {BLOCKED!r}\n{PROGRAM}", str(finished().bundle), str(loans)],
        input=json.dumps(one),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert all(said["passed"])
    assert len(said["passed"]) >= 4
    assert said["loaded"] == []
    assert said["written"] == said["book"] == new.height
    kept = pl.read_parquet(f"{loans}.out.parquet")["probability"].to_list()
    assert said["probability"] == pytest.approx(kept, abs=1e-9)
    assert len(set(kept)) > 20
    assert said["one"] == pytest.approx(kept[0], abs=1e-6)
    assert said["sum"] == pytest.approx(said["one"], abs=1e-9)
