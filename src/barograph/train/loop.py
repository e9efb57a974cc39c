"""The training loop: one optimiser step advances every member of a stack.

Members never meet: each draws its own batches from its own rows with its own random stream, and clipping,
early stopping and the guard against non-finite numbers are its own. A member that has finished leaves the
stack.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from barograph.core.arrays import IntArray
from barograph.core.errors import LeakError
from barograph.core.network import NetworkShape
from barograph.core.section import OptimiserSection
from barograph.core.seeds import generator
from barograph.train.checkpoint import fingerprint, read_checkpoint, write_checkpoint
from barograph.train.device import device_of, moved
from barograph.train.optimiser import AdamState, Layout, advance, rate_at
from barograph.train.parts import (
    Catalogue,
    HeadLoss,
    Taken,
    TrainingData,
    TrainingMember,
    TrainingTables,
    inputs_read,
)
from barograph.train.progress import Progress
from barograph.train.stack import TrainedStack
from barograph.train.streaming import RowSource, RowStream


class TrainingView(nn.Module):
    """A network whose call gives raw outputs and auxiliary loss."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, features: Tensor, sequence: Tensor, cross_section: Tensor, noise: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Raw outputs ``[M, B, H, K]`` and auxiliary loss ``[M]``; noise only for a step of training."""
        outputs: tuple[Tensor, Tensor] = cast(Any, self.network).training_outputs(
            features, sequence, cross_section, noise
        )
        return outputs

    def noise_size(self, n_rows: int) -> int:
        """Random bytes of a member that a step on so many rows wants."""
        return int(cast(Any, self.network).noise_size(n_rows))


@dataclass(frozen=True, slots=True)
class Workbench:
    """What stays the same while a stack is trained."""

    network: TrainingView
    layout: Layout
    head: HeadLoss
    tables: TrainingTables
    members: Sequence[TrainingMember]
    settings: OptimiserSection
    look_rows: int  # of the validation rows, at most
    reads: frozenset[str]
    device: torch.device  # on which all of this is, and the weights
    stream: RowStream | None = None  # where its only member's batches come from, if not from the tables


def train_stack(
    network: str,
    network_settings: Mapping[str, Any],
    head: str,
    members: Sequence[Taken],
    data: TrainingData[Taken],
    settings: OptimiserSection,
    *,
    catalogue: Catalogue,
    checkpoint: Path | None = None,
    checkpoint_every: int = 4,
    on_progress: Callable[[int, int], None] | None = None,
    source: RowSource | None = None,
) -> TrainedStack:
    """Trains members together; each ends with the weights of its best look at its own validation rows.

    Parameters
    ----------
    network, network_settings, head : str, mapping, str
        Names of the catalogue and the network's own settings.
    members : sequence of TrainingMember
        The stack. A member's figures do not depend on the others beyond rounding.
    data : TrainingData
        The shared tables: `StackData` for forecasts, `RecordData` for records.
    settings : OptimiserSection
        Steps, batch, rates, patience.
    catalogue : Catalogue
        `barograph.models.catalogue.CATALOGUE`, or `barograph.models.scorers.SCORING_CATALOGUE` for records.
    checkpoint : Path, optional
        File that holds the whole state every `checkpoint_every` looks. If it is there, training goes on
        from it, to the same bits; it is removed at the end.
    on_progress : callable, optional
        Called with (steps done, steps at most) after each look.
    source : RowSource, optional
        Of a single member: what it learns from, in the place of its rows to fit on; read in the order of
        `barograph.train.streaming`, each row once an epoch.

    Returns
    -------
    TrainedStack
        A member that never beat the conventional answer it starts from keeps a correction of exactly zero.
    """
    shape = data.shape(len(members), n_outputs=catalogue.head(head).outputs(data.n_targets))
    untrained = catalogue.build(network, network_settings, shape, [member.seed for member in members])
    reads = inputs_read(untrained, shape)
    device = device_of(settings.device)
    bench = _workbench(untrained, catalogue.head(head), members, data, settings, reads, source, device)
    mark, progress = "", None
    if checkpoint is not None:
        mark = fingerprint(network, network_settings, head, members=members, data=data, settings=settings)
        mark += "" if source is None else source.mark
        progress = read_checkpoint(checkpoint, mark, device)
    if progress is None:
        progress = _started(bench)
    while progress.active.numel() and progress.step < settings.max_steps:
        _train_until_look(bench, progress)
        progress.record(_validation_losses(bench, progress), patience=settings.patience)
        if checkpoint is not None and progress.step // settings.check_every % checkpoint_every == 0:
            write_checkpoint(checkpoint, progress, mark)
        if on_progress is not None:
            on_progress(progress.step, settings.max_steps)
    if checkpoint is not None:
        checkpoint.unlink(missing_ok=True)
    return _outcome(bench, progress, named=(network, dict(network_settings), head, shape))


def _workbench(
    untrained: nn.Module,
    head: HeadLoss,
    members: Sequence[Taken],
    data: TrainingData[Taken],
    settings: OptimiserSection,
    reads: frozenset[str],
    source: RowSource | None,
    device: torch.device,
) -> Workbench:
    for member in members:
        _check_rows(member, data.first_row(reads), data.n_rows)
    if source is not None and len(members) != 1:
        raise LeakError(f"rows are streamed to one member alone; {len(members)} were given")
    view = TrainingView(untrained).to(device)
    return Workbench(
        network=view,
        layout=moved(Layout.of(view), device),
        head=head,
        tables=moved(data.tables(members, reads), device),
        members=members,
        settings=settings,
        look_rows=data.look_rows,
        reads=reads,
        device=device,
        stream=None if source is None else RowStream(source, members[0].seed),
    )


def _check_rows(member: TrainingMember, first: int, until: int) -> None:
    rows = np.concatenate([member.fit_rows, member.validation_rows])
    if not member.fit_rows.size or not member.validation_rows.size:
        raise LeakError(f"member with seed {member.seed} has no rows to fit or to validate on")
    if rows.min() < first or rows.max() >= until:
        raise LeakError(f"a window of member with seed {member.seed} would reach beyond the table")


def _started(bench: Workbench) -> Progress:
    weights = bench.layout.flatten(dict(bench.network.named_parameters()))
    progress = Progress.fresh(AdamState.fresh(weights))
    progress.start(_validation_losses(bench, progress))
    return progress


def _train_until_look(bench: Workbench, progress: Progress) -> None:
    """Steps up to the next look; batches and noise come from streams named by member and look."""
    settings = bench.settings
    look = progress.step // settings.check_every
    count = min(settings.check_every, settings.max_steps - progress.step)
    tables, batches = _batches(bench, progress, look, count)
    streams = [generator(bench.members[i].seed, "noise", look) for i in progress.active.tolist()]
    for rows in batches:  # [A, batch]
        noise = _noise(streams, bench.network.noise_size(settings.batch), bench.device)
        loss, gradient = _loss_and_gradient(bench, progress.adam.weights, tables, rows, noise)
        moved = advance(
            progress.adam,
            gradient,
            usable=torch.isfinite(loss),
            rate=rate_at(progress.step, settings),
            layout=bench.layout,
            settings=settings,
        )
        progress.count_step(moved)


def _batches(bench: Workbench, progress: Progress, look: int, count: int) -> tuple[TrainingTables, Tensor]:
    """The tables of the next steps up to a look, and their rows ``[steps, A, batch]``."""
    size = (count, bench.settings.batch)
    if bench.stream is not None:
        since, rows = progress.step * size[1], math.prod(size)
        streamed = moved(bench.stream.tables(since, rows, bench.reads), bench.device)
        return streamed, torch.arange(rows, device=bench.device).reshape(count, 1, size[1])
    drawn = [_drawn(bench.members[i], look, size) for i in progress.active.tolist()]
    rows_of_members = torch.from_numpy(np.stack(drawn, axis=1)).to(bench.device)
    return bench.tables.take(progress.active), rows_of_members


def _drawn(member: TrainingMember, look: int, size: tuple[int, int]) -> IntArray:
    """Rows ``[steps, batch]``, drawn with replacement."""
    stream = generator(member.seed, "batches", look)
    return member.fit_rows[stream.integers(0, member.fit_rows.size, size=size)]


def _noise(streams: Sequence[np.random.Generator], size: int, device: torch.device) -> Tensor | None:
    """Random bytes ``[A, size]`` of the next step; None for a network that wants none."""
    if not size:
        return None
    drawn = np.stack([np.frombuffer(one.bytes(size), dtype=np.uint8) for one in streams])
    return torch.from_numpy(drawn).to(device)


def _loss_and_gradient(
    bench: Workbench, weights: Tensor, tables: TrainingTables, rows: Tensor, noise: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Loss ``[A]`` of each member on its batch, and its gradient ``[A, n_weights]``."""
    flat = weights.detach().requires_grad_()
    given = (*tables.inputs(rows), noise)
    raw, auxiliary = functional_call(bench.network, bench.layout.named(flat), given)
    loss = bench.head.loss(raw, *tables.targets(rows)).mean(dim=(1, 2)) + auxiliary
    (gradient,) = torch.autograd.grad(loss.sum(), [flat])
    return loss.detach(), gradient


def _validation_losses(bench: Workbench, progress: Progress) -> Tensor:
    """Mean loss ``[A]`` of the head on each active member's validation rows, in double precision."""
    chosen = [_spread(bench.members[i].validation_rows, bench.look_rows) for i in progress.active.tolist()]
    longest = max(rows.size for rows in chosen)
    padded = torch.from_numpy(np.stack([np.resize(rows, longest) for rows in chosen])).to(bench.device)
    sizes = torch.tensor([rows.size for rows in chosen], device=bench.device)
    return _held_out(bench, progress.adam.weights, bench.tables.take(progress.active), padded, sizes)


def _held_out(
    bench: Workbench, weights: Tensor, tables: TrainingTables, padded: Tensor, sizes: Tensor
) -> Tensor:
    """Mean loss ``[A]`` on the first `sizes` of each member's rows ``padded[A, rows]``."""
    named = bench.layout.named(weights)
    total = torch.zeros(sizes.shape[0], dtype=torch.float64, device=sizes.device)
    with torch.no_grad():
        for since in range(0, padded.shape[1], bench.settings.batch):
            rows = padded[:, since : since + bench.settings.batch]
            raw, _ = functional_call(bench.network, named, (*tables.inputs(rows), None))
            loss = bench.head.held_out_loss(raw, *tables.targets(rows))  # [A, rows]
            inside = torch.arange(since, since + rows.shape[1], device=sizes.device) < sizes[:, None]
            total += torch.where(inside, loss, 0.0).sum(dim=1)
    return total / sizes


def _spread(rows: IntArray, most: int) -> IntArray:
    """At most so many rows, evenly spaced, first and last included."""
    if rows.size <= most:
        return rows
    return rows[np.linspace(0, rows.size - 1, most).round().astype(np.int64)]


def _outcome(
    bench: Workbench, progress: Progress, *, named: tuple[str, dict[str, Any], str, NetworkShape]
) -> TrainedStack:
    weights = {
        name.removeprefix("network."): values.cpu().numpy().copy()
        for name, values in bench.layout.named(progress.best_weights).items()
    }
    return TrainedStack(*named, weights, progress.history())
