"""What `--data` and `--query` name together."""

from __future__ import annotations

from barograph.core.errors import SettingError

__all__ = ["form_settings", "with_query"]


def form_settings(
    encoding: str | None, delimiter: str | None, contract: str | None = None, quarantine: str | None = None
) -> dict[str, str]:
    """The settings that `--encoding`, `--delimiter`, `--contract` and `--quarantine` stand for.

    Examples
    --------
    >>> form_settings("gb18030", None)
    {'collect.encoding': 'gb18030'}
    """
    given = {"collect.encoding": encoding, "collect.delimiter": delimiter}
    given |= {"collect.contract": contract, "collect.quarantine": quarantine}
    return {key: value for key, value in given.items() if value is not None}


def with_query(data: str, query: str | None) -> str:
    """The source with the part of a database that is asked for.

    Examples
    --------
    >>> with_query("sqlite:///bank.db", "loans")
    'sqlite:///bank.db#loans'
    """
    if query is None:
        return data
    if "://" not in data or "#" in data:
        raise SettingError(
            "--query must go with --data that names a database and no table yet",
            came=f"--data is '{data}'" if data else "there is no --data",
            do="Write --data postgresql://host/name --query TABLE",
        )
    return f"{data}#{query}"
