"""Logs as JSON, one object a line, on standard error."""

from __future__ import annotations

import datetime as dt
import functools
import logging
import sys
import time
import traceback
from typing import Any

import msgspec

LOGGER = logging.getLogger("barograph.service")
_ENCODER = msgspec.json.Encoder()


def write(level: str, about: str, **facts: Any) -> None:
    """One line; what cannot be written is lost rather than the request."""
    content = _ENCODER.encode({"at": _moment(time.time()), "level": level, "about": about, **facts})
    try:
        sys.stderr.write(content.decode() + "\n")
    except OSError:
        return


def _moment(now: float) -> str:
    """Seconds since 1970 as ISO 8601, to the millisecond."""
    second = int(now)
    return f"{_day_and_time(second)}.{int(1000.0 * (now - second)):03d}+00:00"


@functools.lru_cache(maxsize=1)
def _day_and_time(second: int) -> str:
    return dt.datetime.fromtimestamp(second, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S")


class Lines(logging.Handler):
    """What libraries log, in the same form."""

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler.emit`."""
        facts = {}
        if record.exc_info is not None and record.exc_info[1] is not None:
            facts["traceback"] = "".join(traceback.format_exception(record.exc_info[1]))
        write(record.levelname.lower(), record.getMessage(), logger=record.name, **facts)


def configure() -> None:
    """Send what uvicorn and we log through `Lines`; its own access log is ours."""
    for name in ("uvicorn", "uvicorn.error", "barograph.service"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], name == "uvicorn.error"
    for name in ("uvicorn", "barograph.service"):
        logger = logging.getLogger(name)
        logger.addHandler(Lines())
        logger.setLevel(logging.INFO)
