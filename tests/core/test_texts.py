from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import barograph
from barograph.core.errors import SettingError, WordingError
from barograph.core.texts import LANGUAGES, areas, has_text, keys, placeholders, text, text_list, wording

SOURCE = Path(barograph.__file__).parent


def test_every_language_has_the_same_keys() -> None:
    for lang in LANGUAGES[1:]:
        assert set(keys(lang)) == set(keys("en")), lang


def test_every_language_has_the_same_placeholders() -> None:
    for lang in LANGUAGES[1:]:
        differing = [key for key in keys("en") if placeholders(key) != placeholders(key, lang)]
        assert differing == []


def test_lists_have_the_same_length_in_every_language() -> None:
    filled = {key: dict.fromkeys(placeholders(key), 1) for key in keys("en")}
    for lang in LANGUAGES[1:]:
        for key, values in filled.items():
            assert len(text_list(key, lang, **values)) == len(text_list(key, "en", **values)), key


def test_no_wording_is_empty_and_chinese_is_not_english_left_standing() -> None:
    same = []
    for key in keys("en"):
        values = dict.fromkeys(placeholders(key), 1)
        english, chinese = text_list(key, "en", **values), text_list(key, "zh", **values)
        assert all(item.strip() for item in (*english, *chinese)), key
        if english == chinese and not key.startswith("names."):
            same += [key] if len(re.findall(r"[A-Za-z]{3,}", " ".join(english))) > 3 else []
    assert same == []


@cache
def literals() -> tuple[frozenset[str], frozenset[str]]:
    """Strings of the source that look like keys, and beginnings of keys made at run time."""
    known = "|".join(areas("en"))
    whole, beginnings = set(), set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                start = str(node.values[0].value)
                if re.match(rf"({known})\.", start) and len(node.values) > 1:
                    beginnings.add(start)
    for path in SOURCE.rglob("*.html.j2"):
        whole |= set(re.findall(r"""["']([a-z_0-9.]+)["']""", path.read_text(encoding="utf-8")))
    pattern = re.compile(rf"({known})(\.[a-z_0-9]+)+")
    files = (".css", ".html", ".j2", ".json", ".yaml")
    found = {word for word in whole if pattern.fullmatch(word) and not word.endswith(files)}
    return frozenset(found), frozenset(beginnings)


def twin(key: str) -> str:
    """The key that a dialect's wording stands in for; a key of no dialect is its own."""
    key = key.removeprefix("transfers.")  # a subject's wordings stand under the full keys
    area, _, rest = key.partition(".")
    return f"credit.{rest}" if area in ("fraud", "falls") else key


@cache
def said_in_code() -> frozenset[str]:
    """Every string of the source; what an f-string fills in stands as {}."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    plain = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    filled = [node.values for node in nodes if isinstance(node, ast.JoinedStr)]
    return frozenset(
        plain
        | {
            "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in values)
            for values in filled
        }
    )


def used_in_code(key: str) -> bool:
    key = twin(key)
    whole, beginnings = literals()
    if key.startswith("notes."):  # a note may be written where texts are not imported: it is found again
        said = re.sub(r"\{.*?\}", "{}", wording(key))
        if key in whole or said in said_in_code():
            return True
    return key in whole or any(key.startswith(start) for start in beginnings)


def test_every_key_the_source_names_exists() -> None:
    whole, _ = literals()
    assert len(whole) > 100
    assert sorted(key for key in whole if not has_text(key)) == []


def test_every_beginning_of_a_key_made_at_run_time_leads_to_a_key() -> None:
    _, beginnings = literals()
    assert [start for start in beginnings if not any(key.startswith(start) for key in keys("en"))] == []


def test_every_key_is_used() -> None:
    assert [key for key in keys("en") if not used_in_code(key)] == []


def test_a_dialect_says_nothing_new_but_what_it_says_is_said_otherwise() -> None:
    own = [key for key in keys("en") if twin(key) != key]
    assert own
    for key in own:
        assert has_text(twin(key)), key
        assert placeholders(key) <= placeholders(twin(key)), key
        for lang in LANGUAGES:
            values = dict.fromkeys(placeholders(twin(key)), 1)
            assert text_list(key, lang, **values) != text_list(twin(key), lang, **values), key


def test_an_unknown_key_names_the_nearest_known_one() -> None:
    with pytest.raises(WordingError, match=r"names\.metric\.qlike"):
        text("names.metric.qlikes")


def test_an_unknown_area_or_language_is_refused() -> None:
    with pytest.raises(WordingError, match="names"):
        text("nams.metric.qlike")
    with pytest.raises(SettingError, match="one of en, zh"):
        text("names.metric.qlike", "fr")


def test_a_placeholder_without_a_value_is_refused_by_name() -> None:
    with pytest.raises(WordingError, match="needs a value for 'name'"):
        text("report.title")


def test_values_fill_the_placeholders_in_both_languages() -> None:
    assert text("report.title", name="a/b") == "Risk model report: a/b"
    assert text("report.title", "zh", name="a/b") == "风险模型报告：a/b"


def test_a_list_is_not_handed_out_as_one_string() -> None:
    with pytest.raises(WordingError, match="text_list"):
        text("report.monitoring.checks")
    assert len(text_list("report.monitoring.checks")) == 5


def test_no_space_parts_two_chinese_characters_where_a_value_was_filled_in() -> None:
    assert text("report.comparisons.against", "zh", model="线性对照") == "减线性对照"
    assert text("report.comparisons.against", "zh", model="GJR-GARCH-t") == "减 GJR-GARCH-t"
    assert text("report.comparisons.against", model="the control") == "less the control"
