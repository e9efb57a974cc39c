"""Where a stack is trained: the processor, or a GPU that torch can use."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import torch
from torch import Tensor

from barograph.core.errors import SettingError

Record = TypeVar("Record")
CPU = torch.device("cpu")


def device_of(wanted: str) -> torch.device:
    """The device of a setting.

    Parameters
    ----------
    wanted : {"auto", "cpu", "cuda"}
        `auto` takes the GPU if there is one.

    Raises
    ------
    SettingError
        A GPU is asked for, and torch finds none.
    """
    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        built = torch.version.cuda is not None
        raise SettingError(
            "train.device cuda must find a GPU that torch can use",
            came=f"torch {torch.__version__} finds none"
            if built
            else f"torch {torch.__version__} has no CUDA",
            do="Take --device cpu" if built else "Take --device cpu, or install torch with CUDA",
        )
    return torch.device("cuda") if there and wanted != "cpu" else CPU


def check_device(wanted: str, engine: str) -> None:
    """Refuse a device that the tasks of an engine will not have (see `device_of`).

    Raises
    ------
    SettingError
        A GPU is asked for, and there is none, or the engine is ``ray``.
    """
    if engine == "local":
        device_of(wanted)
    elif wanted == "cuda":
        raise SettingError(
            f"train.device must be auto or cpu with train.engine {engine}, whose workers train on processors",
            came="got 'cuda'",
            do="Take --device cpu, or run without --engine ray",
        )


def moved(record: Record, device: torch.device) -> Record:
    """A frozen or plain dataclass with its tensors, and those of dataclasses in it, on a device."""
    held: Any = record
    found = {one.name: getattr(held, one.name) for one in fields(held)}
    changed: dict[str, Any] = {}
    for name, value in found.items():
        if isinstance(value, Tensor):
            changed[name] = value.to(device)
        elif is_dataclass(value) and not isinstance(value, type):
            changed[name] = moved(value, device)
    result: Record = replace(held, **changed)
    return result
