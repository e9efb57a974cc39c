"""Files written part by part: one header, and nothing left of a writer that was killed."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from barograph.core.writing import write_parts

EMPTY, FULL = pl.DataFrame(schema={"a": pl.Int64}), pl.DataFrame({"a": [1, 2]})


@pytest.mark.parametrize("pieces", [[EMPTY, FULL, EMPTY, FULL], [FULL, FULL], [EMPTY, EMPTY, FULL, FULL]])
def test_a_header_stands_once_whichever_part_is_empty(tmp_path: Path, pieces: list[pl.DataFrame]) -> None:
    out = tmp_path / "out.csv"
    assert write_parts(iter(pieces), out) == 4
    assert out.read_text().splitlines() == ["a", "1", "2", "1", "2"]


def test_parts_left_by_a_writer_that_was_killed_do_not_get_in_the_way(tmp_path: Path) -> None:
    out, stale = tmp_path / "out.parquet", tmp_path / "out.parquet.parts"
    stale.mkdir()
    (stale / "00000000.parquet").write_bytes(b"half")
    assert write_parts(iter([FULL]), out) == 2
    assert pl.read_parquet(out)["a"].to_list() == [1, 2]
    assert [path.name for path in tmp_path.iterdir()] == ["out.parquet"]
