"""Live states in Redis (`core.contracts.StateStore`), for workers on more than one machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from barograph.core.arrays import AnyArray
from barograph.core.errors import StorageError
from barograph.deploy.state import check_name, sealed, unsealed

PREFIX = "barograph:state:"
"""Before a state's name in its key."""
LARGEST = 512 * 2**20
"""Bytes of one value, at most: Redis' own limit."""


class RedisStore:
    """One value per name, with its SHA-256: replaced as a whole, so that a reader never sees a half.

    Parameters
    ----------
    client : redis.Redis
        A connection that answers with bytes. It lasts as Redis does: a server that keeps nothing on disk
        loses the states when it is restarted.
    put : callable, optional
        Puts a value under a key, for who may do so only on a condition; by default the client's own `set`.
    """

    def __init__(self, client: Any, *, put: Callable[[str, bytes], Any] | None = None) -> None:
        self.client, self._put = client, put or client.set

    def save(self, name: str, arrays: Mapping[str, AnyArray]) -> None:
        """See `StateStore.save`. `StorageError` where the state is larger than a value may be."""
        check_name(name)
        content = sealed(arrays)
        if len(content) > LARGEST:
            raise StorageError(
                f"a state in Redis must have at most {LARGEST // 2**20} MiB",
                came=f"that of '{name}' has {len(content) / 2**20:.0f} MiB",
                do="Keep it in a folder that the workers share",
            )
        self._put(PREFIX + name, content)

    def load(self, name: str) -> dict[str, AnyArray] | None:
        """See `StateStore.load`."""
        check_name(name)
        stored = self.client.get(PREFIX + name)
        return None if stored is None else unsealed(stored, kept_at=f"{name} in Redis")
