"""Recurrent layers for many members at once.

Inside, rows are the last axis, ``[M, units, B]``: gates are then contiguous blocks, which makes a step on
one core several times faster than with units last. Training and prediction run the cells' steps with a
gradient written by hand (`recurrence_steps`); an exported graph is traced through `traced`, the same
formulas one by one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, cast

import torch
from torch import Tensor, nn

from barograph.models.layers import Draws
from barograph.models.recurrence_steps import GruSteps, LstmSteps, Room


class StackedRecurrence(nn.Module, ABC):
    """What both cells share: weights for `n_gates` gates, and the choice of how steps are run.

    ``[M, B, T, n_in] -> [M, B, n_units]``, the last state.
    """

    def __init__(self, draws: Draws, n_in: int, n_units: int, *, n_gates: int) -> None:
        super().__init__()
        self.n_units = n_units
        bound = n_units**-0.5
        self.input_weight = draws.uniform(n_in, n_gates * n_units, bound=bound)
        self.state_weight = draws.uniform(n_units, n_gates * n_units, bound=bound)
        self.bias = draws.constant(n_gates * n_units, 1)
        self.room = Room()

    def forward(self, sequence: Tensor) -> Tensor:
        """``[M, B, T, n_in] -> [M, B, n_units]``."""
        if torch.compiler.is_exporting() or sequence.requires_grad:
            return self.traced(sequence)
        return self.stepped(sequence)

    @abstractmethod
    def traced(self, sequence: Tensor) -> Tensor:
        """By plain operations, which can be exported and have a gradient for the sequence as well."""

    @abstractmethod
    def stepped(self, sequence: Tensor) -> Tensor:
        """By `recurrence_steps`: the same to rounding, two to three times as fast."""

    def projected(self, sequence: Tensor) -> Tensor:
        """``[M, B, T, n_in] -> [M, n_gates * n_units, T, B]``: each step's input to the gates."""
        columns = sequence.permute(0, 3, 2, 1)  # [M, n_in, T, B]
        steps = columns.shape[2:]
        flat = torch.baddbmm(self.bias, self.input_weight.transpose(1, 2), columns.flatten(2))
        return torch.unflatten(flat, 2, steps)

    def first_state(self, sequence: Tensor) -> Tensor:
        """Zeros ``[M, n_units, B]``."""
        return sequence.new_zeros(sequence.shape[0], self.n_units, sequence.shape[1])


class StackedGru(StackedRecurrence):
    """Gated recurrent unit (Cho et al. 2014), in the variant whose reset gate acts after the product.

    With update gate z and reset gate r: ``n = tanh(W x + b + r * (U h + c))``, ``h' = n + z * (h - n)``.
    ``[M, B, T, n_in] -> [M, B, n_units]``, the last state.
    """

    def __init__(self, draws: Draws, n_in: int, n_units: int) -> None:
        super().__init__(draws, n_in, n_units, n_gates=3)
        self.candidate_bias = draws.constant(n_units, 1)

    def traced(self, sequence: Tensor) -> Tensor:
        """See `StackedRecurrence.traced`."""
        gates = 2 * self.n_units
        weight = self.state_weight.transpose(1, 2)  # [M, 3 * n_units, n_units]
        state = self.first_state(sequence)
        for step in self.projected(sequence).unbind(2):
            own = torch.bmm(weight, state)
            update, reset = torch.sigmoid(step[:, :gates] + own[:, :gates]).chunk(2, dim=1)
            candidate = torch.tanh(step[:, gates:] + reset * (own[:, gates:] + self.candidate_bias))
            state = candidate + update * (state - candidate)
        return state.transpose(1, 2)

    def stepped(self, sequence: Tensor) -> Tensor:
        """See `StackedRecurrence.stepped`."""
        weights = (self.input_weight, self.state_weight, self.bias, self.candidate_bias)
        state: Tensor = cast(Any, GruSteps).apply(self.room, sequence, *weights)
        return state


class StackedLstm(StackedRecurrence):
    """Long short-term memory (Hochreiter and Schmidhuber 1997, with forget gate).

    With input, forget and output gates i, f, o: ``c' = f * c + i * tanh(g)``, ``h' = o * tanh(c')``. The
    forget gate's bias starts at one (Jozefowicz et al. 2015). ``[M, B, T, n_in] -> [M, B, n_units]``, the
    last state.
    """

    def __init__(self, draws: Draws, n_in: int, n_units: int) -> None:
        super().__init__(draws, n_in, n_units, n_gates=4)
        with torch.no_grad():
            self.bias[:, n_units : 2 * n_units] = 1.0

    def traced(self, sequence: Tensor) -> Tensor:
        """See `StackedRecurrence.traced`."""
        weight = self.state_weight.transpose(1, 2)  # [M, 4 * n_units, n_units]
        state = self.first_state(sequence)
        memory = state
        for step in self.projected(sequence).unbind(2):
            mixed = torch.baddbmm(step, weight, state)
            opened = torch.sigmoid(mixed[:, : 3 * self.n_units])
            enter, forget, leave = opened.chunk(3, dim=1)
            memory = forget * memory + enter * torch.tanh(mixed[:, 3 * self.n_units :])
            state = leave * torch.tanh(memory)
        return state.transpose(1, 2)

    def stepped(self, sequence: Tensor) -> Tensor:
        """See `StackedRecurrence.stepped`."""
        weights = (self.input_weight, self.state_weight, self.bias)
        state: Tensor = cast(Any, LstmSteps).apply(self.room, sequence, *weights)
        return state
