"""A killed training goes on from its checkpoint to the same bits."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
import torch
from planted_panel import SETTINGS, members, planted
from safetensors.torch import load

from barograph.core.errors import StorageError
from barograph.models.catalogue import CATALOGUE
from barograph.train import loop
from barograph.train.checkpoint import read_checkpoint, write_checkpoint
from barograph.train.device import CPU
from barograph.train.loop import train_stack
from barograph.train.stack import TrainedStack, metadata_of

torch.set_num_threads(1)


class Killed(Exception):
    pass


def run(
    path: Path | None, *, network: str = "mlp", kill_at: int | None = None, seed: int = 10
) -> TrainedStack:
    def watch(done: int, most: int) -> None:
        if done == kill_at:
            raise Killed

    return train_stack(
        network,
        {},
        "qlike",
        members(3, first_seed=seed),
        planted(),
        SETTINGS.model_copy(update={"patience": 2}),
        catalogue=CATALOGUE,
        checkpoint=path,
        checkpoint_every=2,
        on_progress=watch,
    )


def test_two_processes_that_write_one_checkpoint_leave_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that outlives its run, and the one of the run that resumes."""
    path, flushed = tmp_path / "stack", os.fsync
    with pytest.raises(Killed):
        run(path, kill_at=30)
    whole = path.read_bytes()
    mark = metadata_of(whole)["fingerprint"]
    progress = read_checkpoint(path, mark)
    assert progress is not None
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:

        def meanwhile(file: int) -> None:
            flushed(file)
            pool.submit(write_checkpoint, path, progress, mark).result()

        monkeypatch.setattr(os, "fsync", meanwhile)
        write_checkpoint(path, progress, mark)
    assert metadata_of(path.read_bytes()) == metadata_of(whole)
    torch.testing.assert_close(load(path.read_bytes()), load(whole), rtol=0, atol=0, equal_nan=True)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("network", ["mlp", "rnn"])
@pytest.mark.parametrize("kill_at", [10, 20, 30, 50])
def test_a_killed_run_resumes_to_the_same_bits(tmp_path: Path, network: str, kill_at: int) -> None:
    whole = run(None, network=network)
    path = tmp_path / "deep" / "stack.safetensors"
    path.parent.mkdir()
    if kill_at > max(history.steps for history in whole.history):
        pytest.fail("the run to be killed is over before")
    with pytest.raises(Killed):
        run(path, network=network, kill_at=kill_at)
    assert path.exists() == (kill_at >= 20)
    resumed = run(path, network=network)
    assert resumed.history == whole.history
    for name, values in whole.weights.items():
        np.testing.assert_array_equal(values, resumed.weights[name])
    assert list(path.parent.glob("*")) == []


def test_a_resumed_run_does_not_start_over(tmp_path: Path) -> None:
    path, seen = tmp_path / "stack", []
    with pytest.raises(Killed):
        run(path, kill_at=20)
    train_stack(
        "mlp", {}, "qlike", members(3), planted(), SETTINGS.model_copy(update={"patience": 2}),
        catalogue=CATALOGUE, checkpoint=path, on_progress=lambda done, most: seen.append(done),
    )  # fmt: skip
    assert seen[0] == 30


def test_a_checkpoint_of_another_training_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stack"
    with pytest.raises(Killed):
        run(path, kill_at=20)
    with pytest.raises(StorageError, match="another training"):
        run(path, seed=11)


def test_a_checkpoint_goes_on_on_another_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the processor by its number, which torch takes for another device."""
    whole, path = run(None), tmp_path / "stack"
    with pytest.raises(Killed):
        run(path, kill_at=20)
    other = torch.device("cpu", 0)
    assert other != CPU
    monkeypatch.setattr(loop, "device_of", lambda wanted: other)
    assert run(path).history == whole.history


@pytest.mark.parametrize("content", [b"", b"not a checkpoint at all", b"\x02\x00\x00\x00\x00\x00\x00\x00{}"])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "stack"
    path.write_bytes(content)
    with pytest.raises(StorageError, match="could not be read"):
        run(path)
