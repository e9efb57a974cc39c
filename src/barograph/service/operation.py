"""One operation of the API: path, permission, what a body must be, an example, and the work behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from barograph.govern.access import Permission, Principal

OF_STUDY = "/v1/studies/{study:path}"


@dataclass(frozen=True, slots=True)
class Operation:
    """One path and method of the API."""

    method: str
    path: str
    permission: Permission
    summary: str
    work: Callable[..., Awaitable[Any]]
    body: Any = None  # the type of its body; None where it has none
    examples: dict[str, Any] | None = None
    optional: bool = False  # whether the body may be left out
    named: bool = False  # whether the work is told who asks
    listens: bool = (
        False  # whether the answer is a stream of events, which is told who asks and from where on
    )
    paged: int = 0  # rows of a page at most, of a list that is told in pages, by `after` and `limit`
    kind: str = ""  # what the audit log calls it; nothing is written where it is empty

    def given(self, names: Iterable[Any], caller: Principal) -> list[Any]:
        """What the work is given before the body: names of the path, in their order, then who asks."""
        return [*names, *([caller.name] if self.named else [])]
