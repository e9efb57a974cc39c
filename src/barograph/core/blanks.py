"""Words that say there is nothing, wherever categories are read or counted."""

from __future__ import annotations

from typing import Final

__all__ = ["NO_CATEGORY"]

NO_CATEGORY: Final = ("", "na", "n/a", "#n/a", "null", "nan", ".")
"""In lower case; "none" is a category: no collateral, no phone."""
