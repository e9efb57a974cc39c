"""Writing and reading a bundle: every file hashed, nothing pickled, nothing trusted unchecked."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from barograph.core.errors import BundleError, StorageError
from barograph.deploy.manifest import FORMAT, Manifest

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that has been read and whose hashes hold."""

    folder: Path
    manifest: Manifest

    def json(self, name: str) -> Any:
        """A JSON part."""
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def arrays(self, name: str) -> dict[str, np.ndarray[Any, Any]]:
        """An npz part."""
        with np.load(self.folder / name, allow_pickle=False) as stored:
            return {key: stored[key] for key in stored.files}

    def has(self, name: str) -> bool:
        """Whether the bundle carries a part."""
        return name in self.manifest.hashes


def packed(arrays: Mapping[str, np.ndarray[Any, Any]]) -> bytes:
    """Arrays as the bytes of an npz file."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **dict(arrays))  # type: ignore[arg-type]
    return buffer.getvalue()


def write_bundle(folder: Path, manifest: Manifest, parts: Mapping[str, bytes]) -> Bundle:
    """Write a bundle whole or not at all.

    Parameters
    ----------
    folder : Path
        Where it will stand; replaced if it exists.
    manifest : Manifest
        Without hashes: they are made here.
    parts : mapping
        Path inside the bundle -> content.
    """
    fresh = folder.with_name(folder.name + ".new")
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(parts.items())}
    full = manifest.model_copy(update={"hashes": hashes})
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        for name, content in parts.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (fresh / MANIFEST).write_text(full.model_dump_json(indent=1), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(fresh, folder)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise StorageError(
            f"the bundle's folder {folder} must be writable and its disk must have room",
            came=f"the system said: {error.strerror or error}",
            do="Free space or choose another folder",
        ) from error
    return Bundle(folder, full)


def read_bundle(folder: Path | str) -> Bundle:
    """Read a bundle and check every hash; raises `BundleError` rather than serve something else."""
    place = Path(folder)
    path = place / MANIFEST
    if not path.is_file():
        raise BundleError(
            "a bundle must be a folder with a manifest.json",
            came=f"{place} has none",
            do="Give the `bundle` folder that `barograph run` printed",
        )
    manifest = _manifest(path)
    for name, digest in manifest.hashes.items():
        _check_hash(place, name, digest)
    extra = sorted(
        str(found.relative_to(place))
        for found in place.rglob("*")
        if found.is_file() and found != path and found.relative_to(place).as_posix() not in manifest.hashes
    )
    if extra:
        raise BundleError(
            "a bundle must hold only the files its manifest names",
            came=f"{extra[0]} is not named ({len(extra)} such files)",
            do="Remove it, or take a fresh copy of the bundle",
        )
    return Bundle(place, manifest)


def _manifest(path: Path) -> Manifest:
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        came = int(plain["format"])
        if came <= FORMAT:
            return Manifest.model_validate(plain)
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise BundleError(
            "manifest.json must be a readable manifest of this program",
            came=f"it is not ({type(error).__name__})",
            do="Take a fresh copy of the bundle",
        ) from error
    raise BundleError(
        f"a bundle's format must be at most {FORMAT}",
        came=f"this one has format {came}, written by Barograph {plain.get('barograph', '?')}",
        do="Serve it with that version or a later one",
    )


def _check_hash(place: Path, name: str, digest: str) -> None:
    path = place / name
    inside = path.resolve().is_relative_to(place.resolve())
    if not inside or not path.is_file():
        raise BundleError(
            "every file named in the manifest must lie in the bundle",
            came=f"{name} does not",
            do="Take a fresh copy of the bundle",
        )
    if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
        raise BundleError(
            f"{name} must have the hash its manifest states",
            came="it has another: the file was changed after the bundle was written",
            do="Do not serve it; take a fresh copy or run the study again",
        )
