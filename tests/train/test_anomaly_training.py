"""Deep anomaly scorers: what they find, and that what is served is what was trained."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from barograph.core.errors import DataError
from barograph.core.fitted_anomaly import DeepAnomalyParameters, anomaly_arrays, anomaly_from_arrays
from barograph.core.section import OptimiserSection
from barograph.measures.anomaly import anomaly_score, deep_anomaly_score, deep_inputs
from barograph.measures.credit.ranks import share_below
from barograph.models.baselines.anomaly import fit_ecod
from barograph.models.scorers import RECONSTRUCTION, RECONSTRUCTORS, SCORING_CATALOGUE
from barograph.train.anomaly import (
    FittedDeepAnomaly,
    fit_deep_anomaly,
    reconstruction_data,
    score_deep_anomaly,
)
from barograph.train.export import export_onnx
from barograph.train.record_data import predict_records

torch.set_num_threads(1)

N, LINKED, NOISE = 2400, 4, 10
FIT, HELD_OUT = np.arange(2000), np.arange(2000, N)
SETTINGS = OptimiserSection(max_steps=200, check_every=20, batch=128, learning_rate=5e-3)
every_network = pytest.mark.parametrize("network", RECONSTRUCTORS)


def usual(n: int, seed: int = 0) -> np.ndarray:
    """Four skewed columns that follow one another closely, ten of pure noise, a flag and a constant."""
    stream = np.random.default_rng(seed)
    linked = np.exp(stream.normal(size=(n, 1)) + 0.1 * stream.normal(size=(n, LINKED)))
    flag = (stream.random((n, 1)) < 0.1).astype(float)
    return np.concatenate([linked, stream.normal(size=(n, NOISE)), flag, np.ones((n, 1))], axis=1)


def broken(n: int) -> np.ndarray:
    """One of the linked columns comes from another record: every value usual, the combination not."""
    rows = usual(n, seed=11)
    rows[:, 2] = np.random.default_rng(12).permutation(rows[:, 2])
    return rows


def fitted(
    network: str = RECONSTRUCTION, matrix: np.ndarray | None = None, *, members: int = 3, **changes: int
) -> FittedDeepAnomaly:
    return fit_deep_anomaly(
        usual(N) if matrix is None else matrix,
        FIT,
        HELD_OUT,
        network=network,
        network_settings={"latent": 4},
        settings=SETTINGS.model_copy(update=changes),
        catalogue=SCORING_CATALOGUE,
        members=members,
    )


def scores(one: FittedDeepAnomaly, rows: np.ndarray) -> np.ndarray:
    return score_deep_anomaly(one, rows, catalogue=SCORING_CATALOGUE)


def auc(outliers: np.ndarray, others: np.ndarray) -> float:
    return float(share_below(outliers, others).mean())


@pytest.fixture(scope="module")
def trained() -> dict[str, FittedDeepAnomaly]:
    return {network: fitted(network) for network in RECONSTRUCTORS}


@every_network
def test_planted_strangers_are_found(network: str, trained: dict[str, FittedDeepAnomaly]) -> None:
    strangers = usual(100, seed=8) + np.array([20.0] * LINKED + [3.0] * NOISE + [0.0, 0.0])
    assert auc(scores(trained[network], strangers), scores(trained[network], usual(400, seed=9))) > 0.95


@every_network
def test_a_broken_combination_is_found_where_squared_errors_and_tails_miss_it(
    network: str, trained: dict[str, FittedDeepAnomaly]
) -> None:
    one, sets = trained[network], (broken(400), usual(400, seed=9))
    assert auc(*(scores(one, rows) for rows in sets)) > 0.85
    assert auc(*(squared_error(one, rows) for rows in sets)) < 0.75
    assert auc(*(anomaly_score(fit_ecod(usual(N)[FIT]), rows) for rows in sets)) < 0.65


def squared_error(one: FittedDeepAnomaly, rows: np.ndarray) -> np.ndarray:
    seen, answer = answers(one, rows)
    return ((seen - answer[:, :, : seen.shape[1]]) ** 2).mean(axis=(0, 2))


def answers(one: FittedDeepAnomaly, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    seen = deep_inputs(one.parameters.knots, rows)
    every = np.arange(len(rows))
    data = reconstruction_data(seen, every)
    return seen, predict_records(one.stack, data, every, catalogue=SCORING_CATALOGUE)[:, :, 0]


@every_network
def test_held_out_rows_have_even_ranks(network: str, trained: dict[str, FittedDeepAnomaly]) -> None:
    rank = scores(trained[network], usual(N)[HELD_OUT])
    assert rank.mean() == pytest.approx(0.5, abs=0.01)
    assert scores(trained[network], usual(1000, seed=13)).mean() == pytest.approx(0.5, abs=0.05)
    assert rank.min() > 0.0
    assert rank.max() <= 1.0


@every_network
def test_the_served_graph_scores_like_the_training(
    network: str, trained: dict[str, FittedDeepAnomaly]
) -> None:
    one, rows = trained[network], np.concatenate([usual(50, seed=9), broken(50)])
    content = export_onnx(one.stack, range(3), catalogue=SCORING_CATALOGUE).content
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    through_json = DeepAnomalyParameters.from_plain(json.loads(json.dumps(one.parameters.to_plain())))
    for parameters in (through_json, anomaly_from_arrays(anomaly_arrays(one.parameters))):
        assert isinstance(parameters, DeepAnomalyParameters)
        for some in (rows, rows[:1]):
            inputs = deep_inputs(parameters.knots, some)
            (raw,) = session.run(None, {"features": inputs})
            served = deep_anomaly_score(parameters, inputs, raw[:, :, 0])
            np.testing.assert_allclose(served, scores(one, some), atol=1e-3)


def test_the_score_is_ranks_of_mahalanobis_plus_neighbours_by_plain_loops(
    trained: dict[str, FittedDeepAnomaly],
) -> None:
    one, rows = trained[RECONSTRUCTION], usual(5, seed=9)
    p, (seen, answer) = one.parameters, answers(one, rows)
    for row in range(5):
        ranks = []
        for member in range(3):
            residual = seen[row] - answer[member, row, :16] - p.center[member]
            distance = np.sqrt(residual @ p.root[member] @ p.root[member].T @ residual)
            factors = answer[member, row, 16:] * p.latent_weight[member]
            near = sorted(np.sqrt(((factors - other) ** 2).sum()) for other in p.latents[member])
            ranks.append(np.mean(p.quantiles[member] <= distance + near[4]))
        assert scores(one, rows)[row] == pytest.approx(np.mean(ranks), abs=2 / HELD_OUT.size)


def test_residuals_are_white_in_training(trained: dict[str, FittedDeepAnomaly]) -> None:
    p, (seen, answer) = trained[RECONSTRUCTION].parameters, answers(trained[RECONSTRUCTION], usual(N)[FIT])
    for member in range(3):
        white = (seen - answer[member, :, :16] - p.center[member]) @ p.root[member]
        variance = np.linalg.eigvalsh(np.cov(white.T))
        assert variance.max() < 1.1
        assert np.median(variance) > 0.9


def test_a_constant_column_says_nothing_ever(trained: dict[str, FittedDeepAnomaly]) -> None:
    rows = usual(30, seed=9)
    other = rows.copy()
    other[:, -1] = -5.0
    for one in trained.values():
        np.testing.assert_array_equal(scores(one, other), scores(one, rows))


def test_the_same_seed_gives_the_same_scorer_and_later_rows_never_matter() -> None:
    later = np.concatenate([usual(N), np.full((50, 16), 777.0)])
    first, again = (fitted(matrix=matrix, max_steps=20) for matrix in (usual(N), later))
    rows = usual(30, seed=9)
    np.testing.assert_array_equal(scores(first, rows), scores(again, rows))
    assert not np.array_equal(scores(fitted(max_steps=20, seed=1), rows), scores(first, rows))


def test_all_rows_alike_are_no_obstacle() -> None:
    one = fitted(matrix=np.ones((N, 3)), max_steps=20, members=2)
    assert np.isfinite(scores(one, np.array([[1.0, 1.0, 1.0], [9.0, 0.0, 1.0]]))).all()


def test_answers_of_other_networks_and_missing_values_are_refused(
    trained: dict[str, FittedDeepAnomaly],
) -> None:
    one = trained[RECONSTRUCTION]
    seen, answer = answers(one, usual(4))
    with pytest.raises(DataError, match=r"got inputs \(4, 16\) and answers \(2, 4, 20\)"):
        deep_anomaly_score(one.parameters, seen, answer[:2])
    rows = usual(4)
    rows[0, 0] = np.nan
    with pytest.raises(DataError, match="finite"):
        scores(one, rows)
    assert scores(one, usual(4)[:0]).shape == (0,)


def test_a_killed_training_goes_on_to_the_same_scorer(tmp_path: Path) -> None:
    class Killed(Exception):
        pass

    def kill(done: int, most: int) -> None:
        if done == 80:
            raise Killed

    given = {"network": RECONSTRUCTION, "network_settings": {"latent": 4}, "catalogue": SCORING_CATALOGUE}
    arguments = {**given, "settings": SETTINGS.model_copy(update={"max_steps": 100}), "members": 2}
    whole = fit_deep_anomaly(usual(N), FIT, HELD_OUT, **arguments)
    file = tmp_path / "checkpoint"
    with pytest.raises(Killed):
        fit_deep_anomaly(usual(N), FIT, HELD_OUT, **arguments, checkpoint=file, on_progress=kill)
    assert file.exists()
    resumed = fit_deep_anomaly(usual(N), FIT, HELD_OUT, **arguments, checkpoint=file)
    np.testing.assert_array_equal(scores(resumed, broken(20)), scores(whole, broken(20)))
    assert resumed.parameters.n_ranked == HELD_OUT.size
