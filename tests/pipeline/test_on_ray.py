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
from barograph.api import answer
from barograph.api.study import run
from barograph.cli import main
from barograph.core import on_ray as module
from barograph.core.errors import BundleError, DataError, InputError, SettingError, UnavailableError
from barograph.core.late import late
from barograph.core.on_ray import BEFORE_HEARD, OnRay, on_ray
from barograph.core.recipe import AnyStudy
from barograph.engines.scoring import answer as scoring
from barograph.pipeline.memory import PeakMemory
from small_scoring import book, finished, small_scoring
from small_study import market, small_study

ray = pytest.importorskip("ray", reason="no release of Ray for this system")

SRC, TESTS = Path(module.__file__).parents[2], Path(__file__).parents[1]
NODE = {"num_cpus": 1, "object_store_memory": 100 << 20, "include_dashboard": False}
TWO = 2


strange = pl.when(pl.int_range(pl.len()) < 100).then(pl.lit("nowhere")).otherwise("region")


def loans(rows: int) -> pl.DataFrame:
    """New loans, in no need of a name."""
    return book(150, seed=5).drop("bad", "customer", "sex", "loan").head(rows)


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
        patch.setenv("CUDA_VISIBLE_DEVICES", "0")
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


def test_tasks_run_on_both_nodes_on_one_thread_each_without_a_gpu_and_read_one_array_as_it_lies(
    executor: OnRay, memory: PeakMemory
) -> None:
    table = np.ones((600, 600), dtype=np.float32)
    found = list(executor.map(tasks.placed, [tasks.Task(number, table) for number in range(8)]))
    assert [one["number"] for one in found] == list(range(8))
    assert len({one["node"] for one in found}) == TWO
    assert {(one["threads"], one["gpus"]) for one in found} == {(1, "")}
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


def test_a_file_scored_by_workers_is_the_file_of_one_process(
    executor: OnRay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "RANGE", 256)  # eight parts of 32: four ranges
    source = tmp_path / "in.parquet"
    loans(1_000).with_columns(region=strange).write_parquet(source, row_group_size=130)
    predictor = scoring.load(finished().bundle)
    one = predictor.predict_file(source, tmp_path / "one.parquet", rows=32)
    many = predictor.predict_file(source, tmp_path / "many.parquet", rows=32, executor=executor)
    assert many == one
    assert one.unseen == {"region": 100}
    assert (tmp_path / "many.parquet").read_bytes() == (tmp_path / "one.parquet").read_bytes()
    names = pl.read_parquet(tmp_path / "many.parquet", columns=["record_id"]).to_series()
    assert names.to_list() == [str(number) for number in range(1, 1_001)]


def test_the_command_scores_with_workers_and_a_bad_row_is_named_by_its_row(
    executor: OnRay, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out, bundle = tmp_path / "in.parquet", tmp_path / "out.parquet", str(finished().bundle)
    loans(300).write_parquet(source)
    asked = ["predict", bundle, "--data", str(source), "--out", str(out), "--engine", "ray"]
    with pytest.raises(SystemExit) as ended:
        main(asked)
    assert (ended.value.code, pl.read_parquet(out).height) == (0, 300)
    kept = out.read_bytes()
    bad = pl.int_range(300) == 250
    loans(300).with_columns(debt=pl.when(bad).then(float("inf")).otherwise("debt")).write_parquet(source)
    with pytest.raises(SystemExit) as ended:
        main(asked)
    assert ended.value.code == 2
    assert "251" in capsys.readouterr().err
    assert out.read_bytes() == kept


@pytest.mark.parametrize(
    ("ending", "out", "words"),
    [(".csv", "out.parquet", "share a Parquet file only"), (".parquet", None, "into the file of --out")],
)
def test_what_workers_cannot_share_is_refused(
    executor: OnRay, tmp_path: Path, ending: str, out: str | None, words: str
) -> None:
    source = tmp_path / f"in{ending}"
    table = loans(50)
    table.write_csv(source) if ending == ".csv" else table.write_parquet(source)
    with pytest.raises(InputError, match=words):
        answer.predict(finished().bundle, source, out=out and tmp_path / out, engine="ray")
    with pytest.raises(InputError, match="--engine must be one of 2 known names"):
        answer.predict(finished().bundle, source, out=tmp_path / "out.csv", engine="spark")


def test_another_bundle_at_the_same_place_is_refused() -> None:
    with pytest.raises(BundleError, match="must be the same on every machine"):
        scoring._loaded(finished().bundle, "of another bundle")
