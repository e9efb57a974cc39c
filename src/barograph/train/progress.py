"""How far a stack has come: the state that a checkpoint holds."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from barograph.train.optimiser import AdamState
from barograph.train.stack import MemberHistory


@dataclass(slots=True)
class Progress:
    """State of training. A members are active; the other fields cover all M members of the stack.

    The random streams need no state: batches are drawn from a stream named by member and look.
    """

    step: int
    active: Tensor  # [A] positions in the stack
    adam: AdamState  # of the active members
    best_weights: Tensor  # [M, n_weights]
    best_loss: Tensor  # [M] float64
    start_loss: Tensor  # [M] float64
    best_step: Tensor  # [M] int64
    stale: Tensor  # [M] int64 looks since the best
    steps: Tensor  # [M] int64
    skipped: Tensor  # [M] int64

    @classmethod
    def fresh(cls, adam: AdamState) -> Progress:
        """No step taken: the best weights are the first ones."""
        n_members = adam.weights.shape[0]
        device = adam.weights.device
        zeros = torch.zeros(n_members, dtype=torch.int64, device=device)
        unknown = torch.full((n_members,), torch.nan, dtype=torch.float64, device=device)
        return cls(
            step=0,
            active=torch.arange(n_members, device=device),
            adam=adam,
            best_weights=adam.weights.clone(),
            best_loss=unknown,
            start_loss=unknown.clone(),
            best_step=zeros,
            stale=zeros.clone(),
            steps=zeros.clone(),
            skipped=zeros.clone(),
        )

    def start(self, losses: Tensor) -> None:
        """Notes the validation losses ``[M]`` before the first step."""
        self.start_loss = losses.clone()
        self.best_loss = losses.clone()

    def count_step(self, moved: Tensor) -> None:
        """Counts a step; `moved` ``[A]`` says whose weights it changed."""
        self.step += 1
        self.steps[self.active] += 1
        self.skipped[self.active] += (~moved).long()

    def record(self, losses: Tensor, *, patience: int) -> None:
        """Notes a look ``[A]``: keeps what is better, lets go of members that improved too long ago."""
        better = losses < self.best_loss[self.active]  # False where NaN
        improved = self.active[better]
        self.best_weights[improved] = self.adam.weights[better]
        self.best_loss[improved] = losses[better]
        self.best_step[improved] = self.step
        self.stale[self.active] += 1
        self.stale[improved] = 0
        staying = self.stale[self.active] < patience
        if not bool(staying.all()):
            self.adam = self.adam.take(staying)
            self.active = self.active[staying]

    def history(self) -> tuple[MemberHistory, ...]:
        """What is remembered of each member."""
        columns = (self.best_step, self.best_loss, self.start_loss, self.steps, self.skipped)
        return tuple(MemberHistory(*row) for row in zip(*(c.tolist() for c in columns), strict=True))
