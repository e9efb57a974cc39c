"""Runs of the pages on a cut: the same command with the settings that make it small, each made once."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from command_line import flags_of, said

import barograph as bg
from barograph.core.ledger_study import LedgerStudy
from barograph.core.level_study import LevelStudy
from barograph.core.panel_study import PanelStudy
from barograph.core.scoring_study import ScoringStudy
from barograph.core.study import Study
from barograph.pipeline import settings

FEW: dict[str, Any] = {"train.max_steps": 20, "train.check_every": 10, "train.seeds": 1, "train.workers": 1}
CUT: dict[type, dict[str, Any]] = {
    Study: {"train.refit_every": 700, "train.baseline_refit_every": 700, "evaluate.bootstrap": 100},
    ScoringStudy: {"train.trials": 1, "evaluate.folds": 2, "evaluate.repeats": 1, "evaluate.bootstrap": 100},
    PanelStudy: {"train.refit_months": 36, "train.calibration_months": 12, "evaluate.bootstrap": 50},
    LevelStudy: {},
    LedgerStudy: {"deploy.simulated_years": 10_000, "deploy.bootstrap": 20},
}
"""What makes a run of each kind of study small, beside a few steps of one seed."""

MADE = {
    "demo": "market/volatility --set collect.entities=[aapl,jpm,ko,unh,xom] --set collect.since=2015-01-01 "
    "--set collect.until=null --set evaluate.test_since=2019-01-01",
    "loans": "credit/default --data loans.csv --target defaulted --time granted --entity customer "
    "--protected sex,age --set collect.known_after=12 --set collect.amount=amount",
    "rates": "rates/curve --set collect.since=2007-01-01 --set evaluate.test_since=2011-01-01 "
    "--set evaluate.development_until=2012-12-31",
    "fx": "fx/volatility --set collect.entities=[usd,gbp,jpy,chf]",
}
"""Bundle that pages speak of -> how it came about."""


def few(study: str) -> dict[str, Any]:
    """The settings that cut a study, a recipe's name or a YAML file."""
    return FEW | CUT[type(settings.load(study))]


def cut(words: list[str]) -> list[str]:
    """The arguments of a `run` with a quick budget and few steps; its own settings come last and count."""
    study, rest = words[1], words[2:]
    if "--budget" in rest:
        at = rest.index("--budget")
        rest = rest[:at] + rest[at + 2 :]
    return ["run", study, "--budget", "quick", *flags_of(few(study)), *rest]


class Desk:
    """Obeys commands in the working directory; a run that was made before is laid there again."""

    def __init__(self, kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.kept, self.capsys = kept, capsys

    def obey(self, words: list[str]) -> None:
        """One command line that must succeed; what it prints goes into the file after `>`."""
        self.provide(" ".join(words))
        out = None
        if ">" in words:
            words, out = words[: words.index(">")], words[words.index(">") + 1]
        if words[1] == "run":
            self.run(words[1:])
        else:
            printed = said(self.capsys, *words[1:])
            if out is not None:
                Path(out).write_text(printed, encoding="utf-8")

    def provide(self, text: str) -> None:
        """Make the bundles named in a text that are not there."""
        for name in re.findall(r"runs/(\w+)/bundle", text):
            if not Path("runs", name).exists():
                self.run(["run", *MADE[name].split(), "--out", f"runs/{name}"])

    def run(self, words: list[str]) -> None:
        """A run on the cut, or a copy of the one that these words made before."""
        at = words.index("--out") if "--out" in words else None
        out = Path(words[at + 1]) if at is not None else None
        words = words if at is None else words[:at] + words[at + 2 :]
        settled = Path(words[1]).read_text(encoding="utf-8") if words[1].endswith(".yaml") else ""
        kept = self.kept / hashlib.sha256(f"{cut(words)}{settled}".encode()).hexdigest()[:16]
        if not kept.exists():
            said(self.capsys, *cut(words), "--out", str(kept))
        if out is not None:
            shutil.rmtree(out, ignore_errors=True)
            shutil.copytree(kept, out, copy_function=os.link)


def cut_run(study: str, **given: Any) -> bg.Run:
    """`barograph.run` on the cut."""
    changes = few(study) | dict(given.pop("settings", {}))
    return bg.run(study, **{**given, "settings": changes, "budget": "quick"})
