"""Functions compiled to machine code where the optional extra `[fast]` (numba) is installed.

The only place that imports numba. Whoever has compiled functions keeps them in a module of their own, beside a
plain way to the same bits, and asks `has_compiler` which of the two to take.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def has_compiler() -> bool:
    """Whether the extra `[fast]` is installed; imports nothing."""
    return find_spec("numba") is not None


def compiled(function: Function) -> Function:
    """The function as machine code, compiled at its first call and kept on disk for the next process.

    Where no folder can be written to, every process compiles anew. Whole numbers divide as in numpy: by zero
    gives infinity or NaN.

    Raises
    ------
    ImportError
        If numba is not installed (see `has_compiler`).
    """
    import numba  # noqa: PLC0415 - an optional extra, and half a second to import

    options = {"error_model": "numpy", "nogil": True}
    try:
        made = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no folder to keep it in
        made = numba.njit(**options)(function)
    return made  # type: ignore[no-any-return]
