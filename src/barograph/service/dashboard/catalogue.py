"""Every page and every form of the dashboard: the one table from which routes and navigation are made."""

from __future__ import annotations

from barograph.service.dashboard.page import Deed, Page
from barograph.service.dashboard.views import account, models, overview, people

PAGES: tuple[Page, ...] = (
    *overview.PAGES,
    *models.PAGES,
    *people.PAGES,
    *account.PAGES,
)
"""In the order of the navigation."""

DEEDS: tuple[Deed, ...] = (*models.DEEDS, *people.DEEDS, *account.DEEDS)
