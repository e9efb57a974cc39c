"""The command line: exit codes, one message, one JSON object, nothing on the wrong stream."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import typer

import barograph.cli.commands
import barograph.cli.fault
from barograph.cli import main
from barograph.cli.overview import COMMANDS
from barograph.cli.run import names, pairs
from barograph.cli.source import with_query
from barograph.core.errors import InputError, SettingError
from barograph.pipeline import settings
from barograph.risks.catalogue import RECIPES


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    out, err = capsys.readouterr()
    return int(left.value.code or 0), out, err


def process(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from barograph.cli import main; main()", *arguments]
    environment = {**os.environ, "NO_COLOR": "1", **variables}
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, encoding="utf-8", check=False
    )


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = answer(capsys, "--help")
    assert (code, err) == (0, "")
    for name in COMMANDS:
        assert f" {name} " in out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str], name: str) -> None:
    code, out, err = answer(capsys, name, "--help")
    assert (code, err) == (0, "")
    assert "Usage" in out


def test_who_stops_reading_is_no_fault_of_ours() -> None:
    command = [sys.executable, "-c", "from barograph.cli import main; main()"]
    with subprocess.Popen([*command, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


def test_help_speaks_the_language_asked_for() -> None:
    done = process("--help", BAROGRAPH_LANG="zh")
    assert done.returncode == 0
    assert "列出内置的研究" in done.stdout


def test_a_language_that_is_not_shipped_is_refused() -> None:
    done = process("studies", BAROGRAPH_LANG="fr")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "en, zh" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_loads_nothing_that_computes() -> None:
    script = (
        "import sys\n"
        "from barograph.cli import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'numpy', 'polars', 'pydantic', 'torch', 'scipy', 'plotly', 'onnxruntime', 'pandas'}\n"
        "heavy |= {'typer', 'rich'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "--version") == (0, f"barograph {barograph.__version__}\n", "")


@pytest.mark.parametrize("arguments", [["studie"], ["run"], ["run", "--no-such"], ["init"], []])
def test_wrong_usage_leaves_with_2(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    code, _, err = answer(capsys, *arguments)
    assert code == 2
    assert "Traceback" not in err


def test_the_studies_are_listed_in_full_where_nobody_sees_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = answer(capsys, "studies")
    assert (code, err) == (0, "")
    for row in settings.shipped():
        assert row["study"] in out
        assert row["question"] in out
        assert ", ".join(row["budgets"]["standard"]["entities"]) in out


def test_reasons_are_not_asked_of_a_cluster(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = answer(
        capsys, "predict", "bundle", "--data", "book.parquet", "--reasons", "--engine", "ray"
    )
    assert (code, out) == (2, "")
    assert "--reasons must be worked out in one process; --engine is ray." in " ".join(err.split())


def test_the_studies_are_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = answer(capsys, "studies", "--json")
    assert (code, err) == (0, "")
    assert [row["study"] for row in json.loads(out)["studies"]] == sorted(RECIPES)


@pytest.mark.parametrize("name", sorted(RECIPES))
@pytest.mark.parametrize("budget", ["quick", "standard", "full"])
def test_init_writes_a_file_that_means_the_same_study(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, budget: str
) -> None:
    code, out, err = answer(capsys, "init", name, "--budget", budget)
    assert (code, err) == (0, "")
    file = tmp_path / "my.yaml"
    file.write_text(out, encoding="utf-8")
    assert settings.load(file) == settings.load(name, budget=budget)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["init", "market/volatilty"], "'market/volatility'"),
        (["init", "market", "--budget", "quik"], "'quick'"),
        (["run", "market/volatilty"], "'market/volatility'"),
        (["run", "nowhere.yaml"], "nowhere.yaml"),
        (["run", "market", "--set", "train.sedes=1"], "'train.seeds'"),
        (["run", "market", "--set", "train.seeds"], "KEY=VALUE"),
        (["run", "market", "--set", "train.seeds=many"], "whole number"),
        (["run", "market", "--network", ","], "--network must name at least one"),
        (["run", "market", "--network", "mpl"], "'mlp'"),
        (["run", "market", "--budget", "ful"], "'full'"),
        (["run", "market", "--lang", "fr"], "en, zh"),
        (["run", "market", "--protected", "sex"], "--protected belongs to a study of records"),
        (["run", "credit", "--protected", ","], "--protected must name at least one"),
        (["run", "credit", "--network", "tabn"], "'tabm'"),
        (["run", "credit/german", "--network", "rnn"], "needs a history"),
        (["run", "credit", "--set", "train.trails=1"], "'train.trials'"),
        (["run", "market", "--json", "--set", "evaluate.test_sinse=x"], "'evaluate.test_since'"),
    ],
)
def test_bad_input_is_one_message_on_stderr_and_leaves_with_2(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    hint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = answer(capsys, *arguments)
    assert (code, out) == (2, "")
    assert hint in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


class Raising:
    """An application that ends the way it is told to."""

    def __init__(self, ending: BaseException) -> None:
        self.ending = ending

    def __call__(self, arguments: Sequence[str]) -> typer.Typer:
        app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)

        @app.command(context_settings={"ignore_unknown_options": True})
        def command(rest: list[str]) -> None:
            raise self.ending

        return app


def test_our_own_fault_leaves_with_1_one_line_and_a_traceback_in_a_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(barograph.cli.commands, "application", Raising(ValueError("odd\nsecond line")))
    monkeypatch.setattr(barograph.cli.fault.tempfile, "tempdir", str(tmp_path))
    code, out, err = answer(capsys, "x")
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "ValueError: odd" in err
    (kept,) = tmp_path.iterdir()
    assert str(kept) in err
    assert "Traceback" in kept.read_text(encoding="utf-8")


def test_debug_shows_the_traceback_wherever_it_stands(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(barograph.cli.commands, "application", Raising(ValueError("odd")))
    for arguments in (["--debug", "x"], ["x", "--debug"]):
        code, out, err = answer(capsys, *arguments)
        assert (code, out) == (1, "")
        assert "Traceback" in err
        assert "ValueError: odd" in err.splitlines()[-1]


def test_a_traceback_that_no_file_can_hold_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(barograph.cli.commands, "application", Raising(ValueError("odd")))
    monkeypatch.setattr(barograph.cli.fault.tempfile, "tempdir", str(tmp_path / "missing"))
    code, _, err = answer(capsys, "x")
    assert code == 1
    assert "Traceback" in err


@pytest.mark.parametrize(
    ("ending", "expected"),
    [(KeyboardInterrupt(), 130), (InputError("a", came="b", do="c"), 2), (MemoryError(), 1)],
)
def test_each_ending_has_its_exit_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, ending: BaseException, expected: int
) -> None:
    monkeypatch.setattr(barograph.cli.commands, "application", Raising(ending))
    assert answer(capsys, "x")[0] == expected


def test_networks_are_named_with_commas_or_flags() -> None:
    assert names(["mlp, rnn", "cnn"]) == ("mlp", "rnn", "cnn")
    assert names([]) == ()


def test_a_setting_s_value_may_hold_an_equals_sign() -> None:
    assert pairs(["a.b=c=d", "a.b = e"]) == {"a.b": "e"}
    assert pairs(["collect.source=x=y"]) == {"collect.source": "x=y"}
    with pytest.raises(SettingError, match="KEY=VALUE"):
        pairs(["=3"])


def test_a_query_needs_a_database_and_goes_behind_it():
    assert with_query("sqlite:///bank.db", "SELECT 1 AS a") == "sqlite:///bank.db#SELECT 1 AS a"
    assert with_query("loans.csv", None) == "loans.csv"
    for data in ("", "loans.csv", "sqlite:///bank.db#loans"):
        with pytest.raises(SettingError, match="must go with --data that names a database"):
            with_query(data, "loans")
