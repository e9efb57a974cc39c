"""Object stores and other file systems behind an address, through the extra fsspec."""

from __future__ import annotations

import tempfile
from pathlib import Path

from barograph.collect.files import read_file
from barograph.collect.raw import UNSAID, RawTable
from barograph.collect.reading.kinds import read_kind
from barograph.core.address import Address
from barograph.core.errors import SettingError, StorageError
from barograph.core.late import late
from barograph.core.section import FileSection


def read_remote(address: Address, form: FileSection = UNSAID) -> RawTable:
    """The table of a file that fsspec can fetch, such as ``s3://bucket/loans.parquet``."""
    fsspec = late("fsspec", need=f"{address.scheme}://", install="Install barograph[data]")
    if address.scheme not in fsspec.available_protocols():
        raise SettingError(
            "a source must be a file, a folder, a database or an address that can be read",
            came=f"'{address.scheme}://' is none of them",
            do="Take https, s3, gs, abfs, fred, ecb, postgresql, sqlite, duckdb, or a path",
        )
    with tempfile.TemporaryDirectory(prefix="barograph-") as folder:
        target = Path(folder) / address.name
        try:
            filesystem, inside = fsspec.core.url_to_fs(address.opened)
            filesystem.get_file(inside, str(target))
        except ImportError as error:
            raise SettingError(
                f"{address.scheme}:// needs another package",
                came=str(error).splitlines()[0],
                do="Install it, or copy the file here first",
            ) from error
        except (OSError, ValueError) as error:
            raise StorageError(
                f"{address.text} must be a file that can be fetched",
                came=str(error).splitlines()[0] if str(error) else type(error).__name__,
                do="Check the address and your credentials",
            ) from error
        name = address.name
        return read_kind(target, label=name, form=form) or read_file(target, label=name, form=form)
