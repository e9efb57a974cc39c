"""Pages made of templates: everything that is shown is escaped, every word comes from the texts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from barograph.charts.page import templates
from barograph.core.texts import text
from barograph.service.dashboard import numbers
from barograph.service.dashboard.assets import asset
from barograph.service.dashboard.looks import HTML_LANGUAGE, Look

if TYPE_CHECKING:
    from jinja2 import Environment

HTML = "text/html; charset=utf-8"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{}; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SANDBOX = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def sandboxed(report: bytes) -> Response:
    """A report, as a page of its own: its scripts run, and reach nothing of ours."""
    return Response(report, media_type=HTML, headers={"content-security-policy": SANDBOX})


def rendered(
    template: str, look: Look, shown: Mapping[str, Any], *, status: int = 200, charts: bool = False
) -> Response:
    """A page.

    Parameters
    ----------
    template : str
        A file of `templates/`.
    look : Look
        Language and theme.
    shown : mapping
        What the template is to show.
    status : int
        Of HTTP.
    charts : bool
        Whether it draws: Plotly sets styles within the page, which the policy otherwise forbids.
    """
    content = (
        _environment()
        .get_template(template)
        .render(
            t=partial(_said, look.lang),
            look=look,
            html_language=HTML_LANGUAGE[look.lang],
            asset=lambda name: asset(name).path,
            charts=charts,
            **shown,
        )
    )
    policy = POLICY.format(" 'unsafe-inline'" if charts else "")
    headers = {"content-security-policy": policy, "referrer-policy": "same-origin"}
    return Response(content, status, media_type=HTML, headers=headers)


def _said(lang: str, key: str, **values: object) -> str:
    return text(key, lang, **values)


@cache
def _environment() -> Environment:
    environment = templates("barograph.service.dashboard")
    environment.filters |= {
        "figure": numbers.figure,
        "percent": numbers.percent,
        "p_value": numbers.p_value,
        "instant": numbers.instant,
        "day": numbers.day,
    }
    return environment
