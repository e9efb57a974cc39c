"""A message as somebody reads it: the subject and the lines of an e-mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from barograph.core.texts import has_text, text

LINES: Final = (
    *("study", "figure", "entity", "subject", "severity", "value", "threshold", "opened_at", "alert"),
    *("model", "champion", "expires_at", "finding", "words", "owner", "due"),
)
"""What is told, in this order, as far as a message has it."""


def letter(told: Mapping[str, Any], lang: str) -> tuple[str, str]:
    """Subject and body of a message, such as that of an alert.

    Parameters
    ----------
    told : mapping
        The message as webhooks get it.
    lang : str
        "en" or "zh".
    """
    about = {"severity": "", "study": "", "figure": "", **{key: str(value) for key, value in told.items()}}
    about["severity"] = _severity(about["severity"], lang)
    kind = str(told.get("what", "")).replace(".", "_")
    subject = text(f"messages.subject.{kind}", lang, **about)
    lines = [
        f"{text(f'messages.line.{key}', lang)}: {about[key]}"
        for key in LINES
        if str(told.get(key) if told.get(key) is not None else "")
    ]
    ending = text(f"messages.todo.{kind}", lang)
    return " ".join(subject.split()), "\n".join([*lines, "", ending])


def _severity(word: str, lang: str) -> str:
    key = f"messages.severity.{word}"
    return text(key, lang) if word and has_text(key, lang) else word
