"""Credit from end to end: the run of `credit/default`, and what its bundle costs to ask.

The run is taken from its own `--json`. The bundle is asked from cold (`barograph predict` on ten records,
whole process), for one record with reasons in a loaded bundle, and for a Parquet of many records in a process
of its own, whose peak memory must not grow with the file.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import barograph as bg
from barograph.api.answer import Scorer
from measuring import COMMAND, Figure, interleaved, median, peak_of, process, show
from measuring.served import applications

RUN_GOALS = {"quick": (60.0, 4096.0), "standard": (300.0, 4096.0)}
"""Seconds and MiB of a run on two idle cores, by budget."""
COLD_GOAL = 1.5
FEW = 10


def timed_run(budget: str, out: Path) -> list[Figure]:
    """A run of the study; its bundle lies in `out`."""
    command = [COMMAND, "run", "credit/default", "--budget", budget, "--json", "--out", str(out)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    answer = json.loads(done.stdout)
    seconds, mebibytes = RUN_GOALS[budget]
    return [
        Figure(f"run {budget}", answer["seconds"], "s", seconds, digits=1),
        Figure("peak_rss_mib", answer["peak_rss_mib"], "MiB", mebibytes, digits=0),
        *(Figure(f"of that {name}", value, "s", digits=1) for name, value in answer["stages"].items()),
    ]


def many(bundle: Path, columns: Sequence[str], rows: int, folder: Path) -> list[Figure]:
    """A Parquet of many records and one four times as long, scored into another file."""
    figures = []
    for count in (rows, 4 * rows):
        file, out = folder / f"{count}.parquet", folder / f"{count}-scored.parquet"
        applications(columns, count).write_parquet(file)
        seconds, mebibytes = peak_of(
            [COMMAND, "predict", str(bundle), "--data", str(file), "--out", str(out)]
        )
        figures.append(Figure(f"predict {count:,} records", count / seconds, "rows/s", digits=0))
        figures.append(Figure("peak of that process", mebibytes, "MiB", digits=0))
    return figures


def asked(bundle: Path, rows: int, rounds: int, folder: Path) -> list[Figure]:
    """What the bundle costs from cold, loaded, and for many records."""
    model = bg.load(bundle)
    assert isinstance(model, Scorer)
    columns = list(model.manifest["columns"])
    few = applications(columns, FEW)
    few.write_csv(folder / "few.csv")
    one = few.row(0, named=True)
    cold = [COMMAND, "predict", str(bundle), "--data", str(folder / "few.csv")]
    taken = interleaved(
        {
            "cold": process(cold),
            "one": lambda: model.predict(one),
            "explained": lambda: model.predict_one(one),
        },
        rounds,
    )
    return [
        Figure(f"barograph predict, {FEW} records", median(taken["cold"]), "s", COLD_GOAL),
        Figure("one record, loaded", 1000.0 * median(taken["one"]), "ms", digits=1),
        Figure("one record with reasons, loaded", 1000.0 * median(taken["explained"]), "ms", digits=1),
        *many(bundle, columns, rows, folder),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", default="quick", choices=tuple(RUN_GOALS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--bundle", type=Path, help="ask this bundle of credit/default; nothing is run")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="barograph-bench-") as name:
        folder = Path(name)
        figures = [] if given.bundle else timed_run(given.budget, folder / "run")
        bundle = given.bundle or folder / "run" / "bundle"
        figures += asked(bundle, given.rows, given.rounds, folder)
    show(f"credit/default and its bundle, median of {given.rounds}", figures)


if __name__ == "__main__":
    main()
