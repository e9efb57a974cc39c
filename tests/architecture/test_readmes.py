"""The README in Chinese has the same headings, tables and commands as the one in English."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENGLISH, CHINESE = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))
COMMENT = re.compile(r"\s+#(?!\w).*$")


def code(page: str) -> list[tuple[str, list[str]]]:
    """The code blocks of a page, language and lines; comments, which each tells in its language, are gone."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return [(language, [COMMENT.sub("", line) for line in body.splitlines()]) for language, body in blocks]


def prose(page: str) -> str:
    return re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)


def test_both_readmes_have_the_same_code_but_for_its_comments() -> None:
    assert len(code(ENGLISH)) > 4
    hint = "a command in README.md was changed: change it in README.zh-CN.md too, with its comment in Chinese"
    for english, chinese in zip(code(ENGLISH), code(CHINESE), strict=True):
        assert chinese == english, hint


def test_both_readmes_have_as_many_headings_of_each_level_and_rows_of_tables() -> None:
    for pattern in (r"^# ", r"^## ", r"^### ", r"^\|"):
        counts = [len(re.findall(pattern, prose(page), re.MULTILINE)) for page in (ENGLISH, CHINESE)]
        assert counts[0] == counts[1], pattern


def test_both_readmes_lead_to_the_same_pages_and_name_the_same_things() -> None:
    links = [set(re.findall(r"\]\(([^)\s]+)\)", page)) for page in (ENGLISH, CHINESE)]
    assert links[0] ^ links[1] == {"README.md", "README.zh-CN.md"}
    named = [set(re.findall(r"`([^`\n]+)`", prose(page))) for page in (ENGLISH, CHINESE)]
    assert named[0] - named[1] == set()
    assert named[1] - named[0] == set()


def test_what_the_chinese_readme_says_is_chinese() -> None:
    comments = [
        match[0]
        for body in re.findall(r"^```\w*\n(.*?)^```", CHINESE, re.MULTILINE | re.DOTALL)
        for line in body.splitlines()
        if (match := COMMENT.search(line))
    ]
    assert len(comments) > 20
    assert [one for one in comments if not re.search("[一-鿿]", one)] == []
