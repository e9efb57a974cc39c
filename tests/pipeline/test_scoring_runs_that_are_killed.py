"""A scoring run that is killed goes on where it stood and ends with the numbers of an undisturbed one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from killing import check_went_on, killed_at, numbers_of

from barograph.api.study import run
from barograph.core.errors import SettingError
from small_scoring import book, finished, small_scoring

SMALL_RUN = """
from small_scoring import book, small_scoring
study, data = small_scoring(), book()
"""


def test_a_killed_run_resumes_to_the_numbers_of_an_undisturbed_one(tmp_path: Path) -> None:
    """Killed after one fold; other settings and data are refused first, and spoil nothing."""
    target, part = tmp_path / "run", tmp_path / "run.part"
    killed_at(SMALL_RUN, "folds", 1, target)
    before = {path: path.stat().st_mtime_ns for path in part.rglob("*.npz")}
    assert before
    assert not target.exists()
    for study, data in ((small_scoring(train__seeds=2), book()), (small_scoring(), book(seed=2))):
        with pytest.raises(SettingError, match="must have the settings and data"):
            run(study, data=data, out=target, resume=True)
    assert {path: path.stat().st_mtime_ns for path in part.rglob("*.npz")} == before
    resumed = run(small_scoring(), data=book(), out=target, resume=True)
    assert not part.exists()
    check_went_on(resumed.folder, finished().folder)


def check_same(folder: Path) -> None:
    assert numbers_of(folder) == numbers_of(finished().folder)
    ours, theirs = (where / "bundle" / "parts" for where in (folder, finished().folder))
    names = sorted(os.listdir(theirs))
    assert sorted(os.listdir(ours)) == names
    for name in names:
        if not name.endswith(".onnx"):  # graphs carry names that the exporter counts up
            assert (ours / name).read_bytes() == (theirs / name).read_bytes(), name


@pytest.mark.soak
def test_a_pool_of_processes_gives_the_bits_of_one_process(tmp_path: Path) -> None:
    check_same(run(small_scoring(train__workers=2), data=book(), out=tmp_path / "run").folder)


@pytest.mark.soak
def test_the_same_run_twice_gives_the_same_bits(tmp_path: Path) -> None:
    check_same(run(small_scoring(), data=book(), out=tmp_path / "run").folder)
