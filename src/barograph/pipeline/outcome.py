"""What a finished run says, whichever engine ran it, and how it is written into its folder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from barograph.core.recipe import AnyStudy
from barograph.core.records import Provenance
from barograph.core.results import ClaimResult, Comparison, Score, Verdict
from barograph.core.version import VERSION
from barograph.pipeline.study_text import dump
from barograph.pipeline.workspace import MARKER, Workspace, write_atomically

REPORT, BUNDLE, RESULT, SETTINGS, DATA = "report.html", "bundle", "result.json", "study.yaml", "data"


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a finished run says and where it stands."""

    study: AnyStudy
    provenance: Provenance
    verdict: Verdict
    claims: tuple[ClaimResult, ...]
    scores: tuple[Score, ...]
    comparisons: tuple[Comparison, ...]
    folder: Path
    seconds: float
    stages: dict[str, float]
    peak_rss_mib: float
    told: dict[str, Any]  # JSON-ready: what only this engine tells

    def to_json(self) -> dict[str, Any]:
        """The run as one JSON-ready object; the fields are those of `barograph run --json`."""
        provenance = self.provenance
        return {
            "study": self.study.name,
            "budget": self.study.budget,
            "verdict": self.verdict.standing,
            "sentence": self.verdict.sentence,
            "champion": self.verdict.champion,
            "claims": [asdict(claim) for claim in self.claims],
            "scores": [asdict(score) for score in self.scores],
            **self.told,
            "bundle": str(self.folder / BUNDLE),
            "report": str(self.folder / REPORT),
            "seconds": round(self.seconds, 3),
            "stages": {name: round(seconds, 3) for name, seconds in self.stages.items()},
            "peak_rss_mib": round(self.peak_rss_mib, 1),
            "data": {
                "source": provenance.source,
                "rows": provenance.rows,
                "hash": provenance.content_hash,
                "since": provenance.since,
                "until": provenance.until,
            },
        }


def write_papers(space: Workspace, study: AnyStudy, html: str) -> None:
    """Report and settings of a run."""
    write_atomically(space.path(REPORT), html.encode())
    write_atomically(space.path(SETTINGS), dump(study).encode())


def close(space: Workspace, outcome: Outcome) -> None:
    """Write the result and move the finished run into place."""
    text = json.dumps(outcome.to_json(), indent=1, ensure_ascii=False)
    write_atomically(space.path(RESULT), text.encode())
    mark = {"study": outcome.study.name, "barograph": VERSION}
    write_atomically(space.path(MARKER), json.dumps(mark).encode())
    space.finish()
