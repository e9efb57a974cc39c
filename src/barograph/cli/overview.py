"""The list of commands, and the page that `barograph` alone or with `--help` shows.

It is written without Typer and Rich, and so is there in a third of the time. A command's own help is Typer's.
"""

from __future__ import annotations

from typing import Final

from barograph.cli.words import said

__all__ = ["COMMANDS", "GROUPS", "STEPS", "overview"]

STEPS: Final = {
    "judge": ("studies", "inspect", "init", "run", "snapshots"),
    "answer": ("predict", "verify", "assess", "watch", "serve"),
    "govern": ("models", "findings", "audit", "users", "tokens", "receivers", "tables", "export"),
}
"""What commands are for -> their names, in the order in which they are shown."""
COMMANDS: Final = tuple(name for names in STEPS.values() for name in names)
"""Each is the function `command` of the module of the same name in this package."""
GROUPS: Final = ("models", "findings", "audit", "users", "tokens", "receivers", "tables")
"""Those that are followed by a word of their own: the application `group` of that module."""
OPTIONS: Final = {"--version": "option.version", "--debug": "option.debug", "-h, --help": "option.help"}


def overview() -> str:
    """Usage, options, and every command with what it does, by what it is for."""
    parts = [said("overview.usage"), said("app"), _listed(said("overview.options"), OPTIONS)]
    for step, names in STEPS.items():
        parts.append(_listed(said(f"overview.{step}"), {name: f"command.{name}" for name in names}))
    return "\n\n".join([*parts, said("overview.more")])


def _listed(title: str, lines: dict[str, str]) -> str:
    return "\n".join([title, *(f"  {name:<10}  {said(key)}" for name, key in lines.items())])
