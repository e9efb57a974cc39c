"""The live graph against encoder and measures: every map, link and view that a bundle may be made of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.arrays import FloatArray
from barograph.core.fitted_records import (
    CalibratorParameters,
    EncoderParameters,
    LogisticParameters,
    StackParameters,
)
from barograph.deploy.bound import BoundGraph
from barograph.engines.scoring.live_graph import LiveModel, live_graph
from barograph.engines.scoring.live_rows import NUMBERS, word_rows
from barograph.measures.credit.calibrators import calibrate
from barograph.measures.credit.linear_predictor import linear_mean
from barograph.measures.credit.stacking import stack
from barograph.prepare import encoder_rows

ENCODER = EncoderParameters(
    numeric=("a", "constant", "b", "tight"),
    edges=((-1.0, 0.0, 0.0, 2.5), (3.0, 3.0), (0.0, 1e6, 2e9), (0.0, 1e-300)),
    center=np.array([0.3, 3.0, 5e5, 0.0]),
    spread=np.array([0.7, 1.0, 1e6, 1e-300]),
    missing=(True, False, False, True),
    categorical=("place", "kind"),
    categories=(("north", "", "south"), ("x",)),
    shares=((0.5, 0.3, 0.1, 0.1), (1.0, 0.0)),
    seen=(("north", "", "south", "east", "west"), ("x",)),
    channels=(),
    channel_mean=np.zeros(0),
    channel_scale=np.ones(0),
    limit=6.0,
    until="",
)
GENTLE = replace(ENCODER, edges=(*ENCODER.edges[:3], (0.0, 0.2, 3.0)), spread=np.array([0.7, 1.0, 1e6, 0.5]))
"""Without a bin so narrow that single precision has no slope for it."""
WORDS = (("north", "", "south", "east", "never"), ("x", "never"))
MAPS = (
    CalibratorParameters("none"),
    CalibratorParameters("platt", a=1.3, b=-0.4),
    CalibratorParameters("platt", a=0.0, b=0.1),
    CalibratorParameters("shift", b=2.0),
    CalibratorParameters("beta", a=0.7, b=1.9, c=0.2),
    CalibratorParameters("isotonic", knots=(0.1, 0.3, 0.30001, 0.8), values=(0.05, 0.05, 0.4, 1.0)),
    CalibratorParameters("isotonic", knots=(0.5,), values=(0.2,)),
)


def drawn(seed: int, n: int) -> tuple[FloatArray, list[list[str]]]:
    random = np.random.default_rng(seed)
    numbers = random.normal(0.5, 2.0, (n, 4))
    numbers[:, 2] = random.choice([0.0, 4e5, 1.5e9, 3e9, -1e30, 1e30], n)
    numbers[:, 3] = random.choice([0.0, 5e-301, 1.0, 1e30, -1e30], n)
    numbers[random.random((n, 4)) < 0.2] = np.nan
    return numbers, [random.choice(words, n).tolist() for words in WORDS]


def regression(seed: int, n_inputs: int, link: str = "logit") -> LogisticParameters:
    random = np.random.default_rng(seed)
    names = tuple(f"x{i}" for i in range(n_inputs))
    return LogisticParameters(names, float(random.normal()), random.normal(0.0, 0.5, n_inputs), link)


def model_of(
    blend: StackParameters,
    *maps: CalibratorParameters,
    link: str = "logit",
    encoder: EncoderParameters = ENCODER,
) -> LiveModel:
    numbers, words = drawn(0, 1)
    codes = encoder_rows.codes_of(encoder, words, n=1)
    n_features = encoder_rows.features(encoder, numbers, codes).shape[1]
    n_plain = encoder_rows.plain(encoder, numbers, codes).shape[1]
    return LiveModel(
        encoder=encoder,
        controls=(regression(1, n_features), regression(2, n_features)),
        networks={},
        boosters=(),
        linear={"logistic": (regression(3, n_plain, link),)},
        blend=blend,
        maps=maps,
        length=0,
    )


def served(model: LiveModel, numbers: FloatArray, words: list[list[str]]) -> FloatArray:
    """The figure by encoder and measures."""
    codes = encoder_rows.codes_of(model.encoder, words, n=numbers.shape[0])
    wide = encoder_rows.features(model.encoder, numbers, codes).astype(np.float64)
    plain = encoder_rows.plain(model.encoder, numbers, codes)
    answers = {
        "linear": np.mean([linear_mean(one, wide) for one in model.controls], axis=0),
        "logistic": np.clip(linear_mean(model.linear["logistic"][0], plain), 0.0, 1.0),
    }
    names = model.blend.models
    figure = answers[names[0]] if len(names) == 1 else stack(model.blend, [answers[name] for name in names])
    for one in model.maps:
        figure = calibrate(one, figure)
    return figure


def by_graph(model: LiveModel, numbers: FloatArray, words: list[list[str]]) -> FloatArray:
    content = live_graph(model)
    assert content is not None
    parts = [numbers]
    for place, column in enumerate(words):
        known, new = word_rows(model.encoder, place)
        parts.append(np.array([known.get(word, new) for word in column]))
    graph, rows = BoundGraph(content), np.concatenate(parts, axis=1)
    together = graph.many({NUMBERS: rows})
    for row in range(min(5, rows.shape[0])):
        graph.buffers[NUMBERS][0] = rows[row]
        assert graph.one() == pytest.approx(together[row], abs=1e-9)
    return together


@given(
    st.integers(0, 10_000),
    st.sampled_from(MAPS),
    st.sampled_from(["linear", "logistic"]),
    st.sampled_from([ENCODER, GENTLE]),
)
def test_every_map_and_view_gives_what_encoder_and_measures_give(
    seed: int, calibrator: CalibratorParameters, name: str, encoder: EncoderParameters
) -> None:
    blend = StackParameters((name,), np.ones(1), 0.0)
    model = model_of(blend, calibrator, CalibratorParameters("none"), encoder=encoder)
    numbers, words = drawn(seed, 40)
    expected = served(model, numbers, words)
    assert by_graph(model, numbers, words) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("weights", [(0.8, 0.5), (0.0, 1.2), (0.0, 0.0)])
def test_a_blend_leaves_out_what_has_no_weight(weights: tuple[float, float]) -> None:
    model = model_of(StackParameters(("linear", "logistic"), np.array(weights), -0.3), MAPS[3])
    numbers, words = drawn(7, 60)
    assert by_graph(model, numbers, words) == pytest.approx(served(model, numbers, words), abs=1e-6)


def test_a_share_on_a_straight_line_is_cut_to_the_nearest_that_can_be() -> None:
    model = model_of(StackParameters(("logistic",), np.ones(1), 0.0), MAPS[0], link="identity")
    numbers, words = drawn(3, 200)
    expected = served(model, numbers, words)
    assert expected.min() < 0.01 < 0.99 < expected.max()
    assert by_graph(model, numbers, words) == pytest.approx(expected, abs=1e-6)


def test_a_part_without_a_graph_leaves_no_live_graph() -> None:
    blend = StackParameters(("scorecard", "linear"), np.ones(2), 0.0)
    assert live_graph(replace(model_of(blend), blend=blend)) is None
