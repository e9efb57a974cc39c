"""An operation is performed, and what must be written down is, before anybody hears of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from barograph.service.operation import Operation
from barograph.service.service import Service
from barograph.service.trace import Trace


async def performed(
    service: Service, operation: Operation, given: Sequence[Any], *, trace: Trace, content: bytes
) -> Any:
    """The answer to an operation that somebody may perform; `content` is the body as it was sent.

    The API and the dashboard both come through here: whatever is done by a form is a line of the audit log
    like what is done by a request.
    """
    assert trace.caller is not None
    answer = await operation.work(service, *given)
    trace.mark("model")
    if service.recorder is not None and operation.kind:
        await service.recorder.write(
            operation.kind, answer, actor=trace.caller.name, request=trace.id, content=content
        )
        trace.mark("audit")
    return answer
