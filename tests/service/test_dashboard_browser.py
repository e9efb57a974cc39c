"""The dashboard in a real browser: every page, keyboard alone, a phone's width, a quiet console."""

from __future__ import annotations

from typing import Any

import pytest

from barograph.service.dashboard.catalogue import PAGES
from browser import PHONE, tab
from small_dashboard import PASSWORD, Shown

PLAIN = [page.path for page in PAGES if "{" not in page.path]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_opens_without_an_error_on_desk_and_phone(
    started: Any, service: Shown, theme: str
) -> None:
    for size in (None, PHONE):
        with tab(started, service.address, size=size, color_scheme=theme) as one:
            one.log_in("ada", PASSWORD)
            for path in PLAIN:
                one.open(f"/dashboard{path}")
                assert one.page.locator("h1").count() == 1, path
                taken, there = one.width()
                assert taken <= there, path
            assert one.wrong == []


def test_one_logs_in_with_the_keyboard_alone(started: Any, service: Shown) -> None:
    with tab(started, service.address) as one:
        one.open("/dashboard/account")
        keyboard = one.page.keyboard
        keyboard.press("Tab")
        assert one.page.evaluate("document.activeElement.className") == "skip"
        for words in ("eve", PASSWORD):
            keyboard.press("Tab")
            keyboard.type(words)
        keyboard.press("Enter")
        one.page.wait_for_url(f"{service.address}/dashboard/account")
        assert one.page.get_by_role("heading", level=1).inner_text() == "Account"
        keyboard.press("Tab")
        keyboard.press("Enter")
        assert one.page.evaluate("document.activeElement.id") == "main"
        assert one.wrong == []


def test_the_language_is_switched_and_stays(started: Any, service: Shown) -> None:
    with tab(started, service.address) as one:
        one.log_in("eve", PASSWORD)
        one.page.get_by_role("button", name="中文").click()
        one.page.get_by_role("heading", name="总览").wait_for()
        one.open("/dashboard/account")
        assert one.page.evaluate("document.documentElement.lang") == "zh-Hans"
        one.page.get_by_role("button", name="English").click()
        one.page.get_by_role("heading", name="Account", exact=True).wait_for()


def test_a_browser_set_to_chinese_gets_chinese(started: Any, service: Shown) -> None:
    with tab(started, service.address, locale="zh-CN") as one:
        one.open("/dashboard/login")
        assert one.page.get_by_role("heading", level=1).inner_text() == "登录"


def test_pages_are_read_without_scripts(started: Any, service: Shown) -> None:
    with tab(started, service.address, java_script_enabled=False) as one:
        one.log_in("eve", PASSWORD)
        assert one.page.get_by_role("heading", level=1).inner_text() == "Overview"


def test_a_model_is_approved_by_a_second_person_and_not_by_its_proposer(started: Any, service: Shown) -> None:
    page = f"/dashboard/models/{service.waiting}"
    with tab(started, service.address) as one:
        one.log_in("dev", PASSWORD)
        one.open(page)
        assert one.page.get_by_text("You proposed this model").is_visible()
        assert one.page.get_by_role("button", name="Approve").count() == 0
        assert one.wrong == []
    with tab(started, service.address) as one:
        one.log_in("bob", PASSWORD)
        one.page.get_by_role("link", name="proposed and waiting").click()
        one.page.get_by_role("link", name=service.waiting).first.click()
        one.page.get_by_label("Reason").first.fill("validated on the spring sample")
        one.page.get_by_role("button", name="Approve").click()
        one.page.get_by_text("The model is approved.").wait_for()
        assert one.page.get_by_text("It should answer and does not.").count() == 0
        assert one.wrong == []
    assert service.service.studies.version("credit/default") == service.waiting


def test_figures_of_the_first_page_are_drawn(started: Any, service: Shown) -> None:
    with tab(started, service.address) as one:
        one.log_in("eve", PASSWORD)
        one.drawn()
        assert one.page.locator(".plot .main-svg").count() > 0
        assert one.page.get_by_role("row", name="var_99").get_by_role("img").is_visible()
        assert one.wrong == []
