"""`barograph predict`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Console

from barograph.api import answer as api
from barograph.cli.plain import as_json
from barograph.cli.progress import drawn
from barograph.cli.show import Column, line, percent, stdout, table
from barograph.cli.source import with_query
from barograph.cli.words import called, language, said
from barograph.core.errors import SettingError

__all__ = ["command"]

SHOWN = 20
"""Records printed, at most."""
EXPLAINED = 20
"""Records whose reasons are worked out, at most."""


def command(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help=said("option.bundle"))],
    data: Annotated[str, typer.Option(metavar="FILE|URL", help=said("option.data_predict"))],
    query: Annotated[str | None, typer.Option(metavar="TABLE|SELECT", help=said("option.query"))] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help=said("option.out_file"))] = None,
    engine: Annotated[str, typer.Option(metavar="local|ray", help=said("option.engine_predict"))] = "local",
    reasons: Annotated[bool, typer.Option("--reasons", help=said("option.reasons"))] = False,
    as_one_object: Annotated[bool, typer.Option("--json", help=said("option.json"))] = False,
) -> None:
    """Answer from a bundle."""
    data = with_query(data, query)
    if reasons:
        if engine != "local":
            raise SettingError(
                "--reasons must be worked out in one process",
                came=f"--engine is {engine}",
                do="Leave one of them out",
            )
        _explained(bundle, data, as_one_object)
        return
    with drawn(language(), silent=as_one_object):
        answer = api.predict_told(bundle, data, out=out, engine=engine)
    if as_one_object:
        found = {"rows": answer.rows} if answer.frame is None else {"forecasts": answer.frame.to_dicts()}
        noted = {"extra": answer.extra, "unseen": answer.unseen, "assumed": answer.assumed}
        told = {"bundle": bundle, "data": data, "out": out, **found, **noted}
        sys.stdout.write(as_json(told) + "\n")
        return
    console = stdout()
    if out is not None:
        line(console, said("wrote", path=out))
    elif "time" in answer.frame.columns:
        _series(console, answer.frame)
    elif "what" in answer.frame.columns:
        _table(console, said("title.coming"), answer.frame)
    else:
        _records(console, answer.frame)
    _notes(console, answer)


def _notes(console: Console, answer: api.Answer) -> None:
    """What of the request was never seen in training, or not looked at."""
    if answer.unseen:
        counts = ", ".join(f"{name} {count:,}" for name, count in answer.unseen.items())
        line(console, said("unseen", columns=counts))
    if isinstance(answer.frame, pl.DataFrame) and "status" in answer.frame.columns:
        _statuses(console, answer.frame)
    for one in answer.assumed:
        line(console, said("assumed", words=one))
    if answer.extra:
        line(console, said("extra", columns=", ".join(answer.extra)))


def _statuses(console: Console, frame: pl.DataFrame) -> None:
    """How many events became what, where not all are new."""
    counts = frame["status"].value_counts(sort=True).rows()
    if any(status != "new" for status, _ in counts):
        told = ", ".join(f"{called('event_status', status, language())} {n:,}" for status, n in counts)
        line(console, said("statuses", counts=told))


def _series(console: Console, frame: pl.DataFrame) -> None:
    newest = frame.filter(pl.col("time") == pl.col("time").max().over("entity"))
    newest = newest.select(name for name in newest.columns if not name.startswith("q_"))
    _table(console, said("title.forecasts", rows=frame.height, shown=newest.height), newest)


def _records(console: Console, frame: pl.DataFrame) -> None:
    shown = frame.head(SHOWN)
    _table(console, said("title.records", rows=frame.height, shown=shown.height), shown)


def _table(console: Console, title: str, frame: pl.DataFrame) -> None:
    columns = [Column(name, figures=kind.is_numeric()) for name, kind in frame.schema.items()]
    table(console, title, columns, [[_cell(value) for value in row] for row in frame.iter_rows()])


def _explained(bundle: Path, data: str, as_one_object: bool) -> None:
    answers = api.explain(bundle, data, most=EXPLAINED, lang=language())
    if as_one_object:
        sys.stdout.write(as_json({"bundle": bundle, "data": data, "records": answers}) + "\n")
        return
    console = stdout()
    for answer in answers:
        if "told" in answer:
            _event(console, answer)
            continue
        figure = answer.get("probability", answer.get("loss"))
        grade = answer.get("grade", "–")
        title = said("title.reasons", record=answer["record_id"], figure=percent(figure), grade=grade)
        columns = [Column(said("column.column")), Column(said("column.effect"), figures=True)]
        rows = [[name, percent(effect)] for name, effect in answer["reasons"].items()]
        table(console, title, columns, [[said("reference"), percent(answer["base"])], *rows])
        for other in answer["alternatives"]:
            changes = ", ".join(f"{name} → {_cell(value)}" for name, value in other["changes"].items())
            line(console, said("alternative", changes=changes, figure=percent(other["figure"])))
        line(console)


def _event(console: Console, answer: dict[str, Any]) -> None:
    """An event with its reasons in words, and confirmed cases like it."""
    figure, status = answer["probability"], called("event_status", answer["status"], language())
    shown = {"event": answer["event_id"], "time": answer["event_time"], "status": status}
    scored = figure is not None
    key = f"title.{'alert' if answer['alert'] else 'event'}" if scored else "title.unscored"
    line(console, said(key, figure=percent(figure) if scored else "", **shown))
    for one in answer["told"]:
        line(console, said("because", words=one["words"], effect=_signed(one["effect"])))
    for one in answer["similar"]:
        line(console, said("similar", words=one))
    line(console)


def _signed(effect: float) -> str:
    return f"{100 * effect:+.2f}"


def _cell(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else "–" if value is None else str(value)
