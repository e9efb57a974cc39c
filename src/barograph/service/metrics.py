"""Counts and times of a process as Prometheus text."""

from __future__ import annotations

import bisect
import os
import resource
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds, upper ends of the histogram's buckets."""

Labels = tuple[str, ...]


class Metrics:
    """What one process has done so far."""

    def __init__(self) -> None:
        self._requests: dict[Labels, int] = defaultdict(int)  # route, method, status
        self._seconds: dict[str, list[int]] = {}  # route -> requests in each bucket, the last above all
        self._sums: dict[str, float] = defaultdict(float)
        self._answers: dict[Labels, int] = defaultdict(int)  # study, what
        self.models: dict[str, tuple[str, str]] = {}  # study -> champion, version
        self.worker = ""  # name of this process, where there are several
        self.owns: dict[str, int] = {}  # study with a shared state -> 1 where this worker owns it
        self.redis_away = False  # whether the server of shared states does not answer
        self.left_out = 0  # readings, causes and records that were not watched
        self.refused_at_recall: dict[str, int] = {}  # study -> lines of its journal that no model took again
        self.audit_fails = False  # whether the audit log could not be synced or anchored last time
        self.courier_fails = False  # whether messages could not be taken from the database last time
        self.given_up = 0  # messages that were tried for days and never taken
        self.parts_away = 0  # parts of pages that were away while the rest was shown
        self.daily_fails = False  # whether the work of the day could not be done last time

    def requested(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request has been answered."""
        self._requests[route, method, str(status)] += 1
        buckets = self._seconds.get(route)
        if buckets is None:
            buckets = self._seconds[route] = [0] * (len(BOUNDS) + 1)
        buckets[bisect.bisect_left(BOUNDS, seconds)] += 1
        self._sums[route] += seconds

    def answered(self, study: str, what: str, count: int) -> None:
        """So many records, days or events of a study were answered."""
        self._answers[study, what] += count

    def text(self) -> str:
        """Everything, in the text format 0.0.4 of Prometheus."""
        lines = _counter("barograph_requests_total", "Requests by route, method and status.")
        lines += _samples("barograph_requests_total", ("route", "method", "status"), self._requests)
        lines += _counter("barograph_answers_total", "Records, days and events answered.")
        lines += _samples("barograph_answers_total", ("study", "what"), self._answers)
        lines += [
            "# HELP barograph_request_seconds Time of a request.",
            _type("request_seconds", "histogram"),
        ]
        for route, buckets in self._seconds.items():
            lines += self._histogram(route, buckets)
        lines += [
            "# HELP barograph_model_info The model that answers for a study.",
            _type("model_info", "gauge"),
        ]
        info: dict[Labels, int] = {(study, *about): 1 for study, about in self.models.items()}
        lines += _samples("barograph_model_info", ("study", "champion", "version"), info)
        lines += _counter("barograph_page_parts_away_total", "Parts of pages that were away for a while.")
        lines += [f"barograph_page_parts_away_total {self.parts_away}"]
        lines += _counter("barograph_not_watched_total", "Scores, figures and records that were not watched.")
        lines += [f"barograph_not_watched_total {self.left_out}"]
        name = "barograph_refused_at_recall_total"
        lines += _counter(name, "Lines of a journal that a model did not take in again when it was recalled.")
        lines += _samples(name, ("study",), {(one,): n for one, n in self.refused_at_recall.items()})
        lines += ["# HELP barograph_owns Whether this worker owns the state.", _type("owns", "gauge")]
        lines += _samples("barograph_owns", ("study",), {(study,): owns for study, owns in self.owns.items()})
        lines += _flag("redis_away", "Whether the server of states does not answer.", self.redis_away)
        lines += _flag(
            "audit_fails", "Whether the audit log was last not synced or anchored.", self.audit_fails
        )
        lines += _flag("courier_fails", "Whether messages could last not be sent.", self.courier_fails)
        lines += _counter("barograph_given_up_total", "Messages given up, which no receiver took.")
        lines += [f"barograph_given_up_total {self.given_up}"]
        lines += _flag("daily_fails", "Whether the work of the day was last not done.", self.daily_fails)
        lines += ["# HELP barograph_resident_bytes Memory of the process.", _type("resident_bytes", "gauge")]
        lines += [f"barograph_resident_bytes {resident()}"]
        return "\n".join([*(_named(line, self.worker) for line in lines), ""])

    def _histogram(self, route: str, buckets: list[int]) -> list[str]:
        name, label, lines, total = "barograph_request_seconds", f'route="{_escaped(route)}"', [], 0
        for bound, count in zip((*BOUNDS, float("inf")), buckets, strict=True):
            total += count
            end = "+Inf" if bound == float("inf") else f"{bound:g}"
            lines.append(f'{name}_bucket{{{label},le="{end}"}} {total}')
        return [*lines, f"{name}_sum{{{label}}} {self._sums[route]:.6f}", f"{name}_count{{{label}}} {total}"]


def resident() -> int:
    """Bytes of memory that the process holds; where the system does not tell, the most it ever held."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _counter(name: str, words: str) -> list[str]:
    return [f"# HELP {name} {words}", f"# TYPE {name} counter"]


def _flag(name: str, words: str, holds: bool) -> list[str]:
    return [f"# HELP barograph_{name} {words}", _type(name, "gauge"), f"barograph_{name} {int(holds)}"]


def _type(name: str, kind: str) -> str:
    return f"# TYPE barograph_{name} {kind}"


def _samples(name: str, names: Iterable[str], values: Mapping[Labels, int]) -> list[str]:
    labels = tuple(names)
    lines = []
    for of, count in values.items():
        told = ",".join(f'{key}="{_escaped(one)}"' for key, one in zip(labels, of, strict=True))
        lines.append(f"{name}{{{told}}} {count}")
    return lines


def _named(line: str, worker: str) -> str:
    """A sample with the name of the worker that it is of; other lines as they are."""
    if not worker or line.startswith("#"):
        return line
    name, brace, rest = line.partition("{")
    if brace:
        return f'{name}{{worker="{_escaped(worker)}",{rest}'
    name, _, value = line.partition(" ")
    return f'{name}{{worker="{_escaped(worker)}"}} {value}'


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
