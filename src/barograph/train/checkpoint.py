"""Checkpoints: the whole state of a stack's training in one file; a kill never leaves half of it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from barograph.core.errors import StorageError
from barograph.core.section import OptimiserSection
from barograph.train.device import CPU, moved
from barograph.train.optimiser import AdamState
from barograph.train.parts import Taken, TrainingData, TrainingMember
from barograph.train.progress import Progress
from barograph.train.stack import metadata_of

ADAM = "adam."


def fingerprint(
    network: str,
    network_settings: Mapping[str, Any],
    head: str,
    *,
    members: Sequence[Taken],
    data: TrainingData[Taken],
    settings: OptimiserSection,
) -> str:
    """A hash of all that decides the outcome: names, settings, members and data."""
    digest = hashlib.sha256()
    words = {"network": network, "settings": dict(network_settings), "head": head}
    digest.update(json.dumps(words, sort_keys=True, default=str).encode())
    digest.update(settings.outcome_json().encode())
    records: list[TrainingData[Taken] | TrainingMember] = [data, *members]
    for record in records:
        for field in fields(record):
            value = getattr(record, field.name)
            content = np.ascontiguousarray(value) if isinstance(value, np.ndarray) else np.asarray(value)
            digest.update(f"{field.name}{content.shape}{content.dtype}".encode())
            digest.update(content.tobytes())
    return digest.hexdigest()


def write_checkpoint(path: Path, progress: Progress, mark: str) -> None:
    """Writes the state beside `path`, in a file of this process alone, then moves it there in one act.

    Without its folder nothing is kept: a worker on another machine may not see that of the run.
    """
    if not path.parent.is_dir():
        return
    tensors = {f.name: getattr(progress, f.name) for f in fields(progress) if f.name not in ("step", "adam")}
    tensors |= {ADAM + f.name: getattr(progress.adam, f.name) for f in fields(progress.adam)}
    content = save(
        {name: value.contiguous() for name, value in tensors.items()},
        metadata={"fingerprint": mark, "step": str(progress.step)},
    )
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def read_checkpoint(path: Path, mark: str, device: torch.device = CPU) -> Progress | None:
    """The state in `path`, on a device; None without a file, `StorageError` if it is of another training."""
    if not path.exists():
        return None
    content = path.read_bytes()
    try:
        about, tensors = metadata_of(content), load(content)
        step, found = int(about["step"]), about["fingerprint"]
    except (SafetensorError, KeyError, ValueError) as error:
        raise StorageError(
            "a checkpoint must be a file that Barograph wrote",
            came=f"{path.name} could not be read ({error})",
            do="Remove it to train from the start",
        ) from error
    if found != mark:
        raise StorageError(
            "a checkpoint must belong to the same network, settings, members and data",
            came=f"{path.name} belongs to another training",
            do="Remove it, or choose another folder",
        )
    adam = AdamState(**_without(tensors, ADAM))
    rest = {name: value for name, value in tensors.items() if not name.startswith(ADAM)}
    return moved(Progress(step=step, adam=adam, **rest), device)


def _without(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
