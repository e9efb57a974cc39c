"""Every page and every form of the dashboard: the one table from which routes and navigation are made."""

from __future__ import annotations

from barograph.service.dashboard.page import Deed, Page
from barograph.service.dashboard.views import account, overview

PAGES: tuple[Page, ...] = (
    *overview.PAGES,
    *account.PAGES,
)
"""In the order of the navigation."""

DEEDS: tuple[Deed, ...] = (*account.DEEDS,)
