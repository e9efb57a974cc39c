"""Excel workbooks: the first sheet that holds a table, its header found below any titles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from barograph.collect.raw import UNSAID, RawTable, by_rows, nameless
from barograph.collect.text_rows import HEAD, header_of, rows_below
from barograph.collect.violation import shortened
from barograph.core.errors import DataError, SettingError
from barograph.core.late import late
from barograph.core.records import Assumed
from barograph.core.section import FileSection

UNNAMED = "__UNNAMED__"  # what the reader calls a column without a name


def read_excel(path: Path, name: str, form: FileSection = UNSAID) -> RawTable:
    """The table of a workbook; titles above its header and totals below its rows are left out and said.

    Raises
    ------
    DataError
        It is damaged, or all its sheets are empty.
    SettingError
        The extra that reads it is missing, or `form.header` names no row.
    """
    fastexcel = late(
        "fastexcel",
        need=f"{name}, an Excel file,",
        install="Install barograph[data], or save the sheet as CSV",
    )
    broken = (fastexcel.FastExcelError, pl.exceptions.PolarsError, ValueError, OSError)
    try:
        book = fastexcel.read_excel(path)
        texts = {title: _sheet(book, title, header_row=None, dtypes="string") for title in book.sheet_names}
        filled = [title for title, frame in texts.items() if frame.height and frame.width]
        if not filled:
            raise DataError(f"{name} must hold a table", came="all its sheets are empty", do="Fill one")
        title, left = filled[0], filled[1:]
        raw = _table(lambda **how: _sheet(book, title, **how), texts[title], name, form)
    except broken as error:
        raise damaged(name, "Excel", error) from error
    notes = [f"sheet: {title}"]
    if left:
        notes.append(f"sheets left out: {', '.join(shortened(one) for one in left)}")
    return replace(raw, notes=(*notes, *raw.notes))


def _sheet(book: Any, title: str, **how: Any) -> pl.DataFrame:
    return pl.DataFrame(book.load_sheet(title, **how).to_polars())


def _table(load: Callable[..., pl.DataFrame], text: pl.DataFrame, name: str, form: FileSection) -> RawTable:
    """The typed rows between header and totals of a sheet, looked at as text first."""
    rows = [[cell or "" for cell in row] for row in text.iter_rows()]
    places = [at for at, row in enumerate(rows) if any(cell.strip() for cell in row)]
    if not places:
        raise DataError(f"{name} must hold a table", came="its sheet is empty", do="Fill it")
    if form.header and form.header - 1 not in places:
        raise SettingError(
            f"collect.header must name a row of {name} that holds the columns' names",
            came=f"row {form.header} is blank or not there",
            do=f"Give its number, such as --set collect.header={places[0] + 1}",
        )
    head = form.header - 1 if form.header else places[header_of([rows[at] for at in places[:HEAD]], name)]
    data = [at for at in places if at > head]
    below = form.footer if form.footer >= 0 else rows_below([rows[at] for at in data], text.width)
    below = min(below, len(data))
    end = data[len(data) - below] if below else text.height
    frame = (
        load(header_row=head, n_rows=end - head - 1) if end > head + 1 else load(header_row=head, n_rows=0)
    )
    unnamed = {one: nameless(at) for at, one in enumerate(frame.columns, 1) if one.startswith(UNNAMED)}
    frame = frame.rename(unnamed)
    raw = by_rows(frame.filter(~pl.all_horizontal(pl.all().is_null())), label=name)
    assumed, notes = [], []
    if head and not form.header:
        assumed.append(Assumed("header", str(head + 1), setting="collect.header"))
        notes.append(f"header: row {head + 1}")
    if below and form.footer < 0:
        assumed.append(Assumed("footer", str(below), setting="collect.footer"))
        notes.append(f"rows at the end that are no data, left out: {below}")
    return replace(raw, assumed=tuple(assumed), notes=tuple(notes))


def damaged(name: str, kind: str, error: BaseException) -> DataError:
    """The error for a file of some kind that cannot be read."""
    reason = shortened(str(error).splitlines()[0] if str(error) else type(error).__name__, 120)
    return DataError(
        f"{name} must be a table", came=f"its {kind} content cannot be read ({reason})", do="Write it again"
    )
