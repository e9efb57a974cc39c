"""Memory that runs short, told in words that name the lever."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from barograph.core.errors import SettingError

ON_GPU = "CUDA out of memory"
SAID = ("can't allocate memory", "bad allocation", "bad_alloc", ON_GPU)
"""What libraries say that raise no `MemoryError`: torch, LightGBM, ONNX Runtime, torch on a GPU."""


@contextmanager
def enough_memory() -> Iterator[None]:
    """Raise `SettingError` where a library was refused memory in the block."""
    try:
        yield
    except Exception as error:  # by its words: the libraries' own errors are not to be imported here
        if not _short(error):
            raise
        raise SettingError(
            "what is asked for must fit into the memory of this machine",
            came=f"memory ran short ({next(iter(str(error).splitlines()), 'no more was given')})",
            do="Take --device cpu, or fewer processes (--set train.workers=1)"
            if ON_GPU in str(error)
            else "Take fewer processes (--set train.workers=1), a smaller --budget, fewer networks or rows",
        ) from error


def _short(error: Exception) -> bool:
    refused = isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
    return refused or any(words in str(error) for words in SAID)
