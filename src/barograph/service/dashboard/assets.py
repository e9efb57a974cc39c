"""What pages load: style sheet and scripts, under names made of their content, kept by browsers for ever."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import threading
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from barograph.charts.page import packaged, plotly_script, script, style_sheet
from barograph.service.problems import missing

PATH = "/dashboard/static"
KINDS = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent."""

    path: str
    kind: str
    packed: bytes  # by gzip


NAMES = ("desk.css", "risk.css", "desk.js", "live.js", "icon.svg", "draw.js", "plotly.js")


_kept: dict[str, Asset] = {}
_turns = {name: threading.Lock() for name in NAMES}


def asset(name: str) -> Asset:
    """One of `NAMES`, read once and when first asked for: Plotly's script has 5 MB, which only pages need.

    That takes a third of a second: what may want it asks from a thread of its own, not from the event loop.
    """
    found = _kept.get(name)
    if found is None:
        with _turns[name]:
            found = _kept[name] = _kept.get(name) or _made(name)
    return found


def _made(name: str) -> Asset:
    content = _content(name).encode()
    stem, _, kind = name.partition(".")
    digest = hashlib.sha256(content).hexdigest()[:16]
    return Asset(f"{PATH}/{stem}.{digest}.{kind}", KINDS[kind], gzip.compress(content, mtime=0))


async def sent(request: Request) -> Response:
    """The asset of a path; another content's name is not found."""
    request.scope["trace"].route = f"{PATH}/{{name}}"
    wanted = str(request.path_params["name"])
    stem, _, kind = wanted.split(".")[0], "", wanted.rpartition(".")[2]
    name = f"{stem}.{kind}"
    found = await asyncio.to_thread(asset, name) if name in NAMES else None
    if found is None or found.path != f"{PATH}/{wanted}":
        raise missing("file", wanted, [])
    headers = {"cache-control": FOR_EVER, "vary": "accept-encoding"}
    content = found.packed
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
    else:
        content = await asyncio.to_thread(gzip.decompress, content)
    return Response(content, media_type=found.kind, headers=headers)


def _content(name: str) -> str:
    if name == "plotly.js":
        return plotly_script()
    if name == "draw.js":
        return script()
    own = packaged("barograph.service.dashboard", "static", name)
    return style_sheet() + own if name == "desk.css" else own
