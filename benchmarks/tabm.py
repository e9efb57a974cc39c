"""TabM beside LightGBM on the same records: time of an epoch against a whole fit, rows scored per second.

Records are made up, twelve numeric columns in eight piecewise-linear bins; what they say changes no step's
cost. LightGBM reads the columns themselves, 300 trees of 31 leaves, and scores them once with the library and
once as the graph that bundles carry. One thread each, in training and serving. An epoch is also put beside
its floor: the time of its multiplications alone at the rate of torch's own product of two large matrices.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from functools import partial

import lightgbm
import numpy as np
import onnxruntime
import torch

from barograph.core.scoring_study import FitSection
from barograph.models.baselines.scoring.boosting import Boosted
from barograph.models.baselines.scoring.boosting_graph import INPUT_NAME, to_onnx
from barograph.models.scorers import SCORING_CATALOGUE
from barograph.train.export import export_onnx
from barograph.train.loop import train_stack
from barograph.train.record_data import RecordData, RecordMember
from measuring import Figure, interleaved, median, ratios, show

COLUMNS, BINS, K = 12, 8, 16
HIDDEN = (64, 128)
BATCH, SERVED_AT_ONCE = 512, 1024
TREES = {"num_leaves": 31, "learning_rate": 0.05, "objective": "binary", "num_threads": 1, "verbose": -1}
N_TREES = 300
SIDE, PRODUCTS = 1024, 10
"""Of the large matrices, and how many products are timed together."""
FLOOR_GOAL = 2.5


def records(n: int) -> tuple[np.ndarray, RecordData]:
    """Plain columns ``[n, COLUMNS]``, and the same encoded, with labels that depend on a product of two."""
    random = np.random.default_rng(0)
    plain = random.normal(size=(n, COLUMNS)).astype(np.float32)
    bad = random.random(n) < 1.0 / (1.0 + np.exp(2.0 - plain[:, 0] * plain[:, 1] - plain[:, 2]))
    edges = np.quantile(plain, np.linspace(0.0, 1.0, BINS + 1), axis=0)  # [BINS + 1, COLUMNS]
    bins = np.clip((plain - edges[:-1, None]) / (edges[1:, None] - edges[:-1, None]), 0.0, 1.0)
    encoded = bins.transpose(1, 2, 0).reshape(n, COLUMNS * BINS).astype(np.float32)
    target = bad[:, None].astype(np.float32)
    nothing = np.zeros((n, 0, 0), dtype=np.float32)
    data = RecordData(encoded, nothing, np.zeros_like(target), target, np.ones_like(target))
    return plain, data


def epoch(data: RecordData, hidden: int) -> object:
    """One pass over the records with TabM, with a look at a thousand of them before and after."""
    steps = -(-data.n_rows // BATCH)
    settings = FitSection(batch=BATCH, max_steps=steps, check_every=steps, learning_rate=1e-3)
    member = RecordMember(0, np.arange(data.n_rows), np.arange(1000))
    own = {"k": K, "hidden": (hidden,)}
    return train_stack("tabm", own, "bernoulli", [member], data, settings, catalogue=SCORING_CATALOGUE)


def session(data: RecordData, hidden: int) -> onnxruntime.InferenceSession:
    """A network that has seen a few records, as a bundle serves it, on one thread."""
    every = (data.features, data.sequence, data.offset, data.target, data.weight)
    cut = RecordData(*(values[:2000] for values in every))
    return opened(export_onnx(epoch(cut, hidden), [0], catalogue=SCORING_CATALOGUE).content)


def opened(content: bytes) -> onnxruntime.InferenceSession:
    """A graph on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def served(graph: onnxruntime.InferenceSession, features: np.ndarray, name: str = "features") -> None:
    """Score every record, in batches of bounded memory."""
    for since in range(0, len(features), SERVED_AT_ONCE):
        graph.run(None, {name: features[since : since + SERVED_AT_ONCE]})


def operations(rows: int, hidden: int) -> float:
    """Floating point operations of an epoch's matrix products: two a weight and row, two to four back.

    The first layer's inputs need no gradient, the last layers' do.
    """
    first, last = COLUMNS * BINS * K * hidden, K * hidden
    return rows * (4.0 * first + 6.0 * last)


def product(one: torch.Tensor) -> None:
    """A few products of a large matrix with itself."""
    for _ in range(PRODUCTS):
        one @ one


def floors(taken: Mapping[str, Sequence[float]], rows: int) -> list[Figure]:
    """Every epoch over the time of its operations at the rate of the large products, round by round."""
    rate = PRODUCTS * 2.0 * SIDE**3
    figures = [
        Figure("torch, product of large matrices", rate / median(taken["product"]) / 1e9, "GFLOP/s", digits=1)
    ]
    for hidden in HIDDEN:
        share = rate / operations(rows, hidden)
        middle, low, high = (share * one for one in ratios(taken, f"epoch {hidden}", "product"))
        case = f"TabM {hidden}, an epoch over its floor ({low:.2f} to {high:.2f})"
        figures.append(Figure(case, middle, "times", FLOOR_GOAL, digits=2))
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=30_000)
    given = parser.parse_args()
    torch.set_num_threads(1)
    plain, data = records(given.rows)
    fit = partial(lightgbm.train, TREES, num_boost_round=N_TREES)
    label = data.target[:, 0]
    booster = fit(lightgbm.Dataset(plain, label))
    trees = opened(to_onnx(Boosted(booster.model_to_string(), "binary", COLUMNS, N_TREES)))
    graphs = {hidden: session(data, hidden) for hidden in HIDDEN}
    taken = interleaved(
        {f"epoch {hidden}": partial(epoch, data, hidden) for hidden in HIDDEN}
        | {f"score {hidden}": partial(served, graphs[hidden], data.features) for hidden in HIDDEN}
        | {
            "product": partial(product, torch.randn(SIDE, SIDE)),
            "fit": lambda: fit(lightgbm.Dataset(plain, label)),
            "score": lambda: booster.predict(plain, num_threads=1),
            "score graph": lambda: served(trees, plain, INPUT_NAME),
        },
        given.rounds,
    )
    seconds = {name: median(values) for name, values in taken.items()}
    figures = [Figure(f"TabM {h}, an epoch", seconds[f"epoch {h}"], "s") for h in HIDDEN]
    figures += floors(taken, given.rows)
    figures.append(Figure(f"LightGBM, {N_TREES} trees", seconds["fit"], "s"))
    scoring = {f"score {h}": f"TabM {h}" for h in HIDDEN}
    scoring |= {"score": "LightGBM, the library", "score graph": "LightGBM, as a graph"}
    for name, case in scoring.items():
        figures.append(Figure(f"{case}, scoring", given.rows / seconds[name], "rows/s", digits=0))
    show(
        f"{given.rows:,} records, {COLUMNS * BINS} encoded columns, k = {K}, batch {BATCH}; "
        f"median of {given.rounds} runs",
        figures,
    )


if __name__ == "__main__":
    main()
