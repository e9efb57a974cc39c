"""How streams learn that the server was told to stop: it tells each connection, and waits for them."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

FEED = "feed"
"""What the feed is called in the state that the application gives the server when it starts."""

_Chosen: Any = AutoHTTPProtocol


class Connection(_Chosen):  # type: ignore[misc]  # which class it is depends on what is installed
    """A connection that lets go of the live feed, whose streams would go on for minutes."""

    def shutdown(self) -> None:
        """The server stops; called for every open connection, before it waits."""
        if FEED in self.app_state:
            self.app_state[FEED].end()
        super().shutdown()
