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
from typing import Any, Generic, TypeVar

import numpy as np
from pydantic import ValidationError

from barograph.core.errors import BundleError, StorageError
from barograph.deploy.manifest import FORMAT, CommonManifest

MANIFEST = "manifest.json"

Kind = TypeVar("Kind", bound=CommonManifest)


@dataclass(frozen=True, slots=True)
class Bundle(Generic[Kind]):
    """A bundle that has been read and whose hashes hold."""

    folder: Path
    manifest: Kind

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


def write_bundle(folder: Path, manifest: Kind, parts: Mapping[str, bytes]) -> Bundle[Kind]:
    """Write a bundle whole or not at all.

    Parameters
    ----------
    folder : Path
        Where it will stand; replaced if it exists.
    manifest : CommonManifest
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
        raise _unwritten(folder, error) from error
    return Bundle(folder, full)


def add_parts(folder: Path, parts: Mapping[str, bytes]) -> None:
    """Put files into a bundle that was just written, and name them in its manifest, which is written last.

    Parameters
    ----------
    folder : Path
        The bundle's; nobody serves it yet, for its manifest's hash is another afterwards.
    parts : mapping
        Path inside the bundle -> content.
    """
    path = _manifest_path(folder)
    plain = _plain_manifest(path)
    added = {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}
    plain["hashes"] = dict(sorted({**plain["hashes"], **added}.items()))
    fresh = path.with_suffix(".new")
    try:
        for name, content in parts.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        fresh.write_text(json.dumps(plain, indent=1, ensure_ascii=False), encoding="utf-8")
        os.replace(fresh, path)
    except OSError as error:
        raise _unwritten(folder, error) from error


def engine_of(folder: Path | str) -> str:
    """The engine that serves a bundle; raises `BundleError` where there is no readable manifest."""
    return str(plain_manifest(folder).get("engine", ""))


def plain_manifest(folder: Path | str) -> dict[str, Any]:
    """What a manifest says, before anything is checked; raises as `engine_of`."""
    return _plain_manifest(_manifest_path(Path(folder)))


def manifest_hash(folder: Path | str) -> str:
    """sha256 of the manifest, hex: it holds the hashes of all other files, and so stands for the bundle."""
    return hashlib.sha256(_manifest_path(Path(folder)).read_bytes()).hexdigest()


def read_bundle(folder: Path | str, kind: type[Kind]) -> Bundle[Kind]:
    """Read a bundle of an engine's kind and check every hash.

    Raises
    ------
    BundleError
        The folder is no bundle, is of another engine or a later format, or was changed.
    """
    place = Path(folder)
    path = _manifest_path(place)
    manifest = _manifest(path, kind)
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


def _manifest_path(place: Path) -> Path:
    path = place / MANIFEST
    if not path.is_file():
        raise BundleError(
            "a bundle must be a folder with a manifest.json",
            came=f"{place} has none",
            do="Give the `bundle` folder that `barograph run` printed",
        )
    return path


def _plain_manifest(path: Path) -> dict[str, Any]:
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        int(plain["format"]), str(plain["engine"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(error) from error
    return dict(plain)


def _unwritten(folder: Path, error: OSError) -> StorageError:
    return StorageError(
        f"the bundle's folder {folder} must be writable and its disk must have room",
        came=f"the system said: {error.strerror or error}",
        do="Free space or choose another folder",
    )


def _unreadable(error: Exception) -> BundleError:
    return BundleError(
        "manifest.json must be a readable manifest of this program",
        came=f"it is not ({type(error).__name__})",
        do="Take a fresh copy of the bundle",
    )


def _manifest(path: Path, kind: type[Kind]) -> Kind:
    plain = _plain_manifest(path)
    engine = kind.model_fields["engine"].default
    if plain.get("engine") != engine:
        raise BundleError(
            f"the {engine} engine serves {engine} bundles",
            came=f"the bundle is of engine '{plain.get('engine')}'",
            do="Load it with barograph.load",
        )
    came = int(plain["format"])
    try:
        if came <= FORMAT:
            return kind.model_validate(plain)
    except ValidationError as error:
        raise _of_another_version(plain, error) from error
    raise BundleError(
        f"a bundle's format must be at most {FORMAT}",
        came=f"this one has format {came}, written by Barograph {plain.get('barograph', '?')}",
        do="Serve it with that version or a later one",
    )


def _of_another_version(plain: dict[str, Any], error: ValidationError) -> BundleError:
    """A manifest whose keys are not those of this version; a tampered one reads the same."""
    first = error.errors()[0]
    key, wrote = ".".join(str(part) for part in first["loc"])[:100], str(plain.get("barograph", "?"))[:40]
    return BundleError(
        "manifest.json must be a readable manifest of this program",
        came=f"'{key}' is not as it must be ({first['type']}), and it was written by Barograph {wrote}",
        do="Serve it with that version, or take a fresh copy of the bundle",
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
