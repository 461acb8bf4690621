"""Messages for the tests of the outbox."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.message import Address, Channel, Page
from core.outbox.outgoing import Outgoing, Purpose
from core.outbox.ports import Begin, Claimed, Done, Sent, Verdict
from core.store.database import Database
from core.store.outbox import Outbox

MAI = Address("phone", "+84912345678")
LAN = Address("phone", "+84987654321")


def message(key: str, to: Address = MAI, **more: Any) -> Outgoing:
    """A text to somebody."""
    plain = Outgoing(key, to, Channel.SMS, Page(f"Tin {key}"), Purpose.RESULT)
    return replace(plain, **more)


def put(database: Database, outbox: Outbox, *messages: Outgoing) -> list[bool]:
    """Puts them in, each in a transaction of its own."""
    fresh = []
    for one in messages:
        with database.begin() as connection:
            fresh.append(outbox.put(connection, one))
    return fresh


def sent(
    outbox: Outbox, claimed: Claimed, provider: str = "twilio", ref: str | None = None
) -> None:
    """The provider was given it, unless it had been before, and took it as one segment."""
    outbox.write([Begin(claimed, 1, provider)])
    outbox.write([Done(claimed, provider, Sent(ref, 1))])


def begins(outbox: Outbox, claimed: Claimed, provider: str = "twilio", **more: Any) -> Verdict:
    """The provider is about to be given it; may it go?"""
    (verdict,) = outbox.write([Begin(claimed, 1, provider, **more)])
    return verdict
