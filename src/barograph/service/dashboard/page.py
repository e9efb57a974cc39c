"""What the dashboard is made of: pages that are looked at, and deeds that forms ask for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from barograph.core.texts import text
from barograph.govern.access import Permission, Principal
from barograph.service.operation import Operation
from barograph.service.service import Service


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who is logged in looks at a page."""

    service: Service
    caller: Principal
    lang: str
    names: Mapping[str, str]  # of the path
    query: Mapping[str, str]
    given: Mapping[str, str] = field(default_factory=dict)  # what a form held
    answer: Any = None  # what a form of this page was answered

    def say(self, key: str, **values: object) -> str:
        """Words of a key in the reader's language."""
        return text(key, self.lang, **values)


View = Callable[[Visit], Awaitable[dict[str, Any] | Response]]
"""What a template is to show, or a page that is made already; raises `InputError` or `Problem`."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page, below /dashboard."""

    path: str  # such as "/models/{model}"; a study's name is {study:path}
    permission: Permission
    template: str
    title: str  # key of texts
    view: View
    menu: bool = False  # whether the navigation names it
    under: str = ""  # the page of the navigation that it belongs to, by its path
    charts: bool = False  # whether it draws: then Plotly is loaded, and may set styles


@dataclass(frozen=True, slots=True)
class Deed:
    """What a form asks for: an operation of the API, done by who is logged in."""

    path: str  # its names in the order of the operation's
    operation: Operation
    page: str  # path of the page that shows why it was refused
    then: str  # where to go when it is done; {names} are those of the path, the form and the answer
    said: str  # key of the words that it is done
    shown: bool = False  # the page itself shows the answer, once, as `answer`
    names: tuple[str, ...] = ()  # of the path, those that the operation is told; all where there are none
    again: bool = False  # whether the page that shows the answer also shows what the form held
    read: Callable[[Mapping[str, str]], Any] | None = None  # makes the body; by its type where there is none
