"""Records of a large Parquet scored into a file, beside a bare loop of ONNX Runtime over the same arrays.

In turn: the file read, checked, scored, graded and written part by part, and the net alone over the encoded
numbers of as many records. Then one file ten times as long, by the command, whose peak memory is printed.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from barograph.deploy.graph import session_of
from barograph.engines.scoring.answer import ROWS, load
from barograph.engines.scoring.live_rows import NUMBERS, feeds_of, row_width
from measuring import COMMAND, Figure, interleaved, median, peak_of, ratios, show
from measuring.five import loans, made

SHARE = 0.7
"""Of the bare loop's rate."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bundles", type=Path, help="folder in which bundles lie, or are put")
    given = parser.parse_args()
    bundle = made("credit", given.bundles)
    model, part = load(bundle), loans().drop("bad")
    graph, reference = bundle / "parts" / "live.onnx", model.parts.reference
    block = np.resize(
        feeds_of(model.parts.encoder, reference)[NUMBERS], (ROWS, row_width(model.parts.encoder))
    )
    session = session_of(graph)
    with tempfile.TemporaryDirectory(prefix="barograph-bench-") as name:
        one, many = Path(name) / "one.parquet", Path(name) / "many.parquet"
        pl.concat([part] * -(-given.rows // part.height)).head(given.rows).write_parquet(one)
        pl.concat([pl.scan_parquet(one)] * 10).sink_parquet(many)

        def bare() -> None:
            for at in range(0, given.rows, ROWS):
                session.run(None, {NUMBERS: block[: min(ROWS, given.rows - at)]})

        out = Path(name) / "out.parquet"
        taken = interleaved({"ours": lambda: model.predict_file(one, out), "bare": bare}, given.rounds)
        seconds, mebibytes = peak_of(
            [COMMAND, "predict", str(bundle), "--data", str(many), "--out", str(out)]
        )
    middle, low, high = ratios(taken, "bare", "ours")
    figures = [
        Figure("a bare loop of ONNX Runtime", given.rows / median(taken["bare"]), "rows/s", digits=0),
        Figure("a Parquet file into another", given.rows / median(taken["ours"]), "rows/s", digits=0),
        Figure(
            f"  of the bare rate ({low:.2f} to {high:.2f})", middle, "times", SHARE, at_most=False, digits=2
        ),
        Figure(f"{10 * given.rows:,} records by the command", 10 * given.rows / seconds, "rows/s", digits=0),
        Figure("peak of that process", mebibytes, "MiB", digits=0),
    ]
    show(f"{given.rows:,} records of a Parquet file", figures)


if __name__ == "__main__":
    main()
