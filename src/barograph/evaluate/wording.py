"""Names and numbers as the sentences of evaluation print them."""

from __future__ import annotations

import math

from barograph.core.texts import has_text, text


def label(area: str, name: str, lang: str) -> str:
    """The printed name of a model, metric or entity; the key itself where the texts have none."""
    key = f"names.{area}.{name}"
    return text(key, lang) if has_text(key, lang) else name


def p_text(p_value: float, lang: str) -> str:
    """A p-value with three digits, or the bound below which it is not told apart from zero."""
    if math.isnan(p_value):
        return text("verdict.p.none", lang)
    return text("verdict.p.small", lang) if p_value < 0.001 else text("verdict.p.value", lang, p=p_value)


def percent(share: float) -> str:
    """A share in per cent, without needless zeros.

    Examples
    --------
    >>> percent(0.8), percent(0.025)
    ('80 %', '2.5 %')
    """
    return f"{round(100.0 * share, 6):g} %"
