"""Stores of live states: what is kept comes back to the bit, and what is damaged is never served."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.arrays import AnyArray
from barograph.core.contracts import StateStore
from barograph.core.errors import StorageError
from barograph.deploy.state import FolderStore, MemoryStore

STATE: dict[str, AnyArray] = {
    "events:time": np.array([1, 2**60], dtype=np.int64),
    "live:score": np.array([0.1, np.nan, -0.0]),
    "events:id": np.frombuffer(b"abc", dtype=np.uint8),
    "empty": np.zeros((0, 5)),
}


def stores(folder: Path) -> list[StateStore]:
    return [MemoryStore(), FolderStore(folder / "not there yet")]


def same(a: dict[str, AnyArray] | None, b: dict[str, AnyArray]) -> bool:
    return a is not None and {k: (v.dtype, v.shape, v.tobytes()) for k, v in a.items()} == {
        k: (v.dtype, v.shape, v.tobytes()) for k, v in b.items()
    }


def test_what_was_kept_comes_back_and_the_newest_replaces_the_one_before(tmp_path: Path) -> None:
    for store in stores(tmp_path):
        assert store.load("fraud") is None
        store.save("fraud", {"old": np.ones(3)})
        store.save("fraud", STATE)
        store.save("other", {})
        assert same(store.load("fraud"), STATE)
        assert same(store.load("other"), {})


def test_a_state_kept_does_not_change_with_the_arrays_it_came_from(tmp_path: Path) -> None:
    for store in stores(tmp_path):
        given_array = np.ones(3)
        store.save("x", {"a": given_array})
        given_array[:] = 2.0
        first = store.load("x")
        assert first is not None
        first["a"][:] = 3.0
        assert same(store.load("x"), {"a": np.ones(3)})


@given(place=st.floats(0, 1), cut=st.booleans())
def test_a_file_that_was_changed_or_cut_short_is_refused(
    tmp_path_factory: pytest.TempPathFactory, place: float, cut: bool
) -> None:
    folder = tmp_path_factory.mktemp("states")
    store = FolderStore(folder)
    store.save("fraud", STATE)
    path = folder / "fraud.state"
    whole = path.read_bytes()
    at = int(place * (len(whole) - 1))
    path.write_bytes(whole[:at] if cut else whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    with pytest.raises(StorageError, match="start from the bundle's own state"):
        store.load("fraud")


def test_a_save_that_fails_leaves_the_state_before_and_no_rubbish(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.save("fraud", STATE)
    (tmp_path / "full.state").mkdir()  # nothing can be moved into its place
    for refused in (store, FolderStore(tmp_path / "fraud.state")):  # the second is a file, no folder
        with pytest.raises(StorageError, match="writable"):
            refused.save("full", {"new": np.ones(1)})
    assert same(store.load("fraud"), STATE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fraud.state", "full.state"]


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "x" * 101, "ü"])
def test_names_that_could_leave_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    for store in stores(tmp_path):
        with pytest.raises(StorageError, match="name"):
            store.save(name, STATE)
        with pytest.raises(StorageError, match="name"):
            store.load(name)
