"""A worker that writes to its journal until it is killed; what it was acknowledged, it says on stdout."""

from __future__ import annotations

import os
import sys
import threading

from barograph.govern.audit.journal import Journal


def work(journal: Journal, name: str) -> None:
    number = 0
    while True:
        number += 1
        kind = "event" if number % 50 == 0 else "prediction"
        output = {"thread": name, "number": number, "text": "x" * (number % 700)}
        sequence = journal.write(kind, actor="robot", output=output)
        os.write(1, f"{sequence} {name} {number}\n".encode())


if __name__ == "__main__":
    opened = Journal(sys.argv[1], "worker", part_bytes=20_000)
    for name in ("a", "b", "c"):
        threading.Thread(target=work, args=(opened, name), daemon=True).start()
    threading.Event().wait()
