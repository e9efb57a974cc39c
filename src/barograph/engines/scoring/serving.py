"""The served figure of records: from the columns of a request to the calibrated probability or loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.errors import BundleError
from barograph.core.record_table import Records
from barograph.engines.scoring.feature_columns import seen
from barograph.engines.scoring.parts import NetworkPart, Parts
from barograph.engines.scoring.reading import read, within_one
from barograph.engines.scoring.scorecards import scorecard_answer
from barograph.engines.scoring.unsupervised import served_ranks
from barograph.measures.credit.calibrators import calibrate
from barograph.measures.credit.hazard import cumulative_default
from barograph.measures.credit.linear_predictor import linear_mean, linear_predictor
from barograph.measures.credit.stacking import stack
from barograph.prepare.encoded import EncodedRecords
from barograph.prepare.history import with_history

CHUNK = 16_384
"""Records read at once: bounds the memory of a large request."""
BLOCK = 2048
"""Of these the records whose numbers are worked out at once: what they need stays near the processor."""


def figures(parts: Parts, records: Records) -> FloatArray:
    """The champion's calibrated figure of every record, [n]; each record's is its own alone."""
    pieces = [figure_of(parts, block) for ready in prepared(parts, records) for block in ready.blocks(BLOCK)]
    return np.concatenate(pieces)


def prepared(parts: Parts, records: Records) -> Iterator[EncodedRecords]:
    """The records as the parts read them, some at a time, history joined where the bundle has one."""
    for start in range(0, max(records.n, 1), CHUNK):  # none are answered too, by a table without a row
        yield ready_for(parts, records.rows(start, start + CHUNK))


def ready_for(parts: Parts, records: Records) -> EncodedRecords:
    """A few records as the parts read them."""
    return EncodedRecords.of(parts.encoder, with_past(parts, records))


def with_past(parts: Parts, records: Records) -> Records:
    """The records with the constructed history joined, where the bundle has one."""
    history = parts.history
    if history is None:
        return records
    return with_history(records, history, summaries=set(history.summaries) <= set(parts.encoder.numeric))


def figure_of(parts: Parts, ready: EncodedRecords) -> FloatArray:
    """The champion's calibrated figure of records that are ready, [n]."""
    combine = parts.manifest.combine
    if parts.stack is not None:
        answers = {name: part_answer(parts, ready, name) for name in parts.stack.models}
        raw = stack(parts.stack, np.stack([answers[name] for name in parts.stack.models]))
    elif combine.kind == "network":
        raw = part_answer(parts, ready, combine.networks[0])
    else:
        raw = part_answer(parts, ready, combine.baseline or "linear")
    return calibrate(parts.shift, calibrate(parts.calibrator, raw))


def part_answer(parts: Parts, ready: EncodedRecords, name: str) -> FloatArray:
    """One part's uncalibrated answer, [n]; `networks` is the mean of those without a hazard."""
    if name == "networks":
        keys = [key for key, part in parts.networks.items() if part.head != "hazard"]
        if not keys:  # a combination of networks that never saw a label
            return _mean([_ranks(parts, ready, key) for key in parts.unsupervised], name)
        return _mean([_network(parts, ready, parts.networks[key]) for key in keys], name)
    if name in parts.unsupervised:
        return _ranks(parts, ready, name)
    if name in parts.networks:
        return _network(parts, ready, parts.networks[name])
    conventional: dict[str, Callable[[Parts, EncodedRecords], FloatArray]] = {
        "linear": _control,
        "lightgbm": _boosted,
        "scorecard": _scorecard,
    }
    if name in conventional:
        return conventional[name](parts, ready)
    if name in parts.linear:
        return _mean([within_one(linear_mean(one, ready.plain)) for one in parts.linear[name]], name)
    return _mean([], name)


def _mean(answers: list[FloatArray], name: str) -> FloatArray:
    """The mean of a part's answers; of a part that is not there, the refusal."""
    if not answers:
        raise BundleError(
            "every part that the figure is made of must be in the bundle",
            came=f"'{name}' is not",
            do="Take a fresh copy of the bundle",
        )
    return np.asarray(np.mean(answers, axis=0))


def _control(parts: Parts, ready: EncodedRecords) -> FloatArray:
    x = seen(parts.feature, ready)
    return _mean([linear_mean(one, x) for one in parts.controls], "linear")


def _boosted(parts: Parts, ready: EncodedRecords) -> FloatArray:
    return _mean([graph.run({"coded": ready.coded}) for graph in parts.boosters], "lightgbm")


def _scorecard(parts: Parts, ready: EncodedRecords) -> FloatArray:
    return _mean([scorecard_answer(one, ready.records.table) for one in parts.scorecards], "scorecard")


def _ranks(parts: Parts, ready: EncodedRecords, name: str) -> FloatArray:
    """The mean over parts of the ranks of a model that never saw a label."""
    return _mean([served_ranks(one, ready) for one in parts.unsupervised[name]], name)


def _network(parts: Parts, ready: EncodedRecords, network: NetworkPart) -> FloatArray:
    """The mean of the members' answers."""
    features = seen(parts.feature, ready)
    steps = ready.steps if "sequence" in network.graph.inputs else features
    raw = network.graph.run({"features": features, "sequence": steps})  # [M, n, H, K]
    if network.head == "hazard":
        answers = [
            cumulative_default(read("hazard", raw[m], network.starts[m][None]) + network.shifts[m])
            for m in range(raw.shape[0])
        ]
        return np.asarray(np.mean(answers, axis=0))
    offsets = [linear_predictor(one, features)[:, None] for one in parts.controls]
    answers = [read(network.head, raw[m], offsets[network.parts[m]]) for m in range(raw.shape[0])]
    return np.asarray(np.mean(answers, axis=0))
