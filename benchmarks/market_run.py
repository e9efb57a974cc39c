"""What the run part of `make demo` costs: `barograph run market/volatility`, from its own `--json`."""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

from measuring import COMMAND, Figure, show

SECONDS, MEBIBYTES = 180.0, 2048.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", default="standard")
    budget = parser.parse_args().budget
    with tempfile.TemporaryDirectory(prefix="barograph-bench-") as name:
        command = [COMMAND, "run", "market/volatility", "--budget", budget, "--json"]
        done = subprocess.run(
            [*command, "--out", str(Path(name) / "run")], stdout=subprocess.PIPE, check=True, text=True
        )
    answer = json.loads(done.stdout)
    figures = [
        Figure("seconds", answer["seconds"], "s", SECONDS, digits=1),
        Figure("peak_rss_mib", answer["peak_rss_mib"], "MiB", MEBIBYTES, digits=0),
        *(Figure(f"of that {name}", value, "s", digits=1) for name, value in answer["stages"].items()),
    ]
    show(f"barograph run market/volatility --budget {budget}", figures)


if __name__ == "__main__":
    main()
