"""Which members form a stack."""

from hypothesis import given
from hypothesis import strategies as st

from barograph.train.plan import LARGEST_STACK, plan_stacks


@given(st.integers(0, 300), st.integers(1, 80))
def test_every_member_is_in_exactly_one_stack_of_bounded_and_even_size(count: int, largest: int) -> None:
    stacks = plan_stacks(count, largest=largest)
    assert [member for stack in stacks for member in stack] == list(range(count))
    sizes = [len(stack) for stack in stacks]
    assert all(1 <= size <= largest for size in sizes)
    assert max(sizes, default=0) - min(sizes, default=0) <= 1


def test_many_members_make_work_for_two_processes() -> None:
    assert len(plan_stacks(LARGEST_STACK)) == 2
    assert len(plan_stacks(8)) == 1


def test_members_that_gain_nothing_from_company_stay_alone() -> None:
    assert plan_stacks(3, stacked=False) == [(0,), (1,), (2,)]
