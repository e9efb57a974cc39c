from __future__ import annotations

import re
from itertools import chain

import pytest

from barograph.core.notes import AREAS, in_language, noted
from barograph.core.texts import keys, placeholders, text, wording

KEYS = [key for key in keys("en") if key.startswith(AREAS)]
SAMPLE = {"n": 12345, "why": "days", "seed": 7}


def filled(key: str) -> dict[str, object]:
    """A value per placeholder, numbers where the wording formats one."""
    formatted = set(re.findall(r"\{(\w+):", wording(key)))
    return {
        name: SAMPLE.get(name, 0.25 if name in formatted else f"<{name}, a b>") for name in placeholders(key)
    }


@pytest.mark.parametrize("key", KEYS)
def test_every_note_is_found_again_by_its_wording(key: str) -> None:
    values = filled(key)
    said = in_language(noted(key, **values), "zh")
    pieces = re.split(r"\{\w+\}", wording(key, "zh"))
    assert re.fullmatch("(.+)".join(map(re.escape, pieces)), said, re.DOTALL), said


@pytest.mark.parametrize("key", KEYS)
def test_what_was_filled_in_stands_in_the_other_language_too(key: str) -> None:
    values = {name: value for name, value in filled(key).items() if isinstance(value, str) and name != "why"}
    said = in_language(noted(key, **filled(key)), "zh")
    assert [value for value in values.values() if value not in said] == []


def test_english_is_handed_back_untouched() -> None:
    assert in_language("anything at all", "en") == "anything at all"


def test_what_nobody_here_said_stays_as_it_was_typed() -> None:
    for typed in ("What will my ships earn?", "a; b", "name: value", "看看我的船"):
        assert in_language(typed, "zh") == typed.replace("; ", "；")


def test_joined_notes_are_looked_up_one_by_one() -> None:
    joined = "; ".join(["x: " + noted("notes.reading.no_clock"), noted("notes.reading.files", n=3)])
    assert in_language(joined, "zh") == "x：舍去时刻；3 个文件"


def test_a_reason_inside_a_note_is_looked_up_as_well() -> None:
    why = noted("notes.reading.useless_constant", value="a b")
    note = noted("notes.reading.left_out", name="city", why=why)
    assert in_language(note, "zh") == "city：略去，全部为“a b”"


def test_no_wording_could_be_taken_for_a_longer_one() -> None:
    wordings = [wording(key) for key in KEYS]
    assert len(wordings) == len(set(wordings))
    plain = [one for one in wordings if "{" not in one]
    assert sorted(plain) == sorted({text(key) for key in KEYS if not placeholders(key)})
    assert list(chain(plain)) != []
