"""Whatever wins can be shipped: every candidate becomes a bundle that loads, passes its gate and scores.

And what it says is what the run itself said of the same records: all at once, in parts, or one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import barograph
from barograph.api import answer as api
from barograph.core.record_table import RecordSnapshot
from barograph.core.scoring_study import ScoringStudy
from barograph.engines.scoring.answer import load
from barograph.engines.scoring.combining import served_answer
from barograph.engines.scoring.fit import ScoringRun
from barograph.engines.scoring.serving import figures
from small_scoring import STEPS, book, bundled, losses, scored, small_scoring, snapshot_of

FLAT = ("mlp", "tabm", "transformer", "autoencoder")
SETTINGS = {
    "mlp": {"hidden": (8,)},
    "tabm": {"k": 2, "hidden": (8,)},
    "transformer": {"width": 8, "hidden": (8,)},
    "cnn": {"channels": 4},
    "rnn": {"hidden": 4},
}
LOSS = {
    "model__head": "hurdle_beta",
    "model__networks": ("mlp",),
    "model__baselines": ("ols", "fractional_logit", "lightgbm"),
    "model__calibration": "none",
    "collect__target": "lost",
    "evaluate__claims": (),
}


def long(*names: str) -> list[Any]:
    """Cases left to the long tests: each bundle takes a second or more to write."""
    return [pytest.param(name, marks=pytest.mark.soak) for name in names]


CHAMPIONS = (
    *("scorecard_current", "logistic", "linear_combination"),
    *long("mlp", "hazard", "scorecard", "lightgbm", "linear", "combination"),
)


@dataclass(frozen=True)
class Made:
    """A run and what it was made from."""

    table: pl.DataFrame
    study: ScoringStudy
    snapshot: RecordSnapshot
    run: ScoringRun

    def bundle(self, champion: str, folder: Path) -> Path:
        return bundled(self.run, self.study, champion, self.snapshot, folder)


def made_of(table: pl.DataFrame, study: ScoringStudy) -> Made:
    snapshot = snapshot_of(table, study)
    return Made(table, study, snapshot, scored(snapshot, study))


def check_serving(made: Made, champion: str, folder: Path) -> pl.DataFrame:
    """The bundle says of the run's records what the run says: in one batch, and one by one."""
    bundle = made.bundle(champion, folder)
    assert all(check["passed"] for check in api.verify(bundle))
    predictor = load(bundle)
    bench = made.run.refit.bench
    rows = bench.needed[:: max(1, bench.needed.size // 150)]
    expected = served_answer(bench, made.run.refit.fitted, made.run.refit.answers, made.study, champion)
    check_grades(predictor.parts.grades.upper, expected)
    expected = expected[np.searchsorted(bench.needed, rows)]
    ids = made.snapshot.records.record_id[rows]
    asked = pl.DataFrame({"loan": ids.tolist()}).join(
        made.table, on="loan", how="left", maintain_order="left"
    )
    asked = asked.drop("bad", "lost", "customer", "sex", strict=False)
    batch = predictor.predict(asked)
    figure = "loss" if made.study.model.head == "hurdle_beta" else "probability"
    assert batch["record_id"].to_list() == ids.tolist()
    assert np.unique(expected).size > 10, "a constant would prove nothing"
    assert batch[figure].is_between(0, 1, closed="both").all()
    np.testing.assert_allclose(batch[figure].to_numpy(), expected, atol=2e-6)
    singly = [predictor.predict(one)[figure].item() for one in asked.head(12).to_dicts()]
    np.testing.assert_allclose(singly, batch[figure].to_numpy()[:12], atol=1e-6)
    none = predictor.table(made.snapshot.records.take(rows[:0]))
    assert (none.columns, none.height) == (batch.columns, 0)
    return batch


def check_grades(upper: np.ndarray, figure: np.ndarray) -> None:
    """Bounds by one factor, from the 1 % to the 99 % quantile of the served figure of the refit's rows."""
    low, high = np.quantile(figure, [0.01, 0.99])
    if high > 2 * low:
        np.testing.assert_allclose(upper[:-1], low * (high / low) ** (np.arange(1, upper.size) / upper.size))
    assert upper[-1] == 1.0


def made_with(*networks: str) -> Made:
    """Networks, a hazard and every baseline."""
    study = small_scoring(model__networks=networks, model__settings=SETTINGS, model__hazard="mlp")
    return made_of(book(220), study)


@pytest.fixture(scope="module")
def plain() -> Made:
    return made_with("mlp")


@pytest.fixture(scope="module")
def flat() -> Made:
    return made_with(*FLAT)


@pytest.mark.parametrize("champion", CHAMPIONS)
def test_a_bundle_serves_what_the_run_says(plain: Made, tmp_path: Path, champion: str) -> None:
    batch = check_serving(plain, champion, tmp_path / "bundle")
    assert set(batch.columns) >= {"grade", "yearly_pd", "expected_loss", "capital", "decision", "points"}
    approved = (batch["decision"] == "approve").to_numpy()
    assert (approved == (batch["probability"] < 0.3).to_numpy()).all()


@pytest.mark.soak
@pytest.mark.parametrize("champion", ["tabm", "transformer", "autoencoder"])
def test_a_bundle_of_every_other_network_serves_what_the_run_says(
    flat: Made, tmp_path: Path, champion: str
) -> None:
    check_serving(flat, champion, tmp_path / "bundle")


def check_bag(folder: Path, networks: tuple[str, ...], **changes: object) -> None:
    study = small_scoring(
        model__networks=networks, model__settings=SETTINGS, model__hazard="mlp", train__bag=2, **changes
    )
    check_serving(made_of(book(220), study), "combination", folder)
    files = {path.name for path in (folder / "parts").iterdir()}
    assert {f"{name}.onnx" for name in (*networks, "hazard")} <= files
    assert {"lightgbm-0.onnx", "lightgbm-1.onnx"} <= files


def test_a_combination_of_networks_a_hazard_and_a_baseline_serves_with_a_bag_of_two(tmp_path: Path) -> None:
    check_bag(tmp_path / "bundle", ("mlp",))


@pytest.mark.soak
def test_a_combination_of_every_network_serves_with_two_seeds_and_a_bag_of_two(tmp_path: Path) -> None:
    check_bag(tmp_path / "bundle", FLAT, train__seeds=2)


@pytest.fixture(scope="module")
def loss() -> Made:
    return made_of(losses(220), small_scoring(**LOSS))


@pytest.mark.parametrize("champion", ["fractional_logit", "combination", *long("ols", "lightgbm", "mlp")])
def test_a_loss_study_s_bundle_serves_what_the_run_says(loss: Made, tmp_path: Path, champion: str) -> None:
    batch = check_serving(loss, champion, tmp_path / "bundle")
    assert "decision" not in batch.columns
    amount = loss.table.join(batch, left_on="loan", right_on="record_id")
    np.testing.assert_allclose(amount["expected_loss"], amount["loss"] * amount["amount"], rtol=1e-12)


@pytest.mark.parametrize("network", ["cnn", *long("rnn")])
def test_a_network_that_reads_a_record_s_own_history_serves(tmp_path: Path, network: str) -> None:
    """Beside the tabular trunk; and the figure does move with the history alone."""
    study = small_scoring(
        model__networks=(network,),
        model__settings=SETTINGS,
        collect__sequence={"late": STEPS},
        train__max_steps=60,
    )
    made = made_of(book(220), study)
    check_serving(made, network, tmp_path / "bundle")
    parts = load(tmp_path / "bundle").parts
    calm, late = (
        replace(parts.reference, sequence=np.full_like(parts.reference.sequence, x)) for x in (0.0, 4.0)
    )
    assert (np.abs(figures(parts, late) - figures(parts, calm)) > 1e-4).all()
    one = made.table.drop("bad").row(0, named=True)
    assert "history" in barograph.load(tmp_path / "bundle").predict_one(one)["reasons"]


@pytest.mark.soak
def test_a_history_built_from_the_groups_past_serves(tmp_path: Path) -> None:
    study = small_scoring(
        model__networks=("rnn",),
        model__settings=SETTINGS,
        prepare__history_by=("region",),
        prepare__history_months=6,
        prepare__macro=False,
    )
    made = made_of(book(220), study)
    batch = check_serving(made, "rnn", tmp_path / "bundle")
    assert "history_months_stale" in batch.columns
    assert "time" in load(tmp_path / "bundle").explain(made.table.drop("bad").head(1))[0]["reasons"]
