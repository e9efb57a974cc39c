"""What a model's bundle says of its making: the manifest, and what its run claimed and reported."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from barograph.core.errors import InputError
from barograph.deploy.bundle import manifest_hash, plain_manifest
from barograph.deploy.papers import report_in, result_in


@dataclass(frozen=True, slots=True)
class BundleFiles:
    """What is known of a model from its own files; empty where they are gone."""

    manifest: dict[str, Any] = field(default_factory=dict)  # empty unless it is the one that was proposed
    claims: list[dict[str, Any]] = field(default_factory=list)
    report: bytes | None = None


def files_of(bundle: str, digest: str) -> BundleFiles:
    """The files of a bundle of which the registry keeps the manifest's hash, which pins every other one's."""
    folder = Path(bundle)
    try:
        manifest = plain_manifest(folder) if manifest_hash(folder) == digest else {}
    except InputError:
        manifest = {}
    if not manifest:
        return BundleFiles()
    hashes = manifest.get("hashes", {})
    claims = (result_in(folder, hashes) or {}).get("claims")
    return BundleFiles(manifest, claims or [], report_in(folder, hashes))
