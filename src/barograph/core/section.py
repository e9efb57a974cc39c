"""The base of every settings section, and what every study says of itself."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Budget = Literal["quick", "standard", "full"]


class Section(BaseModel):
    """Base of every section: frozen, and a stranger's key is an error. `described` tells what fields say."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class StudyBase(Section):
    """What every study says of itself, whichever engine runs it."""

    name: str
    """Such as `market/volatility`."""
    question: str
    """What it answers, in one sentence."""


class FileSection(Section):
    """How a file of the user's is read, whichever study reads it; what is empty is found out, and said."""

    source: str = ""
    """Key of a packaged source, or the path of a file."""
    encoding: str = ""
    """Text files: such as utf-8, windows-1252, utf-16, gb18030; empty finds out."""
    delimiter: str = ""
    """Text files: the character between fields, or comma, semicolon, tab, pipe, space; empty finds out."""
    header: int = Field(0, ge=0)
    """Own files: line (of a sheet: row) of the columns' names; 0 finds out."""
    footer: int = Field(-1, ge=-1)
    """Own files: rows at the end that are no data (totals, sources of the figures); -1 finds out."""
    decimal: Literal["", "point", "comma"] = ""
    """Own files: sign before decimals where 1,250 leaves it open; empty looks at the other columns."""
    written: dict[str, str] = Field(default_factory=dict)
    """Own files: column -> how its text is written, where it leaves a doubt: `day first`, `month first` or
    `serial` (days since 1899-12-30) for dates; `point` or `comma` for numbers, with `percent` behind it if it
    has percent signs."""
    contract: str = ""
    """Own data: YAML file of the contract that the table must keep; empty for none."""
    quarantine: str = ""
    """Own data with a contract: file or folder for the rows that break it; empty stops there instead."""


class OptimiserSection(Section):
    """How a stack of networks is fitted, whichever engine asks."""

    seeds: int = Field(8, ge=1)
    """Members per fold and network."""
    max_steps: int = Field(600, ge=1)
    """Optimiser steps at most."""
    check_every: int = Field(25, ge=1)
    """Steps between looks at the validation loss."""
    patience: int = Field(8, ge=1)
    """Looks without a better validation loss before a member stops."""
    batch: int = Field(512, ge=8)
    """Rows a step."""
    learning_rate: float = Field(2e-3, gt=0)
    """AdamW's peak rate."""
    weight_decay: float = Field(1e-3, ge=0)
    """AdamW's decoupled weight decay."""
    clip: float = Field(1.0, gt=0)
    """Gradient norm per member at most."""
    seed: int = 0
    """Root of every random stream."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where networks train: the processor or a GPU; auto takes the GPU if torch finds one. They answer on the
    processor."""
    workers: int = Field(2, ge=1)
    """Processes, one torch thread each; 1 trains in this process."""
    engine: Literal["local", "ray"] = "local"
    """Where tasks run: in processes of this machine, or on the Ray cluster that RAY_ADDRESS names (else one
    of `workers` processes, started here)."""

    def outcome_json(self) -> str:
        """Of all that decides an outcome: not where it is worked out."""
        return self.model_dump_json(exclude=set(WHERE))


class StackedSection(OptimiserSection):
    """The same of an engine that shares members out among several stacks."""

    together: int = Field(0, ge=0)
    """Members of a network trained in one stack at most; 0 is the number that was measured for it."""


WHERE = ("workers", "engine")
"""Settings of training that say where, and change no figure."""
