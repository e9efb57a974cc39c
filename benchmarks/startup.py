"""How long Barograph takes to be there: `import barograph`, `barograph --help`, beside bare Python."""

from __future__ import annotations

import argparse
import sys

from measuring import COMMAND, Figure, as_installed, interleaved, median, process, ratios, show

CASES = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import barograph": [sys.executable, "-c", "import barograph"],
    "barograph --help": [COMMAND, "--help"],
    "barograph studies": [COMMAND, "studies"],
}
GOALS = {"import barograph": 0.3, "barograph --help": 0.5}
TIMES = 5.0
"""Of `barograph --help` over bare Python."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    as_installed()
    taken = interleaved({name: process(arguments) for name, arguments in CASES.items()}, rounds)
    figures = [Figure(name, median(values), "s", GOALS.get(name)) for name, values in taken.items()]
    middle, low, high = ratios(taken, "barograph --help", "python -c pass")
    figures.append(
        Figure(f"--help over bare Python ({low:.1f} to {high:.1f})", middle, "times", TIMES, digits=1)
    )
    show(f"Start-up, whole process, median of {rounds}", figures)


if __name__ == "__main__":
    main()
