"""Every page and every form of the dashboard: the one table from which routes and navigation are made."""

from __future__ import annotations

from barograph.service.dashboard.page import Deed, Page
from barograph.service.dashboard.views import (
    account,
    alerts,
    limits,
    models,
    monitors,
    overview,
    people,
    risks,
    scenarios,
    studies,
    trying,
)

PAGES: tuple[Page, ...] = (
    *overview.PAGES,
    *alerts.PAGES,
    *limits.PAGES,
    *monitors.PAGES,
    *trying.PAGES,
    *scenarios.PAGES,
    *models.PAGES,
    *people.PAGES,
    *risks.PAGES,
    *studies.PAGES,
    *account.PAGES,
)
"""In the order of the navigation."""

DEEDS: tuple[Deed, ...] = (
    *models.DEEDS,
    *people.DEEDS,
    *account.DEEDS,
    *alerts.DEEDS,
    *limits.DEEDS,
    *trying.DEEDS,
    *scenarios.DEEDS,
)
