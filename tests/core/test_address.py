"""Addresses: what is shown never holds a secret."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from barograph.core.address import address_of
from barograph.core.errors import SettingError


@pytest.mark.parametrize(
    "source",
    [
        "postgresql://risk:hidden@db/bank",
        "postgresql://risk@db/bank?password=hidden",
        "postgresql://risk@db/bank?sslmode=require&PASSWORD=hidden",
        "redis://:hidden@host/0/payments",
        "https://host/file.csv?pwd=hidden",
    ],
)
def test_a_password_is_refused_and_not_shown(source: str) -> None:
    with pytest.raises(SettingError, match="must not hold a password") as caught:
        address_of(source)
    assert "hidden" not in str(caught.value)
    assert "${DB_PASSWORD}" in str(caught.value)


@pytest.mark.parametrize(
    "source",
    ["postgresql://risk:${PW}@db/bank", "postgresql://risk@db/bank?password=${PW}", "https://h/a?b=c"],
)
def test_a_variable_in_its_place_is_taken(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "hidden")
    found = address_of(source)
    assert found is not None
    assert found.text == source
    assert ("hidden" in found.opened) == ("PW" in source)


@pytest.mark.parametrize("password", ["a/b", "a#b", "a?b", "a@b:c", "50%25", "[", "x y", "é+&=", "${HOST}"])
def test_a_server_s_password_may_hold_any_character(password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", password)
    monkeypatch.setenv("HOST", "redis.bank")
    found = address_of("rediss://risk%40bank:${PW}@${HOST}:4650/3/pay?db=${PW}&x=1")
    assert found is not None
    server = found.server()
    assert server is not None
    assert (server.scheme, server.user, server.password) == ("rediss", "risk@bank", password)
    assert (server.host, server.port, server.path) == ("redis.bank", 4650, "/3/pay")
    assert server.query == (("db", password), ("x", "1"))
    assert password not in repr(server)
    again = urlsplit(server.opened)
    assert (again.hostname, again.port, again.path) == ("redis.bank", 4650, "/3/pay")
    assert (unquote(again.username or ""), unquote(again.password or "")) == ("risk@bank", password)
    assert parse_qsl(again.query) == list(server.query)


@pytest.mark.parametrize("where", ["h:99999", "h:x", "[::1", "a b", "${HOST}", ""])
def test_an_address_that_names_no_server_is_none(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "h/hush")
    monkeypatch.setenv("PW", "hush")
    found = address_of(f"redis://:${{PW}}@{where}/0")
    assert found is not None
    assert found.server() is None


def test_an_address_of_ipv6_is_opened_as_it_was() -> None:
    found = address_of("redis://[::1]:6379/0")
    assert found is not None
    server = found.server()
    assert server is not None
    assert server.opened == found.text
