"""How seconds and peak memory grow with folds, seeds, series, records and events, with fitted exponents.

Every point is a process of its own (on Linux) that does one piece of work: a walk-forward of so many refits
in one stack, one fit by so many seeds, so many series prepared, a Parquet of so many loans scored into
another, the features of so many events at once. The exponent is fitted over the three largest sizes, where
what is paid once no longer rules: 1 is linear. Memory is what the work takes beyond imports and inputs. Each
of these works grows linearly with its size, so nothing should grow faster. `--quick` stops at small sizes.
Plots go to `performance/` beside the page, where one is written.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from measuring import Figure, show
from measuring.cache import ROOT
from measuring.curves import drawn, fitted
from measuring.rounds import Rounds, measured, yardstick

SIZES: dict[str, tuple[int, ...]] = {
    "folds": (1, 2, 4, 8, 16, 32, 64),
    "seeds": (1, 2, 4, 8, 16, 32),
    "series": (1, 3, 10, 30, 100, 300, 1_000),
    "scored": (10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000),
    "events": (10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000),
}
QUICK = {"folds": 16, "seeds": 16, "series": 100, "scored": 300_000, "events": 300_000}
"""Largest sizes of `--quick`."""
NAMES = {
    "folds": "folds trained in one stack", "seeds": "seeds trained in one stack", "series": "series prepared",
    "scored": "records of a Parquet scored", "events": "events, features of all at once",
}  # fmt: skip
LINEAR = 1.1
"""An exponent above this is faster than linear."""
PROGRAM = Path(__file__).parent / "measuring" / "growing.py"
YARDSTICK = "yardstick"


class TooMuch(Exception):
    """A point could not be measured; the message is the last line of what its process said."""


def point(part: str, size: int) -> Mapping[str, float]:
    """Seconds and MiB of one piece of work in its own process."""
    paths = [str(PROGRAM.parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(PROGRAM), part, str(size)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise TooMuch(f"{size:,} could not be measured: {said[-1] if said else f'exit {done.returncode}'}")
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def possible(part: str, sizes: Sequence[int], notes: list[str]) -> list[int]:
    """Sizes that can be measured here; a first time for each, in which files are made and caches fill."""
    found = []
    for size in sizes:
        try:
            if part == "scored":
                point("ready", size)
            point(part, size)
        except TooMuch as error:
            notes.append(f"{NAMES[part].capitalize()}: {error}.")
            break
        found.append(size)
    return found


def beside(part: str, sizes: Sequence[int], rounds: int) -> Rounds:
    """Rounds in which every size is measured once."""

    def once() -> dict[str, float]:
        found = {YARDSTICK: yardstick()}
        for size in sizes:
            for what, value in point(part, size).items():
                found[f"{what} {size}"] = value
        return found

    return measured(once, YARDSTICK, rounds)


def curve(part: str, sizes: Sequence[int], found: Rounds) -> tuple[list[Figure], str]:
    """Figures of one part, and its plot."""
    seconds, memory = (
        [found.middle(f"{what} {size}") for size in sizes] for what in ("seconds", "mebibytes")
    )
    figures = []
    for name, values, unit, digits in (("time", seconds, "s", 3), ("peak memory", memory, "MiB", 0)):
        case = f"{NAMES[part]}, {name}"
        figures += [
            Figure(f"{case}: {size:,}", value, unit, digits=digits)
            for size, value in ((sizes[0], values[0]), (sizes[-1], values[-1]))
        ]
        exponent = fitted(sizes, values).exponent
        figures.append(Figure("  exponent", exponent, "", LINEAR, at_most=True, digits=2))
    title = f"Seconds and peak memory by {NAMES[part]}"
    return figures, drawn(title, NAMES[part], {"seconds": (sizes, seconds), "peak MiB": (sizes, memory)})


def plotted(part: str, plot: str, folder: Path | None) -> list[str]:
    """The plot put beside the page, and the line that shows it there."""
    page = os.environ.get("BENCH_PAGE")
    folder = folder or (Path(page).parent / "performance" if page else None)
    if folder is None:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"growth-{part}.svg").write_text(plot, encoding="utf-8")
    return [f"![Seconds and peak memory by {NAMES[part]}]({folder.name}/growth-{part}.svg)"]


def verdict(figures: Sequence[Figure]) -> str:
    """Whether anything grew faster than linearly, in a sentence."""
    above, case = [], ""
    for figure in figures:
        if figure.goal is None:
            case = figure.case.partition(":")[0]
        elif figure.state != "met":
            above.append(f"{case} ({figure.value:.2f})")
    said = (
        f"These grow faster than linearly: {'; '.join(above)}."
        if above
        else "Nothing grows faster than linearly."
    )
    return f"{said} Exponents are those of the three largest sizes."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    parser.add_argument("--parts", default=",".join(SIZES))
    parser.add_argument("--plots", type=Path, help="folder for the plots")
    given = parser.parse_args()
    figures: list[Figure] = []
    notes: list[str] = []
    plots: list[str] = []
    for part in given.parts.split(","):
        wanted = [size for size in SIZES[part] if not given.quick or size <= QUICK[part]]
        sizes = possible(part, wanted, notes)
        if len(sizes) < 2:
            continue
        found = beside(part, sizes, given.rounds)
        own, plot = curve(part, sizes, found)
        figures += own
        plots += plotted(part, plot, given.plots)
        notes.append(f"{NAMES[part].capitalize()}: {found.note()}")
    show("How cost grows with the size of the work", figures, [verdict(figures), *plots, *notes])


if __name__ == "__main__":
    main()
