"""The version of this program: written into bundles, reports and runs."""

from __future__ import annotations

VERSION = "0.1.0"
