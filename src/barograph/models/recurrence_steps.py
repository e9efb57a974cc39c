"""All steps of a recurrence and their gradient, written by hand for one core.

Three things make them fast. A step's input, state and a one stand under each other as one column, so that
one product a step gives every gate, input and bias included. What the gradient needs is kept where it was
computed, and the gradient of the weights is summed step by step while it is in cache. And
``tanh(a) = 2 sigmoid(2a) - 1``, since torch's sigmoid takes a sixth of the time of its tanh; the factor 2
stands in the weights.

T steps, M members, B rows, C inputs, H units. Shapes inside are ``[M, units, B]``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

sigmoid_backward = torch.ops.aten.sigmoid_backward.grad_input
tanh_backward = torch.ops.aten.tanh_backward.grad_input
Grads = tuple[Tensor | None, ...]


class Room:
    """Memory of a training step that the next one of the same shape takes over.

    Fresh memory of this size comes from the system page by page, at up to a quarter of the step's time.
    One set is kept; a step in between two that belong together takes fresh memory.
    """

    def __init__(self) -> None:
        self._kept: tuple[Tensor, ...] = ()

    def take(self, like: Tensor, shapes: Sequence[tuple[int, ...]]) -> tuple[Tensor, ...]:
        """Tensors of these shapes that hold anything."""
        kept, self._kept = self._kept, ()
        wanted = [(shape, like.dtype, like.device) for shape in shapes]
        if [(tuple(one.shape), one.dtype, one.device) for one in kept] == wanted:
            return kept
        return tuple(like.new_empty(shape) for shape in shapes)

    def give(self, *tensors: Tensor) -> None:
        """What nobody reads any more."""
        self._kept = tensors


class GruSteps(Function):
    """``(room, sequence[M, B, T, C], W, U, b, c) -> [M, B, H]``; see `recurrence.StackedGru` for weights."""

    @staticmethod
    def forward(
        ctx: Any, room: Room, sequence: Tensor, w: Tensor, u: Tensor, bias: Tensor, candidate_bias: Tensor
    ) -> Tensor:
        """The last state."""
        m, b, steps, c = sequence.shape
        h, two = u.shape[1], 2 * u.shape[1]
        shapes = [(steps + 1, m, h + c + 1, b), (steps, m, 3 * h, b), (steps, m, h, b)]
        columns, gates, candidates = room.take(sequence, shapes)
        _lay_out(columns, sequence, h)
        minus_one = sequence.new_tensor(-1.0)
        both = torch.cat([u, w, bias.transpose(1, 2)], 1).transpose(1, 2)  # [M, 3 H, H + C + 1]
        weight = both.clone()
        weight[:, two:, h:] = 0.0
        weight[:, two:, -1:] = candidate_bias
        weight[:, two:] *= 2.0
        outer = 2.0 * both[:, two:, h:]  # [M, H, C + 1]
        states, inputs = (part.unbind() for part in torch.split_with_sizes(columns, [h, c + 1], 2))
        opened, own = (part.unbind() for part in torch.split_with_sizes(gates, [two, h], 2))
        update, reset, _ = (part.unbind() for part in gates.chunk(3, 2))
        for t, (column, gate, new) in enumerate(
            zip(columns[:-1].unbind(), gates.unbind(), candidates.unbind(), strict=True)
        ):
            torch.bmm(weight, column, out=gate)
            opened[t].sigmoid_()
            torch.bmm(outer, inputs[t], out=new)
            _tanh_of_half_(new.addcmul_(reset[t], own[t]), minus_one)
            torch.lerp(new, states[t], update[t], out=states[t + 1])
        ctx.room = room
        ctx.save_for_backward(columns, gates, candidates, weight)
        return states[-1].transpose(1, 2).clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Grads:
        """Of the weights; the sequence is data and has none."""
        columns, gates, candidates, weight = ctx.saved_tensors
        steps, m, h, b = candidates.shape
        c, two = columns.shape[2] - h - 1, 2 * h
        back = weight[:, :, :h].transpose(1, 2).contiguous()  # [M, H, 3 H]
        back[:, :, two:] *= 0.5
        slope, of_weight = gates.new_empty(m, 3 * h, b), torch.zeros_like(weight)
        of_outer = gates.new_zeros(m, h, c + 1)
        d_update, d_reset, d_own = slope.chunk(3, 1)
        d_opened = slope[:, :two]
        d_state = gradient.transpose(1, 2).contiguous()
        kept, d_candidate = torch.empty_like(d_state), torch.empty_like(d_state)
        states, inputs = (part.unbind() for part in torch.split_with_sizes(columns, [h, c + 1], 2))
        opened = gates[:, :, :two].unbind()
        update, reset, own = (part.unbind() for part in gates.chunk(3, 2))
        for t in reversed(range(steps)):
            new = candidates[t]
            torch.sub(states[t], new, out=d_update).mul_(d_state)
            torch.mul(d_state, update[t], out=kept)
            tanh_backward(torch.sub(d_state, kept, out=d_candidate), new, grad_input=d_candidate)
            torch.mul(d_candidate, own[t], out=d_reset).mul_(0.5)  # `own` is kept doubled
            sigmoid_backward(d_opened, opened[t], grad_input=d_opened)
            torch.mul(d_candidate, reset[t], out=d_own)
            of_weight.baddbmm_(slope, columns[t].transpose(1, 2))
            of_outer.baddbmm_(d_candidate, inputs[t].transpose(1, 2))
            torch.baddbmm(kept, back, slope, out=d_state)
        ctx.room.give(columns, gates, candidates)
        of_inputs = torch.cat([of_weight[:, :two, h:], of_outer], 1).transpose(1, 2)  # [M, C + 1, 3 H]
        of_bias = of_inputs[:, c:].transpose(1, 2)
        of_state = of_weight[:, :, :h].transpose(1, 2)
        return None, None, of_inputs[:, :c], of_state, of_bias, of_weight[:, two:, -1:]


class LstmSteps(Function):
    """``(room, sequence[M, B, T, C], W, U, b) -> [M, B, H]``; see `recurrence.StackedLstm` for weights."""

    @staticmethod
    def forward(ctx: Any, room: Room, sequence: Tensor, w: Tensor, u: Tensor, bias: Tensor) -> Tensor:
        """The last state."""
        m, b, steps, c = sequence.shape
        h = u.shape[1]
        shapes = [(steps + 1, m, h + c + 1, b), (steps, m, 4 * h, b), (steps + 1, m, h, b), (steps, m, h, b)]
        columns, gates, memory, shown = room.take(sequence, shapes)
        _lay_out(columns, sequence, h)
        minus_one = sequence.new_tensor(-1.0)
        memory[0] = 0.0
        weight = torch.cat([u, w, bias.transpose(1, 2)], 1).transpose(1, 2)  # [M, 4 H, H + C + 1]
        weight = torch.cat([weight[:, : 3 * h], 2.0 * weight[:, 3 * h :]], 1)
        states, memories = columns[:, :, :h].unbind(), memory.unbind()
        enter, forget, leave, new = (part.unbind() for part in gates.chunk(4, 2))
        for t, (column, gate, told) in enumerate(
            zip(columns[:-1].unbind(), gates.unbind(), shown.unbind(), strict=True)
        ):
            torch.bmm(weight, column, out=gate).sigmoid_()
            torch.add(minus_one, new[t], alpha=2, out=new[t])
            torch.mul(forget[t], memories[t], out=memories[t + 1]).addcmul_(enter[t], new[t])
            _tanh_of_half_(torch.mul(memories[t + 1], 2.0, out=told), minus_one)
            torch.mul(leave[t], told, out=states[t + 1])
        ctx.room = room
        ctx.save_for_backward(columns, gates, memory, shown, weight)
        return states[-1].transpose(1, 2).clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Grads:
        """Of the weights; the sequence is data and has none."""
        columns, gates, memory, shown, weight = ctx.saved_tensors
        steps, m, h, b = shown.shape
        three, c = 3 * h, columns.shape[2] - h - 1
        back = weight[:, :, :h].transpose(1, 2).contiguous()  # [M, H, 4 H]
        back[:, :, three:] *= 0.5
        slope, of_weight = gates.new_empty(m, 4 * h, b), torch.zeros_like(weight)
        d_enter, d_forget, d_leave, d_new = slope.chunk(4, 1)
        d_opened = slope[:, :three]
        d_state = gradient.transpose(1, 2).contiguous()
        d_memory, through = torch.zeros_like(d_state), torch.empty_like(d_state)
        enter, forget, leave, new = (part.unbind() for part in gates.chunk(4, 2))
        opened, memories = gates[:, :, :three].unbind(), memory.unbind()
        for t in reversed(range(steps)):
            torch.mul(d_state, shown[t], out=d_leave)
            torch.mul(d_state, leave[t], out=through)
            d_memory.add_(tanh_backward(through, shown[t], grad_input=through))
            torch.mul(d_memory, new[t], out=d_enter)
            torch.mul(d_memory, memories[t], out=d_forget)
            torch.mul(d_memory, enter[t], out=d_new)
            sigmoid_backward(d_opened, opened[t], grad_input=d_opened)
            tanh_backward(d_new, new[t], grad_input=d_new)
            d_memory.mul_(forget[t])
            of_weight.baddbmm_(slope, columns[t].transpose(1, 2))
            torch.bmm(back, slope, out=d_state)
        ctx.room.give(columns, gates, memory, shown)
        of_state, of_input, of_bias = torch.split_with_sizes(of_weight, [h, c, 1], 2)
        return None, None, of_input.transpose(1, 2), of_state.transpose(1, 2), of_bias


def _lay_out(columns: Tensor, sequence: Tensor, h: int) -> None:
    """First state (zero), inputs and ones into ``columns[T + 1, M, H + C + 1, B]``, its states left open."""
    columns[0, :, :h] = 0.0
    columns[:-1, :, h:-1] = sequence.permute(2, 0, 3, 1)
    columns[:, :, -1] = 1.0


def _tanh_of_half_(twice: Tensor, minus_one: Tensor) -> Tensor:
    """``tanh(twice / 2)`` in place."""
    return torch.add(minus_one, twice.sigmoid_(), alpha=2, out=twice)
