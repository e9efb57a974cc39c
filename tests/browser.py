"""A real browser for the tests: Debian's Chromium, watched for errors that no user would see."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
PATIENCE = 60_000.0
"""Milliseconds for anything to appear: the machine may be busy."""
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")


def chromium() -> str:
    """Where it is; otherwise the test is skipped, and fails under CI."""
    found = shutil.which("chromium")
    if found is not None:
        return found
    reason = "there is no chromium on PATH; `make browser` installs it"
    if os.environ.get("CI"):
        pytest.fail(f"CI must run this test, but {reason}")
    pytest.skip(reason)


@dataclass(slots=True)
class Tab:
    """A page of the browser, and what went wrong on it: errors of scripts, and what its policy refused."""

    page: Any
    address: str
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Go to a page of the dashboard, and wait until it is drawn."""
        self.page.goto(f"{self.address}{path}")
        self.page.wait_for_load_state("load")

    def drawn(self) -> None:
        """Wait until every figure that can be seen is drawn."""
        self.page.wait_for_function(
            "[...document.querySelectorAll('.plot')].every((box) => box.offsetParent === null || "
            "box.querySelector('.main-svg'))"
        )

    def log_in(self, name: str, password: str) -> None:
        """As people do."""
        self.open("/dashboard/login")
        self.page.get_by_label("User name").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").first.click()
        self.page.wait_for_url(f"{self.address}/dashboard")

    def width(self) -> tuple[int, int]:
        """What the page takes, and what there is."""
        found = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        return int(found[0]), int(found[1])


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium, headless, without the network."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - skipped first where there is no browser

    path = chromium()
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield started
        finally:
            started.close()


@contextmanager
def tab(started: Any, address: str, *, size: dict[str, int] | None = None, **more: Any) -> Iterator[Tab]:
    """A fresh window, without anybody's cookies; English unless another `locale` is given."""
    context = started.new_context(viewport=size or DESKTOP, **{"locale": "en-GB", **more})
    context.set_default_timeout(PATIENCE)
    made = Tab(context.new_page(), address)
    made.page.on("console", lambda one: made.wrong.append(one.text) if one.type == "error" else None)
    made.page.on("pageerror", lambda error: made.wrong.append(str(error)))
    try:
        yield made
    finally:
        context.close()
