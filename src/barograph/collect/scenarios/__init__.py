"""Named shocks: the scenarios that come with Barograph (the YAML files beside this one) and users' own."""

from __future__ import annotations

from barograph.collect.scenarios.reading import open_scenario, packaged, parse_scenario

__all__ = ["open_scenario", "packaged", "parse_scenario"]
