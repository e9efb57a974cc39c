"""Words and numbers of one language, for the views."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from barograph.core.notes import in_language
from barograph.core.texts import has_text, text, text_list

BLANK = "–"
MINUS = "−"
NO_BREAK = "\u00a0"

_AT_HORIZON = re.compile(r"(\w+)_h(\d+)")
_PERCENT = frozenset({"accuracy", "precision", "recall", "recall_10"})
_FOUR_DIGITS = frozenset(
    {
        *("log_loss", "brier", "f1"),
        *(
            "auc",
            "gini",
            "ks",
            "h_measure",
            "average_precision",
            "calibration_slope",
            "calibration_intercept",
        ),
        *("r2", "mae", "spearman", "loss_capture"),
    }
)


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of the report in one language, and the house's way of printing numbers."""

    lang: str
    dialect: str = ""  # area whose wordings stand in for those of `credit` under the same name
    subject: str = ""  # area that says first, under the full key, what is of its subject alone

    def __call__(self, key: str, **values: object) -> str:
        """The wording of a full key."""
        return text(self._spoken(key), self.lang, **values)

    def several(self, key: str, **values: object) -> tuple[str, ...]:
        """The wordings of a key that holds a list."""
        return text_list(self._spoken(key), self.lang, **values)

    def _spoken(self, key: str) -> str:
        """The key of the subject or in the dialect, where one says it in its own way."""
        if self.subject and has_text(f"{self.subject}.{key}", self.lang):
            return f"{self.subject}.{key}"
        area, _, rest = key.partition(".")
        own = f"{self.dialect}.{rest}"
        return own if self.dialect and area == "credit" and has_text(own, self.lang) else key

    def model(self, name: str) -> str:
        """A model's usual name; one the house does not know goes by its own."""
        return text(f"names.model.{name}", self.lang) if has_text(f"names.model.{name}", self.lang) else name

    def metric(self, name: str) -> str:
        """A metric's usual name; one the house does not know goes by its own."""
        return (
            text(f"names.metric.{name}", self.lang) if has_text(f"names.metric.{name}", self.lang) else name
        )

    def test(self, name: str) -> str:
        """A test's usual name; one the house does not know goes by its own.

        A name such as ``kupiec_h5`` is the test at a horizon of five days.
        """
        at_horizon = _AT_HORIZON.fullmatch(name)
        if at_horizon:
            return self("report.back_tests.at_horizon", test=self.test(at_horizon[1]), days=at_horizon[2])
        return text(f"names.test.{name}", self.lang) if has_text(f"names.test.{name}", self.lang) else name

    def role(self, name: str) -> str:
        """The part a model plays."""
        return text(f"names.role.{name}", self.lang)

    def standing(self, name: str) -> str:
        """A standing with its sign, so that it reads without colour."""
        return text(f"names.standing.{name}", self.lang)

    def block(self, name: str) -> str:
        """Development, confirmation or all."""
        return text(f"names.block.{name}", self.lang)

    def note(self, note: str) -> str:
        """A stored note, or a question, in this language."""
        return in_language(note, self.lang)

    def names(self, items: tuple[str, ...]) -> str:
        """A list of names in a sentence."""
        return text("report.list_separator", self.lang).join(items)


def number(value: float | None, digits: int = 4) -> str:
    """A number with a true minus sign; `BLANK` for None and NaN.

    Examples
    --------
    >>> number(-0.01234, 3), number(None)
    ('−0.012', '–')
    """
    if value is None or math.isnan(value):
        return BLANK
    return f"{value:.{digits}f}".replace("-", MINUS)


def percent(value: float | None, digits: int = 1) -> str:
    """A share in percent; `BLANK` for None and NaN."""
    return BLANK if value is None or math.isnan(value) else f"{number(100.0 * value, digits)}{NO_BREAK}%"


def level(alpha: float) -> str:
    """The level of a VaR from its tail probability, without needless zeros.

    Examples
    --------
    >>> level(0.01).replace(NO_BREAK, " "), level(0.025).replace(NO_BREAK, " ")
    ('99 %', '97.5 %')
    """
    return f"{round(100.0 * (1.0 - alpha), 6):g}{NO_BREAK}%"


def probability(value: float | None) -> str:
    """A p-value: three digits, or that it is below one in a thousand.

    Examples
    --------
    >>> probability(0.0401), probability(1e-9).replace(NO_BREAK, " ")
    ('0.040', '< 0.001')
    """
    if value is not None and value < 0.001:
        return f"<{NO_BREAK}0.001"
    return number(value, 3)


def metric_value(metric: str, value: float | None) -> str:
    """A score as its metric is usually printed: shares in percent, small losses with digits enough."""
    if metric in _PERCENT or value is None or math.isnan(value):
        return percent(value)
    if metric in _FOUR_DIGITS or abs(value) >= 0.1 or value == 0.0:
        return number(value)
    return number(value, 6) if abs(value) >= 1e-3 else f"{value:.3e}".replace("-", MINUS)


def spread(metric: str, deviation: float, value: float) -> str:
    """A standard deviation with the digits of its score, or what it stays below where these show nothing."""
    if abs(value) < 0.1:
        return metric_value(metric, deviation)
    return number(deviation) if deviation >= 5e-5 else "< 0.0001"
