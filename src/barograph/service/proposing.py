"""The work behind the operations on models to come, and on what was found wanting in those that are."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from barograph.api.models import proposal_of
from barograph.core.errors import SettingError
from barograph.govern import registry
from barograph.service.governing import kept
from barograph.service.problems import Problem
from barograph.service.service import Service
from barograph.service.wire import NewModel

NOWHERE = (
    "models are proposed over HTTP from folders that the service may read; it was given none. "
    "Start it with --bundles-in FOLDER, or propose at the machine: barograph models propose."
)


async def propose(service: Service, by: str, ask: NewModel) -> dict[str, Any]:
    """Check a bundle and register it; somebody else approves it."""
    database, roots = kept(service), service.bundles_in
    if not roots:
        raise Problem(409, "bundles", NOWHERE)

    def work() -> registry.ModelRecord:
        proposal = proposal_of(_within(ask.bundle, roots))
        return registry.model_of(database, registry.propose(database, proposal, by=by, why=ask.why))

    return dataclasses.asdict(await service.apart(work))


async def findings(service: Service) -> dict[str, Any]:
    """All findings, by the day they are due."""
    found = await service.apart(registry.findings_of, kept(service))
    return {"findings": [dataclasses.asdict(one) for one in found]}


def _within(given: str, roots: tuple[Path, ...]) -> Path:
    """The folder that is meant, links and dots resolved: below a root, and nothing is said of what is not."""
    for root in roots:
        try:
            meant = (root / given).resolve()
            if meant.is_relative_to(root.resolve()) and (meant / "manifest.json").is_file():
                return meant
        except (OSError, ValueError, RuntimeError):  # a zero byte, a name too long, links in a circle
            continue
    raise SettingError(
        "a bundle must be a folder below one of those that the service may read",
        came=f"'{given[:200]}' is none",
        do="Name it as it stands below the folder of --bundles-in",
    )
