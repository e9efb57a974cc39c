"""The words under a setting are its description, whichever class of a family it stands in."""

from __future__ import annotations

import pytest
from pydantic import Field, ValidationError, create_model

from barograph.core.described import described
from barograph.core.section import Section


class Family(Section):
    """Of two settings."""

    said: int = 1
    """What it is for,
    in two lines."""
    told: int = Field(2, description="Told otherwise.")
    """Not this."""


class Child(Family):
    """Of one more."""

    more: float = 0.5
    """Its own."""
    silent: str = ""
    said: int = 3


def test_a_field_says_what_stands_under_it() -> None:
    words = {name: field.description for name, field in described(Child).items()}
    assert words == {
        "said": "What it is for,\nin two lines.",
        "told": "Told otherwise.",
        "more": "Its own.",
        "silent": None,
    }
    assert Family.model_fields["said"].default == 1
    assert described(Family)["said"].description == "What it is for,\nin two lines."


def test_a_model_without_a_source_says_nothing() -> None:
    made = create_model("Made", __base__=Family, more=(int, 4))
    assert {name: field.description for name, field in described(made).items()}["more"] is None


def test_a_section_is_checked_as_soon_as_it_is_used() -> None:
    assert Child(said=4).said == 4
    with pytest.raises(ValidationError):
        Child(said="many")
