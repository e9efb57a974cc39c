"""From content to one HTML file: self-contained, escaped, readable on screen, phone and paper."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from barograph.charts.page import packaged, plotly_script, script, style_sheet, templates
from barograph.core.results import SeparateTest
from barograph.evaluate.report.blocks import Block
from barograph.evaluate.report.content import ReportContent
from barograph.evaluate.report.edition import C, Edition
from barograph.evaluate.report.ledgers.content import LedgerContent
from barograph.evaluate.report.ledgers.views import LEDGERS
from barograph.evaluate.report.levels.content import LevelContent
from barograph.evaluate.report.levels.views import LEVELS
from barograph.evaluate.report.panels.content import PanelContent
from barograph.evaluate.report.panels.views import PANELS
from barograph.evaluate.report.policy import PolicySection
from barograph.evaluate.report.policy import policy as policy_pack
from barograph.evaluate.report.scoring.content import ScoringContent
from barograph.evaluate.report.scoring.views import ALERTS, FALLS, SCORING
from barograph.evaluate.report.separate import separate_blocks
from barograph.evaluate.report.views import FORECASTING
from barograph.evaluate.report.words import Words

PACKAGE = "barograph.evaluate.report"
_HTML_LANGUAGE = {"en": "en", "zh": "zh-Hans"}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the policy pack with what stands under it."""

    anchor: str
    title: str
    source: str
    parts: tuple[tuple[str, tuple[Block, ...]], ...]  # title ("" where the heading says enough), blocks


def render(
    content: ReportContent | ScoringContent | LevelContent | LedgerContent | PanelContent,
    *,
    lang: str = "en",
    policy: str = "general",
    separate: SeparateTest | None = None,
) -> str:
    """The report as one HTML document.

    Everything it needs is inside: style, script, plotly.js and the figures' numbers. A content security
    policy in the file forbids loading anything else. Without scripts words and tables remain, charts do not.

    Parameters
    ----------
    content : ReportContent, ScoringContent, LevelContent, LedgerContent or PanelContent
        What to print; its type says which engine's edition it gets, and its alerts, if any, which of two.
    lang : str
        "en" or "zh".
    separate : SeparateTest, optional
        What the shipped model said to a separate test file: a section of its own at the end.
    policy : str
        Name of a policy pack, such as "general", "model_risk" or, for scoring, "credit" or "fraud".

    Raises
    ------
    SettingError
        The language or the policy pack is not known, or the pack has no headings for this engine.
    """
    if isinstance(content, ScoringContent):
        subject = "transfers" if content.alerts is not None and content.alerts.network else ""
        edition = _scoring_edition(content)
        return _page(content, edition, lang, policy, subject=subject, separate=separate)
    if isinstance(content, LedgerContent):
        return _page(content, LEDGERS, lang, policy)
    if isinstance(content, PanelContent):
        return _page(content, PANELS, lang, policy, separate=separate)
    if isinstance(content, LevelContent):
        return _page(content, LEVELS, lang, policy)
    return _page(content, FORECASTING, lang, policy)


def _scoring_edition(content: ScoringContent) -> Edition[ScoringContent]:
    if content.falls is not None:
        return FALLS
    return SCORING if content.alerts is None else ALERTS


def _page(
    content: C,
    edition: Edition[C],
    lang: str,
    policy: str,
    *,
    subject: str = "",
    separate: SeparateTest | None = None,
) -> str:
    words = Words(lang, edition.dialect, subject)
    pack = policy_pack(policy, edition.engine)
    numbered = enumerate(pack.sections, start=1)
    sections = [_section(item, f"s{number}", content, edition, words) for number, item in numbered]
    if separate is not None:
        blocks = separate_blocks(separate, content.verdict.champion, words)
        sections.append(Section("separate", words("report.separate.title"), "", (("", blocks),)))
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            title=words("report.title", name=content.name),
            meta=edition.meta(content, words),
            sections=[section for section in sections if section is not None],
            policy_title=pack.title[words.lang],
            policy_basis=pack.basis[words.lang],
            html_language=_HTML_LANGUAGE[words.lang],
            t=words,
            css=Markup(style_sheet() + packaged(PACKAGE, "templates", "report.css")),
            plotly=Markup(_plotly()),
            draw=Markup(script()),
        )
    )


def _section(
    item: PolicySection, anchor: str, content: C, edition: Edition[C], words: Words
) -> Section | None:
    """What stands under one heading; None where no part of it has anything to say."""
    found = [(part, edition.parts[part](content, words)) for part in item.parts]
    spoken = [(part, blocks) for part, blocks in found if blocks]
    several = len(spoken) > 1
    parts = tuple((edition.heading(part, words) if several else "", blocks) for part, blocks in spoken)
    return Section(anchor, item.title[words.lang], item.source, parts) if parts else None


@cache
def _plotly() -> str:
    return plotly_script().replace("</script", "<\\/script")


@cache
def _environment() -> Environment:
    return templates(PACKAGE)
