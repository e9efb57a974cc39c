"""Names as people call them: of models, metrics, tests and standings; a name nobody translated stays."""

from __future__ import annotations

from barograph.core.texts import has_text, text


def called(kind: str, name: str, lang: str) -> str:
    """What people call a key of a catalogue.

    Examples
    --------
    >>> called("metric", "qlike", "en"), called("metric", "no such", "en")
    ('QLIKE', 'no such')
    """
    key = f"names.{kind}.{name}"
    return text(key, lang) if has_text(key, lang) else name
