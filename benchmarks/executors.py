"""How long workers take to be there and to end: a pool of two processes beside Ray started here with two."""

from __future__ import annotations

import argparse

from barograph.pipeline.executors import executor_for
from barograph.pipeline.memory import PeakMemory
from measuring import Figure, interleaved, median, ratios, show

POOL, RAY = "pool of two, started, asked and ended", "Ray with two workers, started, asked and ended"


def answered(engine: str) -> None:
    """Start two workers, have them do next to nothing, end them."""
    with executor_for(2, PeakMemory(), engine=engine) as executor:
        assert list(executor.map(abs, range(4))) == [0, 1, 2, 3]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    taken = interleaved({POOL: lambda: answered("local"), RAY: lambda: answered("ray")}, rounds)
    middle, low, high = ratios(taken, RAY, POOL)
    figures = [Figure(name, median(values), "s") for name, values in taken.items()]
    figures.append(Figure(f"Ray over the pool ({low:.0f} to {high:.0f})", middle, "times", digits=0))
    show(f"Workers on this machine, median of {rounds}", figures)


if __name__ == "__main__":
    main()
