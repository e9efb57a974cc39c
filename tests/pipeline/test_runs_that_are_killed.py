"""A run that is killed goes on where it stood and ends with the numbers of an undisturbed one."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from killing import TESTS, check_went_on, killed_at, numbers_of

from barograph.api.study import run
from barograph.core.errors import SettingError, StorageError
from small_study import finished, market, small_study

SMALL_RUN = """
from small_study import market, small_study
study, data = small_study(), market()
"""


@pytest.mark.parametrize(
    ("stage", "steps"),
    [
        ("rnn", 1),
        pytest.param("baselines", 4, marks=pytest.mark.soak),
        pytest.param("evaluate", 2, marks=pytest.mark.soak),
    ],
)
def test_a_killed_run_resumes_to_the_numbers_of_an_undisturbed_one(
    tmp_path: Path, stage: str, steps: int
) -> None:
    target = tmp_path / "run"
    killed_at(SMALL_RUN, stage, steps, target)
    part = tmp_path / "run.part"
    kept = {path: path.stat().st_mtime_ns for path in (part / "work").glob("*.npz")}
    assert kept
    assert not target.exists()
    resumed = run(small_study(train__workers=2), data=market(), out=target, resume=True)  # elsewhere: it may
    assert not part.exists()
    check_went_on(resumed.folder, finished().folder)


def test_a_resumed_run_reads_what_was_done_and_says_where_it_is_damaged(tmp_path: Path) -> None:
    target = tmp_path / "run"
    killed_at(SMALL_RUN, "baselines", 4, target)
    kept = sorted((tmp_path / "run.part" / "work").glob("*.npz"))
    kept[0].write_bytes(b"no outcome any more")
    with pytest.raises(StorageError, match="is damaged") as caught:
        run(small_study(), data=market(), out=target, resume=True)
    assert kept[0].name in str(caught.value)
    assert kept[0].read_bytes() == b"no outcome any more"


def test_other_settings_or_data_do_not_resume(tmp_path: Path) -> None:
    target = tmp_path / "run"
    killed_at(SMALL_RUN, "baselines", 1, target)
    before = sorted((tmp_path / "run.part").rglob("*"))
    with pytest.raises(SettingError, match="must have the settings and data"):
        run(small_study(train__seeds=3), data=market(), out=target, resume=True)
    with pytest.raises(SettingError, match="must have the settings and data"):
        run(small_study(), data=market(seed=2), out=target, resume=True)
    assert sorted((tmp_path / "run.part").rglob("*")) == before


def test_a_pool_of_processes_gives_the_bits_of_one_process(tmp_path: Path) -> None:
    pooled = run(small_study(train__workers=2), data=market(), out=tmp_path / "run")
    assert numbers_of(pooled.folder) == numbers_of(finished().folder)
    for name, distribution in finished().outcome.out.distributions.items():
        other = pooled.outcome.out.distributions[name]
        assert distribution.quantiles.tobytes() == other.quantiles.tobytes(), name


@pytest.mark.soak
def test_the_same_run_twice_gives_the_same_bits(tmp_path: Path) -> None:
    again = run(small_study(), data=market(), out=tmp_path / "run")
    assert numbers_of(again.folder) == numbers_of(finished().folder)
    for name in ("parts/mlp.safetensors", "parts/tails.json", "state/live.json"):
        assert (again.bundle / name).read_bytes() == (finished().bundle / name).read_bytes(), name


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """A folder that passes for an earlier run."""
    target = tmp_path / "run"
    target.mkdir()
    (target / "barograph-run.json").write_text("{}", encoding="utf-8")
    (target / "result.json").write_text('{"kept": true}', encoding="utf-8")
    return target


class Failing:
    """A `Progress` at which the run breaks."""

    def stage(self, name: str, total: int) -> None:
        if name == "evaluate":
            raise RuntimeError("the machine is on fire")

    def advance(self, n: int = 1) -> None:
        pass

    def close(self) -> None:
        pass


def test_a_finished_run_survives_a_second_one_that_fails(earlier: Path) -> None:
    with pytest.raises(RuntimeError, match="on fire"):
        run(small_study(model__networks=("mlp",)), data=market(), out=earlier, progress=Failing())
    assert json.loads((earlier / "result.json").read_text(encoding="utf-8")) == {"kept": True}


def test_a_folder_with_something_else_is_not_touched(tmp_path: Path) -> None:
    target = tmp_path / "photos"
    target.mkdir()
    (target / "holiday.jpg").write_bytes(b"sea")
    with pytest.raises(SettingError, match="holds something else"):
        run(small_study(), data=market(), out=target)
    assert os.listdir(tmp_path) == ["photos"]
    assert os.listdir(target) == ["holiday.jpg"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    target = tmp_path / "notes.txt"
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(SettingError, match="must be new, empty, or an earlier run"):
        run(small_study(), data=market(), out=target)
    with pytest.raises(StorageError, match="must be writable"):
        run(small_study(), data=market(), out=target / "below")
    assert target.read_text(encoding="utf-8") == "mine"
    assert os.listdir(tmp_path) == ["notes.txt"]


LIMITED = """
import resource, sys
sys.path.insert(0, sys.argv[1])
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from small_study import market, small_study
from barograph.api.study import run
from barograph.core.errors import StorageError

market_table, study = market(), small_study(model__networks=("mlp",), train__workers=int(sys.argv[4]))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    run(study, data=market_table, out=sys.argv[2])
except StorageError as error:
    print(error)
    raise SystemExit(2)
"""


@pytest.mark.parametrize(("most", "workers"), [(2_000, 1), (60_000, 1), (60_000, 2)])
def test_where_files_can_grow_no_further_the_message_says_so_and_nothing_is_damaged(
    earlier: Path, most: int, workers: int
) -> None:
    """A limit on the size of files stands in for a full disk: both make a write fail half way."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(TESTS), str(earlier), str(most), str(workers)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 2, done.stderr
    assert "must be writable and its disk must have room" in done.stdout
    assert json.loads((earlier / "result.json").read_text(encoding="utf-8")) == {"kept": True}
    assert not list(earlier.parent.rglob("*.new")) or (earlier.parent / "run.part").exists()
