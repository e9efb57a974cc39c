"""Requests too large, too slow or malformed, over a real connection: refused, in little memory."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.service.app import application
from barograph.service.connection import HEAD, Connection
from barograph.service.wire import Predict, decoder, has_key_twice
from patience import PATIENCE, until
from small_service import CREDIT, HEADERS, bundles, record, service, started

ROOM = 96 * 2**20
"""Bytes that the process may grow by at most: a few bodies of the largest size allowed."""
Started = tuple[subprocess.Popen[str], str]


@pytest.fixture(scope="module")
def served() -> Iterator[Started]:
    with started(str(bundles()["credit"]), token="chosen") as one:
        for _ in range(3):
            asked(one[1])
        yield one


def asked(address: str) -> None:
    """A sound request is answered."""
    headers = {"authorization": "Bearer chosen"}
    body = {"records": [record()]}
    answer = httpx.post(f"{address}{CREDIT}/predict", json=body, headers=headers, timeout=PATIENCE)
    assert answer.status_code == 200, answer.text


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


def peak(process: subprocess.Popen[str]) -> int:
    """Bytes of memory that the process held at most."""
    (line,) = (
        one for one in Path(f"/proc/{process.pid}/status").read_text().splitlines() if one.startswith("VmHWM")
    )
    return int(line.split()[1]) * 1024


def said(port: int, parts: Iterable[bytes], *, most: int = 2**40) -> bytes:
    """Bytes sent until the other side closes or they end; what it said."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as one:
        sent = 0
        try:
            for part in parts:
                one.sendall(part)
                sent += len(part)
                assert sent < most, "the service took it all"
        except (BrokenPipeError, ConnectionResetError):
            pass
        heard = b""
        try:
            while part := one.recv(1 << 16):
                heard += part
        except ConnectionResetError:
            pass
        return heard


def endless(first: bytes, part: bytes) -> Iterator[bytes]:
    yield first
    while True:
        yield part


LINE = f"POST {CREDIT}/predict HTTP/1.1\r\nhost: x\r\n".encode()
BEARER = b"authorization: Bearer chosen\r\ncontent-type: application/json\r\n"
CHUNK = b"100000\r\n" + b" " * 2**20 + b"\r\n"
ENDLESS = {
    "a header": (LINE + b"a: ", b"x" * 2**16),
    "a header's name": (LINE, b"x" * 2**16),
    "headers": (LINE, b"x-a: y\r\n" * 2**13),
    "a path": (b"GET /", b"x" * 2**16),
    "query parameters": (b"GET /v1/studies?", b"a=b&" * 2**14),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_does_not_end_is_refused_and_fills_no_memory(served: Started, name: str) -> None:
    process, address = served
    first, part = ENDLESS[name]
    before = peak(process)
    # The other closes while we send: its reply may be lost with that, rarely of five.
    answers = [said(port_of(address), endless(first, part), most=2**28) for _ in range(5)]
    assert any(one.startswith(b"HTTP/1.1 431 ") and b"problem+json" in one for one in answers)
    assert peak(process) - before < ROOM
    asked(address)


def test_chunks_that_do_not_end_are_refused_and_fill_no_memory(served: Started) -> None:
    process, address = served
    before = peak(process)
    heard = said(port_of(address), endless(LINE + BEARER + b"transfer-encoding: chunked\r\n\r\n", CHUNK))
    assert heard.startswith(b"HTTP/1.1 413 ") or heard == b""
    assert peak(process) - before < ROOM
    asked(address)


def test_a_body_that_is_said_to_be_too_large_is_refused_before_it_comes(served: Started) -> None:
    process, address = served
    head = LINE + BEARER + b"content-length: 99999999999\r\n\r\n"
    before = peak(process)
    heard = said(port_of(address), [head + b"connection: close"], most=2**20)
    assert heard.startswith(b"HTTP/1.1 413 ")
    assert peak(process) - before < ROOM


def test_a_body_without_a_token_is_not_kept(served: Started) -> None:
    process, address = served
    head = LINE + b"transfer-encoding: chunked\r\n\r\n"
    before = peak(process)

    def parts() -> Iterator[bytes]:
        yield head
        for _ in range(200):
            yield CHUNK
        yield b"0\r\n\r\nGET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"

    heard = said(port_of(address), parts())
    assert heard.startswith(b"HTTP/1.1 401 ")
    assert peak(process) - before < ROOM
    asked(address)


class Impatient(Connection):
    seconds = 1.0


@contextmanager
def listening() -> Iterator[int]:
    """A service in this process whose requests must come within a second; its port."""
    made = service("credit")
    config = uvicorn.Config(
        application(made, log=False), port=0, http=Impatient, ws="none", log_config=None, log_level="error"
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started, "the server has started")
        yield int(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def impatient() -> Iterator[int]:
    with listening() as port:
        yield port


def slowly(first: bytes, rest: bytes) -> Iterator[bytes]:
    """A byte every tenth of a second, for much longer than is allowed."""
    yield first
    for place in range(300):
        time.sleep(0.1)
        yield rest[place % len(rest) : place % len(rest) + 1]


TOKEN = b"".join(f"{name}: {value}\r\n".encode() for name, value in HEADERS.items())
SLOW = {
    "a line": (b"GET /", b"x"),
    "headers": (LINE, b"a: b\r\n"),
    "a body": (LINE + TOKEN + b"content-type: application/json\r\ncontent-length: 5000\r\n\r\n{", b" "),
    "chunks": (LINE + TOKEN + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
}


@pytest.mark.parametrize("name", SLOW)
def test_what_comes_too_slowly_is_told_so_and_closed(impatient: int, name: str) -> None:
    first, rest = SLOW[name]
    heard = said(impatient, slowly(first, rest), most=len(first) + 300)
    assert heard == b"" or heard.startswith(b"HTTP/1.1 408 ")  # a reply may be lost with what we still send


def test_one_that_stops_in_the_middle_hears_why(impatient: int) -> None:
    heard = said(impatient, [LINE])
    assert heard.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert json.loads(heard.partition(b"\r\n\r\n")[2])["status"] == 408


@pytest.mark.parametrize(
    "before", [b"", LINE + b"content-length: 5000\r\n\r\n{"], ids=["never asked", "answered without its body"]
)
def test_a_connection_that_only_waits_is_closed(impatient: int, before: bytes) -> None:
    heard = said(impatient, [before])
    assert heard == b"" if not before else heard.startswith(b"HTTP/1.1 401 ")


def test_blanks_after_an_answer_do_not_hold_a_connection_open(impatient: int) -> None:
    with socket.create_connection(("127.0.0.1", impatient), timeout=PATIENCE) as one:
        one.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        assert one.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
        one.sendall(b"\r\n")
        assert one.recv(1 << 16) == b""


def test_slow_ones_hold_nobody_else_up(impatient: int) -> None:
    slow = []
    for _ in range(200):  # each says something at once: one that only waits is closed without a word
        slow.append(socket.create_connection(("127.0.0.1", impatient)))
        slow[-1].sendall(LINE)
    answer = httpx.get(f"http://127.0.0.1:{impatient}/v1/studies", headers=HEADERS, timeout=PATIENCE)
    assert answer.status_code == 200
    for one in slow:
        one.settimeout(PATIENCE)
        assert one.recv(100).startswith(b"HTTP/1.1 408 ")
        one.close()


MALFORMED = {
    "no HTTP": b"hello\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\n\r\n",
    "a length that is none": LINE + b"content-length: abc\r\n\r\n",
    "a length below zero": LINE + b"content-length: -1\r\n\r\n",
    "two lengths": LINE + b"content-length: 1\r\ncontent-length: 2\r\n\r\n{",
    "a length and chunks": LINE + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk whose size is none": LINE + b"transfer-encoding: chunked\r\n\r\nzz\r\n",
    "a name with a blank": LINE + b"a b: c\r\n\r\n",
    "a null in a header": LINE + b"a: \x00\r\n\r\n",
    "a path that is no ASCII": b"GET /\xff HTTP/1.1\r\nhost: x\r\n\r\n",
    "a tunnel": b"CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_no_request_is_refused(impatient: int, name: str) -> None:
    assert said(impatient, [MALFORMED[name]]).startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 401 "))


@pytest.mark.parametrize("kind", [b"websocket", b"h2c"])
def test_another_protocol_is_not_taken_up(impatient: int, kind: bytes) -> None:
    ask = b"GET /v1/studies HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: " + kind + b"\r\n\r\n"
    assert said(impatient, [ask]).startswith(b"HTTP/1.1 401 ")


@settings(max_examples=100)
@given(content=st.binary(min_size=1, max_size=300), line=st.booleans())
def test_no_bytes_stop_the_service(impatient: int, content: bytes, line: bool) -> None:
    with socket.create_connection(("127.0.0.1", impatient), timeout=PATIENCE) as one:
        one.sendall((LINE if line else b"") + content)
    answer = httpx.get(f"http://127.0.0.1:{impatient}/healthz", timeout=PATIENCE)
    assert answer.status_code == 200


def test_a_head_just_short_enough_is_read(impatient: int) -> None:
    head = b"GET /v1/studies HTTP/1.1\r\nhost: x\r\n" + TOKEN + b"connection: close\r\nx-long: "
    heard = said(impatient, [head + b"x" * (HEAD - len(head) - 10) + b"\r\n\r\n"])
    assert heard.startswith(b"HTTP/1.1 200 ")


PACKED = gzip.compress(json.dumps({"records": [record()]}).encode())


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"content-encoding": "gzip"}, PACKED, 415),
        ({"content-encoding": "br"}, b"{}", 415),
        ({}, PACKED, 400),
        ({}, json.dumps({"records": [record()]}).encode("utf-16"), 400),
        ({}, b"\xef\xbb\xbf{}", 400),
        ({"content-type": "application/json5"}, b"{}", 415),
        ({"content-type": "multipart/form-data; boundary=x"}, b"{}", 415),
    ],
    ids=["gzip", "brotli", "gzip unsaid", "UTF-16", "a byte order mark", "JSON5", "a form"],
)
def test_a_body_in_another_form_is_refused(
    impatient: int, headers: dict[str, str], content: bytes, status: int
) -> None:
    sent = {**HEADERS, "content-type": "application/json", **headers}
    url = f"http://127.0.0.1:{impatient}{CREDIT}/predict"
    answer = httpx.post(url, content=content, headers=sent, timeout=PATIENCE)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_key_given_twice_is_refused(impatient: int) -> None:
    plain = json.dumps(record())
    for body in (
        '{"records": [], "records": []}',
        f'{{"records": [{plain[:-1]}, "income": 1}}]}}',
        f'{{"records": [{plain[:-1]}, "income" : 1}}]}}',
        f'{{"records": [{plain[:-1]}, "inc\\u006fme": 1}}]}}',
    ):
        sent = {**HEADERS, "content-type": "application/json"}
        url = f"http://127.0.0.1:{impatient}{CREDIT}/predict"
        answer = httpx.post(url, content=body, headers=sent, timeout=PATIENCE)
        assert answer.status_code == 422, answer.text
        assert "twice" in answer.json()["detail"]


values: Any = st.recursive(
    st.one_of(st.none(), st.integers(-9, 9), st.text(st.sampled_from('":\\a {,'), max_size=6)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(st.sampled_from('":\\a {,'), max_size=3), inner, max_size=3),
    ),
    max_leaves=10,
)


@given(value=values, separators=st.sampled_from([(",", ":"), (", ", ": "), (" ,", " \n: ")]))
def test_a_key_is_found_twice_only_where_it_is(value: Any, separators: tuple[str, str]) -> None:
    plain = json.dumps(value, separators=separators)
    assert not has_key_twice(plain.encode(), value)
    twice = f'{{"a\\\\"{separators[1]}{plain}{separators[0]}"a\\\\"{separators[1]}1}}'
    assert has_key_twice(twice.encode(), json.loads(twice))


PARTS = {
    "records": [{"amount": 1.0, "b": None}],
    "entities": [],
    "reasons": False,
    "lang": "zh",
    "frozen": ["b"],
}


@given(
    chosen=st.permutations(list(PARTS)).flatmap(lambda names: st.integers(0, 5).map(lambda n: names[:n])),
    again=st.sampled_from(list(PARTS)),
    blank=st.sampled_from(["", " "]),
)
def test_a_field_is_found_twice_whether_or_not_it_is_as_by_default(
    chosen: list[str], again: str, blank: str
) -> None:
    def body(names: list[str]) -> bytes:
        fields = [f'"{name}"{blank}:{json.dumps(PARTS[name])}' for name in names]
        return f"{{{','.join(fields)}}}".encode()

    def twice(content: bytes) -> bool:
        return has_key_twice(content, decoder(Predict).decode(content))

    assert not twice(body(chosen))
    assert twice(body([*chosen, again])) == (again in chosen)
    assert twice(body(chosen).replace(b'{"amount"', b'{"b":1,"amount"')) == ("records" in chosen)
