"""Pictures of every page, to be looked at: `python tests/dashboard_shots.py FOLDER` (`make shots`)."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from pathlib import Path
from typing import Any

from barograph.govern.alerts import Sought, alerts_sought
from barograph.govern.limits import limits_of
from barograph.service.dashboard.catalogue import PAGES
from browser import DESKTOP, PHONE, Tab, browser, tab
from small_dashboard import PASSWORD, Shown, shown

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"size": DESKTOP, "color_scheme": "light"},
    "dark": {"size": DESKTOP, "color_scheme": "dark"},
    "phone": {"size": PHONE, "color_scheme": "light"},
    "phone-dark-zh": {"size": PHONE, "color_scheme": "dark", "locale": "zh-CN"},
}


def paths(service: Shown) -> dict[str, str]:
    """Every page by a name for its picture; one of each kind where a page is about one."""
    names = {"model": service.waiting, "study:path": "market/volatility"}
    found = {}
    for page in PAGES:
        path = page.path
        for name, value in names.items():
            path = path.replace(f"{{{name}}}", value)
        if "{" not in path and page.template:
            found[page.template.removesuffix(".html.j2")] = path
    alert, limit = (
        alerts_sought(service.database, Sought(), most=100)[0].id,
        limits_of(service.database)[0].id,
    )
    return found | {
        "answered": f"/answered?study=market/volatility&at={dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%S.%f}",
        "alert": f"/alerts/{alert}",
        "limit": f"/limits/{limit}",
        "risk_market": "/risks/market",
        "risk_operational": "/risks/operational",
        "study_credit": "/studies/credit/default",
        "study_fraud": "/studies/operational/fraud",
        "monitors_fraud": "/studies/operational/fraud/monitors",
    }


ANSWERS = {
    "answer_credit": ("/studies/credit/default/try", "main"),
    "answer_change": ("/studies/credit/default/try", "plain"),
    "answer_book": ("/studies/market/volatility/scenario", "main"),
}
"""What forms answer: their page, and the button."""


def pictures(started: Any, service: Shown, look: str, folder: Path) -> None:
    """Every page in one look."""
    with tab(started, service.address, **LOOKS[look]) as one:
        one.open("/dashboard/login")
        _taken(one, folder / f"login.{look}.png")
        one.page.locator("#f-name").fill("ada")
        one.page.locator("#f-password").fill(PASSWORD)
        one.page.locator("button.main").first.click()
        one.page.wait_for_url(f"{service.address}/dashboard")
        for name, path in paths(service).items():
            one.open(f"/dashboard{path}")
            _taken(one, folder / f"{name}.{look}.png")
        for name, (path, button) in ANSWERS.items():
            one.open(f"/dashboard{path}")
            if button == "plain":
                one.page.locator('input[name="to.n.income"]').fill("8")
            one.page.locator(f"p.buttons button.{button}").first.click()
            one.page.wait_for_selector("#answer")
            _taken(one, folder / f"{name}.{look}.png")


def _taken(one: Tab, path: Path) -> None:
    one.drawn()
    one.page.screenshot(path=str(path), full_page=True)


def main(folder: Path, looks: list[str]) -> None:
    """All pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, shown(Path(place)) as service, browser() as started:
        for look in looks or list(LOOKS):
            pictures(started, service, look, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
