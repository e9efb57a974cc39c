"""The base of every fitted value: frozen plain data that knows how to become JSON and back."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class FittedValue:
    """Base: frozen, plain, no behaviour but (de)serialisation. Arrays are float64."""

    kind: ClassVar[str] = ""

    def to_plain(self) -> dict[str, Any]:
        """A JSON-ready mapping with the kind and every field."""
        plain: dict[str, Any] = {"kind": self.kind}
        for field in fields(self):
            value = getattr(self, field.name)
            plain[field.name] = value.tolist() if isinstance(value, np.ndarray) else value
        return plain

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        """The inverse of `to_plain`; lists become arrays where the field is one."""
        values: dict[str, Any] = {}
        for field in fields(cls):
            value = plain[field.name]
            is_array = "Array" in str(field.type)
            values[field.name] = np.asarray(value, dtype=np.float64) if is_array else _tupled(value)
        return cls(**values)


def _tupled(value: Any) -> Any:
    return tuple(_tupled(v) for v in value) if isinstance(value, list) else value
