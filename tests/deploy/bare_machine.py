"""A process in which no training library can be imported, as on a machine that only serves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

BLOCKED = (
    *("torch", "sklearn", "lightgbm", "arch", "statsmodels", "optuna", "onnx", "onnxscript", "onnxmltools"),
    *("skl2onnx", "safetensors", "joblib", "threadpoolctl", "pandas"),
)

BARE = f"""
BLOCKED = {BLOCKED!r}
import json, sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"No module named {{name!r}}: it is not on a serving machine")

sys.meta_path.insert(0, Block())
for name in BLOCKED:
    try:
        __import__(name)
    except ModuleNotFoundError:
        continue
    raise SystemExit(f"{{name}} is not blocked")

import barograph

def loaded():
    return sorted(set(BLOCKED) & {{name.partition(".")[0] for name in sys.modules}})
"""


def told_by(program: str, *arguments: str, given: str = "") -> dict[str, Any]:
    """The JSON object that a program prints where no training library is installed.

    The program finds `json`, `sys` and `barograph` imported, and in `loaded()` the blocked libraries that are
    there after all; `given` stands on its standard input.
    """
    done = subprocess.run(
        [sys.executable, "-c", BARE + program, *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))
