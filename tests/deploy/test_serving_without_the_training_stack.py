"""The torch rule, lived: a bundle is loaded, checked, asked and moved where no training library exists."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from small_study import appended, finished

BLOCKED = (
    "torch",
    "sklearn",
    "lightgbm",
    "arch",
    "statsmodels",
    "optuna",
    "onnx",
    "onnxscript",
    "safetensors",
    "joblib",
    "threadpoolctl",
    "pandas",
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

bundle, prices, book = sys.argv[1:]
model = barograph.load(bundle)
checks = barograph.verify(bundle)
forecasts = model.predict(prices)
written = barograph.predict(bundle, prices, out=prices + ".out.csv")
assessed = barograph.assess(bundle, book)
moved = model.update({"entity": "alpha", "time": "2021-06-01", "close": 100.0})
print(json.dumps({
    "passed": [check["passed"] for check in checks],
    "var": forecasts["var_99"].to_list(),
    "same": forecasts.equals(written),
    "moved": moved.height,
    "assessed": sorted(assessed),
    "loaded": sorted(set(BLOCKED) & {name.partition(".")[0] for name in sys.modules}),
}))
"""


def test_a_bundle_serves_where_no_training_library_is_installed(tmp_path: Path) -> None:
    new = appended(finished().outcome.snapshot.panel, 5, seed=3)
    prices, book = tmp_path / "new.csv", tmp_path / "book.csv"
    new.write_csv(prices)
    pl.DataFrame({"entity": ["alpha", "index"], "quantity": [10.0, -2.0]}).write_csv(book)
    program = f"BLOCKED = {BLOCKED!r}\n{PROGRAM}"
    done = subprocess.run(
        [sys.executable, "-c", program, str(finished().bundle), str(prices), str(book)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert all(said["passed"])
    assert len(said["passed"]) >= 5
    assert said["loaded"] == []
    assert said["same"]
    assert said["moved"] == 3
    from_here = pl.read_csv(f"{prices}.out.csv")["var_99"].to_list()
    assert said["var"] == pytest.approx(from_here, rel=1e-12)
    assert len(from_here) == 5 * 3 * 3
