"""Messages of the feed as server-sent events (WHATWG HTML, section 9.2), and sums of scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from barograph.service.wire import encode

RELOAD: dict[str, str] = {}
"""What a message says that asks for the state to be read anew."""
HEARTBEAT = b": here\n\n"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is sent, and its number."""

    number: int
    content: bytes


def written(kind: str, said: Mapping[str, Any], name: str) -> bytes:
    """An event; JSON has no line breaks of its own."""
    return b"event: %s\nid: %s\ndata: %s\n\n" % (kind.encode(), name.encode(), encode(said))


def id_of(epoch: str, number: int) -> str:
    """A message's id: whose process it is of, and its number there."""
    return f"{epoch}-{number}"


class Scores:
    """Counts of what was scored, study by study."""

    def __init__(self) -> None:
        self._sums: dict[str, dict[str, Any]] = {}

    def add(self, study: str, answers: Iterable[Mapping[str, Any]]) -> None:
        """Count answers; their scores, or probabilities, that are numbers."""
        found = self._sums.setdefault(study, {"study": study, "count": 0, "alerts": 0, "highest": None})
        for one in answers:
            found["count"] += 1
            found["alerts"] += bool(one.get("alert"))
            score = one.get("score", one.get("probability"))
            if score is not None and (found["highest"] is None or score > found["highest"]):
                found["highest"] = score

    def taken(self) -> list[dict[str, Any]]:
        """The sums so far; counting begins anew."""
        sums, self._sums = self._sums, {}
        return list(sums.values())
