"""Results as plain data, and plain data as one JSON object."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["as_json", "plain"]


def plain(value: Any) -> Any:
    """Mappings, lists, text, numbers and null only; a figure that is not finite becomes null.

    Examples
    --------
    >>> plain({"report": Path("a/b"), "value": float("nan")})
    {'report': 'a/b', 'value': None}
    """
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def as_json(value: Any) -> str:
    """One JSON object on lines of its own, readable, in UTF-8."""
    return json.dumps(plain(value), ensure_ascii=False, indent=2, allow_nan=False)
