"""Answers on their way out: in the caller's kind of frame, or into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from barograph.core.errors import StorageError


def like(data: object, answer: pl.DataFrame) -> Any:
    """A polars frame as pandas or Arrow, where that is what was given."""
    if type(data).__module__.startswith("pandas"):
        return answer.to_pandas()
    if type(data).__module__.startswith("pyarrow"):
        return answer.to_arrow()
    return answer


def write(answer: Any, out: str | Path | None) -> None:
    """A frame as CSV or Parquet, where a file is named."""
    if out is None:
        return
    frame, path = answer if isinstance(answer, pl.DataFrame) else pl.DataFrame(answer), Path(out)
    try:
        if path.suffix == ".parquet":
            frame.write_parquet(path)
        else:
            frame.write_csv(path)
    except OSError as error:
        raise StorageError(
            f"{path} must be writable",
            came=f"the system said: {error.strerror or error}",
            do="Name another file with --out",
        ) from error
