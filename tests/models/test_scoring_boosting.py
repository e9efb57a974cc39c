"""Boosted trees: determinism, early stopping, what objectives take, and the graph against the library."""

import lightgbm
import numpy as np
import pytest
from onnxruntime import InferenceSession

from barograph.core.errors import BundleError, DataError, SettingError
from barograph.core.search import Floats, Integers
from barograph.models.baselines.scoring import DEFAULTS, SEARCH, Boosted, fit_boosting, predict, to_onnx
from barograph.models.baselines.scoring.boosting import ROUNDS, Objective


def planted(seed: int, n: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    """Numbers, numbers with gaps, codes, neighbouring float32 values, a constant."""
    stream = np.random.default_rng(seed)
    gaps = np.where(stream.uniform(size=n) < 0.2, np.nan, stream.normal(size=n))
    codes = stream.integers(0, 5, size=n)
    close = np.float32(1) + stream.integers(0, 3, size=n) * np.finfo(np.float32).eps
    columns = [stream.normal(size=n), gaps, codes, close, np.ones(n)]
    coded = np.stack(columns, axis=1).astype(np.float32)
    risk = coded[:, 0] - np.isnan(gaps) + (codes == 2) + 2.0 * (close > 1.0 + 1e-7) - 1.0
    return coded, (stream.logistic(size=n) < risk).astype(float)


def fitted(objective: Objective = "binary", seed: int = 0, **settings: float) -> tuple[Boosted, np.ndarray]:
    coded, label = planted(seed)
    if objective != "binary":
        label = 0.6 * label + 0.2 * np.random.default_rng(seed).uniform(size=label.size)
    rows = (slice(None, 1000), slice(1000, None))
    one = fit_boosting(
        coded[rows[0]],
        label[rows[0]],
        coded[rows[1]],
        label[rows[1]],
        settings,
        objective=objective,
        seed=seed,
    )
    return one, coded


def served(content: bytes, coded: np.ndarray) -> np.ndarray:
    session = InferenceSession(content, providers=["CPUExecutionProvider"])
    (answer,) = session.run(None, {"coded": coded})
    return np.asarray(answer)


@pytest.mark.parametrize("objective", ["binary", "regression", "cross_entropy"])
def test_the_graph_gives_the_librarys_answer(objective: Objective) -> None:
    booster, coded = fitted(objective)
    content = to_onnx(booster, rows=coded)
    for column in range(coded.shape[1]):
        odd = coded.copy()
        odd[::2, column] = np.nan  # also where training knew no missing value
        odd[1::2, column] = 99.0  # a code never seen
        answer = served(content, odd)
        assert answer.shape == (len(odd),)
        np.testing.assert_allclose(answer, predict(booster, odd), atol=1e-6)


def test_neighbouring_float32_values_stay_apart_in_the_graph() -> None:
    booster, coded = fitted()
    close = planted(0)[0][:, 3]
    answer = served(to_onnx(booster), coded)
    low, high = (answer[close == value].mean() for value in (np.unique(close)[0], np.unique(close)[-1]))
    assert high - low > 0.2


def test_values_at_the_edge_of_zero_go_where_the_library_sends_them() -> None:
    stream = np.random.default_rng(3)
    sign = stream.integers(-1, 2, size=2000)
    coded = (sign * stream.uniform(1.0, 9.0, size=2000)).astype(np.float32)[:, None]
    label = (stream.uniform(size=2000) < np.array([0.2, 0.5, 0.8])[sign + 1]).astype(float)
    booster = fit_boosting(coded, label, coded, label, {}, objective="binary", seed=0)
    edge = np.float32(1e-35)
    tiny = [edge, np.nextafter(edge, np.float32(1)), np.nextafter(edge, np.float32(0)), np.float32(1e-40)]
    near = np.array([*tiny, *(-x for x in tiny), 0.0, -0.0], dtype=np.float32)[:, None]
    library = predict(booster, near)
    assert np.unique(library.round(3)).size == 3  # it cuts on both sides of zero
    np.testing.assert_allclose(served(to_onnx(booster), near), library, atol=1e-6)


def test_one_leaf_is_a_graph_too() -> None:
    coded, _ = planted(1)
    label = np.full(len(coded), 0.3)
    booster = fit_boosting(coded, label, coded[:50], label[:50], {}, objective="regression", seed=0)
    np.testing.assert_allclose(served(to_onnx(booster), coded[:3]), 0.3, atol=1e-6)


def test_a_categorical_split_is_refused() -> None:
    coded, label = planted(2)
    parameters = {"objective": "binary", "verbosity": -1, "num_threads": 1}
    data = lightgbm.Dataset(coded, label, categorical_feature=[2], params=parameters)
    text = lightgbm.train(parameters, data, num_boost_round=10).model_to_string()
    with pytest.raises(BundleError, match="threshold"):
        to_onnx(Boosted(text, "binary", coded.shape[1], 10))


def test_the_same_seed_gives_the_same_trees_and_another_gives_others() -> None:
    assert fitted(seed=3)[0] == fitted(seed=3)[0]
    coded, label = planted(3)
    both = [
        fit_boosting(
            coded[200:], label[200:], coded[:200], label[:200], {}, objective="binary", seed=seed
        ).text
        for seed in (1, 2)
    ]
    assert both[0] != both[1]


def test_it_stops_at_the_best_round_of_the_held_out_records() -> None:
    booster, _ = fitted(seed=4, learning_rate=0.2)
    coded, label = planted(4)
    holdout, held_label = coded[1000:], label[1000:]
    assert 1 <= booster.rounds < ROUNDS

    def loss(rounds: int) -> float:
        p = lightgbm.Booster(model_str=booster.text).predict(holdout, num_iteration=rounds)
        return float(-np.mean(held_label * np.log(p) + (1 - held_label) * np.log1p(-p)))

    losses = [loss(rounds) for rounds in range(1, booster.rounds + 1)]
    assert np.argmin(losses) + 1 == booster.rounds


def test_held_out_labels_never_reach_the_trees() -> None:
    coded, label = planted(5)
    settings = {"learning_rate": 0.1}
    one = fit_boosting(
        coded[:1000], label[:1000], coded[1000:], label[1000:], settings, objective="binary", seed=0
    )
    other = fit_boosting(
        coded[:1000], label[:1000], coded[1000:], 1 - label[1000:], settings, objective="binary", seed=0
    )
    rounds = min(one.rounds, other.rounds)
    first, second = (
        lightgbm.Booster(model_str=each.text).predict(coded, num_iteration=rounds) for each in (one, other)
    )
    np.testing.assert_array_equal(first, second)


def test_probabilities_keep_the_share_of_bads() -> None:
    booster, coded = fitted(seed=6)
    assert predict(booster, coded).mean() == pytest.approx(planted(6)[1].mean(), abs=0.03)


def test_bytes_and_back() -> None:
    booster, coded = fitted(seed=7)
    again = Boosted.from_bytes(booster.to_bytes())
    assert again == booster
    np.testing.assert_array_equal(predict(again, coded), predict(booster, coded))
    with pytest.raises(SettingError, match="objective"):
        Boosted.from_bytes(b"binar 5 1\ntree")


def test_defaults_lie_inside_the_search() -> None:
    assert set(DEFAULTS) == set(SEARCH)
    for name, value in DEFAULTS.items():
        where = SEARCH[name]
        assert isinstance(where, (Floats, Integers))
        assert where.low <= value <= where.high


def test_labels_that_do_not_suit_are_refused() -> None:
    coded, label = planted(8)
    with pytest.raises(DataError, match="suit the objective 'binary'"):
        fit_boosting(coded, label * 0.5, coded, label, {}, objective="binary", seed=0)
    with pytest.raises(DataError, match="float32"):
        fit_boosting(coded.astype(np.float64), label, coded, label, {}, objective="binary", seed=0)
