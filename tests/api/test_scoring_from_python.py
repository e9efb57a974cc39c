"""Credit from Python: frames of any kind in and the same kind out; what a run hands back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml

import barograph
from barograph.api.answer import Scorer
from barograph.core.errors import BundleError, SettingError
from small_scoring import TINY, book, finished, losses

OWN: dict[str, Any] = {
    **{key: value for key, value in TINY.items() if key.startswith("train.")},
    **{key: TINY[key] for key in ("prepare.bins", "evaluate.bootstrap", "deploy.reference_records")},
    "model.settings": {"mlp": {"hidden": (8,)}},
    "evaluate.folds": 2,
    "evaluate.repeats": 1,
    "evaluate.leak_removal": 0.5,
    "collect.ignore": ("made", "loan", "sex"),
}


@pytest.fixture(scope="module")
def model() -> Scorer:
    made = barograph.load(finished().bundle)
    assert isinstance(made, Scorer)
    return made


def test_a_run_s_json_is_what_stands_in_its_folder() -> None:
    run = finished()
    stored = json.loads((run.folder / "result.json").read_text("utf-8"))
    assert json.loads(json.dumps(run.to_json())) == stored
    assert run.to_json()["verdict"] == run.verdict.standing
    assert run.report.is_file()
    assert 100 < run.peak_rss_mib < 8192
    kept = yaml.safe_load((run.folder / "study.yaml").read_text("utf-8"))
    assert kept == json.loads(run.outcome.study.model_dump_json())


def test_a_study_of_own_records_keeps_its_protocol_and_deny_list_when_given_data() -> None:
    """Only a recipe of packaged records gives up what speaks of them."""
    study = finished().outcome.study
    assert study.evaluate.protocols == ("origin",)
    assert study.evaluate.origins == (2014, 2015)
    assert study.collect.deny == TINY["collect.deny"]
    with pytest.raises(barograph.InputError, match="it is known only after default"):
        barograph.run(study, data=book().with_columns(recovered=pl.lit(1.0)))


def test_the_kind_of_frame_that_comes_in_goes_out(model: Scorer, tmp_path: Path) -> None:
    new = book(3, seed=5).drop("bad")
    answer = model.predict(new)
    assert isinstance(answer, pl.DataFrame)
    pandas, arrow = model.predict(new.to_pandas()), model.predict(new.to_arrow())
    assert type(pandas).__module__.startswith("pandas")
    assert type(arrow).__module__.startswith("pyarrow")
    new.write_parquet(tmp_path / "new.parquet")
    others = [pl.from_pandas(pandas), pl.from_arrow(arrow), model.predict(tmp_path / "new.parquet")]
    for other in [*others, model.predict(new.to_dicts())]:
        assert isinstance(other, pl.DataFrame)
        np.testing.assert_allclose(other["probability"], answer["probability"], rtol=1e-12)
        assert other["grade"].to_list() == answer["grade"].to_list()


def test_the_order_and_the_company_of_a_record_do_not_change_its_figure(model: Scorer) -> None:
    new = book(12, seed=5).drop("bad")
    answer = model.predict(new)
    places = np.random.default_rng(0).permutation(new.height)
    mixed = model.predict(new[places].select(reversed(new.columns)))
    assert mixed["record_id"].to_list() == answer["record_id"][places].to_list()
    np.testing.assert_allclose(mixed["probability"], answer["probability"][places], atol=1e-6)


def test_what_the_model_does_not_know_is_not_looked_at(model: Scorer) -> None:
    """Label, customer, protected and further columns change nothing; an unseen category is flagged."""
    new = book(3, seed=5)
    plain = model.predict(new.drop("bad", "customer", "sex"))
    more = new.with_columns(bad=1 - pl.col("bad"), sex=pl.lit("x"), recovered=pl.lit(9.0), other=pl.lit("z"))
    assert model.predict(more).equals(plain)
    assert (plain["unseen"] == "").all()
    strange = model.predict(new.with_columns(region=pl.lit("moon"), purpose=pl.lit("rocket")))
    assert set(strange["unseen"]) == {"region, purpose"}
    assert strange["probability"].is_between(0, 1, closed="none").all()


def test_a_record_of_nothing_but_gaps_is_scored(model: Scorer) -> None:
    new = book(2, seed=5).drop("bad")
    features = [name for name in new.columns if name not in ("loan", "made", "customer", "sex")]
    empty = model.predict(new.with_columns(pl.lit(None).alias(name) for name in features))
    assert empty["probability"].is_between(0, 1, closed="none").all()
    assert empty["probability"].max() == pytest.approx(empty["probability"].min(), abs=1e-6)


def test_records_far_from_the_training_population_are_said_to_be(model: Scorer) -> None:
    new = book(10, seed=5).drop("bad")
    usual = model.predict(new)
    far = model.predict(
        new.with_columns(income=pl.lit(1e6), debt=pl.lit(-1e6), tenure=pl.lit(1e6), amount=pl.lit(1e9))
    )
    assert usual["population_rank"].mean() == pytest.approx(0.5, abs=0.15)
    assert usual["unlike_training"].mean() < 0.1
    assert far["unlike_training"].all()


def test_an_own_table_without_time_runs_from_pandas(tmp_path: Path) -> None:
    made = barograph.run(
        "credit",
        data=book(100).to_pandas(),
        target="bad",
        entity="customer",
        network=["mlp"],
        settings=OWN | {"deploy.champion": "scorecard"},
        budget="quick",
        out=tmp_path / "run",
    )
    assert made.outcome.snapshot.records.n == 700, "the packaged sample's share does not thin own data"
    assert [one.protocol for one in made.outcome.record.protocols] == ["cross_validation"]
    assert {claim.verdict for claim in made.claims} <= {"better", "indistinguishable", "worse"}
    assert barograph.load(made.bundle).predict(book(1))["probability"].is_between(0, 1).all()


def test_own_losses_given_default_run_from_arrow(tmp_path: Path) -> None:
    made = barograph.run(
        "credit/lgd",
        data=losses(100).to_arrow(),
        target="lost",
        network=["mlp"],
        settings=OWN | {"deploy.champion": "fractional_logit"},
        budget="quick",
        out=tmp_path / "run",
    )
    assert {"r2", "mae", "spearman"} <= {score.metric for score in made.scores if score.value is not None}
    model = barograph.load(made.bundle)
    answer = model.predict(losses(2))
    assert "probability" not in answer.columns
    assert answer["loss"].is_between(0, 1).all()
    assert answer["loss"].n_unique() > 5
    with pytest.raises(BundleError, match="loss"):
        barograph.assess(made.bundle, losses(2))


def test_a_time_named_in_the_settings_splits_by_time(tmp_path: Path) -> None:
    """As with `time=`: no random split unasked. Here no vintage can be scored, and nothing is left behind."""
    settings = OWN | {"collect.time": "made", "collect.ignore": ("loan",), "collect.known_after": 120}
    with pytest.raises(barograph.InputError, match="a walk-forward needs a vintage to score"):
        barograph.run("credit", data=book(60), target="bad", settings=settings, out=tmp_path / "run")
    assert not list(tmp_path.iterdir())


def test_a_protected_column_belongs_to_records() -> None:
    with pytest.raises(SettingError, match="protected"):
        barograph.run("market/volatility", protected=["sex"])
