"""Ctrl-C leaves with 130, also where what it was raised in has swallowed it and something broke by it."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from barograph.cli import commands, main


@pytest.mark.parametrize(("command", "code"), [("run", 130), ("predict", 130), ("studies", 1)])
def test_what_broke_by_an_interrupt_is_told_as_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, command: str, code: int
) -> None:
    def broken(**_: object) -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise RuntimeError("the workers are gone") from None

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(commands, "application", lambda _: broken)
    with pytest.raises(SystemExit) as left:
        main([command])
    assert left.value.code == code
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_breaks_without_an_interrupt_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("by itself")

    monkeypatch.setattr(commands, "application", lambda _: broken)
    with pytest.raises(SystemExit) as left:
        main(["run"])
    assert left.value.code == 1
