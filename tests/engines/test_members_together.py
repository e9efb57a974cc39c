"""Which folds of a network share a stack."""

import pytest

from barograph.engines.forecasting.together import folds_together
from barograph.models.catalogue import NETWORKS


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("folds", [1, 2, 3, 7, 24, 65])
@pytest.mark.parametrize("seeds", [1, 3, 8, 50])
@pytest.mark.parametrize("most", [0, 1, 20])
def test_every_fold_is_in_one_stack_and_stacks_are_about_equal(
    network: str, folds: int, seeds: int, most: int
) -> None:
    stacks = folds_together(network, folds, seeds=seeds, most=most)
    assert [fold for stack in stacks for fold in stack] == list(range(folds))
    sizes = [len(stack) for stack in stacks]
    assert max(sizes) - min(sizes) <= 1
    limit = most or NETWORKS[network].together
    assert max(sizes) * seeds <= max(limit, seeds)
    assert len(stacks) == -(-folds // max(1, limit // seeds))  # no more stacks than the limit asks for


def test_the_setting_overrules_what_was_measured() -> None:
    measured = folds_together("rnn", 8, seeds=4, most=0)
    assert [len(stack) for stack in measured] == [4, 4]
    assert [len(stack) for stack in folds_together("rnn", 8, seeds=4, most=1000)] == [8]
    assert [len(stack) for stack in folds_together("rnn", 8, seeds=4, most=1)] == [1] * 8
