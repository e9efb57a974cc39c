"""Files written part by part: one header, nothing left over, and nothing touched that is somebody else's."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from barograph.core.errors import StorageError
from barograph.core.writing import write_parts

EMPTY, FULL = pl.DataFrame(schema={"a": pl.Int64}), pl.DataFrame({"a": [1, 2]})


@pytest.mark.parametrize("pieces", [[EMPTY, FULL, EMPTY, FULL], [FULL, FULL], [EMPTY, EMPTY, FULL, FULL]])
def test_a_header_stands_once_whichever_part_is_empty(tmp_path: Path, pieces: list[pl.DataFrame]) -> None:
    out = tmp_path / "out.csv"
    assert write_parts(iter(pieces), out) == 4
    assert out.read_text().splitlines() == ["a", "1", "2", "1", "2"]


@pytest.mark.parametrize("name", ["out.parquet", "out.csv", "parts"])
def test_what_lies_beside_a_file_stays(tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    beside, file = tmp_path / f"{name}.parts", tmp_path / f"{name}.new"
    beside.mkdir()
    (beside / "00000000.parquet").write_bytes(b"of a user")
    file.write_bytes(b"of a user, too")
    assert write_parts(iter([FULL]), out) == 2
    found = pl.read_parquet(out) if out.suffix == ".parquet" else pl.read_csv(out)
    assert found["a"].to_list() == [1, 2]
    assert (beside / "00000000.parquet").read_bytes() == b"of a user"
    assert file.read_bytes() == b"of a user, too"
    assert sorted(tmp_path.iterdir()) == sorted([out, beside, file])


def test_a_writer_that_fails_leaves_nothing_and_what_was_there(tmp_path: Path) -> None:
    def failing() -> Iterator[pl.DataFrame]:
        yield FULL
        raise RuntimeError

    out = tmp_path / "out.parquet"
    out.write_bytes(b"before")
    with pytest.raises(RuntimeError):
        write_parts(failing(), out)
    assert (out.read_bytes(), list(tmp_path.iterdir())) == (b"before", [out])
    with pytest.raises(StorageError, match="must be writable"):
        write_parts(iter([FULL]), tmp_path / "nowhere" / "out.csv")


@pytest.mark.parametrize(
    "most", [50_000, 300_000]
)  # bytes of a file: less than a part, less than all of them
@pytest.mark.parametrize("name", ["out.parquet", "out.csv"])
def test_room_that_runs_out_is_told_and_leaves_what_was_there(tmp_path: Path, name: str, most: int) -> None:
    out, soft = tmp_path / name, resource.getrlimit(resource.RLIMIT_FSIZE)
    out.write_bytes(b"before")
    hashes = pl.int_range(80_000, eager=True).hash()  # that nothing packs
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, soft[1]))
    try:
        with pytest.raises(StorageError, match=r"must be writable.*said: .*File too large"):
            write_parts(iter(pl.DataFrame({"a": hashes}).iter_slices(10_000)), out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, soft)
    assert (out.read_bytes(), list(tmp_path.iterdir())) == (b"before", [out])
