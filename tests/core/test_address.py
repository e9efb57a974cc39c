"""Addresses: what is shown never holds a secret."""

from __future__ import annotations

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
