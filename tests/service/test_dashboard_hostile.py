"""Pages of a service whose every name and word means harm: nothing runs, leads elsewhere or breaks a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from barograph.core.texts import LANGUAGES
from browser import PHONE, tab
from small_dashboard import PASSWORD, PEOPLE, Shown, Visitor
from small_hostile import HIDDEN, HTML, LONG, QUOTES, SEEN, Line, Looked, filled, paths

WRITTEN = {"/limits": 4, "/alerts": 4, "/alerts?state=closed": 4, "/users": 2}
"""Pages on which so many different ones of what was given must be seen, so that this test tests something."""


@pytest.fixture(scope="module")
def line(service: Shown) -> Iterator[Line]:
    made = Line(service.address)
    assert filled(service, made).taken > 40
    yield made
    made.close()


def visitor(line: Line, name: str) -> Visitor:
    made = Visitor(line)
    assert made.log_in(name).status_code == 303
    return made


def test_no_page_in_any_language_for_any_role_holds_what_was_given_but_as_letters(
    service: Shown, line: Line
) -> None:
    every, one_of_each = (paths(visitor(line, "ada"), most=most) for most in (99, 1))
    assert len(every) > 60
    for name in PEOPLE:
        who = visitor(line, name)
        for lang in LANGUAGES:
            who.cookies["barograph_look"] = f"{lang}.auto"
            for path in every if (name, lang) == ("ada", "en") else one_of_each:
                answer = who.get(f"/dashboard{path}")
                report = path.endswith("/report")  # a page of its own, in a sandbox; older bundles have none
                known = (200, 403, 404) if report else (200, 403)
                assert answer.status_code in known, f"{path} for {name}: {answer.status_code}"
                if report and answer.status_code == 200:
                    assert answer.headers["content-security-policy"].startswith("sandbox allow-scripts; ")
                else:
                    assert Looked(answer.text).wrong == [], f"{path} for {name}"
                    assert f"{SEEN}49" not in answer.text, path


def test_what_was_given_is_there_letter_by_letter(service: Shown, line: Line) -> None:
    who = visitor(line, "ada")
    for path, least in WRITTEN.items():
        text = "".join(Looked(who.get(f"/dashboard{path}").text).text)
        assert sum(one in text for one in (HTML, QUOTES, HIDDEN, LONG)) >= least, path
    market = "".join(Looked(who.get("/dashboard/studies/market/volatility").text).text)
    assert HTML in market
    assert QUOTES in market


@pytest.mark.parametrize("lang", LANGUAGES)
def test_in_a_browser_nothing_runs_nothing_is_refused_and_every_page_fits(
    started: Any, service: Shown, line: Line, lang: str
) -> None:
    every = [
        path
        for path in paths(visitor(line, "ada"), most=99 if lang == "en" else 2)
        if not path.endswith("/report")
    ]
    size = PHONE if lang == "zh" else None
    with tab(started, service.address, size=size, locale="zh-CN" if lang == "zh" else "en-GB") as one:
        asked: list[str] = []
        one.page.on("dialog", lambda box: (asked.append(box.message), box.dismiss()))
        one.open("/dashboard/login")
        one.page.locator("#f-name").fill("ada")
        one.page.locator("#f-password").fill(PASSWORD)
        one.page.locator("button.main").first.click()
        one.page.wait_for_url(f"{service.address}/dashboard")
        broken = []
        for path in every:
            one.open(f"/dashboard{path}")
            assert one.page.evaluate("window.hit") is None, path
            taken, there = one.width()
            broken += [] if taken <= there else [(path, taken)]
        assert asked == []
        assert one.wrong == []
        assert broken == []
