"""The API's description, OpenAPI 3.1, made from the operations and the types of their bodies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from barograph.core.version import VERSION
from barograph.service.operation import Operation
from barograph.service.problems import MEDIA
from barograph.service.wire import MOST

PROBLEMS = {
    "400": "The body is no JSON.",
    "401": "No token that holds.",
    "403": "The token's role does not allow it.",
    "404": "No such study, entity or scenario.",
    "408": "The request did not come whole in time.",
    "409": "The study does not answer such a question, or what stands already says otherwise.",
    "413": "The body is too large.",
    "415": "The body is not application/json.",
    "422": "The input is not usable: what must hold, what came, what to do.",
    "429": "Too many requests of this token.",
    "431": "The request's line and headers are too large.",
    "503": "Something is away or busy for the moment; Retry-After says when to come again.",
}


NAMES = {
    "study": "A study's name, slash included: market/volatility.",
    "model": "A model's id, or the beginning of it.",
    "at": "An instant with its zone: 2027-03-03T14:05:00+00:00.",
    "user": "A user's name.",
    "finding": "A finding's id.",
    "token": "A token's id.",
    "alert": "An alert's id.",
    "limit": "A limit's id.",
    "receiver": "A receiver's id.",
    "entity": "An entity, as answers name it.",
}
"""What stands in paths."""

STREAM = {
    "text/event-stream": {
        "schema": {"type": "string"},
        "example": 'event: alert\nid: 5d1c-7\ndata: {"what":"opened","study":"operational/fraud"}',
    }
}
RESUMED = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "description": "The id of the last event received: what came since is told, or to read the state anew.",
    "schema": {"type": "string"},
}
NEXT = "It is told a page at a time: ask again with what it calls next as after, until next is null."


def described(operations: Sequence[Operation]) -> dict[str, Any]:
    """The whole description, JSON-ready."""
    bodies = [one.body for one in operations if one.body is not None]
    schemas, components = msgspec.json.schema_components(bodies, ref_template="#/components/schemas/{name}")
    found = iter(schemas)
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        schema = None if one.body is None else next(found)
        paths.setdefault(one.path.replace(":path", ""), {})[one.method.lower()] = _operation(one, schema)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Barograph",
            "version": VERSION,
            "description": f"Answers of the models in service. At most {MOST:,} records in a request.",
        },
        "paths": paths,
        "components": {
            "schemas": {**components, "Problem": _problem()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _operation(one: Operation, schema: dict[str, Any] | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "summary": one.summary,
        "description": f"Needs the permission {one.permission}.{' ' + NEXT if one.paged else ''}",
        "operationId": one.work.__name__,
        "responses": {
            "200": {
                "description": "The answer.",
                "content": STREAM if one.listens else {"application/json": {"schema": {"type": "object"}}},
            },
            **{
                status: {
                    "description": words,
                    "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
                for status, words in PROBLEMS.items()
            },
        },
    }
    told["parameters"] = (
        [RESUMED]
        if one.listens
        else [
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": NAMES[name],
                "schema": {"type": "string"},
            }
            for name in re.findall(r"\{(\w+)", one.path)
        ]
        + (_paging(one.paged) if one.paged else [])
    )
    if schema is not None:
        examples = {name: {"value": value} for name, value in (one.examples or {}).items()}
        content = {"application/json": {"schema": schema, "examples": examples}}
        told["requestBody"] = {"required": not one.optional, "content": content}
    return told


def _paging(most: int) -> list[dict[str, Any]]:
    return [
        {
            "name": "after",
            "in": "query",
            "required": False,
            "description": "What the page before called next; left out for the first page.",
            "schema": {"type": "string"},
        },
        {
            "name": "limit",
            "in": "query",
            "required": False,
            "description": "Rows of the page, at most.",
            "schema": {"type": "integer", "minimum": 1, "maximum": most, "default": most},
        },
    ]


def _problem() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "RFC 9457.",
        "properties": {
            "type": text, "title": text, "status": {"type": "integer"}, "detail": text, "instance": text,
        },
        "required": ["type", "title", "status", "detail"],
    }  # fmt: skip
