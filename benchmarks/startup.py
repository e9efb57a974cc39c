"""How long it takes until Barograph is there: `import barograph` and `barograph --help`, beside bare Python.

Interleaved, so that a busy neighbour slows all of them alike; the median of each is printed.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

CASES = {
    "python -c pass": ["-c", "pass"],
    "import barograph": ["-c", "import barograph"],
    "barograph --help": ["-c", "from barograph.cli import main; main(['--help'])"],
    "barograph studies": ["-c", "from barograph.cli import main; main(['studies'])"],
}
ALLOWED = {"import barograph": 0.3, "barograph --help": 0.5}


def seconds(arguments: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def measured(rounds: int) -> dict[str, list[float]]:
    """Seconds of every case, one of each per round; a first round warms the caches and is dropped."""
    taken: dict[str, list[float]] = {name: [] for name in CASES}
    for number in range(rounds + 1):
        for name, arguments in CASES.items():
            value = seconds(arguments)
            if number:
                taken[name].append(value)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    taken = measured(parser.parse_args().rounds)
    print(f"{'case':<20}{'median s':>10}{'least s':>10}{'allowed s':>11}")
    for name, values in taken.items():
        allowed = f"{ALLOWED[name]:.1f}" if name in ALLOWED else ""
        print(f"{name:<20}{statistics.median(values):>10.3f}{min(values):>10.3f}{allowed:>11}")


if __name__ == "__main__":
    main()
