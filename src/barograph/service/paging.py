"""Long lists over HTTP, a page at a time: `limit` rows behind the one called `after`, and what is `next`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from barograph.core.errors import SettingError


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of a list is asked for."""

    limit: int
    after: str = ""  # what the page before called next; "" for the first one

    @classmethod
    def of(cls, query: Mapping[str, str], most: int) -> Paging:
        """What a request asks for: `after` and `limit`, `most` rows where it does not say how many.

        Raises
        ------
        SettingError
            The limit is no whole number from 1 to `most`.
        """
        given = query.get("limit", str(most))
        if not (given.isascii() and given.isdecimal() and 1 <= int(given[:9]) <= most):
            raise SettingError(
                f"the limit of a page must be a whole number from 1 to {most:,}",
                came=f"got '{given[:100]}'",
                do="Ask for fewer, and go on with after",
            )
        return cls(int(given), query.get("after", ""))

    @property
    def looked_for(self) -> int:
        """Rows to be read: one more than are told, which says whether there is another page."""
        return self.limit + 1

    def told(self, name: str, rows: Sequence[Mapping[str, Any]], identity: str = "id") -> dict[str, Any]:
        """A page of `looked_for` rows, and what names its last row where another page comes: else None."""
        more = len(rows) > self.limit
        return {name: list(rows[: self.limit]), "next": rows[self.limit - 1][identity] if more else None}
