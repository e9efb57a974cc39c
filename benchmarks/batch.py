"""Records of a large Parquet scored into a file, beside a bare loop of ONNX Runtime over the same arrays.

In turn: the file read, checked, scored, graded and written part by part, and the net alone over the encoded
numbers of as many records, for the networks of the quick budget and of the standard budget. Then one file ten
times as long, by the command, whose peak memory is printed.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from barograph.deploy.graph import session_of
from barograph.engines.scoring.answer import load
from barograph.engines.scoring.live_rows import NUMBERS, feeds_of, row_width
from measuring import COMMAND, Figure, interleaved, median, peak_of, ratios, show
from measuring.five import loans, made

SHARE = 0.7
"""Of the bare loop's rate."""
NETS = {"credit": "quick, 4 × 32", "credit-wide": "standard, 16 × 64"}
CALL = 16_384
"""Records that the bare loop hands over at once."""


def bare(bundle: Path, rows: int) -> Callable[[], None]:
    """The figure's graph alone, over a block of encoded records that lies in memory."""
    parts = load(bundle).parts
    numbers = feeds_of(parts.encoder, parts.reference)[NUMBERS]
    block = np.resize(numbers, (CALL, row_width(parts.encoder)))
    session = session_of(bundle / "parts" / "live.onnx")

    def loop() -> None:
        for at in range(0, rows, CALL):
            session.run(None, {NUMBERS: block[: min(CALL, rows - at)]})

    return loop


def beside(bundle: Path, name: str, rows: int, rounds: int, one: Path, out: Path) -> list[Figure]:
    """Both rates on a bundle, and their ratio."""
    model = load(bundle)
    cases = {"ours": lambda: model.predict_file(one, out), "bare": bare(bundle, rows)}
    taken = interleaved(cases, rounds)
    middle, low, high = ratios(taken, "bare", "ours")
    words = f"  of the bare rate ({low:.2f} to {high:.2f})"
    return [
        Figure(f"{name}: a bare loop of ONNX Runtime", rows / median(taken["bare"]), "rows/s", digits=0),
        Figure(f"{name}: a Parquet file into another", rows / median(taken["ours"]), "rows/s", digits=0),
        Figure(words, middle, "times", SHARE, at_most=False, digits=2),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bundles", type=Path, help="folder in which bundles lie, or are put")
    given = parser.parse_args()
    part = loans().drop("bad")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="barograph-bench-") as folder:
        one, many, out = (Path(folder) / f"{name}.parquet" for name in ("one", "many", "out"))
        pl.concat([part] * -(-given.rows // part.height)).head(given.rows).write_parquet(one)
        pl.concat([pl.scan_parquet(one)] * 10).sink_parquet(many)
        for key, name in NETS.items():
            figures += beside(made(key, given.bundles), name, given.rows, given.rounds, one, out)
        bundle = made("credit", given.bundles)
        command = [COMMAND, "predict", str(bundle), "--data", str(many), "--out", str(out)]
        seconds, mebibytes = peak_of(command)
    rate, rows = 10 * given.rows / seconds, f"{10 * given.rows:,} records by the command"
    figures += [
        Figure(rows, rate, "rows/s", digits=0),
        Figure("peak of that process", mebibytes, "MiB", digits=0),
    ]
    show(f"{given.rows:,} records of a Parquet file", figures)


if __name__ == "__main__":
    main()
