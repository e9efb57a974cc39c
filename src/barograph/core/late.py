"""Libraries that only some uses need: loaded when first asked for, with an error naming what to install."""

from __future__ import annotations

import importlib
from typing import Any

from barograph.core.errors import SettingError


def late(module: str, *, need: str, install: str) -> Any:
    """A library by name; it may be an extra that is not installed, or slow to load.

    Raises
    ------
    SettingError
        It is not installed; `need` says what asked for it, `install` what to do.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise SettingError(f"{need} needs {module}", came="it is not installed", do=install) from error
