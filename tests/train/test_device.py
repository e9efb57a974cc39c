"""Training on a device: chosen in words, everything moved there, the same as ever on the processor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import planted_panel
import planted_records
import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

from barograph.api.study import run
from barograph.core.errors import SettingError
from barograph.models.catalogue import CATALOGUE, HEADS, NETWORKS
from barograph.models.scorers import SCORERS, SCORING_CATALOGUE, VARIATIONAL
from barograph.train import loop
from barograph.train.device import CPU, device_of, moved
from barograph.train.optimiser import AdamState, advance
from barograph.train.parts import inputs_read
from barograph.train.progress import Progress
from barograph.train.record_data import RecordMember
from barograph.train.stack import TrainedStack

torch.set_num_threads(1)

ELSEWHERE = torch.device("meta")
no_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="says what happens without a GPU")
with_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")


def bench_of(network: str, head: str, device: torch.device, *, records: bool) -> loop.Workbench:
    """What a stack of two is trained with."""
    planted: Any = planted_records if records else planted_panel
    catalogue: Any = SCORING_CATALOGUE if records else CATALOGUE
    data = planted.planted(head=head) if records else planted.planted()
    team, own = planted.members(2), planted_records.SMALL.get(network, {}) if records else {}
    shape = data.shape(2, n_outputs=catalogue.head(head).outputs(data.n_targets))
    untrained = catalogue.build(network, own, shape, [one.seed for one in team])
    reads = inputs_read(untrained, shape)
    return loop._workbench(untrained, catalogue.head(head), team, data, planted.SETTINGS, reads, None, device)


CASES = [(key, "bernoulli", True) for key in SCORERS] + [(key, "qlike", False) for key in NETWORKS]
CASES += [("tabm", "hazard", True), ("tabm", "hurdle_beta", True), ("reconstruction", "reconstruction", True)]
CASES += [(VARIATIONAL, "reconstruction", True)]
CASES += [("mlp", head, False) for head in HEADS if head != "qlike"]


def tensors_of(value: Any) -> list[Tensor]:
    """Every tensor in a record, and in records and modules in it."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, torch.nn.Module):
        return [*value.parameters(), *value.buffers()]
    if is_dataclass(value) and not isinstance(value, type):
        return [one for field in fields(value) for one in tensors_of(getattr(value, field.name))]
    return []


def faked(value: Any, mode: FakeTensorMode) -> Any:
    """The same with every tensor one without memory on a device of its own, that refuses others' company."""
    if isinstance(value, Tensor):
        return FakeTensor(mode, value.detach().to("meta"), ELSEWHERE)
    if isinstance(value, torch.nn.Module):
        for module in value.modules():
            for name, held in module._buffers.items():
                module._buffers[name] = faked(held, mode)
        return value
    if is_dataclass(value) and not isinstance(value, type):
        inside = {field.name: faked(getattr(value, field.name), mode) for field in fields(value)}
        return replace(value, **inside)
    return value


@no_gpu
def test_a_gpu_that_is_not_there_is_refused_in_words() -> None:
    assert device_of("auto") == device_of("cpu") == CPU
    with pytest.raises(SettingError, match="must find a GPU that torch can use") as caught:
        device_of("cuda")
    assert "--device cpu" in str(caught.value)


@no_gpu
def test_a_run_that_asks_for_it_is_refused_before_anything_is_read() -> None:
    with pytest.raises(SettingError, match="must find a GPU"):
        run("credit/default", data="nowhere.parquet", target="bad", device="cuda")
    with pytest.raises(SettingError, match=r"train\.device"):
        run("credit/default", data="nowhere.parquet", target="bad", device="tpu")


def test_a_gpu_for_workers_of_a_cluster_is_refused_before_anything_is_read() -> None:
    with pytest.raises(SettingError, match=r"must be auto or cpu with train\.engine ray"):
        run("credit/default", data="nowhere.parquet", target="bad", device="cuda", engine="ray")


@pytest.mark.parametrize(("network", "head", "records"), CASES)
def test_everything_that_training_reads_is_moved(network: str, head: str, records: bool) -> None:
    bench = bench_of(network, head, ELSEWHERE, records=records)
    found = tensors_of(bench)
    assert len(found) > 6
    assert {one.device.type for one in found} == {"meta"}
    progress = Progress.fresh(AdamState.fresh(bench.layout.flatten(dict(bench.network.named_parameters()))))
    assert {one.device.type for one in tensors_of(progress)} == {"meta"}


@pytest.mark.parametrize(("network", "head", "records"), CASES)
def test_no_step_makes_a_tensor_on_another_device(network: str, head: str, records: bool) -> None:
    """On tensors without memory, which torch refuses to mix with the processor's, as it does a GPU's."""
    bench = bench_of(network, head, CPU, records=records)
    weights = bench.layout.flatten(dict(bench.network.named_parameters()))
    rows = torch.from_numpy(np.stack([one.fit_rows[:16] for one in bench.members]))
    size = bench.network.noise_size(16)
    noise = torch.zeros(2, size, dtype=torch.uint8) if size else None
    sizes, keep = torch.tensor([16, 12]), torch.tensor([0, 1])
    mode = FakeTensorMode(allow_non_fake_inputs=True)  # of the processor, as constants are
    state, there = faked(AdamState.fresh(weights), mode), replace(faked(bench, mode), device=ELSEWHERE)
    at, seen, kept = (faked(one, mode) for one in (rows, sizes, keep))
    drawn = None if noise is None else faked(noise, mode)
    with mode:
        tables = there.tables.take(kept)
        loss, gradient = loop._loss_and_gradient(there, state.weights, tables, at, drawn)
        usable = torch.isfinite(loss)
        done = advance(state, gradient, usable=usable, rate=0.1, layout=there.layout, settings=bench.settings)
        held_out = loop._held_out(there, state.weights, tables, at, seen)
        assert {one.device for one in (loss, gradient, done, held_out, state.weights)} == {ELSEWHERE}
        assert gradient.shape == weights.shape
        with pytest.raises(RuntimeError, match="on the same device"):
            state.weights + torch.ones(weights.shape)


def trained(device: str, *, seeds: Sequence[int] = (10, 11)) -> TrainedStack:
    team = [RecordMember(seed, planted_records.FIT, planted_records.VALIDATION) for seed in seeds]
    settings = planted_records.SETTINGS.model_copy(update={"max_steps": 45, "device": device})
    return loop.train_stack(
        "tabm", planted_records.SMALL["tabm"], "bernoulli", team, planted_records.planted(), settings,
        catalogue=SCORING_CATALOGUE,
    )  # fmt: skip


def test_moving_to_the_processor_copies_nothing() -> None:
    bench = bench_of("mlp", "qlike", CPU, records=False)
    again = moved(bench.tables, CPU)
    pairs = zip(tensors_of(bench.tables), tensors_of(again), strict=True)
    assert all(one.data_ptr() == other.data_ptr() for one, other in pairs)


@no_gpu
def test_auto_is_the_processor_to_the_bit() -> None:
    auto, cpu = trained("auto"), trained("cpu")
    assert auto.history == cpu.history
    for name, values in auto.weights.items():
        np.testing.assert_array_equal(values, cpu.weights[name])


@with_gpu
def test_a_gpu_comes_to_nearly_the_same_weights() -> None:
    there, here = trained("cuda"), trained("cpu")
    for name, values in there.weights.items():
        np.testing.assert_allclose(values, here.weights[name], rtol=1e-2, atol=1e-3)
