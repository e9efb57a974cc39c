"""An epoch of an MLP on records beside pytorch-tabular: the same rows, width, batch and passes, one thread.

Records are made up: twenty numeric columns, a label that depends on a product of two. Both sides are given
prepared numbers and train one network of 128, 64 and 32 units with Adam at a rate of 0.001, with a look at a
thousand records held out; pytorch-tabular is left at its own settings otherwise. Log loss is on all records
held out, after those passes.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import torch

from barograph.core.section import OptimiserSection
from barograph.models.scorers import SCORING_CATALOGUE
from barograph.train.loop import train_stack
from barograph.train.record_data import RecordData, RecordMember, predict_records
from measuring import Figure, show
from measuring.cache import NoPeer
from measuring.made_up import labelled, log_loss
from measuring.rounds import Rounds, measured, yardstick
from measuring.workers import Worker, worker

COLUMNS, BATCH, HIDDEN, HELD_OUT, LOOK = 20, 1024, (128, 64, 32), 20_000, 1000
GOAL = 4.0
OURS, PEER, YARDSTICK = "Barograph", "pytorch-tabular", "yardstick"


class Records:
    """Records to learn from, and those held out behind them."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        x, self.label = labelled(rows + HELD_OUT, COLUMNS)
        nothing = np.zeros((len(x), 0, 0), np.float32)
        self.data = RecordData(x, nothing, np.zeros_like(self.label), self.label, np.ones_like(self.label))

    def save(self, file: Path) -> None:
        """The same for the peer."""
        x, y = self.data.features, self.label
        np.savez(file, x=x[: self.rows], y=y[: self.rows], held_x=x[self.rows :], held_y=y[self.rows :])

    def trained(self, passes: int) -> tuple[float, float, int]:
        """Seconds of an epoch, log loss of the records held out, and weights."""
        steps = passes * -(-self.rows // BATCH)
        settings = OptimiserSection(
            batch=BATCH, max_steps=steps, check_every=steps, learning_rate=1e-3, weight_decay=0.0
        )
        member = RecordMember(1, np.arange(self.rows), np.arange(self.rows, self.rows + LOOK))
        own = {"hidden": HIDDEN}
        start = time.perf_counter()
        trained = train_stack(
            "mlp", own, "bernoulli", [member], self.data, settings, catalogue=SCORING_CATALOGUE
        )
        seconds = time.perf_counter() - start
        held_out = np.arange(self.rows, self.data.n_rows)
        raw = predict_records(trained, self.data, held_out, catalogue=SCORING_CATALOGUE)[0, :, 0, 0]
        loss = log_loss(self.label[self.rows :], 1.0 / (1.0 + np.exp(-raw.astype(np.float64))))
        return seconds / passes, loss, sum(values[0].size for values in trained.weights.values())


def opened(stack: ExitStack, records: Records, passes: int) -> tuple[Worker | None, list[str]]:
    """The peer, warmed; or why it is missing."""
    try:
        file = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="barograph-bench-"))) / "a.npz"
        records.save(file)
        peer = stack.enter_context(worker("pytorch_tabular", "tabular_epochs.py", str(file), str(BATCH)))
        peer.ask(passes=1)
        return peer, []
    except NoPeer as error:
        return None, [f"{PEER} is not in the table: {error}."]


def beside(records: Records, peer: Worker | None, passes: int, rounds: int) -> tuple[Rounds, dict[str, int]]:
    """Rounds in which both sides make their passes."""
    weights: dict[str, int] = {}

    def once() -> dict[str, float]:
        found = {YARDSTICK: yardstick()}
        found[OURS], found[f"loss {OURS}"], weights[OURS] = records.trained(passes)
        if peer is not None:
            told = peer.ask(passes=passes)
            found[PEER], weights[PEER] = told["seconds"] / passes, int(told["weights"])
            found[f"loss {PEER}"] = log_loss(records.label[records.rows :], np.asarray(told["probability"]))
        return found

    return measured(once, YARDSTICK, rounds), weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--passes", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(1)
    records = Records(given.rows)
    records.trained(1)
    with ExitStack() as stack:
        peer, missing = opened(stack, records, given.passes)
        found, weights = beside(records, peer, given.passes, given.rounds)
    figures = []
    for name, size in weights.items():
        figures.append(Figure(f"{name}, {size:,} weights", found.middle(name), "s an epoch"))
        figures.append(Figure(f"  log loss after {given.passes}", found.middle(f"loss {name}"), "nats"))
    if PEER in weights:
        middle, low, high = found.ratio(PEER, OURS)
        case = f"Barograph against {PEER} ({low:.1f} to {high:.1f})"
        figures.append(Figure(case, middle, "times faster", GOAL, at_most=False, digits=1))
    title = f"An epoch of an MLP, {given.rows:,} × {COLUMNS} records, batch {BATCH}"
    show(title, figures, [found.note(), *missing])


if __name__ == "__main__":
    main()
