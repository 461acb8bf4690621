"""What a program asks us to send: checked, put into the reader's language, made into a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal

from core.gsm import segments, unaccent
from core.message import Address, Channel, Page
from core.outbox.outgoing import Lane, Outgoing, Purpose
from core.outbox.templates import TEMPLATES, BadValues
from core.people.phone import BadPhone, Msisdn, is_mobile, read_phone
from core.text import DEFAULT_LANGUAGE, LANGUAGES, Text, plain

MOST_SEGMENTS: Final = 6
"""Of one text; a longer one is a mistake, and dear."""

FARTHEST: Final = timedelta(days=366)
"""A message for later than this is a mistake in a date."""

LANES: Final[Mapping[Purpose, Lane]] = MappingProxyType(
    {
        Purpose.RESULT: Lane.NORMAL,
        Purpose.REMINDER: Lane.NORMAL,
        Purpose.TICKET: Lane.NORMAL,
        Purpose.CAMPAIGN: Lane.BULK,
    }
)
"""The purposes that programs may write for, and who goes first. Answers and codes are ours alone."""

Reason = Literal[
    "bad-number",
    "cannot-be-texted",
    "text-or-template",
    "unreadable-text",
    "too-long",
    "unknown-template",
    "bad-values",
    "unknown-language",
    "purpose",
    "never-useful",
    "too-far",
    "same-key-twice",
]


class Refused(ValueError):
    """This message cannot be sent; `names` are values that are wrong. Says nothing of what is in it."""

    def __init__(self, reason: Reason, names: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.names = names


@dataclass(frozen=True, slots=True)
class Asked:
    """One message as a program asks for it: `text`, or `template` with its `values`."""

    to: str = field(repr=False)
    purpose: str
    text: str | None = field(default=None, repr=False)
    template: str | None = None
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    language: str | None = None
    accents: bool | None = None
    not_before: datetime | None = None
    useless_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One that can be sent. `language` and `accents` are None where the reader's own wish decides."""

    to: Msisdn
    said: Text
    purpose: Purpose
    language: str | None
    accents: bool | None
    not_before: datetime | None
    useless_after: datetime | None


class AnotherBody(ValueError):
    """This idempotency key came before, with another request."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The ids of a request's messages, in its order. Not `fresh`: we had that message before."""

    ids: tuple[str, ...]
    fresh: tuple[bool, ...]
    again: bool = False
    """The whole request came before."""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who has been in touch with us before."""

    person_id: str
    language: str
    accents: bool | None


def check(asked: Asked, now: datetime) -> Order:
    """The order. Raises Refused."""
    if asked.purpose not in LANES:
        raise Refused("purpose")
    if asked.language is not None and asked.language not in LANGUAGES:
        raise Refused("unknown-language")
    begin = max(asked.not_before or now, now)
    if max(begin, asked.useless_after or begin) > now + FARTHEST:
        raise Refused("too-far")
    if asked.useless_after is not None and asked.useless_after <= begin:
        raise Refused("never-useful")
    said = _said(asked)
    # As dear as it can become: with Vietnamese letters, in the longer of the languages.
    for language in LANGUAGES if asked.language is None else (asked.language,):
        if len(segments(said.to(language))) > MOST_SEGMENTS:
            raise Refused("too-long")
    return Order(
        to=_number(asked.to),
        said=said,
        purpose=Purpose(asked.purpose),
        language=asked.language,
        accents=asked.accents,
        not_before=begin if begin > now else None,
        useless_after=asked.useless_after,
    )


def message(
    order: Order, known: Known | None, *, key: str, owner: str, test: bool = False
) -> Outgoing:
    """The message, in the reader's language; without Vietnamese letters unless somebody wants them."""
    language = order.language or (known.language if known else DEFAULT_LANGUAGE)
    accents = order.accents if order.accents is not None else bool(known and known.accents)
    text = order.said.to(language)
    return Outgoing(
        key,
        Address("phone", order.to),
        Channel.SMS,
        Page(text if accents else unaccent(text)),
        order.purpose,
        LANES[order.purpose],
        person_id=known.person_id if known else None,
        not_before=order.not_before,
        useless_after=order.useless_after,
        owner=owner,
        test=test,
    )


def _number(written: str) -> Msisdn:
    try:
        number = read_phone(written)
    except BadPhone:
        raise Refused("bad-number") from None
    if not is_mobile(number):
        raise Refused("cannot-be-texted")
    return number


def _said(asked: Asked) -> Text:
    match asked.text, asked.template:
        case str() as text, None if not asked.values:
            if not text.strip() or not _readable(text):
                raise Refused("unreadable-text")
            return plain(text)
        case None, str() as name:
            template = TEMPLATES.get(name)
            if template is None:
                raise Refused("unknown-template")
            if not all(map(_readable, asked.values.values())):
                raise Refused("unreadable-text")
            try:
                return template.filled(asked.values)
            except BadValues as wrong:
                raise Refused("bad-values", wrong.names) from None
    raise Refused("text-or-template")


def _readable(text: str) -> bool:
    """No half characters, and no control characters but line ends."""
    return all(
        (one >= " " and not "\ud800" <= one <= "\udfff" and one != "\x7f") or one in "\n\r"
        for one in text
    )
