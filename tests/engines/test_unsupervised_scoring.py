"""Models without labels in a study of alerts: they see no label and no future, and are served as judged."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from barograph.api.study import Silent
from barograph.core.errors import BundleError, DataError, SettingError
from barograph.core.record_table import Records, RecordSnapshot
from barograph.core.scored import RecordFold
from barograph.core.scoring_study import ScoringStudy
from barograph.core.seeds import seed_of
from barograph.core.texts import text
from barograph.core.unsupervised import (
    ANOMALY_NETWORKS,
    ANOMALY_RIVALS,
    BEST_RIVAL,
    UNSUPERVISED,
    WITHOUT_ANOMALY,
    supervised_networks,
    unsupervised_models,
)
from barograph.engines.scoring.anomaly_feature import halves
from barograph.engines.scoring.answer import load
from barograph.engines.scoring.event_records import event_records
from barograph.engines.scoring.feature_columns import EDGES, widened
from barograph.engines.scoring.fit import ScoringRun, score_records
from barograph.engines.scoring.live import LiveScorer
from barograph.engines.scoring.plan import bench
from barograph.engines.scoring.unsupervised import (
    FittedUnsupervised,
    anomaly_matrix,
    conventional_ranks,
)
from barograph.engines.scoring.unsupervised_fit import (
    MOST_FIT,
    MOST_OF,
    fit_unsupervised,
    read_columns,
    usual_places,
)
from barograph.engines.scoring.unsupervised_tasks import unsupervised_tasks
from barograph.evaluate.records.claims import judge
from barograph.evaluate.records.plan import planned_folds
from barograph.evaluate.records.scores import scores
from barograph.measures.anomaly import anomaly_score
from barograph.models.baselines.anomaly import ANOMALY_BASELINES
from barograph.models.scorers import RECONSTRUCTORS_OF
from barograph.pipeline import settings
from barograph.pipeline.scorer_checks import check_scorers
from small_events import as_live, bundled, past_and_rest, refitted, small_fraud
from small_study import NoMemory

WEEK = 7 * 86_400
FEW: dict[str, Any] = {
    "model__networks": ("tabm",),
    "model__unsupervised": UNSUPERVISED,
    "model__anomaly_members": 2,
    "train__seeds": 1,
    "prepare__events": {"windows": (WEEK,), "risk_windows": (WEEK,), "steps": 4, "graph": False},
}
every_model = pytest.mark.parametrize("key", UNSUPERVISED)


def few(**changes: Any) -> ScoringStudy:
    return small_fraud(**(FEW | changes))


@functools.cache
def snapshot() -> RecordSnapshot:
    return event_records(past_and_rest()[0], few())


def first_fold(records: Records, study: ScoringStudy) -> RecordFold:
    return planned_folds(records, study)["origin"][0]


def answers(records: Records, study: ScoringStudy | None = None) -> dict[str, np.ndarray]:
    """What each model says of the scored rows of the first fold."""
    study = study or few()
    ready = bench(records, first_fold(records, study), study)
    tasks = unsupervised_tasks(ready, ready.fold.parts[0], study)
    where = ready.of(ready.fold.test_rows)
    return {key: fit_unsupervised(task).answer[where] for key, task in tasks.items()}


@functools.cache
def true_answers() -> dict[str, np.ndarray]:
    return answers(snapshot().records)


@functools.cache
def scored() -> ScoringRun:
    return score_records(snapshot().records, few(), memory=NoMemory(), progress=Silent(), checkpoints=None)


def test_the_names_of_a_study_are_those_of_the_catalogues() -> None:
    assert set(RECONSTRUCTORS_OF) == set(ANOMALY_NETWORKS)
    assert set(ANOMALY_BASELINES) == set(ANOMALY_RIVALS)


def test_an_autoencoder_sees_no_label_in_a_study_of_alerts_and_predicts_in_one_of_credit() -> None:
    named = {"model.networks": ("autoencoder", "mlp")}
    alerts = settings.with_overrides(settings.load("operational/fraud"), named)
    credit = settings.with_overrides(settings.load("credit/default"), named)
    assert isinstance(alerts, ScoringStudy)
    assert isinstance(credit, ScoringStudy)
    assert (supervised_networks(alerts), unsupervised_models(alerts)[0]) == (("mlp",), "autoencoder")
    assert (supervised_networks(credit), unsupervised_models(credit)) == (("autoencoder", "mlp"), ())


def test_no_model_is_given_a_label_and_every_one_answers_between_0_and_1() -> None:
    for key, said in true_answers().items():
        assert np.isfinite(said).all(), key
        assert (said.min() >= 0.0) & (said.max() <= 1.0), key
        assert np.unique(said).size > said.size / 4, key


def test_labels_after_the_cut_and_labels_swapped_among_the_removed_change_no_bit() -> None:
    records, study = snapshot().records, few(evaluate__remove_known=False)  # which rows are scored stays
    fold = first_fold(records, study)
    training = np.concatenate([fold.parts[0].fit_rows, fold.parts[0].holdout_rows])
    label = np.random.default_rng(0).permutation(records.label)
    label[training] = records.label[training]  # who is removed stays as it was; all else is shuffled
    assert not np.array_equal(label, records.label)
    found, true = answers(replace(records, label=label), study), answers(records, study)
    for key in UNSUPERVISED:
        np.testing.assert_array_equal(found[key], true[key], err_msg=key)


def test_a_fraud_that_is_not_known_at_the_cut_as_one_stays_in_the_training() -> None:
    records, study = snapshot().records, few(model__unsupervised=("ecod",))
    fit = first_fold(records, study).parts[0].fit_rows
    known = fit[records.label[fit] == 1.0]
    label = records.label.copy()
    label[known[: known.size // 2]] = 0.0
    assert not np.array_equal(answers(replace(records, label=label), study)["ecod"], true_answers()["ecod"])


def test_what_happens_after_a_scored_day_changes_no_score_at_or_before_it() -> None:
    records = snapshot().records
    study = few(model__unsupervised=("ecod", "autoencoder"), evaluate__remove_known=False)
    scored_days = records.time[first_fold(records, study).test_rows]
    later = records.time > scored_days.min() + 2
    columns = {name: records.table[name].to_numpy().astype(float) for name in records.numeric}
    spoilt = {name: np.where(later, 1e6, column) for name, column in columns.items()}
    table = records.table.with_columns(
        **{name: pl.Series(one).fill_nan(None) for name, one in spoilt.items()}
    )
    label = np.where(later, 1.0 - records.label, records.label)
    found, true = answers(replace(records, table=table, label=label), study), answers(records, study)
    before = scored_days <= scored_days.min() + 2
    assert 0 < before.sum() < before.size
    for key in study.model.unsupervised:
        np.testing.assert_array_equal(found[key][before], true[key][before], err_msg=key)
        assert (found[key][~before] > 0.99).all()


def test_columns_made_of_labels_are_not_read() -> None:
    study = few()
    ready = bench(snapshot().records, first_fold(snapshot().records, study), study)
    read, every = read_columns(ready.views.encoder, study), ready.views.encoder.numeric
    left_out = set(every) - set(read)
    assert left_out == {"risk_known_7d", "risk_frauds_7d", "risk_share_7d"}


def test_gaps_are_read_as_the_mean_with_a_flag_beside() -> None:
    study = few()
    ready = bench(snapshot().records, first_fold(snapshot().records, study), study)
    parameters, coded = ready.views.encoder, ready.views.coded
    place = parameters.numeric.index("age")
    matrix = anomaly_matrix(parameters, coded, ("amount", "age"))
    gaps = np.isnan(coded[:, place])
    assert gaps.any()
    assert matrix.shape == (coded.shape[0], 3)
    np.testing.assert_array_equal(matrix[:, 2], gaps)
    assert (matrix[gaps, 1] == parameters.center[place]).all()
    np.testing.assert_array_equal(matrix[~gaps, 1], coded[~gaps, place])


def test_a_conventional_rank_orders_as_its_raw_score_does() -> None:
    records, study = snapshot().records, few(model__unsupervised=("isolation_forest",))
    ready = bench(records, first_fold(records, study), study)
    task = unsupervised_tasks(ready, ready.fold.parts[0], study)["isolation_forest"]
    assert task.usual.shape[0] <= MOST_FIT
    learned = fit_unsupervised(task)
    raw = anomaly_score(FittedUnsupervised.from_bytes(learned.artefact).value, task.asked)
    said = learned.answer[task.places]
    held_out = anomaly_score(FittedUnsupervised.from_bytes(learned.artefact).value, task.held_out)
    inside = raw >= held_out.min()
    order = np.argsort(raw[inside], kind="stable")
    assert (np.diff(said[inside][order]) >= 0.0).all()
    share = np.array([(held_out <= one).mean() for one in raw[inside]])
    np.testing.assert_allclose(said[inside], share, atol=2e-3)


def test_figures_of_ranks_are_given_and_figures_of_probabilities_blank_with_the_reason() -> None:
    cells = [c for c in scores(scored().record, few()) if c.model in UNSUPERVISED and c.entity == "origin:"]
    given = {c.metric for c in cells if c.value is not None}
    assert given == {"average_precision", "auc"}
    blank = [c for c in cells if c.value is None]
    assert {"brier", "log_loss", "f1"} <= {c.metric for c in blank}
    assert all("never saw a label" in c.note for c in blank)


def test_the_claim_takes_the_best_rival_and_so_many_times_its_figure() -> None:
    claims, _ = judge(scored().record, few())
    claim = next(c for c in claims if c.claim == "moonshot-unsupervised" and c.block == "all")
    cells = {
        c.model: c.value
        for c in scores(scored().record, few())
        if c.metric == "average_precision" and c.entity == "origin:"
    }
    best = max(ANOMALY_RIVALS, key=lambda name: cells[name] or 0.0)
    assert (claim.opponent, claim.test, claim.held) == (BEST_RIVAL, "paired_day_bootstrap", False)
    assert claim.difference == pytest.approx((cells["autoencoder"] or 0.0) - 1.25 * (cells[best] or 0.0))


@pytest.mark.parametrize(("model", "rival"), [("knn", "pca"), ("pca", "knn")])
def test_a_claim_of_so_many_times_holds_for_the_better_and_fails_for_the_worse(
    model: str, rival: str
) -> None:
    rows = scored().record.headline
    truth = np.where(np.isfinite(rows.label), rows.label, 0.0)
    noise = np.random.default_rng(1).random(truth.size)
    said = {**rows.predicted, "knn": 0.5 * truth + 0.4 * noise, "pca": noise}
    record = replace(scored().record, protocols=(replace(rows, predicted=said),))
    claim: dict[str, Any] = {
        "key": "c",
        "rung": "target",
        "kind": "times_better",
        "model": model,
        "opponent": rival,
    }
    claim |= {"metric": "average_precision", "margin": 2.0, "p_value": 0.1}  # seven days give no smaller p
    study = few(evaluate__claims=(claim,))
    assert judge(record, study)[0][0].held == (model == "knn")


@every_model
def test_what_is_served_is_what_was_judged_and_one_event_gives_the_same(key: str, tmp_path: Path) -> None:
    study = few(deploy__champion=key)
    refit = refitted(snapshot().records, study)
    predictor = load(bundled(refit, study, key, snapshot(), tmp_path / "bundle"))
    assert max(one.difference for one in predictor.checks) < 1e-5
    assert predictor.parts.events is not None
    assert predictor.parts.live is None
    arriving = as_live(past_and_rest()[1])[:40]
    alone, together = LiveScorer(predictor), LiveScorer(predictor)
    one_by_one = [alone.update(event).score for event in arriving]
    at_once = [answer.score for answer in together.update_many(arriving)]
    assert sum(score is not None for score in one_by_one) > 30
    np.testing.assert_allclose(
        np.array(one_by_one, dtype=float), np.array(at_once, dtype=float), rtol=0, atol=1e-6
    )


def test_networks_without_labels_enter_the_combination_where_no_other_is_named(tmp_path: Path) -> None:
    study = few(model__networks=("autoencoder", "vae"), model__unsupervised=())
    predictor = load(
        bundled(refitted(snapshot().records, study), study, "combination", snapshot(), tmp_path / "bundle")
    )
    assert predictor.parts.stack is not None
    assert predictor.parts.stack.models[0] == "networks"
    assert set(predictor.parts.unsupervised) == {"autoencoder", "vae"}
    assert max(one.difference for one in predictor.checks) < 1e-5


def test_a_bundle_with_an_autoencoder_and_a_feature_is_served_without_torch(tmp_path: Path) -> None:
    study = few(model__anomaly_feature="autoencoder", deploy__champion="combination")
    folder = bundled(
        refitted(snapshot().records, study), study, "combination", snapshot(), tmp_path / "bundle"
    )
    code = (
        "import sys; sys.modules['torch'] = sys.modules['sklearn'] = sys.modules['lightgbm'] = None\n"
        "from barograph.engines.scoring.answer import load\n"
        f"p = load({str(folder)!r}); assert p.parts.feature.graph is not None; print(len(p.checks))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 2


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    study = few(deploy__champion="ecod")
    refit = refitted(snapshot().records, study)
    learned = refit.fitted.learned["ecod"][0][0]
    fitted = FittedUnsupervised.from_bytes(learned.artefact)
    with pytest.raises(BundleError, match="kind of an anomaly model"):
        FittedUnsupervised.from_arrays({"value:kind": np.asarray("odd")})
    with pytest.raises(BundleError, match="ranks of an unsupervised model"):
        FittedUnsupervised.from_bytes(replace(fitted, ranks=fitted.value).to_bytes())


def test_a_feature_never_scores_a_training_row_by_a_model_that_met_its_customer() -> None:
    records = snapshot().records
    study = few(model__anomaly_feature="knn", model__unsupervised=())
    ready = bench(records, first_fold(records, study), study)
    narrow = bench(records, first_fold(records, study), few(model__unsupervised=()))
    width = narrow.views.features.shape[1]
    np.testing.assert_array_equal(ready.views.without_feature().features, narrow.views.features)
    assert ready.views.features.shape[1] == width + len(EDGES) - 1 == len(ready.views.feature_names)
    assert sum(ready.views.feature_groups) == ready.views.features.shape[1]
    views, model = ready.views, ready.views.feature
    assert model is not None
    fit = views.places(ready.fold.parts[0].fit_rows)
    matrix = anomaly_matrix(views.encoder, views.coded, model.columns)
    served = widened(
        np.zeros((views.rows.size, 0), dtype=np.float32), conventional_ranks(model.fitted, matrix)
    )
    seed = seed_of(study.train.seed, "anomaly_feature", ready.fold.protocol, ready.fold.number)
    met = halves(records.group[views.rows], seed=seed)[fit] == 0  # customers of the model that is served
    score = views.features[:, width:]
    np.testing.assert_array_equal(score[fit[~met]], served[fit[~met]])
    others = np.setdiff1d(np.arange(views.rows.size), fit)
    np.testing.assert_array_equal(score[others], served[others])
    # nearest neighbours find a row that they hold at no distance: its own model would call it usual
    flattered = served[fit[met]].mean()
    assert score[fit[met]].mean() > flattered + 0.01
    assert abs(score[fit[met]].mean() - score[fit[~met]].mean()) < 0.05


def test_customers_are_parted_in_two_halves_of_like_size() -> None:
    group = np.repeat(np.arange(101), 3)
    side = halves(group, seed=3)
    assert all(np.unique(side[group == one]).size == 1 for one in range(101))
    assert 50 <= np.unique(group[side == 0]).size <= 51
    assert not np.array_equal(side, halves(group, seed=4))


def test_the_bins_of_a_score_end_where_its_tail_is() -> None:
    features = widened(np.zeros((3, 1), dtype=np.float32), np.array([0.25, 0.95, 1.0]))
    np.testing.assert_allclose(features[0, 1:], [0.5, 0, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(features[1, 1:], [1, 1, 5 / 9, 0, 0], atol=1e-5)
    np.testing.assert_allclose(features[2, 1:], np.ones(5), atol=1e-6)


def test_the_first_network_also_runs_without_the_feature_and_is_compared_as_a_control() -> None:
    study = few(model__anomaly_feature="ecod", model__unsupervised=())
    run = score_records(snapshot().records, study, memory=NoMemory(), progress=Silent(), checkpoints=None)
    assert WITHOUT_ANOMALY in run.record.headline.controls
    plain = scored().record.headline.predicted["tabm"]
    found = run.record.headline.predicted
    np.testing.assert_allclose(found[WITHOUT_ANOMALY], plain, atol=1e-6)
    assert np.abs(found["tabm"] - plain).max() > 1e-3


def test_settings_that_cannot_be_are_refused_before_anything_is_read() -> None:
    for changes, said in (
        ({"model__unsupervised": ("forest",)}, "model.unsupervised"),
        ({"evaluate__alerts": None}, "judged by its alerts"),
        ({"model__settings": {"knn": {"neighbour": 3}}}, "without settings"),
        ({"model__settings": {"vae": {"latnet": 3}}}, "latent"),
        ({"model__anomaly_feature": "boost"}, "model.anomaly_feature"),
        ({"model__anomaly_feature": "knn", "train__bag": 3}, "train.bag"),
    ):
        with pytest.raises(SettingError, match=said):
            check_scorers(few(**changes))


def test_a_window_that_holds_nothing_usual_is_refused() -> None:
    records, study = snapshot().records, few()
    views = bench(records, first_fold(records, study), study).views
    with pytest.raises(DataError, match="not known as fraud"):
        usual_places(replace(views, label=np.ones(views.rows.size)), views.rows)


def test_the_report_states_the_caps_that_hold() -> None:
    said = text("unsupervised.intro")
    assert f"{MOST_FIT:,}" in said
    assert f"{MOST_OF['knn']:,}" in said
