"""A web server of our own on this machine: scripted answers, as real services give them on bad days."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Answer:
    """One answer; `cut` breaks the connection after so many bytes, `drip` pauses between small pieces."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    drip: float = 0.0


@dataclass
class Asked:
    """One request as it came."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class Site:
    """What the server says to each path: the answers in turn, the last one from then on."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    ranges: bool = True  # whether a request for the rest of a body is understood

    def next_for(self, path: str) -> Answer:
        told = self.answers.get(path, [Answer(b"no such page", 404)])
        return told.pop(0) if len(told) > 1 else told[0]


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """The site, answering while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
            site.asked.append(Asked(parts.path, query, {k.lower(): v for k, v in self.headers.items()}))
            answer = site.next_for(parts.path)
            self._send(answer)

        def _send(self, answer: Answer) -> None:
            body, status, headers = answer.body, answer.status, dict(answer.headers)
            wanted = self.headers.get("range")
            if (
                wanted
                and site.ranges
                and status == 200
                and self.headers.get("if-range") == headers.get("etag")
            ):
                start = int(wanted.removeprefix("bytes=").rstrip("-"))
                headers["content-range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
                body, status = body[start:], 206
            if status == 200 and self.headers.get("if-none-match") == headers.get("etag", "none"):
                body, status = b"", 304
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            sent = body if answer.cut is None else body[: answer.cut]
            pieces = [sent] if not answer.drip else [sent[i : i + 8] for i in range(0, len(sent), 8)]
            try:
                for piece in pieces:
                    self.wfile.write(piece)
                    if answer.drip:
                        time.sleep(answer.drip)
            except OSError:
                return  # the client has gone away
            if answer.cut is not None:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
