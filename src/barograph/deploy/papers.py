"""The papers of a run that travel in its bundle: what it claimed and found, and its report, packed.

They are hashed in the manifest like every other file, and read when somebody looks: each reading is held to
the hash, and of a report no more is unpacked than may be shown.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["MOST", "RESULT", "papers_of", "report_in", "result_in"]

RESULT, REPORT = "run/result.json", "run/report.html.gz"
"""Parts of a bundle; bundles written before there were any lack them."""
MOST = 64 * 2**20
"""Bytes of a report that is read, and of a result."""
KEPT = ("budget", "verdict", "sentence", "claims", "scores")
GZIP = 31
"""For zlib: a stream with gzip's head."""


def papers_of(result: Mapping[str, Any], report: str) -> dict[str, bytes]:
    """The parts of a bundle that hold a run's papers.

    Parameters
    ----------
    result : mapping
        As `result.json` of the run has it; verdict, claims and scores go along.
    report : str
        The report, as one HTML document.
    """
    told = {name: result[name] for name in KEPT if name in result}
    return {
        RESULT: json.dumps(told, indent=1, ensure_ascii=False).encode(),
        REPORT: gzip.compress(report.encode(), mtime=0),
    }


def result_in(folder: Path, hashes: Mapping[str, str]) -> dict[str, Any] | None:
    """What the run claimed and found: budget, verdict, sentence, claims, scores; None as for `report_in`."""
    content = _part(folder, hashes, RESULT)
    if content is None:
        return None
    try:
        found = json.loads(content)
        claims = list(found["claims"])
    except (ValueError, KeyError, TypeError):
        return None
    return {name: found.get(name) for name in KEPT} if all(isinstance(one, dict) for one in claims) else None


def report_in(folder: Path, hashes: Mapping[str, str]) -> bytes | None:
    """The report, unpacked; None where the bundle has none, or not the one that its manifest names.

    Parameters
    ----------
    folder : Path
        The bundle's.
    hashes : mapping
        Those of its manifest, by path, as they were when it was checked.
    """
    content = _part(folder, hashes, REPORT)
    if content is None:
        return None
    stream = zlib.decompressobj(GZIP)
    try:
        unpacked = stream.decompress(content, MOST)
    except zlib.error:
        return None
    return unpacked if stream.eof else None


def _part(folder: Path, hashes: Mapping[str, str], name: str) -> bytes | None:
    path = folder / name
    try:
        if name not in hashes or path.stat().st_size > MOST:
            return None
        content = path.read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == hashes[name] else None
