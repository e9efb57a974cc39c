"""How unusual records are, by an autoencoder, beside that of PyOD: rows scored a second on one thread.

Records are made up: twenty columns driven by five factors, a hundredth of them with a few columns
of other records. Both sides learn from the same records in as many steps, a net of 64, 32 and 64
units, and score the same others; ours by the graph and the score that bundles carry, in parts of 1,024 rows.
PyOD scores once with its own batches of 32 and once in batches of 1,024. The area under the curve says how
well each tells the odd ones.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import torch

from barograph.core.arrays import FloatArray
from barograph.core.section import OptimiserSection
from barograph.deploy.graph import load_graph
from barograph.measures.anomaly import reconstruction_score
from barograph.models.scorers import RECONSTRUCTION, SCORING_CATALOGUE
from barograph.train.export import export_onnx
from barograph.train.loop import train_stack
from barograph.train.record_data import RecordData, RecordMember
from barograph.train.stack import Float32Array
from measuring import Figure, show
from measuring.cache import NoPeer
from measuring.made_up import area, odd
from measuring.rounds import measured, yardstick
from measuring.workers import Worker, worker

COLUMNS, SHARE, FIT, BATCH, PASSES, PART = 20, 0.01, 20_000, 512, 20, 1024
GOAL = 10.0
OURS, OWN, LARGE, YARDSTICK = (
    "Barograph",
    "PyOD, its batches of 32",
    f"PyOD, batches of {PART:,}",
    "yardstick",
)
PYOD: dict[str, int | None] = {OWN: None, LARGE: PART}


def scorer(x: Float32Array) -> Callable[[Float32Array], FloatArray]:
    """Our autoencoder, fitted and as a graph: the score of rows as they come, standardised in it."""
    mean, scale = x.mean(axis=0), x.std(axis=0)
    ready = (x - mean) / scale
    steps = PASSES * -(-len(x) // BATCH)
    settings = OptimiserSection(batch=BATCH, max_steps=steps, check_every=steps // PASSES, patience=PASSES)
    data = RecordData(
        ready, np.zeros((len(x), 0, 0), np.float32), np.zeros_like(ready), ready, np.ones_like(ready)
    )
    rows = np.arange(len(x))
    member = RecordMember(1, rows[: -len(x) // 10], rows[-len(x) // 10 :])
    own = {"hidden": (64,), "latent": 32, "masked": 0.2}  # PyOD leaves a fifth of its units out
    trained = train_stack(
        RECONSTRUCTION, own, RECONSTRUCTION, [member], data, settings, catalogue=SCORING_CATALOGUE
    )
    graph = load_graph(export_onnx(trained, [0], catalogue=SCORING_CATALOGUE).content)

    def error(some: Float32Array) -> FloatArray:
        given = (some - mean) / scale
        return given - graph.run({"features": given})[0, :, 0]

    usual = np.sqrt(np.mean(error(x) ** 2, axis=0))

    def scored(some: Float32Array) -> FloatArray:
        parts = (some[at : at + PART] for at in range(0, len(some), PART))
        return np.concatenate([reconstruction_score(error(part), usual) for part in parts])

    return scored


def opened(stack: ExitStack, fit: Float32Array, score: Float32Array) -> tuple[Worker | None, list[str]]:
    """PyOD, fitted; or why it is missing."""
    try:
        file = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="barograph-bench-"))) / "a.npz"
        np.savez(file, fit=fit, score=score)
        peer = stack.enter_context(worker("pyod_river", "pyod_scores.py", str(file), str(BATCH), str(PASSES)))
        peer.ask(batch=PART)
        return peer, []
    except NoPeer as error:
        return None, [f"PyOD is not in the table: {error}."]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=200_000)
    given = parser.parse_args()
    torch.set_num_threads(1)
    fit, _ = odd(FIT, COLUMNS, SHARE, seed=1)
    score, strange = odd(given.rows, COLUMNS, SHARE, seed=2)
    scored = scorer(fit)
    scored(score)
    with ExitStack() as stack:
        peer, missing = opened(stack, fit, score)

        def once() -> dict[str, float]:
            found = {YARDSTICK: yardstick()}
            start = time.perf_counter()
            scores = scored(score)
            found[OURS], found[f"area {OURS}"] = time.perf_counter() - start, area(strange, scores)
            for name, batch in PYOD.items() if peer is not None else ():
                told = peer.ask(batch=batch)
                found[name], found[f"area {name}"] = told["seconds"], area(strange, np.array(told["scores"]))
            return found

        rounds = measured(once, YARDSTICK, given.rounds)
    figures = []
    for name in (OURS, *(PYOD if peer is not None else ())):
        figures.append(Figure(name, given.rows / rounds.middle(name), "rows/s", digits=0))
        figures.append(Figure("  area under the curve", rounds.middle(f"area {name}"), ""))
        if name != OURS:
            middle, low, high = rounds.ratio(name, OURS)
            case = f"  Barograph against that ({low:.1f} to {high:.1f})"
            figures.append(Figure(case, middle, "times faster", GOAL, at_most=False, digits=1))
    show(f"{given.rows:,} × {COLUMNS} records scored by an autoencoder", figures, [rounds.note(), *missing])


if __name__ == "__main__":
    main()
