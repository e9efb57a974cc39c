"""A part of a page that may fail without the rest of it."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from barograph.core.errors import InputError
from barograph.service import logs
from barograph.service.problems import Problem, of_input
from barograph.service.service import Service

T = TypeVar("T")


async def tried(service: Service, work: Awaitable[T]) -> tuple[T | None, Problem | None]:
    """What comes of it and no problem; nothing and the problem where it is refused or away for a while.

    What is away is a line of the log and counts in the metrics, though the page is shown. What is our fault
    is raised as ever.
    """
    try:
        return await work, None
    except Problem as problem:
        found = problem
    except InputError as error:
        found = of_input(error)
    if found.status >= 500:
        service.metrics.parts_away += 1
        logs.write("warning", "part of a page away", why=found.detail)
    return None, found


def words_of(*problems: Problem | None) -> str:
    """What the first of some problems says; nothing where there is none."""
    return next((one.detail for one in problems if one is not None), "")
