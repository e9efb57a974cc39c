"""How long a bundle takes to answer from cold: `barograph predict BUNDLE --data FILE`, whole process.

The bundle is that of a small run on the packaged prices; the file holds ten days after its last one.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import barograph as bg
from measuring import COMMAND, Figure, interleaved, median, process, show
from measuring.served import next_days, small_bundle

GOAL = 1.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="barograph-bench-") as name:
        folder = Path(name)
        bundle = small_bundle(folder)
        next_days(bg.load(bundle), 10).write_csv(folder / "new.csv")
        cases = {
            "barograph predict": process(
                [COMMAND, "predict", str(bundle), "--data", str(folder / "new.csv")]
            ),
            "barograph verify": process([COMMAND, "verify", str(bundle)]),
        }
        taken = interleaved(cases, rounds)
    goals = {"barograph predict": GOAL}
    figures = [Figure(name, median(values), "s", goals.get(name)) for name, values in taken.items()]
    show(f"A bundle from cold, whole process, median of {rounds}", figures)


if __name__ == "__main__":
    main()
