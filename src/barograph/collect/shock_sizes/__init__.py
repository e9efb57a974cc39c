"""Sizes of supervisory interest-rate shocks: the versions that come with Barograph, and users' own."""

from __future__ import annotations

from barograph.collect.shock_sizes.reading import open_calibration, packaged

__all__ = ["open_calibration", "packaged"]
