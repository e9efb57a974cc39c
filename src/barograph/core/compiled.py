"""Functions compiled to machine code where the optional extra `[fast]` (numba) is installed.

The only place that imports numba. Compiled functions stand in folders of their own, beside a plain way to the
same bits; who needs either asks `has_compiler` which to take.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def has_compiler() -> bool:
    """Whether the extra `[fast]` is installed; imports nothing."""
    return find_spec("numba") is not None


def late(module: str) -> ModuleType:
    """numba, or a module of ours that has compiled functions, when it is first asked for.

    numba takes half a second to import.
    """
    return import_module(module)


def compiled(function: Function) -> Function:
    """The function as machine code, compiled at its first call and kept on disk for the next process.

    Where no folder can be written to, every process compiles anew. Division is numpy's: by zero gives
    infinity or NaN.

    Raises
    ------
    ImportError
        If numba is not installed (see `has_compiler`).
    """
    numba: Any = late("numba")
    folder = Path(function.__code__.co_filename).parent
    wanted = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str((Path(wanted) if wanted else folder / "__pycache__") / _digest(folder))
    try:
        made: Any = numba.njit(cache=True, error_model="numpy")(function)
    except RuntimeError:  # no folder to keep it in
        made = numba.njit(error_model="numpy")(function)
    finally:
        numba.config.CACHE_DIR = wanted
    return made  # type: ignore[no-any-return]


@lru_cache
def _digest(folder: Path) -> str:
    """Of the sources of a folder: a function is compiled anew when one that it calls changes.

    numba itself looks at the file of the function alone.
    """
    sources = b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))
    return hashlib.sha256(sources).hexdigest()[:16]
