"""On a Ray cluster of two nodes: the bits of one process, arrays shared, killed workers replaced."""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import ray_tasks as tasks
from killing import numbers_of

import small_panels
from barograph.api.study import run
from barograph.core import on_ray as module
from barograph.core.errors import DataError, SettingError, UnavailableError
from barograph.core.late import late
from barograph.core.on_ray import BEFORE_HEARD, OnRay, on_ray
from barograph.core.recipe import AnyStudy
from barograph.pipeline.memory import PeakMemory
from small_scoring import book, small_scoring
from small_study import market, small_study

ray = pytest.importorskip("ray", reason="no release of Ray for this system")

SRC, TESTS = Path(module.__file__).parents[2], Path(__file__).parents[1]
NODE = {"num_cpus": 1, "object_store_memory": 100 << 20, "include_dashboard": False}
TWO = 2


def test_an_address_where_nobody_answers_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    with pytest.raises(UnavailableError, match=r"'127.0.0.1:1' does not: .*refused"), on_ray(2):
        pass


def test_without_ray_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with (
        pytest.raises(SettingError, match=r"--engine ray needs ray.*pip install 'barograph\[ray\]'"),
        on_ray(2),
    ):
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A cluster of two nodes, a core each, on a machine that would have every library take seven threads."""
    cluster_of = late("ray.cluster_utils", need="a test", install="ray").Cluster
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(map(str, (SRC, TESTS, TESTS / "pipeline"))))
        for name in module.ONE_THREAD:
            patch.setenv(name, "7")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        cluster = cluster_of(initialize_head=True, head_node_args=NODE)
        try:
            cluster.add_node(**(NODE | {"include_dashboard": None}))
            yield cluster.address
        finally:
            cluster.shutdown()


@pytest.fixture(scope="module")
def memory() -> PeakMemory:
    return PeakMemory()


@pytest.fixture(scope="module")
def executor(address: str, memory: PeakMemory) -> Iterator[OnRay]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_ADDRESS", address)
        with on_ray(1, memory.note_elsewhere) as joined:
            yield joined
    assert not ray.is_initialized()


def test_tasks_run_on_both_nodes_on_one_thread_each_and_read_one_array_as_it_lies(
    executor: OnRay, memory: PeakMemory
) -> None:
    table = np.ones((600, 600), dtype=np.float32)
    found = list(executor.map(tasks.placed, [tasks.Task(number, table) for number in range(8)]))
    assert [one["number"] for one in found] == list(range(8))
    assert len({one["node"] for one in found}) == TWO
    assert {one["threads"] for one in found} == {1}
    assert {(one["shared"], one["writable"], one["sum"]) for one in found} == {(True, False, 360_000.0)}
    assert len(executor.shared) == 1
    assert set(memory.elsewhere) == {(one["node"], one["process"]) for one in found}
    assert min(memory.elsewhere.values()) > 30
    assert memory.total() > sum(memory.elsewhere.values())
    del table
    gc.collect()
    assert not executor.shared


def test_outcomes_can_be_written_to(executor: OnRay) -> None:
    (found,) = executor.map(tasks.ones, [3])
    found += 1.0
    assert (found == 4.0).all()


def test_a_worker_that_is_killed_is_replaced_and_every_outcome_comes(executor: OnRay, tmp_path: Path) -> None:
    mark = tmp_path / "died"
    given = [tasks.Marked(number, mark) for number in range(5)]
    assert list(executor.map(tasks.killed_once, given)) == list(range(5))
    assert mark.exists()


def test_a_task_that_kills_every_worker_ends_with_words(
    executor: OnRay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRIES", 0)
    with pytest.raises(SettingError, match="every Ray worker must live until its task is done"):
        list(executor.map(tasks.killed_always, [1]))


def test_what_a_task_raises_is_raised_here_with_its_words(executor: OnRay) -> None:
    found = executor.map(tasks.refuse, [0, 1, 2])
    assert next(found) == 0
    with pytest.raises(DataError, match=r"^a number must be even; got 1\. Give another\.$") as caught:
        next(found)
    assert type(caught.value) is DataError


class Counted(Sequence[int]):
    """Many tasks; `taken` says how many were asked for."""

    def __init__(self) -> None:
        self.taken: Counter[int] = Counter()

    def __len__(self) -> int:
        return 10_000

    def __getitem__(self, place):  # type: ignore[no-untyped-def]
        self.taken[place] += 1
        return place


def test_of_ten_thousand_tasks_a_few_are_on_their_way_and_the_rest_is_left_when_nobody_listens(
    executor: OnRay,
) -> None:
    given = Counted()
    found = executor.map(tasks.square, given)
    assert [next(found) for _ in range(3)] == [0, 1, 4]
    assert len(given.taken) <= TWO * BEFORE_HEARD + 3
    found.close()  # type: ignore[attr-defined]
    sleeping = executor.map(tasks.sleep, [0.0, *[600.0] * 6])
    assert next(sleeping) == 0.0
    sleeping.close()  # type: ignore[attr-defined]
    assert list(executor.map(tasks.square, [5])) == [25]


def panels() -> tuple[AnyStudy, pl.DataFrame]:
    return small_panels.small_study(train__seeds=2), small_panels.curve()


def records() -> tuple[AnyStudy, pl.DataFrame]:
    return small_scoring(train__seeds=2, train__trials=2), book()


def series() -> tuple[AnyStudy, pl.DataFrame]:
    return small_study(), market()


@pytest.mark.parametrize(
    "made", [panels, *(pytest.param(one, marks=pytest.mark.soak) for one in (records, series))]
)
def test_a_study_has_the_bits_of_one_process(
    executor: OnRay, tmp_path: Path, made: Callable[[], tuple[AnyStudy, pl.DataFrame]]
) -> None:
    study, data = made()
    here = run(study, data=data, out=tmp_path / "here")
    there = run(study, data=data, out=tmp_path / "there", engine="ray")
    assert numbers_of(here.folder) == numbers_of(there.folder)
    parts = sorted(path.name for path in (here.bundle / "parts").iterdir())
    assert parts
    for name in parts:
        assert (here.bundle / "parts" / name).read_bytes() == (there.bundle / "parts" / name).read_bytes(), (
            name
        )
