"""The error tree, and the one wording of every message.

    BarographError
    ├── InputError            what the user gave is not usable            exit code 2
    │   ├── DataError         a table, file or column
    │   ├── SettingError      a key or value of a study, or a flag
    │   ├── StorageError      a folder, file or database cannot be written or read
    │   │   └── UnavailableError   it does not answer now; the same call may succeed later
    │   ├── ConflictError     what is asked for contradicts what stands already
    │   │   └── MissingError       it is about something that is not there
    │   ├── AccessError       it is not known who asks
    │   │   └── ForbiddenError     it is known, and they may not
    │   └── BundleError       a bundle is damaged, tampered with or of another version
    ├── LeakError             our own bug: something would look past its origin   exit code 1
    └── WordingError          our own bug: a text without its words or values     exit code 1

A message says what must hold, what came, and what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import partial
from typing import Any


class BarographError(Exception):
    """Root of everything Barograph raises on purpose."""


class InputError(BarographError):
    """What the user gave is not usable; the message says what to do."""

    def __init__(self, must: str, *, came: str, do: str) -> None:
        self.must, self.came, self.do = must, came, do
        super().__init__(must, came, do)

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), came=self.came, do=self.do), (self.must,), self.__dict__

    def __str__(self) -> str:
        end = "" if self.do.endswith(("?", ".", "!")) else "."
        return f"{self.must}; {self.came}. {self.do}{end}"


class DataError(InputError):
    """A table, file or column is not usable."""


class SettingError(InputError):
    """A key or value of a study, or a flag, is not usable."""


class StorageError(InputError):
    """A folder, file or database cannot be written or read."""


class UnavailableError(StorageError):
    """A database or server does not answer now; the same call may succeed after `retry_after` seconds."""

    def __init__(self, must: str, *, came: str, do: str, retry_after: float = 1.0) -> None:
        self.retry_after = retry_after
        super().__init__(must, came=came, do=do)


class ConflictError(InputError):
    """What is asked for contradicts what stands already: repeating it will not help."""


class MissingError(ConflictError):
    """What is asked for is about something that is not there."""


class AccessError(InputError):
    """It is not known who asks: no token, a wrong, expired or revoked one."""


class ForbiddenError(AccessError):
    """It is known who asks, and they may not."""


class BundleError(InputError):
    """A bundle is damaged, tampered with, or of a version this program does not serve."""


class LeakError(BarographError):
    """Something would have looked past its origin. Raised instead of computing a dishonest figure."""


class WordingError(BarographError):
    """A text was asked for by a key that has no words, or without a value for one of its placeholders."""


def nearest(word: str, known: Iterable[str]) -> str:
    """The hint for a misspelt word: the nearest known one, or the whole list.

    Examples
    --------
    >>> nearest("horizon", ["horizons", "window"])
    "did you mean 'horizons'?"
    """
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else f"known: {', '.join(names)}"


def unknown(kind: str, word: str, known: Iterable[str]) -> SettingError:
    """The error for a word that is not in a catalogue, naming the nearest right one."""
    names = tuple(known)
    return SettingError(
        f"{kind} must be one of {len(names)} known names",
        came=f"got '{word}'",
        do=nearest(word, names).removesuffix("?").capitalize() + ("?" if names else ""),
    )
