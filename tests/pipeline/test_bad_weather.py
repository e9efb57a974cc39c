"""Bad weather: a folder that is taken, a disk that refuses, memory that runs short, Ctrl-C, dead workers."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
import ray_tasks as tasks
import torch
from killing import TESTS, check_went_on, halted_at

from barograph.api.study import run
from barograph.core.errors import ConflictError, SettingError, StorageError
from barograph.core.shortage import enough_memory
from barograph.pipeline.executors import executor_for
from barograph.pipeline.memory import PeakMemory
from barograph.pipeline.study_text import dump
from barograph.pipeline.workspace import open_workspace
from patience import until
from small_study import market, small_study

SMALL_RUN = """
from small_study import market, small_study
study, data = small_study(), market()
"""


class Enough(Exception):
    """The run came as far as a test wants it."""


class Begun:
    """A `Progress` that ends a run where its baselines begin."""

    def stage(self, name: str, total: int) -> None:
        if name == "baselines":
            raise Enough

    def advance(self, n: int = 1) -> None:
        pass

    def close(self) -> None:
        pass


def test_a_folder_is_one_run_s_and_nobody_s_when_that_was_killed(tmp_path: Path) -> None:
    target, data = tmp_path / "run", market()
    with halted_at(SMALL_RUN, "baselines", 1, target):
        before = sorted((tmp_path / "run.part").rglob("*"))
        for resume in (False, True):
            with pytest.raises(ConflictError, match=r"another run is writing .*run\.part"):
                run(small_study(), data=data, out=target, resume=resume, progress=Begun())
        assert sorted((tmp_path / "run.part").rglob("*")) == before
    for resume in (True, True, False, False):  # nor is it this process's when its run was ended
        with pytest.raises(Enough):
            run(small_study(), data=data, out=target, resume=resume, progress=Begun())


def test_a_folder_that_another_run_moves_away_as_it_is_opened_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, target = os.open, tmp_path / "run"

    def late(path: Path, flags: int) -> int:
        monkeypatch.setattr(os, "open", opened)
        path.rename(target)
        return opened(path, flags)

    monkeypatch.setattr(os, "open", late)
    with open_workspace(target, {}, resume=False) as space:
        assert space.part.is_dir()
    assert target.is_dir()


def test_memory_and_connections_that_fail_in_a_run_are_not_told_as_a_disk(tmp_path: Path) -> None:
    def failing(error: OSError) -> None:
        with enough_memory(), open_workspace(tmp_path / "run", {}, resume=False):
            raise error

    with pytest.raises(SettingError, match="memory ran short"):
        failing(OSError(errno.ENOMEM, "Cannot allocate memory"))
    with pytest.raises(ConnectionResetError):
        failing(ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"))
    with pytest.raises(StorageError, match="No space left"):
        failing(OSError(errno.ENOSPC, "No space left on device"))


@pytest.mark.parametrize("place", ["/proc/barograph/run", "/sys/barograph/run"])
def test_where_nothing_can_be_written_the_message_names_the_place(place: str) -> None:
    """Not even root may: a disk without permission and one that is read-only are refused alike."""
    with pytest.raises(StorageError, match=f"^{place} must be writable.*the system said: "):
        run(small_study(), data=market(), out=place)


def test_a_worker_that_is_killed_is_replaced_and_the_user_is_told(tmp_path: Path) -> None:
    mark = tmp_path / "died"
    given = [tasks.Marked(number, mark) for number in range(6)]
    with (
        executor_for(2, PeakMemory()) as executor,
        pytest.warns(RuntimeWarning, match="a worker process was killed.*one task at a time"),
    ):
        assert list(executor.map(tasks.killed_once, given)) == list(range(6))
    assert mark.exists()


def test_a_task_that_kills_its_workers_ends_with_the_lever() -> None:
    with (
        executor_for(2, PeakMemory()) as executor,
        pytest.warns(RuntimeWarning, match="a worker process was killed"),
        pytest.raises(SettingError, match=r"--resume, and with fewer processes \(--set train.workers=1\)"),
    ):
        list(executor.map(tasks.killed_always, [1, 2, 3]))


def test_a_second_worker_that_is_killed_ends_the_run_also_among_later_tasks(tmp_path: Path) -> None:
    first, later = ([tasks.Marked(number, tmp_path / name) for number in range(4)] for name in ("one", "two"))
    with executor_for(2, PeakMemory()) as executor:
        with pytest.warns(RuntimeWarning, match="a worker process was killed"):
            assert list(executor.map(tasks.killed_once, first)) == list(range(4))
        with pytest.raises(SettingError, match="two were killed"):
            list(executor.map(tasks.killed_once, later))


SHORT = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from small_study import market, small_study
from barograph.api.study import Silent, run
from barograph.core.errors import SettingError

class Poorer(Silent):
    '''From the networks on there are 64 MiB more to be had: less than 4,096 squared weights take.'''
    def stage(self, name, total):
        if name == "mlp":
            size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (size + (64 << 20), resource.RLIM_INFINITY))

study = small_study(model__networks=("mlp",), model__settings={"mlp": {"hidden": (4096, 4096)}})
try:
    run(study, data=market(), out=sys.argv[2], progress=Poorer())
except SettingError as error:
    print(error)
    raise SystemExit(2)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc to know its size")
def test_where_memory_runs_short_the_message_names_the_lever(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SHORT, str(TESTS), str(tmp_path / "run")]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    assert done.returncode == 2, done.stderr
    assert "must fit into the memory of this machine; memory ran short" in done.stdout
    assert "--set train.workers=1" in done.stdout


def test_memory_of_a_gpu_that_runs_short_names_its_lever() -> None:
    with (
        pytest.raises(SettingError, match=r"memory ran short \(CUDA out of memory.*Take --device cpu"),
        enough_memory(),
    ):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has …")


def checkpoints(folder: Path) -> list[Path]:
    """States of the stack in training that are complete."""
    return list((folder / "run.part").glob("work/mlp-0"))


def marked(mark: str) -> list[int]:
    """Processes that carry a word in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:  # ended since
            continue
    return found


class Interrupted:
    """A task that a worker never gets: Ctrl-C comes while it is read."""

    def __reduce__(self) -> tuple[object, ...]:
        return signal.raise_signal, (signal.SIGINT,)


def test_ctrl_c_that_meets_a_worker_without_a_task_is_one_all_the_same() -> None:
    with executor_for(2, PeakMemory()) as pool, pytest.raises(KeyboardInterrupt):
        list(pool.map(str, [Interrupted(), 1, 2]))


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs Linux's /proc to find processes")
@pytest.mark.parametrize("engine", ["local", pytest.param("ray", marks=pytest.mark.soak)])
def test_ctrl_c_in_training_leaves_no_process_and_no_broken_file_and_the_run_goes_on(
    tmp_path: Path, engine: str
) -> None:
    """As a terminal does it: the signal goes to the command and to all of its children at once."""
    few = {"model__networks": ("mlp",), "model__baselines": ("ewma", "har"), "train__max_steps": 400}
    seldom = {"train__refit_every": 460, "train__baseline_refit_every": 460}
    source = str(tmp_path / "in.csv")
    study = small_study(train__workers=2, train__check_every=5, collect__source=source, **few, **seldom)
    market().write_csv(tmp_path / "in.csv")
    (tmp_path / "study.yaml").write_text(dump(study), encoding="utf-8")
    mark = uuid.uuid4().hex
    command = [sys.executable, "-c", "from barograph.cli import main; main()", "run", tmp_path / "study.yaml"]
    command += ["--engine", engine, "--out", tmp_path / "run"]
    with subprocess.Popen(
        command,
        env={**os.environ, "BAROGRAPH_TEST": mark},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            until(lambda: checkpoints(tmp_path) or process.poll() is not None, "a checkpoint")
        finally:
            os.killpg(process.pid, signal.SIGINT)
        _, told = process.communicate()
    assert (process.returncode, told) == (130, "")
    until(lambda: not marked(mark), "the end of every process")
    assert checkpoints(tmp_path)
    alone = {"train.workers": 1, "train.engine": "local"}
    resumed = run(study, settings=alone, out=tmp_path / "run", resume=True)
    check_went_on(resumed.folder, run(study, settings=alone, out=tmp_path / "undisturbed").folder)
