"""A service whose every name, word and reason means harm, given through the API as clients and people can."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import httpx

from barograph.api.models import proposal_of
from barograph.deploy.bundle import add_parts
from barograph.deploy.papers import papers_of
from barograph.govern import registry
from barograph.govern.access import mint_token
from barograph.govern.alerts import Cause, raise_alerts
from barograph.service.dashboard.catalogue import PAGES
from barograph.service.dashboard.views.overview import RISKS
from small_dashboard import Shown, Visitor
from small_service import CREDIT, FRAUD, MARKET, PATIENCE, Client, bundles, events, record

SEEN = "h0stile"
"""By which what was given is found on pages."""
HTML = (
    f"""{SEEN}{{{{7*7}}}}</script></title><script>window.hit=1;alert(1)</script><svg/onload="window.hit=2">"""
)
QUOTES = f"""{SEEN}"'`><img src=x onerror="window.hit=3;alert(3)" onmouseover='alert(4)'>&lt;b&gt;&#60;"""
HIDDEN = f"{SEEN}\u202egnp.exe\u2066\u200b\u200d\ufeff\u0301\u0301 javascript:alert(5)//\\u003cb\u2028\u2029"
LONG = SEEN + "W" * (200 - len(SEEN))
NAMES = (HTML, QUOTES, HIDDEN, LONG)
STUDIES = ("credit/default", "operational/fraud", "market/volatility")


class Line(Client):
    """A client of a service that listens elsewhere, with the face of one that does not."""

    def __init__(self, address: str) -> None:
        self._http = httpx.Client(base_url=address, timeout=PATIENCE)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self._http.request(method, path, **more)

    def forget_cookies(self) -> None:
        self._http.cookies.clear()

    def close(self) -> None:
        self._http.close()


@dataclass
class Giver:
    """Somebody who gives what the API takes; what it refuses is refused in words, never an error of ours."""

    client: Line
    token: str
    taken: int = 0

    def __call__(self, path: str, body: Any) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self.token}"}
        answer = self.client.post(path, json=body, headers=headers)
        assert answer.status_code < 500, f"{path}: {answer.text[:300]}"
        self.taken += answer.status_code < 300
        return dict(answer.json()) if answer.status_code < 300 else {}


def filled(service: Shown, client: Line) -> Giver:
    """Everything that can be given, given."""
    give = Giver(client, mint_token(service.database, "ada", by="ada"))
    other = Giver(client, mint_token(service.database, "bob", by="ada"))
    model = _model(service)
    for place, name in enumerate(NAMES):
        words = (name * 40)[:4_000]
        _governed(service, give, other, model, name, words)
        _asked(give, place, name, words)
    return give


def _model(service: Shown) -> str:
    """A bundle whose maker meant harm, in service: its question, verdict, claims and report."""
    place = service.folder / "harm"
    shutil.copytree(bundles()["market"], place)
    manifest = json.loads((place / "manifest.json").read_text())
    manifest |= {"question": HTML, "verdict": QUOTES, "verdict_note": HTML}
    (place / "manifest.json").write_text(json.dumps(manifest))
    keys = ("claim", "rung", "model", "opponent", "metric", "test", "verdict")
    claims = [
        {**dict.fromkeys(keys, name), "held": False, "difference": 0.1, "p_value": 0.5} for name in NAMES
    ]
    add_parts(place, papers_of({"claims": claims, "sentence": HTML}, f"<!doctype html><p>{HTML}"))
    model = registry.propose(service.database, proposal_of(place), by="dev", why=HTML)
    registry.approve(service.database, model, by="bob", why=QUOTES, months=12)
    return model


def _governed(service: Shown, give: Giver, other: Giver, model: str, name: str, words: str) -> None:
    """Users, tokens, receivers, models, findings, limits and alerts."""
    give("/v1/users", {"name": name, "role": "viewer"})
    give("/v1/tokens", {"owner": "ada", "label": name[:200]})
    give("/v1/receivers", {"address": f"https://localhost/{name}", "study": name})
    other(
        f"/v1/models/{service.waiting}/findings",
        {"severity": "low", "what": words, "owner": "dev", "due": "2027-03-31"},
    )
    give(f"/v1/models/{model}/extend", {"why": words, "months": 6})
    found = give(
        f"/v1/models/{model}/findings", {"severity": "low", "what": words, "owner": name, "due": "2027-03-31"}
    )
    if not found:
        found = give(
            f"/v1/models/{model}/findings",
            {"severity": "high", "what": words, "owner": "dev", "due": "2027-03-31"},
        )
    other(f"/v1/findings/{found.get('id')}/close", {"why": words})
    for study, owner in ((name, "ada"), ("market/volatility", name), ("market/volatility", "ada")):
        limit = {
            "study": study,
            "figure": name,
            "entity": name,
            "owner": owner,
            "why": words,
            "soft": 1.0,
            "hard": 2.0,
        }
        give("/v1/limits", limit)
    give(
        "/v1/limits",
        {"study": "market/volatility", "figure": "var_99", "owner": "ada", "why": words, "hard": 1e-6},
    )
    for study in (name, "operational/fraud"):
        cause = Cause(f"of {study} {name}", study, "score", name, 0.9, 0.5, "hard", subject=name, entity=name)
        for alert in raise_alerts(service.database, [cause]):
            at = f"/v1/alerts/{alert.id}"
            give(f"{at}/assign", {"to": name})
            give(f"{at}/comment", {"words": words})
            if study == name:
                give(f"{at}/close", {"disposition": "accepted", "words": words})


def _asked(give: Giver, place: int, name: str, words: str) -> None:
    """Records, events, labels, days, books and scenarios."""
    row = {**record(place), "region": name, "purpose": words, "loan": name}
    give(f"{CREDIT}/predict", {"records": [row], "reasons": True})
    give(f"{CREDIT}/predict", {"records": [{**row, name[:200]: words}]})
    one = {**events(41 + place)[-1], "event_id": name, "actor": name, "counterparty": words, "device": name}
    give(f"{FRAUD}/events", one)
    give(
        f"{FRAUD}/outcomes",
        {"outcomes": [{"event_id": name, "label": 1, "known_at": "2026-01-01T00:00:00Z"}]},
    )
    give(f"{MARKET}/predict", {})
    give(f"{MARKET}/update", {"records": [{"entity": name, "time": "2021-06-01", "close": 1.0}]})
    shock = {"name": name, "title": name, "source": name, "shocks": {"alpha": -0.1}}
    book = [{"entity": "alpha", "value": 1_000.0}]
    give(f"{MARKET}/assess", {"book": book, "scenario": shock})
    give(f"{MARKET}/assess", {"book": [{"entity": name, "value": 1.0}]})
    give(f"{CREDIT}/assess", {"book": [{**row, "region": name}]})


def paths(visitor: Visitor, *, most: int = 99) -> list[str]:
    """Every page of the catalogue, each of `most` things that it can be of, and with what a link may ask."""
    found = {
        "study:path": list(STUDIES),
        "risk": list(RISKS),
        "alert": _ids(visitor, "alerts", "/alerts", "/alerts?state=closed"),
        "limit": _ids(visitor, "limits", "/limits"),
        "model": _ids(visitor, "models", "/models"),
    }
    every = []
    for page in PAGES:
        names = re.findall(r"\{([^}]*)\}", page.path)
        values = found[names[0]][-most:] if names else [""]
        every += [page.path.replace(f"{{{names[0]}}}" if names else "{}", value) for value in values]
    asked = httpx.QueryParams(
        {"study": HTML, "kind": QUOTES, "who": HIDDEN, "of": QUOTES, "said": HTML, "at": HTML}
    )
    return every + [
        f"{path}?{asked}" for path in ("/alerts", "/limits", "/answered", "/studies/market/volatility")
    ]


def _ids(visitor: Visitor, kind: str, *pages: str) -> list[str]:
    texts = [visitor.get(f"/dashboard{page}").text for page in pages]
    return sorted({one for text in texts for one in re.findall(rf'href="/dashboard/{kind}/(\w+)"', text)})


class Looked(HTMLParser):
    """A page as a browser reads it: what in it could run, load or lead elsewhere, and its text."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.text: list[str] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag in ("img", "iframe", "object", "embed", "base", "style", "audio", "video", "template"):
            self.wrong.append(tag)
        ours = str(told.get("src")).startswith("/dashboard/static/")
        if tag == "script" and told.get("type") != "application/json" and not ours:
            self.wrong.append(f"script {told}")
        for name, value in attrs:
            if name.startswith("on") or name == "srcdoc":
                self.wrong.append(f"{tag} {name}")
            if name in ("href", "src", "action", "formaction") and not str(value).startswith(
                ("/dashboard", "#", "?")
            ):
                self.wrong.append(f"{tag} {name}={value}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        self.text.append(data)
