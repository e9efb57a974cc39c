"""What a finished run says, whichever engine ran it, and how it is written into its folder."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, TypedDict, TypeVar

from barograph.core.errors import unknown
from barograph.core.recipe import AnyStudy
from barograph.core.records import Provenance
from barograph.core.results import ClaimResult, Comparison, Score, Verdict
from barograph.core.section import WHERE
from barograph.core.version import VERSION
from barograph.deploy.bundle import add_parts
from barograph.deploy.papers import papers_of
from barograph.pipeline.facts import count_scoring, gpu_of, versions
from barograph.pipeline.memory import PeakMemory
from barograph.pipeline.study_text import dump
from barograph.pipeline.workspace import MARKER, Workspace, storage, write_atomically

REPORT, BUNDLE, RESULT, SETTINGS, DATA = "report.html", "bundle", "result.json", "study.yaml", "data"


Kind = TypeVar("Kind", bound=AnyStudy)


class Ending(TypedDict):
    """What every outcome says of its run."""

    study: AnyStudy
    provenance: Provenance
    verdict: Verdict
    claims: tuple[ClaimResult, ...]
    scores: tuple[Score, ...]
    comparisons: tuple[Comparison, ...]
    folder: Path
    seconds: float
    peak_rss_mib: float
    resumed: bool


class Passport(TypedDict):
    """What every manifest says of its study, its data and its program."""

    study: str
    question: str
    champion: str
    created: str
    barograph: str
    versions: dict[str, str]
    data: dict[str, Any]
    seeds: tuple[int, ...]
    prepare: dict[str, Any]
    verdict: str


@dataclass(frozen=True, slots=True, eq=False)
class Context(Generic[Kind]):
    """What a run knows of itself, whichever engine runs it."""

    study: Kind
    provenance: Provenance
    space: Workspace
    lang: str
    began: float  # of time.perf_counter
    memory: PeakMemory

    @property
    def seconds(self) -> float:
        """Wall clock so far."""
        return time.perf_counter() - self.began

    def scored(self) -> int:
        """Note that the confirmation block was scored once more; how often that makes."""
        return count_scoring(self.space.target.parent, self.study.name, self.provenance.content_hash)

    def ending(
        self,
        *,
        verdict: Verdict,
        claims: Iterable[ClaimResult],
        scores: Iterable[Score],
        comparisons: Iterable[Comparison],
    ) -> Ending:
        """The part of an outcome that is the same for every engine."""
        return Ending(
            study=self.study,
            provenance=self.provenance,
            verdict=verdict,
            claims=tuple(claims),
            scores=tuple(scores),
            comparisons=tuple(comparisons),
            folder=self.space.target,
            seconds=self.seconds,
            peak_rss_mib=self.memory.total(),
            resumed=self.space.resumed,
        )


def passport(study: AnyStudy, provenance: Provenance, verdict: Verdict) -> Passport:
    """The part of a manifest that is the same for every engine."""
    return Passport(
        study=study.name,
        question=study.question,
        champion=verdict.champion,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        barograph=VERSION,
        versions=versions(study.train),
        data=asdict(provenance),
        seeds=tuple(range(study.train.seeds)),
        prepare=study.prepare.model_dump(mode="json"),
        verdict=verdict.sentence,
    )


def check_named(study: AnyStudy, candidates: Sequence[str]) -> None:
    """Refuse a candidate or a champion that a run of the study will not have."""
    if study.deploy.candidate not in candidates:
        raise unknown("deploy.candidate", study.deploy.candidate, candidates)
    if study.deploy.champion not in ("auto", *candidates):
        raise unknown("deploy.champion", study.deploy.champion, ("auto", *candidates))


def identity_of(study: AnyStudy, provenance: Provenance) -> dict[str, Any]:
    """What a resumed run must have in common with the one that was interrupted; it may run elsewhere."""
    settings = study.model_dump(mode="json", exclude={"train": set(WHERE)})
    return {"study": settings, "data": provenance.content_hash, "barograph": VERSION}


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a table as JSON can hold it."""
    return {
        key: value.isoformat() if isinstance(value, datetime.date) else value for key, value in row.items()
    }


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
    resumed: bool  # went on with an unfinished run: `seconds` are those since
    told: dict[str, Any]  # JSON-ready: what only this engine tells

    def to_json(self) -> dict[str, Any]:
        """The run as one JSON-ready object; the fields are those of `barograph run --json`."""
        provenance = self.provenance
        gpu = gpu_of(self.study.train)
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
            "resumed": self.resumed,
            "stages": {name: round(seconds, 3) for name, seconds in self.stages.items()},
            "peak_rss_mib": round(self.peak_rss_mib, 1),
            **({"gpu": gpu} if gpu else {}),
            "data": {
                "source": provenance.source,
                "rows": provenance.rows,
                "hash": provenance.content_hash,
                "since": provenance.since,
                "until": provenance.until,
                "assumed": [asdict(one) for one in provenance.assumed],
                "set_aside": provenance.set_aside,
                "set_aside_in": provenance.set_aside_in,
                "snapshot": provenance.snapshot,
                "notes": list(provenance.notes),
            },
        }


def write_papers(context: Context[Any], html: str) -> None:
    """Report and settings of a run, warnings about its data above them; and the folder of its data."""
    space = context.space
    comments = "".join(f"# {' '.join(note.split())}\n" for note in context.provenance.warnings)
    with storage(space.part):
        space.path(DATA).mkdir(exist_ok=True)
    write_atomically(space.path(REPORT), html.encode())
    write_atomically(space.path(SETTINGS), (comments + dump(context.study)).encode())


def close(space: Workspace, outcome: Outcome) -> None:
    """Write the result, let the bundle carry it with the report, and move the finished run into place."""
    result = outcome.to_json()
    text = json.dumps(result, indent=1, ensure_ascii=False)
    write_atomically(space.path(RESULT), text.encode())
    add_parts(space.path(BUNDLE), papers_of(result, space.path(REPORT).read_text(encoding="utf-8")))
    mark = {"study": outcome.study.name, "barograph": VERSION}
    write_atomically(space.path(MARKER), json.dumps(mark).encode())
    space.finish()
