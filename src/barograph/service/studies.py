"""What is served: one model per study, loaded, checked and warmed, and the order of what moves its state."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from barograph.api.answer import AnyForecaster, Scorer, load
from barograph.api.live import EventScorer
from barograph.api.newest import LedgerForecaster, LevelForecaster
from barograph.core.errors import BundleError, SettingError
from barograph.deploy.bundle import manifest_hash
from barograph.govern.registry.steps import ID as VERSION_DIGITS
from barograph.service.problems import missing

Model = AnyForecaster | Scorer | EventScorer
PROFILE = "profile.json"


@dataclass(slots=True)
class Served:
    """A model in service. What moves its state holds `lock`; long work on events goes through `aside`."""

    study: str
    folder: Path
    digest: str  # its manifest's hash, which pins every file
    model: Model
    about: dict[str, Any]  # its manifest
    profile: dict[str, Any] | None = None  # what training looked like; None where the bundle does not say
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    seen: Any = None  # place in the memory of its study up to which it was recalled; None before that
    lacks: int = 0  # entries of that memory from before its place that are no longer there
    last: dict[str, tuple[Any, Any]] = field(default_factory=dict)  # entity -> its last day, and the answer
    moved: bool = False  # whether it has taken in anything since it was loaded
    _aside: EventScorer | None = None
    _making: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def open(cls, folder: Path) -> Served:
        """Load, check and warm a bundle; raises `BundleError` where it may not serve."""
        model = load(folder)
        about, path = model.manifest, folder / PROFILE
        profile = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
        served = cls(str(about["study"]), folder, manifest_hash(folder), model, about, profile)
        served.warm()
        return served

    @property
    def version(self) -> str:
        """The model's id: the first digits of its manifest's hash."""
        return self.digest[:VERSION_DIGITS]

    @property
    def kind(self) -> str:
        """`records`, `events`, or `series`."""
        if isinstance(self.model, EventScorer):
            return "events"
        return "records" if isinstance(self.model, Scorer) else "series"

    @property
    def has_state(self) -> bool:
        """Whether what it is told changes what it says next."""
        return not isinstance(self.model, Scorer | LevelForecaster | LedgerForecaster)

    def warm(self) -> None:
        """Answer once, so that the first request is not the one that waits."""
        if not isinstance(self.model, Scorer | EventScorer):
            self.model.forecast()
        elif isinstance(self.model, Scorer):
            parts = self.model.predictor.parts
            self.model.predictor.table(parts.reference)

    def begin_anew(self) -> None:
        """Put a model on events back to where its bundle begins, as if it had just been loaded."""
        assert isinstance(self.model, EventScorer)
        self.model.begin_anew()
        self.seen, self.lacks, self.moved = None, 0, False

    def check(self) -> list[dict[str, Any]]:
        """The parity checks made while loading: name, passed, difference, allowed."""
        holder: Any = getattr(self.model, "predictor", None) or getattr(self.model, "forecaster", None)
        if holder is None:  # fixings
            holder = self.model.live.predictor  # type: ignore[union-attr]
        return [
            {"name": one.name, "passed": one.passed, "difference": one.difference, "allowed": one.allowed}
            for one in holder.checks
        ]

    def aside(self) -> tuple[EventScorer, threading.Lock]:
        """A second copy of a model on events, for long work that must not hold up what arrives.

        Raises
        ------
        BundleError
            The folder holds another bundle by now.
        """
        with self._making:
            if self._aside is None:
                made = load(self.folder)
                if manifest_hash(self.folder) != self.digest:
                    raise BundleError(
                        f"the folder of {self.study} must hold the bundle that is in service, {self.version}",
                        came="its manifest has another hash by now",
                        do="Put that bundle back, or start the service again to serve the new one",
                    )
                assert isinstance(made, EventScorer)
                self._aside = made
            return self._aside, self._making


class Studies:
    """The models in service, by study; a model is exchanged in one step, between two requests."""

    def __init__(self, served: Iterable[Served] = ()) -> None:
        self._served: dict[str, Served] = {}
        for one in served:
            if one.study in self._served:
                raise SettingError(
                    "a study must be answered by one bundle",
                    came=f"{self._served[one.study].folder} and {one.folder} are both of {one.study}",
                    do="Name one of them; challengers come from the registry of a database",
                )
            self._served[one.study] = one

    def __iter__(self) -> Any:
        return iter(self._served.values())

    def __len__(self) -> int:
        return len(self._served)

    def of(self, study: str) -> Served:
        """The model that answers for a study; `Problem` 404 where none does."""
        found = self._served.get(study)
        if found is None:
            raise missing("study", study, sorted(self._served))
        return found

    @asynccontextmanager
    async def turn(self, study: str) -> AsyncIterator[Served]:
        """The model that answers, held while its state is moved; never one that was exchanged meanwhile."""
        while True:
            served = self.of(study)
            async with served.lock:
                if self._served.get(study) is served:
                    yield served
                    return

    @property
    def names(self) -> list[str]:
        """The studies that are served."""
        return sorted(self._served)

    def version(self, study: str) -> str:
        """The model that answers for a study; empty where none does."""
        found = self._served.get(study)
        return "" if found is None else found.version

    def put(self, served: Served) -> None:
        """From the next request on this model answers for its study."""
        self._served[served.study] = served

    def drop(self, study: str) -> None:
        """Nothing answers for a study any more."""
        self._served.pop(study, None)


def check_workers(served: Served, workers: int, *, shared: bool = False) -> None:
    """Refuse to part a live state among processes that do not know of each other."""
    if workers > 1 and served.has_state and not shared:
        raise SettingError(
            "bundles with a live state must be served by one worker, or have it shared",
            came=f"{served.study} has one, and there are {workers} workers",
            do="Share the states (--state redis://HOST:PORT/0), or leave --workers out",
        )


def summary(served: Served) -> dict[str, Any]:
    """A model in few words, as lists of studies have it."""
    about: Mapping[str, Any] = served.about
    return {
        "study": served.study,
        "question": about["question"],
        "engine": about["engine"],
        "kind": served.kind,
        "champion": about["champion"],
        "version": served.version,
        "verdict": about["verdict"],
        "fitted_until": about["fitted_until"],
        "columns": about["columns"],
    }
