"""The risk pages in a real browser: alerts closed, what is new seen at once, trials, scenarios."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from barograph.govern.access import mint_token
from barograph.govern.alerts import Cause, Sought, alerts_sought, notes_of, raise_alerts
from barograph.govern.limits import set_limit
from browser import PATIENCE, PHONE, Tab, tab
from small_dashboard import PASSWORD, Shown
from small_service import MARKET

NAMED = (
    "/risks/market",
    "/risks/credit",
    "/risks/operational",
    "/studies/market/volatility",
    "/studies/credit/default",
    "/studies/operational/fraud",
    "/studies/credit/default/monitors",
    "/studies/operational/fraud/try",
    "/studies/credit/default/try",
    "/studies/market/volatility/scenario",
)


@pytest.fixture
def desk(started: Any, service: Shown) -> Iterator[Tab]:
    with tab(started, service.address) as one:
        one.log_in("ada", PASSWORD)
        yield one
        assert one.wrong == []


def alert(service: Shown, subject: str) -> str:
    cause = Cause(f"of {subject}", "operational/fraud", "score", "score", 0.9, 0.5, "hard", subject=subject)
    return raise_alerts(service.database, [cause])[0].id


def live(one: Tab) -> None:
    """The page listens, and has looked once since it does."""
    one.page.locator('#live[data-level="now"]').wait_for()


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_pages_of_risks_and_studies_fit_and_draw(started: Any, service: Shown, size: Any) -> None:
    with tab(started, service.address, size=size, color_scheme="dark" if size else "light") as one:
        one.log_in("ada", PASSWORD)
        for path in NAMED:
            one.open(f"/dashboard{path}")
            taken, there = one.width()
            assert taken <= there, path
            plots = one.page.locator(".plot")
            for place in range(plots.count()):
                plots.nth(place).locator("svg.main-svg").first.wait_for()
        assert one.wrong == []


def test_an_alert_that_opens_is_seen_without_loading_anew(desk: Tab, service: Shown) -> None:
    desk.open("/dashboard/alerts")
    live(desk)
    desk.page.evaluate("window.loadedOnce = true")
    made = alert(service, "seen-live")
    desk.page.locator(f"#alert-{made}").wait_for()
    assert desk.page.evaluate("window.loadedOnce") is True
    assert "changed" in desk.page.locator("#live-said").text_content()


def test_a_reading_under_a_limit_is_seen_without_loading_anew(desk: Tab, service: Shown) -> None:
    set_limit(
        service.database, "market/volatility", "var_99", soft=1e-6, hard=0.9, entity="alpha", owner="ada",
        why="appetite", by="bob",
    )  # fmt: skip
    desk.open("/dashboard/limits")
    live(desk)
    headers = {"authorization": f"Bearer {mint_token(service.database, 'dev', by='ada')}"}
    answer = httpx.post(f"{service.address}{MARKET}/predict", json={}, headers=headers, timeout=60)
    assert answer.status_code == 200
    desk.page.locator("#limits").get_by_text("soft breach").first.wait_for()


def test_what_is_being_written_is_not_taken_away(desk: Tab, service: Shown) -> None:
    made = alert(service, "being-written")
    desk.open(f"/dashboard/alerts/{made}")
    live(desk)
    comment = desk.page.locator("#f-comment")
    comment.fill("half a sentence")
    httpx.post(
        f"{service.address}/v1/alerts/{made}/comment",
        json={"words": "of somebody else"},
        headers={"authorization": f"Bearer {mint_token(service.database, 'dev', by='ada')}"},
        timeout=60,
    ).raise_for_status()
    desk.page.locator("#alert-notes").get_by_text("of somebody else").wait_for()
    assert comment.input_value() == "half a sentence"
    desk.page.get_by_role("button", name="Add the comment").click()
    desk.page.get_by_text("The comment is added.").wait_for()
    assert [one.words for one in notes_of(service.database, made)][-1] == "half a sentence"


def test_the_page_of_a_refused_form_is_kept_fresh_from_its_own_address(desk: Tab, service: Shown) -> None:
    made = alert(service, "refused-form")
    desk.open(f"/dashboard/alerts/{made}")
    desk.page.locator("#f-to").fill("No Such Name!")
    desk.page.get_by_role("button", name="Assign", exact=True).click()
    desk.page.locator(".refused").wait_for()
    assert desk.page.url.endswith("/assign")
    live(desk)
    httpx.post(
        f"{service.address}/v1/alerts/{made}/comment",
        json={"words": "after the refusal"},
        headers={"authorization": f"Bearer {mint_token(service.database, 'dev', by='ada')}"},
        timeout=60,
    ).raise_for_status()
    desk.page.locator("#alert-notes").get_by_text("after the refusal").wait_for()
    desk.wrong.clear()  # the browser writes down that the form was refused


def test_a_page_that_was_drawn_is_not_new_at_its_first_look(desk: Tab) -> None:
    with desk.page.expect_response(lambda one: "x-barograph-live" in one.request.headers) as looked:
        desk.open("/dashboard/studies/credit/default")
    looked.value.finished()
    desk.page.locator("#study-now .plot[data-drawn]").first.wait_for(state="attached")
    desk.page.wait_for_timeout(1_000)  # time to do it wrongly
    assert desk.page.locator("[data-changed]").count() == 0
    assert desk.page.locator("#live-said").text_content() == ""


def test_an_alert_is_closed_with_the_keyboard_alone(desk: Tab, service: Shown) -> None:
    made = alert(service, "by-keyboard")
    desk.open("/dashboard/alerts")
    link = desk.page.locator(f"#alert-{made} a")
    keyboard = desk.page.keyboard
    for _ in range(200):
        keyboard.press("Tab")
        if link.evaluate("one => one === document.activeElement"):
            break
    keyboard.press("Enter")
    desk.page.wait_for_url(f"**/alerts/{made}")
    for _ in range(60):
        keyboard.press("Tab")
        if desk.page.evaluate("document.activeElement.name") == "disposition":
            break
    keyboard.press("ArrowDown")
    assert desk.page.evaluate("document.activeElement.value") == "false_alarm"
    keyboard.press("Tab")
    keyboard.type("known customer")
    keyboard.press("Tab")
    keyboard.press("Enter")
    desk.page.get_by_text("The alert is closed.").wait_for()
    closed = {
        one.id: one.disposition for one in alerts_sought(service.database, Sought(closed=True), most=100)
    }
    assert closed[made] == "false_alarm"


def test_a_record_is_tried_and_its_reasons_are_drawn(desk: Tab) -> None:
    desk.open("/dashboard/studies/credit/default/try")
    desk.page.get_by_label("income", exact=False).first.fill("1.2")
    desk.page.get_by_role("button", name="Answer with reasons").click()
    desk.page.locator("#answer .plot svg.main-svg").first.wait_for()
    assert desk.page.locator('input[name="n.income"]').input_value() == "1.2"
    desk.page.locator('input[name="to.n.income"]').fill("8")
    desk.page.get_by_role("button", name="Compare with the change").click()
    desk.page.get_by_text("Before and after the change").wait_for()


def test_a_scenario_is_run_from_a_file_of_ones_own(desk: Tab, tmp_path: Any) -> None:
    book = tmp_path / "book.csv"
    book.write_text("entity,value\nalpha,2500\n")
    desk.open("/dashboard/studies/market/volatility/scenario")
    desk.page.locator("#f-file").set_input_files(str(book))
    desk.page.wait_for_function("document.getElementById('f-book').value.includes('2500')")
    desk.page.get_by_role("button", name="Show the figures").click()
    desk.page.locator("#answer .plot svg.main-svg").first.wait_for(timeout=PATIENCE)
    assert "2,500" in desk.page.locator("#answer").inner_text()


def test_who_is_logged_out_elsewhere_is_led_to_the_door(desk: Tab, service: Shown) -> None:
    desk.open("/dashboard/alerts")
    live(desk)
    desk.page.context.clear_cookies()
    alert(service, "after-the-end")
    desk.page.wait_for_url("**/dashboard/login**")
