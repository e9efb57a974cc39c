"""A part of a page that may fail without the rest of it."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from barograph.core.errors import InputError
from barograph.service.problems import Problem, of_input

T = TypeVar("T")


async def tried(work: Awaitable[T]) -> tuple[T | None, str]:
    """What comes of it and no words; nothing and the words where it is refused or away for a while.

    What is our fault is raised as ever.
    """
    try:
        return await work, ""
    except Problem as problem:
        return None, problem.detail
    except InputError as error:
        return None, of_input(error).detail
