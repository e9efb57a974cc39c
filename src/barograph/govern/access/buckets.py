"""How often a token may ask: a bucket of permits that refills, in this process."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable


class Buckets:
    """One bucket per key: `burst` permits, refilled at `rate` per second.

    Parameters
    ----------
    rate : float
        Permits per second.
    burst : float
        Permits of a full bucket.
    most : int
        Keys remembered; the one unused for longest is forgotten, which fills its bucket.
    seconds : callable
        A clock that never jumps back.

    Examples
    --------
    >>> buckets = Buckets(1.0, 2.0, seconds=lambda: 0.0)
    >>> [buckets.take("a") for _ in range(3)]
    [0.0, 0.0, 1.0]
    """

    def __init__(
        self, rate: float, burst: float, *, most: int = 10_000, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self.rate, self.burst, self.most = rate, burst, most
        self._seconds = seconds
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key -> permits, as of when
        self._lock = threading.Lock()

    def take(self, key: str, permits: float = 1.0) -> float:
        """Take permits: 0 where they were there, else the seconds until they will be (nothing is taken).

        Infinite where a full bucket does not hold so many.
        """
        if permits > self.burst:
            return float("inf")
        with self._lock:
            at = self._seconds()
            level, since = self._levels.pop(key, (self.burst, at))
            level = min(self.burst, level + (at - since) * self.rate)
            allowed = level >= permits
            self._levels[key] = (level - permits if allowed else level, at)
            if len(self._levels) > self.most:
                self._levels.popitem(last=False)
        return 0.0 if allowed else (permits - level) / self.rate

    def forget(self, key: str) -> None:
        """Fill the bucket of a key."""
        with self._lock:
            self._levels.pop(key, None)
