"""Services as processes, and the leanest client that can ask them."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from measuring import as_installed

TOKEN = "benchmark"
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Process:
    """A service that answers, and how long it took until it did."""

    pid: int
    port: int
    seconds: float

    def resident(self) -> float:
        """MiB of memory now; of several processes each its share of what they have in common."""
        pids = family(self.pid)
        return sum(memory(pid, "Rss" if len(pids) == 1 else "Pss") for pid in pids)


def family(pid: int) -> list[int]:
    """A process and all that it has started, and they."""
    told = Path(f"/proc/{pid}/task")
    children = [int(one) for task in told.iterdir() for one in (task / "children").read_text().split()]
    return [pid, *(each for child in children for each in family(child))]


def memory(pid: int, kind: str) -> float:
    """MiB of a process: `Rss`, or `Pss`, in which a page of n processes counts 1/n."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{kind}:")) / 1024


class Connection:
    """One connection that stays open."""

    def __init__(self, port: int, path: str, token: str = TOKEN) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = (
            f"POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n"
            "content-type: application/json\r\ncontent-length: "
        ).encode()

    def message(self, body: bytes) -> bytes:
        """A whole request."""
        return self._head + str(len(body)).encode() + b"\r\n\r\n" + body

    def ask(self, message: bytes) -> bytes:
        """The body of the answer to a whole request; fails where it is not answered with 200."""
        self.socket.sendall(message)
        return self.answer()

    def answer(self) -> bytes:
        """The body of the answer that comes next."""
        got = self.socket.recv(65_536)
        while b"\r\n\r\n" not in got:
            got += self._more()
        head, _, body = got.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += self._more()
        if b" 200 " not in head[:20]:
            raise RuntimeError((head + body)[:1_000].decode())
        return body

    def close(self) -> None:
        """No more of it."""
        self.socket.close()

    def _more(self) -> bytes:
        got = self.socket.recv(65_536)
        if not got:
            raise RuntimeError("the service closed the connection")
        return got


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def serving(
    command: Sequence[str], port: int, ready: str, environment: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """A command that serves on a port, from when a GET of a path is answered; ended with all it started."""
    as_installed()
    start = time.perf_counter()
    whole = {**os.environ, "OMP_NUM_THREADS": "1", "BAROGRAPH_TOKEN": TOKEN, **(environment or {})}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env=whole, start_new_session=True, **quiet)
    try:
        while not _answers(port, ready):
            if process.poll() is not None or time.perf_counter() - start > PATIENCE:
                raise RuntimeError(f"{command[0]} does not serve")
            time.sleep(0.01)
        yield Process(process.pid, port, time.perf_counter() - start)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(port: int, path: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port)) as one:
            one.sendall(f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
            return one.recv(64).split(b" ")[1] in (b"200", b"404", b"405")
    except OSError:
        return False


def rate(connections: Sequence[Connection], message: bytes, seconds: float) -> float:
    """Answers a second on several connections at once, each asked again as soon as it has answered."""
    with selectors.DefaultSelector() as waiting:
        for one in connections:
            waiting.register(one.socket, selectors.EVENT_READ, one)
            one.socket.sendall(message)
        start, count = time.perf_counter(), 0
        while time.perf_counter() - start < seconds:
            for key, _ in waiting.select():
                key.data.answer()
                key.data.socket.sendall(message)
                count += 1
        taken = time.perf_counter() - start
        for one in connections:
            one.answer()
    return count / taken
