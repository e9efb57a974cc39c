"""Who is told: receivers over HTTP, and alerts that reach a webhook and a mailbox through a service."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from barograph.api import models, people
from barograph.govern.limits import Reading
from barograph.govern.messages import SIGNATURE, MailServer, Senders, signature_holds
from barograph.govern.tables import outbox
from barograph.service.operations import OPERATIONS
from patience import PATIENCE, until
from receivers_here import Received, mail, web
from small_governed import Governed
from small_governed import governed as governing_service
from small_service import MARKET, bundles, started

LIMIT = {"study": "market/volatility", "figure": "var_99", "hard": 1e-6, "owner": "ada", "why": "appetite"}


@pytest.fixture
def mailbox() -> Iterator[Received]:
    with mail() as received:
        yield received


@pytest.fixture
def governed(tmp_path: Path, mailbox: Received) -> Iterator[Governed]:
    server = MailServer("127.0.0.1", "barograph@bank.example", port=mailbox.port)
    with governing_service(tmp_path, senders=Senders(server), every=0.02) as one:
        yield one


def breached(governed: Governed) -> None:
    """A limit is set, and a figure lies beyond it."""
    governed.post("approver", "/v1/limits", LIMIT)

    async def seen() -> None:
        governed.service.see([Reading("market/volatility", "var_99", 0.02, "ko")])

    governed.client.run(seen())


def test_a_message_that_was_given_up_is_counted(governed: Governed) -> None:
    database = governed.service.database
    assert database is not None
    with web() as received:
        received.answers = [500] * 10_000
        made = governed.post("admin", "/v1/receivers", {"address": received.address})
        breached(governed)
        path = f"/v1/receivers/{made['id']}/messages"
        until(lambda: [one["error"] for one in governed.get("admin", path)["messages"] if one["error"]])
        assert "barograph_given_up_total 0" in governed.service.measured()
        now = database.clock()
        old = sa.update(outbox).values(tries=9, created_at=now - dt.timedelta(days=4), due_at=now)
        database.write(lambda connection: connection.execute(old))
        until(lambda: "barograph_given_up_total 1" in governed.service.measured())


def test_an_alert_reaches_webhook_and_mailbox(governed: Governed, mailbox: Received) -> None:
    with web() as received:
        made = governed.post("admin", "/v1/receivers", {"address": received.address})
        governed.post("admin", "/v1/receivers", {"address": "mailto:risk@bank.example"})
        breached(governed)
        until(lambda: received.requests and mailbox.mails)
        ((headers, body),) = received.requests
        assert signature_holds(made["secret"], body, headers[SIGNATURE], now=time.time())
        told = json.loads(body)
        assert (told["what"], told["entity"], told["severity"]) == ("alert.opened", "ko", "hard")
        assert "Subject: Barograph: hard alert, market/volatility, var_99" in mailbox.mails[0]
        path = f"/v1/receivers/{made['id']}/messages"
        until(lambda: governed.get("admin", path)["messages"][0]["sent_at"])
        (message,) = governed.get("admin", path)["messages"]
        assert (message["body"], message["tries"], message["error"]) == (told, 1, None)


def test_a_secret_is_shown_once_and_stands_in_no_list_and_no_log(governed: Governed) -> None:
    made = governed.post("admin", "/v1/receivers", {"address": "https://hooks.bank.example/x"})
    assert made["secret"] not in json.dumps(governed.get("admin", "/v1/receivers"))
    for journal in (governed.folder / "audit").glob("*.journal"):
        assert made["secret"] not in journal.read_text()
    assert made["id"] in governed.audited()


def test_a_receiver_is_tried_and_ended(governed: Governed) -> None:
    with web() as received:
        made = governed.post("admin", "/v1/receivers", {"address": received.address})["id"]
        message = governed.post("admin", f"/v1/receivers/{made}/test", None)["message"]
        until(lambda: received.requests)
        ((headers, body),) = received.requests
        assert headers["Barograph-Message"] == message
        assert json.loads(body) == {"what": "test", "owner": "admin"}
        assert governed.delete("admin", f"/v1/receivers/{made}") == {"ended": made}
        governed.delete("admin", f"/v1/receivers/{made}", 409)
        governed.post("admin", f"/v1/receivers/{made}/test", None, 409)
        breached(governed)
        assert governed.get("admin", "/v1/receivers")["receivers"] == []
        assert len(received.requests) == 1


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "gopher://x/",
        "ftp://x/y",
        "http://user:pass@x/",
        "//x/y",
        "x",
        "mailto:a@b\r\nBcc: c@d",
    ],
)
def test_an_address_that_is_neither_web_nor_mail_is_refused(governed: Governed, address: str) -> None:
    told = governed.post("admin", "/v1/receivers", {"address": address}, 422)
    assert "https://HOST/PATH" in told["detail"]


def test_a_webhook_that_points_elsewhere_is_not_followed(governed: Governed) -> None:
    """A redirect could lead from an address that was allowed to one inside."""
    with web() as inside, web() as received:
        received.answers, received.location = [302], inside.address
        made = governed.post("admin", "/v1/receivers", {"address": received.address})["id"]
        governed.post("admin", f"/v1/receivers/{made}/test", None)
        until(lambda: governed.get("admin", "/v1/receivers")["receivers"][0]["error"] == "HTTP 302")
        assert inside.requests == []


def test_only_an_admin_says_who_is_told(governed: Governed) -> None:
    mine = [one for one in OPERATIONS if one.path.startswith("/v1/receivers")]
    assert {one.permission for one in mine} == {"manage_receivers"}
    for role in ("viewer", "scorer", "developer", "approver"):
        governed.get(role, "/v1/receivers", 403)
        governed.post(role, "/v1/receivers", {"address": "https://x/"}, 403)


def test_a_message_outlives_a_service_that_is_killed(tmp_path: Path) -> None:
    """As people run it: a process with e-mail, killed while the receiver is away, started again."""
    database = f"sqlite:///{tmp_path}/a.db"
    one = models.propose(bundles()["market"], by="dev", why="first", database=database)
    models.approve(one.id, by="boss", why="read", database=database)
    people.add_user("ada", "admin", database=database)
    headers = {"authorization": f"Bearer {people.make_token('ada', database=database)}"}
    places = ["--database", database, "--audit", str(tmp_path / "audit"), "--state", str(tmp_path / "state")]
    with web() as received, mail() as mailbox:
        received.answers = [503] * 1_000
        places += ["--mail", f"smtp://127.0.0.1:{mailbox.port}", "--mail-from", "barograph@bank.example"]
        with (
            started(*places) as (process, address),
            httpx.Client(base_url=address, headers=headers) as client,
        ):

            def said(path: str, body: Any) -> Any:
                answer = client.post(path, json=body, timeout=PATIENCE)
                assert answer.status_code == 200, answer.text
                return answer.json()

            def noted(one: dict[str, str], what: str) -> bool:
                """Whether the service has written down how it went: killed before that, it would not know."""
                messages = client.get(f"/v1/receivers/{one['id']}/messages", timeout=PATIENCE).json()[
                    "messages"
                ]
                return any(one[what] for one in messages)

            made = said("/v1/receivers", {"address": received.address})
            mailed = said(
                "/v1/receivers", {"address": "mailto:risk@bank.example", "study": "market/volatility"}
            )
            said("/v1/limits", {**LIMIT, "entity": "alpha"})
            said(f"{MARKET}/predict", {})
            until(lambda: noted(mailed, "sent_at"), "the mail is sent")
            until(lambda: noted(made, "error"), "the webhook was away")
            process.send_signal(signal.SIGKILL)
            process.wait()
        received.answers.clear()
        known = len(received.requests)
        with started(*places):
            until(lambda: len(received.requests) > known)
        ids = {headers["Barograph-Message"] for headers, _ in received.requests}
        assert len(ids) == 1
        assert signature_holds(
            made["secret"], received.requests[-1][1], received.requests[-1][0][SIGNATURE], now=time.time()
        )
        assert len(mailbox.mails) == 1
        assert os.environ.get("BAROGRAPH_MAIL") is None
