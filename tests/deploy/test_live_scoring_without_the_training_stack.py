"""The torch rule, lived: events are scored live, kept and gone on with where no training library exists."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from bare_machine import told_by

from barograph.engines.scoring.answer import load
from barograph.engines.scoring.live import LiveScorer
from barograph.engines.scoring.live_events import LiveEvent
from small_events import as_live, bundle, past_and_rest

PROGRAM = """
from barograph.deploy.state import FolderStore
bundle, folder = sys.argv[1:]
events = json.loads(sys.stdin.read())
model = barograph.load(bundle)
scores = [one["score"] for one in model.update_many(events[:20])]
model.learn(events[0]["event_id"], 1, events[19]["time"])
FolderStore(folder).save("fraud", model.snapshot())
again = barograph.load(bundle)
again.restore(FolderStore(folder).load("fraud"))
scores += [again.update(one)["score"] for one in events[20:]]
print(json.dumps({
    "passed": [check["passed"] for check in barograph.verify(bundle)],
    "names": [check["name"] for check in barograph.verify(bundle)],
    "scores": scores,
    "loaded": loaded(),
}))
"""


def test_a_bundle_on_events_scores_live_where_no_training_library_is_installed(tmp_path: Path) -> None:
    events = as_live(past_and_rest()[1])[:40]
    said = told_by(PROGRAM, str(bundle()), str(tmp_path), given=json.dumps([as_plain(one) for one in events]))
    assert said["loaded"] == []
    assert all(said["passed"])
    assert {"live figure, together", "live figure, one by one"} <= set(said["names"])
    scorer = LiveScorer(load(bundle()))
    expected = [scorer.update(one).score for one in events]
    assert said["scores"] == pytest.approx(expected, abs=1e-6)


SERVICE = """
import asyncio
import httpx
from pathlib import Path
from barograph.service.access import OneToken
from barograph.service.app import application
from barograph.service.service import Service
from barograph.service.studies import Served, Studies

async def main():
    service = Service(Studies([Served.open(Path(sys.argv[1]))]), OneToken.of("t"))
    service.open()
    transport = httpx.ASGITransport(app=application(service, log=False))
    headers = {"authorization": "Bearer t"}
    async with httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers) as client:
        answer = await client.post("/v1/studies/operational/fraud/events", content=sys.stdin.read(),
                                   headers={"content-type": "application/json"})
    service.close()
    if answer.status_code != 200:
        raise SystemExit(answer.text)
    print(json.dumps({"scores": [one["score"] for one in answer.json()["answers"]], "loaded": loaded()}))

asyncio.run(main())
"""


def test_the_service_answers_where_no_training_library_is_installed() -> None:
    events = as_live(past_and_rest()[1])[:20]
    known = [
        {key: None if value != value else value for key, value in as_plain(one).items()} for one in events
    ]
    said = told_by(SERVICE, str(bundle()), given=json.dumps({"events": known}))
    assert said["loaded"] == []
    scorer = LiveScorer(load(bundle()))
    assert said["scores"] == pytest.approx([scorer.update(one).score for one in events], abs=1e-6)


def as_plain(event: LiveEvent) -> dict[str, Any]:
    plain = event._asdict()
    columns = plain.pop("columns")
    return {**plain, **columns}
