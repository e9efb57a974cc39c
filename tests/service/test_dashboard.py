"""The dashboard without a browser: who gets in, what forms must carry, and what every page keeps to."""

from __future__ import annotations

import datetime as dt
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from barograph.core.texts import LANGUAGES, text
from barograph.govern.access import PERMISSIONS, Authenticator, first_token, mint_token, revoke_token
from barograph.govern.storage import Database, open_database
from barograph.service.dashboard.catalogue import DEEDS, PAGES
from barograph.service.dashboard.guard import local
from barograph.service.service import Service
from barograph.service.studies import Studies
from small_dashboard import PASSWORD, PEOPLE, Visitor, people
from small_service import TOKEN, Client, asked, service

PLAIN = [page for page in PAGES if "{" not in page.path]


class Clock:
    """The present instant, as a test has it."""

    def __init__(self) -> None:
        self.at = dt.datetime(2027, 3, 3, 14, 5, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path, clock: Clock) -> Database:
    made = open_database(f"sqlite:///{tmp_path}/barograph.db", clock=clock)
    people(made)
    return made


@pytest.fixture
def client(database: Database) -> Iterator[Client]:
    with asked(Service(Studies(), Authenticator(database), database=database)) as made:
        yield made


@pytest.fixture
def visitor(client: Client) -> Visitor:
    return Visitor(client)


def test_the_root_leads_to_the_dashboard_and_that_to_the_door_and_back(visitor: Visitor) -> None:
    assert visitor.get("/").headers["location"] == "/dashboard"
    answer = visitor.get("/dashboard/account")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/dashboard/login?next=%2Fdashboard%2Faccount",
    )
    visitor.get(answer.headers["location"])
    answer = visitor.post("/dashboard/login", name="eve", password=PASSWORD, next="/dashboard/account")
    assert answer.headers["location"] == "/dashboard/account"
    assert visitor.get("/dashboard/account").status_code == 200
    assert visitor.get("/dashboard/login").headers["location"] == "/dashboard"


@pytest.mark.parametrize(
    "place",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/dashboard\\@evil.example",
        "/dashboards",
        "javascript:alert(1)",
        "/dashboard/\r\nset-cookie: a=b",
        "",
    ],
)
def test_a_login_leads_nowhere_else(place: str) -> None:
    assert local(place) == "/dashboard"


def test_a_login_leads_where_one_wanted() -> None:
    for place in ("/dashboard", "/dashboard/models/abc", "/dashboard?a=b"):
        assert local(place) == place


def test_the_cookie_of_a_session_is_for_the_dashboard_alone(visitor: Visitor) -> None:
    answer = visitor.log_in("ada")
    (line,) = (one for one in answer.headers.get_list("set-cookie") if one.startswith("barograph_session"))
    assert "HttpOnly" in line
    assert "SameSite=strict" in line
    assert "Path=/dashboard" in line
    assert "Secure" not in line
    cookie = {"cookie": f"barograph_session={visitor.cookies['barograph_session']}"}
    for path in ("/v1/models", "/v1/users", "/metrics"):
        assert visitor.get(path, **cookie).status_code == 401
    assert (
        visitor.client.post("/v1/users", json={}, headers={**cookie, "authorization": ""}).status_code == 401
    )


def test_over_https_the_cookies_are_secure(visitor: Visitor) -> None:
    visitor.get("https://service/dashboard/login")
    answer = visitor.client.post(
        "https://service/dashboard/login",
        data={"csrf": visitor.csrf, "name": "ada", "password": PASSWORD},
        headers={"cookie": f"barograph_visit={visitor.cookies['barograph_visit']}", "host": "service"},
    )
    assert answer.status_code == 303
    assert all("Secure" in one for one in answer.headers.get_list("set-cookie"))


def test_who_or_what_was_wrong_is_not_told_apart(visitor: Visitor) -> None:
    told = set()
    for name, password in (("ada", "wrong"), ("nobody", "wrong"), ("", ""), ("ada", "x" * 5_000)):
        answer = visitor.log_in(name, password)
        assert answer.status_code == 401
        told.add(re.sub(r'value="[^"]*"', "", answer.text))
    visitor.get("/dashboard/login")
    answer = visitor.post("/dashboard/login", token="bg_0123456789abcdef_" + "A" * 43)
    told.add(re.sub(r'value="[^"]*"', "", answer.text))
    assert answer.status_code == 401
    assert len(told) == 1
    assert "barograph_session" not in visitor.cookies


def test_attempts_are_slowed_down_and_the_right_password_waits_too(visitor: Visitor) -> None:
    answers = [visitor.log_in("ada", "wrong").status_code for _ in range(6)]
    assert answers == [401] * 6
    while answers[-1] != 429:  # one more in ten seconds is let through: a slow machine may see some
        answers.append(visitor.log_in("ada", "wrong").status_code)
        assert len(answers) < 20
    answer = visitor.log_in("ada")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert "too many attempts" in answer.text
    assert visitor.log_in("eve").status_code == 303


def test_a_session_ends_unused_and_its_reader_is_told(visitor: Visitor, clock: Clock) -> None:
    visitor.log_in("eve")
    clock.at += dt.timedelta(minutes=50)
    assert visitor.get("/dashboard").status_code == 200
    clock.at += dt.timedelta(minutes=61)
    answer = visitor.get("/dashboard")
    assert answer.status_code == 303
    assert "Your session has ended" in visitor.get(answer.headers["location"]).text


def test_logging_out_ends_the_session_itself(visitor: Visitor) -> None:
    visitor.log_in("eve")
    cookie = visitor.cookies["barograph_session"]
    assert visitor.post("/dashboard/logout", csrf="").status_code == 403
    assert visitor.post("/dashboard/logout").headers["location"].startswith("/dashboard/login")
    assert "barograph_session" not in visitor.cookies
    visitor.cookies["barograph_session"] = cookie
    assert visitor.get("/dashboard").status_code == 303


def test_a_login_ends_the_session_before_it(visitor: Visitor) -> None:
    visitor.log_in("eve")
    before = visitor.cookies["barograph_session"]
    visitor.get("/dashboard")
    other = Visitor(visitor.client)
    other.cookies["barograph_session"] = "nothing"
    other.get("/dashboard/login")
    other.cookies["barograph_session"] = before
    assert other.post("/dashboard/login", name="ada", password=PASSWORD).status_code == 303
    assert visitor.get("/dashboard").status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=["another origin", "no origin", "another site", "a neighbour"],
)
@pytest.mark.parametrize("path", ["login", "logout", "look", "account/password"])
def test_a_form_of_another_site_is_refused(visitor: Visitor, path: str, headers: dict[str, str]) -> None:
    if path == "login":
        visitor.get("/dashboard/login")
    else:
        visitor.log_in("eve")
    answer = visitor.post(f"/dashboard/{path}", headers=headers, name="eve", password=PASSWORD, lang="zh")
    assert answer.status_code == 403
    assert "barograph_look" not in visitor.cookies
    assert "our own page" in answer.text


@pytest.mark.parametrize("csrf", ["", "0" * 64, "é"])
def test_a_form_without_its_mark_is_refused(visitor: Visitor, csrf: str) -> None:
    visitor.get("/dashboard/login")
    assert visitor.post("/dashboard/login", csrf=csrf, name="eve", password=PASSWORD).status_code == 403
    visitor.log_in("eve")
    for deed in DEEDS:
        assert visitor.post(f"/dashboard{named(deed.path)}", csrf=csrf).status_code == 403, deed.path
    other = Visitor(visitor.client)
    other.log_in("ada")
    assert visitor.post("/dashboard/look", csrf=other.csrf, lang="zh").status_code == 403
    fresh = Visitor(visitor.client)
    assert fresh.post("/dashboard/login", csrf="", name="eve", password=PASSWORD).status_code == 403


def named(path: str) -> str:
    """A path with something in place of its names."""
    return re.sub(r"\{\w+:path\}", "credit/default", re.sub(r"\{\w+\}", "x", path))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_opens_in_each_language_under_a_strict_policy(visitor: Visitor, lang: str) -> None:
    visitor.log_in("ada")
    visitor.post("/dashboard/look", lang=lang, theme="dark", back="/dashboard")
    for page in PLAIN:
        answer = visitor.get(f"/dashboard{page.path}")
        assert answer.status_code == 200, page.path
        assert f"<title>{text(page.title, lang)}" in answer.text
        assert 'data-theme="dark"' in answer.text
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert ("unsafe-inline" in policy) == page.charts
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-frame-options"] == "DENY"
        assert not re.search(r"<script(?![^>]*(src=|application/json))", answer.text)
        assert not re.search(r"\son\w+=", answer.text)
        assert "//" not in re.sub(
            r"http://www.w3.org\S*", "", " ".join(re.findall(r'(?:src|href)="[^"]*"', answer.text))
        )


@pytest.mark.parametrize("name", PEOPLE)
def test_each_role_sees_the_pages_that_its_permissions_say(visitor: Visitor, name: str) -> None:
    visitor.log_in(name)
    menu = visitor.get("/dashboard").text
    for page in PLAIN:
        allowed = page.permission in PERMISSIONS[PEOPLE[name]]  # type: ignore[index]
        answer = visitor.get(f"/dashboard{page.path}")
        assert answer.status_code == (200 if allowed else 403), page.path
        if page.menu:
            assert (f'href="/dashboard{page.path}"' in menu) == allowed
    for deed in DEEDS:
        if deed.operation.permission not in PERMISSIONS[PEOPLE[name]]:  # type: ignore[index]
            answer = visitor.post(f"/dashboard{named(deed.path)}")
            assert answer.status_code == 403, deed.path
            assert "asks as" in answer.text


def test_a_page_that_is_none_says_so_as_a_page(visitor: Visitor) -> None:
    assert visitor.get("/dashboard/nowhere").status_code == 303
    visitor.log_in("eve")
    answer = visitor.get("/dashboard/<script>alert(1)</script>")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "<script>alert" not in answer.text


def test_language_and_theme_are_chosen_kept_and_follow_the_browser(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = {lang: text("dashboard.login.title", lang) for lang in LANGUAGES}
    assert (
        title["zh"]
        in visitor.get("/dashboard/login", **{"accept-language": "fr, zh-CN;q=0.8, en;q=0.5"}).text
    )
    assert title["en"] in visitor.get("/dashboard/login", **{"accept-language": "fr;q=x, *"}).text
    monkeypatch.setenv("BAROGRAPH_LANG", "zh")
    assert title["zh"] in visitor.get("/dashboard/login").text
    answer = visitor.post("/dashboard/look", lang="en", back="/dashboard/login")
    assert answer.headers["location"] == "/dashboard/login"
    assert title["en"] in visitor.get("/dashboard/login").text
    visitor.post("/dashboard/look", theme="dark", lang="klingon", back="//evil")
    assert 'lang="en" data-theme="dark"' in visitor.get("/dashboard/login").text


def test_a_password_is_changed_by_who_knows_it_and_all_sessions_end(visitor: Visitor) -> None:
    visitor.log_in("eve")
    fresh = "another one that is long"
    answer = visitor.post("/dashboard/account/password", present="wrong", password=fresh)
    assert answer.status_code == 401
    assert "must be those of a user" in answer.text
    assert fresh not in answer.text
    answer = visitor.post("/dashboard/account/password", present=PASSWORD, password="short")
    assert (answer.status_code, "12 to 1024 characters" in answer.text) == (422, True)
    answer = visitor.post("/dashboard/account/password", present=PASSWORD, password=fresh)
    assert "/dashboard/login" in answer.headers["location"]
    assert "Log in with it" in visitor.get(answer.headers["location"]).text
    assert visitor.get("/dashboard").status_code == 303
    assert visitor.log_in("eve").status_code == 401
    assert visitor.log_in("eve", fresh).status_code == 303


def test_a_token_lets_one_in_with_its_role_for_as_long_as_it_holds(
    visitor: Visitor, database: Database
) -> None:
    token = mint_token(database, "ada", by="ada", role="viewer")
    visitor.get("/dashboard/login")
    assert visitor.post("/dashboard/login", token=f" {token}\n").status_code == 303
    assert "viewer" in visitor.get("/dashboard").text
    revoke_token(database, token.split("_")[1])
    assert visitor.get("/dashboard").status_code == 303


def test_the_token_of_the_first_start_opens_the_dashboard(tmp_path: Path) -> None:
    fresh = open_database(f"sqlite:///{tmp_path}/fresh.db")
    token = first_token(fresh)
    with asked(Service(Studies(), Authenticator(fresh), database=fresh)) as client:
        visitor = Visitor(client)
        visitor.get("/dashboard/login")
        assert visitor.post("/dashboard/login", token=token).status_code == 303
        assert "first-start" in visitor.get("/dashboard").text


def test_a_service_without_a_database_is_entered_with_its_token() -> None:
    with asked(service("credit")) as client:
        visitor = Visitor(client)
        page = visitor.get("/dashboard/login").text
        assert 'name="password"' not in page
        assert visitor.post("/dashboard/login", token="wrong").status_code == 401
        assert visitor.post("/dashboard/login", token=TOKEN).status_code == 303
        assert "credit/default" in visitor.get("/dashboard").text
        cookie = visitor.cookies["barograph_session"]
        for wrong in (f"{cookie}x", "x" + cookie, cookie.partition(".")[0], ".", "é"):
            visitor.cookies["barograph_session"] = wrong
            assert visitor.get("/dashboard").status_code == 303
        visitor.cookies["barograph_session"] = cookie
        visitor.get("/dashboard")
        visitor.post("/dashboard/logout")
        visitor.cookies["barograph_session"] = cookie
        assert visitor.get("/dashboard").status_code == 303


def test_what_pages_load_is_kept_for_ever_under_the_hash_of_its_content(visitor: Visitor) -> None:
    page = visitor.get("/dashboard/login").text
    found = re.findall(r'(?:src|href)="(/dashboard/static/[^"]+)"', page)
    assert len(found) >= 3
    for path in found:
        answer = visitor.get(path, **{"accept-encoding": "gzip"})
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-encoding"] == "gzip"
        plain = visitor.get(path, **{"accept-encoding": "identity"})
        assert plain.text == answer.text
        assert "content-encoding" not in plain.headers
    for path in ("desk.0123456789abcdef.css", "..%2Fdesk.py", "desk.css", "x"):
        assert visitor.get(f"/dashboard/static/{path}").status_code in (303, 404)
    assert gzip.compress(b"") != b""


def test_a_link_followed_from_another_site_keeps_one_logged_in(visitor: Visitor) -> None:
    answer = visitor.get("/dashboard/account", **{"sec-fetch-site": "cross-site"})
    assert answer.status_code == 200
    assert 'http-equiv="refresh"' in answer.text
    assert "account" not in answer.text


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", ""])
def test_what_is_no_form_or_too_large_is_refused(visitor: Visitor, kind: str) -> None:
    visitor.get("/dashboard/login")
    cookie = f"barograph_visit={visitor.cookies['barograph_visit']}"
    headers = {"cookie": cookie, "content-type": kind}
    assert visitor.client.post("/dashboard/login", content=b"a=b", headers=headers).status_code == 415
    assert visitor.post("/dashboard/login", name="x" * 300_000).status_code == 413
    headers["content-type"] = "application/x-www-form-urlencoded"
    for content in (b"\xff\xfe", b"&".join(b"a=b" for _ in range(3_000))):
        assert visitor.client.post("/dashboard/login", content=content, headers=headers).status_code in (
            400,
            403,
        )
