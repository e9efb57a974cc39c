"""Steps of the recurrent cells with their own gradient, against plain operations and finite differences."""

import pytest
import torch

from barograph.models.layers import Draws
from barograph.models.recurrence import StackedGru, StackedLstm, StackedRecurrence

torch.set_num_threads(1)
every_cell = pytest.mark.parametrize("cell", [StackedGru, StackedLstm])
SIZES = [(2, 5, 7, 3, 4), (1, 1, 1, 1, 1), (3, 2, 2, 1, 6), (2, 9, 23, 2, 3)]  # M, B, T, C, H


def moved(
    cell: type[StackedRecurrence], members: int, n_in: int, units: int, dtype: torch.dtype = torch.float64
) -> StackedRecurrence:
    layer = cell(Draws(range(members)), n_in, units).to(dtype)
    stream = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for values in layer.parameters():
            values += 0.5 * torch.randn(values.shape, generator=stream, dtype=dtype)
    return layer


def given(*size: int, seed: int = 1, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def slopes(layer: StackedRecurrence, state: torch.Tensor, *, keep: bool = False) -> tuple[torch.Tensor, ...]:
    """Gradients of a sum in which every unit of every row has a weight of its own."""
    weighed = state * given(*state.shape, seed=2, dtype=state.dtype)
    return torch.autograd.grad(weighed.sum(), list(layer.parameters()), retain_graph=keep)


@every_cell
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_state_and_gradients_are_those_of_plain_operations(
    cell: type[StackedRecurrence], size: tuple[int, ...]
) -> None:
    m, b, t, c, h = size
    layer, sequence = moved(cell, m, c, h), 2.0 * given(m, b, t, c)
    plain, stepped = layer.traced(sequence), layer.stepped(sequence)
    torch.testing.assert_close(stepped, plain, rtol=1e-12, atol=1e-13)
    for ours, theirs in zip(slopes(layer, stepped), slopes(layer, plain), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-11, atol=1e-12)


@every_cell
def test_gradients_are_those_of_finite_differences(cell: type[StackedRecurrence]) -> None:
    layer, sequence = moved(cell, 2, 2, 3), given(2, 3, 4, 2)
    names = [name for name, _ in layer.named_parameters()]

    def state(*weights: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(layer, dict(zip(names, weights, strict=True)), (sequence,))

    assert torch.autograd.gradcheck(state, tuple(layer.parameters()))


@every_cell
def test_in_single_precision_both_ways_agree_to_rounding(cell: type[StackedRecurrence]) -> None:
    layer = moved(cell, 3, 6, 16, torch.float32)
    sequence = given(3, 40, 44, 6, dtype=torch.float32)
    plain, stepped = layer.traced(sequence), layer.stepped(sequence)
    torch.testing.assert_close(stepped, plain, rtol=0, atol=5e-6)
    for ours, theirs in zip(slopes(layer, stepped), slopes(layer, plain), strict=True):
        assert float((ours - theirs).abs().max()) < 1e-4 * float(theirs.abs().max())


@every_cell
def test_a_member_alone_is_the_same_as_among_garbage(cell: type[StackedRecurrence]) -> None:
    together, alone = (cell(Draws(seeds), 2, 5).double() for seeds in ([4, 5, 6], [5]))
    sequence, weight = given(3, 4, 6, 2), given(4, 5, seed=2)
    clean = sequence[1:2].clone()
    sequence[0], sequence[2] = torch.nan, torch.inf
    company, own = together(sequence), alone(clean)
    torch.testing.assert_close(company[1:2], own, rtol=1e-12, atol=1e-13)
    among = torch.autograd.grad((company * weight).sum(), list(together.parameters()))
    solitary = torch.autograd.grad((own * weight).sum(), list(alone.parameters()))
    for ours, theirs in zip(among, solitary, strict=True):
        torch.testing.assert_close(ours[1:2], theirs, rtol=1e-12, atol=1e-13)


@every_cell
def test_memory_that_is_used_again_changes_nothing(cell: type[StackedRecurrence]) -> None:
    layer = moved(cell, 2, 3, 4)
    some = [given(2, 5, 7, 3, seed=seed) for seed in range(3)]
    plain = [slopes(layer, layer.traced(one)) for one in some]
    slopes(layer, layer(some[2]))  # leaves its memory behind
    first, second = layer(some[0]), layer(some[1])  # both wait for their gradients
    found = [slopes(layer, first), slopes(layer, second), slopes(layer, layer(some[2]))]
    for ours, theirs in zip(found, plain, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-11, atol=1e-12)


@every_cell
def test_a_gradient_asked_for_after_its_memory_went_on_is_an_error(cell: type[StackedRecurrence]) -> None:
    layer = moved(cell, 2, 3, 4)
    state = layer(given(2, 5, 7, 3))
    slopes(layer, state, keep=True)
    layer(given(2, 5, 7, 3, seed=3))
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        slopes(layer, state)


@every_cell
def test_a_sequence_that_wants_a_gradient_has_one(cell: type[StackedRecurrence]) -> None:
    layer, sequence = moved(cell, 1, 2, 3), given(1, 2, 4, 2).requires_grad_()
    assert torch.autograd.gradcheck(layer, (sequence,))


@every_cell
def test_everything_is_made_on_the_device_of_the_sequence(cell: type[StackedRecurrence]) -> None:
    layer = moved(cell, 2, 3, 4).to("meta")  # knows no numbers, and refuses what lies elsewhere
    state = layer(torch.empty(2, 5, 7, 3, dtype=torch.float64, device="meta"))
    assert state.shape == (2, 5, 4)
    found = torch.autograd.grad(state.sum(), list(layer.parameters()))
    assert [one.shape for one in found] == [one.shape for one in layer.parameters()]
