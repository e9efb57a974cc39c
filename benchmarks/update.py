"""How fast a loaded bundle answers: one day of one series at a time, and many days at once.

`update` takes in a day, moves the live state and forecasts at it; `predict` forecasts at every new day of a
table and leaves the state as it is. The bundle is that of a small run on the packaged prices.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

import barograph as bg
from measuring import Figure, interleaved, median, show
from measuring.served import next_days, small_bundle


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="barograph-bench-") as name:
        model = bg.load(small_bundle(Path(name)))
    days = next_days(model, given.days)
    batch = interleaved({"predict": lambda: model.predict(days)}, given.rounds)["predict"]
    taken = []
    for one in days.iter_rows(named=True):
        start = time.perf_counter()
        model.update(one)
        taken.append(1000.0 * (time.perf_counter() - start))
    half, most = np.quantile(taken, (0.5, 0.99))
    figures = [
        Figure("update, half of them within", half, "ms", digits=1),
        Figure("update, 99 % of them within", most, "ms", digits=1),
        Figure("predict, days of one series", days.height / median(batch), "a second", digits=0),
    ]
    show(f"A loaded bundle: {days.height} days over {days['entity'].n_unique()} series", figures)


if __name__ == "__main__":
    main()
