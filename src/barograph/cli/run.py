"""`barograph run`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from barograph.api import study as api
from barograph.cli.outcome import show
from barograph.cli.plain import as_json
from barograph.cli.progress import drawn, warned
from barograph.cli.source import form_settings, with_query
from barograph.cli.words import language, said
from barograph.core.contracts import Progress
from barograph.core.errors import SettingError
from barograph.core.texts import areas

__all__ = ["command", "names", "pairs"]

Several = list[str] | None
"""A flag that may be given several times."""
Contract = Annotated[str | None, typer.Option(metavar="FILE", help=said("option.contract"))]
Quarantine = Annotated[str | None, typer.Option(metavar="FILE|DIR", help=said("option.quarantine"))]
Snapshot = Annotated[str | None, typer.Option(metavar="HASH", help=said("option.snapshot_of_run"))]
KeepSnapshot = Annotated[bool, typer.Option("--keep-snapshot", help=said("option.keep_snapshot"))]


def command(
    study: Annotated[str, typer.Argument(metavar="STUDY|YAML", help=said("option.study"))],
    data: Annotated[str | None, typer.Option(metavar="FILE|URL", help=said("option.data"))] = None,
    query: Annotated[str | None, typer.Option(metavar="TABLE|SELECT", help=said("option.query"))] = None,
    test: Annotated[str | None, typer.Option(metavar="FILE|URL", help=said("option.test"))] = None,
    target: Annotated[str | None, typer.Option(metavar="COLUMN", help=said("option.target"))] = None,
    time: Annotated[str | None, typer.Option(metavar="COLUMN", help=said("option.time"))] = None,
    entity: Annotated[str | None, typer.Option(metavar="COLUMN", help=said("option.entity"))] = None,
    encoding: Annotated[str | None, typer.Option(metavar="NAME", help=said("option.encoding"))] = None,
    delimiter: Annotated[str | None, typer.Option(metavar="SIGN", help=said("option.delimiter"))] = None,
    protected: Annotated[Several, typer.Option(metavar="COLUMN", help=said("option.protected"))] = None,
    network: Annotated[Several, typer.Option(metavar="A,B", help=said("option.network"))] = None,
    settings: Annotated[Several, typer.Option("--set", metavar="KEY=VALUE", help=said("option.set"))] = None,
    contract: Contract = None,
    quarantine: Quarantine = None,
    snapshot: Snapshot = None,
    keep_snapshot: KeepSnapshot = False,
    budget: Annotated[str | None, typer.Option(help=said("option.budget"))] = None,
    engine: Annotated[str | None, typer.Option(metavar="local|ray", help=said("option.engine"))] = None,
    device: Annotated[str | None, typer.Option(metavar="cpu|cuda|auto", help=said("option.device"))] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help=said("option.out"))] = None,
    resume: Annotated[bool, typer.Option("--resume", help=said("option.resume"))] = False,
    lang: Annotated[str | None, typer.Option(help=said("option.lang"))] = None,
    as_one_object: Annotated[bool, typer.Option("--json", help=said("option.json"))] = False,
) -> None:
    """Run a study and print its verdict."""
    spoken = _known(lang or language())
    named = partial(api.run, study, test=test, target=target, time=time, entity=entity)
    named = partial(named, snapshot=snapshot, keep_snapshot=keep_snapshot, budget=budget)
    named = partial(named, engine=engine, device=device, out=out, resume=resume)
    with _heard(spoken, silent=as_one_object) as progress:
        outcome = named(
            data=with_query(data or "", query) or None,
            protected=names(protected or [], flag="--protected") if protected else (),
            network=names(network or []),
            settings=form_settings(encoding, delimiter, contract, quarantine) | pairs(settings or []),
            lang=spoken,
            progress=progress,
        )
    _tell(outcome, spoken, as_one_object)


def _known(lang: str) -> str:
    """A language that there is; another is refused before hours are spent."""
    areas(lang)
    return lang


@contextmanager
def _heard(spoken: str, *, silent: bool) -> Iterator[Progress | None]:
    """The progress of a run; where one object is to be printed, nothing else reaches stdout."""
    with ExitStack() as stack:
        progress = stack.enter_context(drawn(spoken, silent=silent))
        stack.enter_context(warned(spoken))
        if silent:
            stack.enter_context(redirect_stdout(sys.stderr))
        yield progress


def _tell(outcome: api.Run, spoken: str, as_one_object: bool) -> None:
    if as_one_object:
        sys.stdout.write(as_json(outcome.to_json()) + "\n")
    else:
        show(outcome, spoken)


def names(given: list[str], *, flag: str = "--network") -> tuple[str, ...]:
    """The names of a list that may be written with commas, with several flags, or both.

    Examples
    --------
    >>> names(["mlp,rnn", "cnn"])
    ('mlp', 'rnn', 'cnn')
    """
    found = tuple(name.strip() for part in given for name in part.split(",") if name.strip())
    if given and not found:
        raise SettingError(
            f"{flag} must name at least one", came="it is empty", do=f"Write {flag} a,b, or leave it out"
        )
    return found


def pairs(given: list[str]) -> dict[str, str]:
    """The settings of the `--set` flags; of a key given twice, the last.

    Examples
    --------
    >>> pairs(["train.seeds=4"])
    {'train.seeds': '4'}
    """
    found: dict[str, str] = {}
    for pair in given:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise SettingError(
                "--set must be KEY=VALUE", came=f"got '{pair}'", do="Write it like --set train.seeds=4"
            )
        found[key.strip()] = value.strip()
    return found
