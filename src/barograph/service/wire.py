"""What a request may hold, decoded and bounded in one pass: anything else never becomes a value.

The types are the limits: values are single (no nesting beyond what is written here), whole numbers fit 64
bits, texts and lists are short enough, and JSON itself knows neither NaN nor infinity.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

MOST = 10_000
"""Records, days or events of one request."""
POSITIONS = 100_000
"""Rows of a book."""
TRIED = 20
"""Changes that one what-if tries, and records whose reasons are worked out."""

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Whole = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Value = Annotated[str, Meta(max_length=4_000)] | Whole | float | bool | None
Row = Annotated[dict[Annotated[str, Meta(max_length=200)], Value], Meta(min_length=1, max_length=2_000)]
Rows = Annotated[list[Row], Meta(max_length=MOST)]
Language = Literal["en", "zh"]


class Message(msgspec.Struct, forbid_unknown_fields=True):
    """A body; a field that it does not know is refused, so that no misspelt one goes unseen."""


class Predict(Message):
    """Records to be scored, or new days of the series to forecast from; none: the newest days known."""

    records: Rows = []
    entities: Annotated[list[Name], Meta(max_length=MOST)] = []
    """Of a forecast, the series wanted; all where there is none."""
    reasons: bool = False
    figures: Annotated[list[Name], Meta(max_length=100)] = []
    """Of a record's figures, those wanted; all where there is none. Few of one record come fastest."""
    frozen: Annotated[list[Name], Meta(max_length=2_000)] = []
    """Columns that an alternative must leave alone."""
    lang: Language = "en"


Events = Annotated[
    dict[
        Annotated[str, Meta(max_length=200)],
        Value | Annotated[list[Row], Meta(min_length=1, max_length=MOST)],
    ],
    Meta(min_length=1, max_length=2_000),
]
"""One event, or `events`: a list of them in the order they came."""


class Outcome(Message):
    """What became known of an event or record: 1 = bad."""

    event_id: Name
    label: Literal[0, 1]
    known_at: Annotated[str, Meta(max_length=40)]
    """An instant with its zone."""


class Outcomes(Message):
    """Labels as they become known."""

    outcomes: Annotated[list[Outcome], Meta(min_length=1, max_length=MOST)]


class WhatIf(Message):
    """A record, and changes of it to be tried one by one."""

    record: Row
    changes: Annotated[list[Row], Meta(min_length=1, max_length=TRIED)]


Points = Annotated[dict[Name, float], Meta(max_length=100)]


class Shock(Message):
    """A scenario of one's own, with the keys of a scenario's YAML file (`collect.scenarios`)."""

    name: Name
    source: Annotated[str, Meta(max_length=400)] = ""
    title: Annotated[str, Meta(max_length=400)] = ""
    shocks: Annotated[dict[Name, float], Meta(max_length=1_000)] = {}
    volatility: float = 1.0
    rates: Annotated[dict[Name, float | Points], Meta(max_length=100)] = {}
    """Basis points: in parallel, or by shape or tenor."""
    currencies: Points = {}
    macro: Points = {}


class Assess(Message):
    """A book, and what might happen to it."""

    book: Annotated[list[Row], Meta(max_length=POSITIONS)] = []
    scenario: Name | Shock | None = None
    """The name of a packaged scenario, or one's own; left out, all packaged ones that move the book."""
    calibration: Name | None = None
    yields: Literal["par", "zero"] = "par"


class Reason(Message):
    """Why a step is taken."""

    why: Annotated[str, Meta(min_length=1, max_length=4_000)]


class Review(Reason):
    """Why a model may answer, and until when."""

    challenger: bool = False
    """Whether it is to answer in the shadow only."""
    months: Annotated[int, Meta(ge=1, le=60)] = 12


class NewModel(Reason):
    """A bundle that somebody wants to answer."""

    bundle: Annotated[str, Meta(min_length=1, max_length=1_000)]
    """Its folder, below one of those that the service may read (`--bundles-in`)."""


class Assign(Message):
    """Who is to see to an alert."""

    to: Name


class Comment(Message):
    """Something to be said about an alert."""

    words: Annotated[str, Meta(min_length=1, max_length=4_000)]


class Close(Message):
    """What an alert turned out to be."""

    disposition: Literal["fraud", "false_alarm", "fixed", "accepted", "expired"]
    words: Annotated[str, Meta(max_length=4_000)] = ""


class NewLimit(Message):
    """A limit on a figure."""

    study: Name
    figure: Name
    """As answers name it: var_99; of a book value_at_risk_99; of events score."""
    owner: Name
    why: Annotated[str, Meta(min_length=1, max_length=4_000)]
    soft: float | None = None
    hard: float | None = None
    entity: Annotated[str, Meta(max_length=200)] = ""
    """One entity; empty for every one."""
    below: bool = False
    days: Annotated[int, Meta(ge=1, le=1_826)] = 365


class NewReceiver(Message):
    """Somebody who is told of alerts."""

    address: Annotated[str, Meta(min_length=1, max_length=1_000)]
    """https://HOST/PATH, http://HOST/PATH or mailto:NAME@HOST."""
    study: Annotated[str, Meta(max_length=200)] = ""
    """Of one study; empty for all."""


class NewUser(Message):
    """Somebody who may come in."""

    name: Name
    role: Name
    password: Annotated[str, Meta(max_length=1_000)] = ""
    """For the dashboard; empty where tokens are enough."""


class NewRole(Message):
    """Another role for a user."""

    role: Name


class NewPassword(Message):
    """A password for a user."""

    password: Annotated[str, Meta(max_length=1_000)]


class OwnPassword(NewPassword):
    """Another password for oneself, who knows the present one."""

    present: Annotated[str, Meta(max_length=1_000)]


class NewFinding(Message):
    """Something found wanting in a model."""

    severity: Literal["low", "medium", "high", "critical"]
    what: Annotated[str, Meta(min_length=1, max_length=4_000)]
    owner: Name
    """Who sees to it."""
    due: dt.date


class NewToken(Message):
    """A token to be made."""

    owner: Name
    role: Annotated[str, Meta(max_length=40)] = ""
    """One that allows no more than the owner's own; empty for that."""
    label: Annotated[str, Meta(max_length=200)] = ""
    days: Annotated[int, Meta(ge=1, le=730)] = 90


Kind = TypeVar("Kind")

_ENCODER = msgspec.json.Encoder()
_PLAIN = msgspec.json.Decoder()
_HOLDERS = (dict, list)
_BLANK = re.compile(rb'"[ \t\r\n]+:')
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"([ \t\r\n]*+:)?', re.DOTALL)
"""A text of JSON; one that a colon follows is a key."""


def decoder(kind: type[Kind] | Any) -> msgspec.json.Decoder[Kind]:
    """What reads bodies of a kind."""
    return msgspec.json.Decoder(kind)


def has_key_twice(content: bytes, found: Any) -> bool:
    """Whether an object of a body that was decoded names a key twice, which decoders answer in several ways.

    Then the body has more keys than what was made of it, `found`. Where no text looks like a key and no
    blank stands between a key and its colon, counting two bytes is enough; and where the body has no more
    keys than were surely needed to make what was found, it need not be decoded again.
    """
    blank = _BLANK.search(content) is not None
    if not blank and content.count(b'":') == _needed(found):
        return False
    kept = _keys(_PLAIN.decode(content))
    if not blank and content.count(b'":') == kept:
        return False
    return sum(1 for one in _TEXT.finditer(content) if one[1] is not None) > kept


def _needed(found: Any) -> int:
    """Keys that a body of which this was made has at least: a field that is as by default needs none."""
    if not isinstance(found, Message):
        return _keys(found)
    count = 0
    for name, usual in _defaults(type(found)):
        value = getattr(found, name)
        if value != usual:
            count += 1 + (_needed(value) if isinstance(value, Message) else _keys(value))
    return count


@functools.cache
def _defaults(kind: type[Message]) -> list[tuple[str, Any]]:
    """The fields of a body and what each is where it is left out; msgspec's own mark where it must not be."""
    fields = msgspec.structs.fields(kind)
    made = [
        one.default if one.default_factory is msgspec.NODEFAULT else one.default_factory() for one in fields
    ]
    return [(one.name, usual) for one, usual in zip(fields, made, strict=True)]


def _keys(value: Any) -> int:
    """Keys of all objects in a value."""
    if type(value) is dict:
        return len(value) + sum(_keys(one) for one in value.values() if type(one) in _HOLDERS)
    return sum(_keys(one) for one in value if type(one) in _HOLDERS) if type(value) is list else 0


def encode(value: Any) -> bytes:
    """A value as JSON; figures that are not finite become null."""
    return _ENCODER.encode(value)
