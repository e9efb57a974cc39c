"""What lies beside a model's bundle in the folder of its run: what it claimed, and its report."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from barograph.core.errors import InputError
from barograph.deploy.bundle import manifest_hash, plain_manifest
from barograph.service.looking import MOST, REPORT, RESULT


@dataclass(frozen=True, slots=True)
class RunFiles:
    """What is known of a model from its own files; empty where they are gone."""

    manifest: dict[str, Any] = field(default_factory=dict)  # empty unless it is the one that was proposed
    claims: list[dict[str, Any]] = field(default_factory=list)
    report: Path | None = None


def files_of(bundle: str, digest: str, data: str) -> RunFiles:
    """The files of a bundle of which the registry keeps the manifest's hash and the hash of its data.

    The manifest pins the bundle's files, not its run's: claims and report are shown where they are of the
    same study on the same data.
    """
    folder = Path(bundle)
    try:
        manifest = plain_manifest(folder) if manifest_hash(folder) == digest else {}
    except InputError:
        manifest = {}
    if not manifest:
        return RunFiles()
    result = _result(folder.parent / RESULT)
    same = result.get("study") == manifest["study"] and _hash(result) == data
    report = folder.parent / REPORT
    shown = same and report.is_file() and report.stat().st_size <= MOST
    return RunFiles(manifest, list(result.get("claims", [])) if same else [], report if shown else None)


def _result(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _hash(result: dict[str, Any]) -> str:
    data = result.get("data")
    return str(data.get("hash", "")) if isinstance(data, dict) else ""
