"""Settings: what is asked for is what runs, and whatever is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.errors import InputError, SettingError
from barograph.core.plain_yaml import parse, written
from barograph.core.study import Claim, Study
from barograph.pipeline import settings
from barograph.pipeline.setting_errors import SETTINGS
from barograph.risks.catalogue import RECIPES

STUDIES = pytest.mark.parametrize("name", sorted(RECIPES))
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)


def message_of(action: object, *arguments: object, **keywords: object) -> str:
    with pytest.raises(InputError) as caught:
        action(*arguments, **keywords)  # type: ignore[operator]
    return str(caught.value)


@STUDIES
@pytest.mark.parametrize("budget", ["quick", "standard", "full"])
def test_a_written_study_reads_back_as_the_same_study(tmp_path: Path, name: str, budget: str) -> None:
    study = settings.load(name, budget=budget)
    file = tmp_path / "my.yaml"
    file.write_text(settings.dump(study), encoding="utf-8")
    assert settings.load(file) == study
    assert settings.load(str(file)) == study


@STUDIES
def test_any_yaml_reader_understands_a_written_study(name: str) -> None:
    study = settings.load(name, budget="full")
    assert type(study).model_validate(yaml.safe_load(settings.dump(study))) == study


@STUDIES
def test_every_setting_of_a_written_study_stands_under_its_explanation(name: str) -> None:
    study = settings.load(name)
    lines = settings.dump(study).splitlines()
    for key, field in SETTINGS[study.engine].items():
        above, _, leaf = key.rpartition(".")
        if above.count(".") and not any(line.strip() == f"{above.rpartition('.')[2]}:" for line in lines):
            continue  # of a section that this study does without
        places = [i for i, line in enumerate(lines) if line.strip().startswith(f"{leaf}:")]
        assert any(field.description.splitlines()[-1].strip() in lines[i - 1] for i in places), key


@given(
    question=NAMES,
    entities=st.lists(NAMES, unique=True, max_size=4),
    since=st.dates().map(lambda day: day.isoformat()),
    rate=st.floats(1e-12, 1e6),
    days=st.dictionaries(NAMES, st.dates().map(lambda day: day.isoformat()), max_size=3),
)
def test_whatever_the_values_writing_and_reading_returns_them(
    question: str, entities: list[str], since: str, rate: float, days: dict[str, str]
) -> None:
    study = settings.with_overrides(
        Study(name="my/own", question=question),
        {
            "collect.entities": entities,
            "collect.since": since,
            "train.learning_rate": rate,
            "evaluate.test_since_of": days,
        },
    )
    assert Study.model_validate(parse(settings.dump(study), where="a dump")) == study


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | NAMES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=8,
    )
)
def test_plain_data_survives_yaml(value: object) -> None:
    back = parse(written(value), where="a line")
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("word", ["ON", "no", "0700", "1:30", "2015-01-01", "1e5x", "yes", "0x10", "<<"])
def test_words_that_older_yaml_takes_for_something_else_stay_words(word: str) -> None:
    assert parse(f"[{word}]", where="a line") == [word]


@pytest.mark.parametrize(
    ("text", "number"), [("1e-3", 1e-3), ("-2", -2), (".5", 0.5), ("1.", 1.0), ("+7", 7)]
)
def test_numbers_are_numbers(text: str, number: float) -> None:
    assert parse(text, where="a line") == number


def test_a_name_means_the_standard_budget_and_a_risk_its_default_study() -> None:
    assert settings.load("market") == settings.load("market/volatility", budget="standard")
    assert settings.load("market").budget == "standard"


def test_a_budget_replaces_what_another_budget_had_changed() -> None:
    full = settings.load("market", budget="full")
    assert settings.load(full, budget="quick") == settings.load("market", budget="quick")


def test_a_budget_leaves_own_settings_alone() -> None:
    own = settings.with_overrides(settings.load("market"), {"train.clip": 0.5})
    assert settings.load(own, budget="quick").train.clip == 0.5


def test_a_short_file_takes_the_rest_from_its_recipe(tmp_path: Path) -> None:
    file = tmp_path / "short.yaml"
    file.write_text("name: market/volatility\nbudget: quick\ntrain:\n  batch: 64\nmodel:\n", encoding="utf-8")
    expected = settings.with_overrides(settings.load("market", budget="quick"), {"train.batch": 64})
    assert settings.load(file) == expected


def test_a_study_of_ones_own_needs_a_name_and_a_question(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("name: my/own\nquestion: What moves?\n", encoding="utf-8")
    assert settings.load(file) == Study(name="my/own", question="What moves?")
    assert "your own" in message_of(settings.load, file, budget="quick")
    file.write_text("name: market/volatilty\n", encoding="utf-8")
    assert "did you mean 'market/volatility'" in message_of(settings.load, file).lower()
    file.write_text("question: What moves?\n", encoding="utf-8")
    assert "name must be given" in message_of(settings.load, file)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("train.seeds", "4", 4),
        ("train.learning_rate", "1e-3", 1e-3),
        ("prepare.horizons", "1,5", (1, 5)),
        ("prepare.horizons", "[1, 5]", (1, 5)),
        ("prepare.horizons", "1", (1,)),
        ("model.networks", "cnn, rnn", ("cnn", "rnn")),
        ("model.networks", "cnn", ("cnn",)),
        ("collect.entities", "0700,ON", ("0700", "ON")),
        ("collect.since", "2010-01-01", "2010-01-01"),
        ("collect.since", "null", None),
        ("collect.source", "123", "123"),
        ("collect.columns.close", "Adj Close", {"close": "Adj Close"}),
        ("evaluate.test_since_of.brk.b", "2011-01-01", {"brk.b": "2011-01-01"}),
        ("model.settings.rnn.hidden", "32", {"rnn": {"hidden": 32}}),
        ("model.settings", "{rnn: {cell: gru}}", {"rnn": {"cell": "gru"}}),
    ],
)
def test_a_setting_given_as_text_is_read_as_its_kind(key: str, text: str, value: object) -> None:
    section, leaf = key.split(".")[:2]
    study = settings.with_overrides(settings.load("market", budget="quick"), {key: text})
    assert getattr(getattr(study, section), leaf) == value


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("train.sedes", "'train.seeds'"),
        ("trian.seeds", "'train.seeds'"),
        ("seeds", "'train.seeds'"),
        ("train.networks", "'model.networks'"),
        ("evaluate.test_sinse", "'evaluate.test_since'"),
        ("bugdet", "'budget'"),
        ("zzz", "collect"),
        ("", "collect"),
    ],
)
def test_a_wrong_key_names_the_nearest_right_one(key: str, hint: str) -> None:
    said = message_of(settings.with_overrides, settings.load("market"), {key: 1})
    assert f"'{key}'" in said
    assert hint in said


@pytest.mark.parametrize(
    ("body", "key", "hint"),
    [
        ("train: {sedes: 1}", "train.sedes", "'train.seeds'"),
        ("evalute: {}", "evalute", "evaluate"),
        (
            "evaluate: {claims: [{key: a, rung: floor, kind: never_worse, oponent: har}]}",
            "evaluate.claims.0.oponent",
            "'opponent'",
        ),
    ],
)
def test_a_wrong_key_in_a_file_names_the_nearest_right_one(
    tmp_path: Path, body: str, key: str, hint: str
) -> None:
    file = tmp_path / "my.yaml"
    file.write_text(f"name: market/volatility\n{body}\n", encoding="utf-8")
    said = message_of(settings.load, file)
    assert f"'{key}'" in said
    assert hint in said
    assert "my.yaml" in said


@pytest.mark.parametrize(
    ("key", "value", "must"),
    [
        ("train.seeds", "many", "whole number"),
        ("train.seeds", "1.5", "whole number"),
        ("train.seeds", "0", "at least 1"),
        ("train.seeds", True, "true or false"),
        ("train.seeds", None, "whole number"),
        ("train.learning_rate", "0", "above 0"),
        ("train.learning_rate", float("inf"), "finite"),
        ("train.learning_rate", "nan", "finite"),
        ("evaluate.event_quantile", 1, "below 1"),
        ("prepare.window", 261, "at most 260"),
        ("model.head", "qlik", "did you mean 'qlike'"),
        ("budget", "quik", "did you mean 'quick'"),
        ("model.settings", "3", "mapping"),
        ("model.settings", "[", "valid YAML"),
        ("collect.source", 5, "text"),
        ("prepare.horizons", {"a": 1}, "list"),
        ("prepare.horizons", "5,1", "ascending"),
        ("prepare.horizons", "1,1", "ascending"),
        ("prepare.horizons", "0,1", "at least 1"),
        ("prepare.horizons", "", "at least 1"),
        ("prepare.horizons", "5,22", "horizon that is forecast"),
        ("train.baseline_refit_every", 99, "at most train.refit_every"),
        ("evaluate.test_since", "2015-13-01", "ISO day"),
        ("evaluate.test_since", "20150101", "ISO day"),
        ("evaluate.test_since_of.ko", "soon", "ISO day"),
        ("model.networks", "mlp,mlp", "once"),
        ("evaluate.claims.0.share", "1", "YAML file"),
        ("train", {"seeds": 1}, "known key"),
    ],
)
def test_a_wrong_value_says_what_must_hold_and_which_key(key: str, value: object, must: str) -> None:
    said = message_of(settings.with_overrides, settings.load("market"), {key: value})
    assert must.lower() in said.lower()
    assert key in said


def test_an_interval_that_ends_before_it_begins_is_refused() -> None:
    backwards = {"collect.since": "2015-01-01", "collect.until": "2014-01-01"}
    assert "collect.until" in message_of(settings.with_overrides, settings.load("market"), backwards)


def test_all_complaints_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "my.yaml"
    file.write_text("name: market/volatility\ntrain: {seeds: x, batch: y}\n", encoding="utf-8")
    said = message_of(settings.load, file)
    assert "train.seeds" in said
    assert "1 more: train.batch" in said


@pytest.mark.parametrize(
    ("content", "must"),
    [
        (b"", "holds nothing"),
        (b"- a\n", "holds list"),
        (b"just words\n", "holds str"),
        (b"train: {seeds: 1\n", "valid YAML"),
        (b"name: a\nname: b\n", "given twice"),
        (b"name: a\n1: b\n", "not text"),
        (b"name: !!python/object/apply:os.getcwd []\n", "valid YAML"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"[" * 5000, "valid YAML"),
        (b"name: market/volatility\ntrain: 5\n", "train must be a section"),
    ],
)
def test_a_file_that_is_no_study_is_refused_in_words(tmp_path: Path, content: bytes, must: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_bytes(content)
    said = message_of(settings.load, file)
    assert must in said
    assert "bad.yaml" in said or "train" in said


def test_a_file_that_is_not_there_or_a_folder_is_refused_in_words(tmp_path: Path) -> None:
    assert "nowhere.yaml" in message_of(settings.load, str(tmp_path / "nowhere.yaml"))
    assert "directory" in message_of(settings.load, tmp_path).lower()


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("market/volatilty", "market/volatility"),
        ("markt/volatility", "market/volatility"),
        ("credit/defualt", "credit/default"),
        ("credit/german-credit", "credit/german"),
        ("", "market/volatility"),
    ],
)
def test_an_unknown_study_names_the_nearest_one(name: str, nearest: str) -> None:
    with pytest.raises(SettingError, match=nearest):
        settings.load(name)


def test_an_unknown_budget_names_the_nearest_one() -> None:
    assert "'standard'" in message_of(settings.load, "market", budget="standart")


def test_what_is_shipped_is_plain_and_complete() -> None:
    rows = {row["study"]: row for row in settings.shipped()}
    assert list(rows) == sorted(RECIPES)
    for row in rows.values():
        assert set(row["budgets"]) == {"quick", "standard", "full"}
        assert row["question"]
        assert row["source"]
        assert row["baselines"]
    assert rows["market/volatility"]["budgets"]["quick"]["entities"] == ["sp500", "wti", "ko"]
    assert rows["credit/default"]["budgets"]["quick"]["entities"] == []
    assert "tabm" in rows["credit/default"]["budgets"]["quick"]["networks"]


def test_a_claim_outside_its_range_is_refused() -> None:
    study = settings.load("market")
    bad = study.evaluate.model_copy(
        update={"claims": (Claim(key="a", rung="floor", kind="never_worse", share=0),)}
    )
    said = message_of(settings.with_overrides, study.model_copy(update={"evaluate": bad}), {})
    assert "'a'" in said
