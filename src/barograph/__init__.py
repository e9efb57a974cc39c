"""Deep learning for financial risk, with proof.

`run` takes a study from data to verdict, report and bundle; `load` makes a bundle answer. Everything here is
imported when it is first used: `import barograph` alone costs next to nothing, and `load` never needs torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from barograph.core.version import VERSION

if TYPE_CHECKING:
    from barograph.api.answer import load, predict, verify
    from barograph.api.assess import assess
    from barograph.api.export import export
    from barograph.api.inspection import inspect
    from barograph.api.shipped import init, studies
    from barograph.api.study import run
    from barograph.core.errors import BarographError, InputError
    from barograph.core.study import Study

__version__ = VERSION

__all__ = [
    "BarographError",
    "InputError",
    "Study",
    "__version__",
    "assess",
    "export",
    "init",
    "inspect",
    "load",
    "predict",
    "run",
    "studies",
    "verify",
]

_HOMES = {
    "BarographError": "barograph.core.errors",
    "InputError": "barograph.core.errors",
    "Study": "barograph.core.study",
    "assess": "barograph.api.assess",
    "export": "barograph.api.export",
    "init": "barograph.api.shipped",
    "inspect": "barograph.api.inspection",
    "load": "barograph.api.answer",
    "predict": "barograph.api.answer",
    "run": "barograph.api.study",
    "studies": "barograph.api.shipped",
    "verify": "barograph.api.answer",
}
"""Public name -> the module it comes from."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'barograph' has no attribute '{name}'")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
