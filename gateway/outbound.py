"""How this house sends: its senders, routes, manners and doors, as the settings say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import structlog

from core.clock import now
from core.gsm import segments, unaccent
from core.message import Channel
from core.outbox.conduct import Conduct
from core.outbox.doors import Doors
from core.outbox.outgoing import Outgoing, Purpose
from core.outbox.ports import Sender
from core.outbox.pushing import as_text
from core.outbox.routes import Routes
from core.store.budget import RedisBudget
from core.store.doors import RedisDoorkeeper
from core.store.readers import StoredReaders
from core.store.subscribers import Subscribers
from gateway.settings_outbox import purposes
from gateway.wiring import House
from web.webhooks import Teller

MOST_SEGMENTS: Final = 3
"""A chat message that would be longer as a text stays where it is."""

_log = structlog.get_logger("outbox")


def conduct(house: House, senders: tuple[Sender, ...]) -> Conduct:
    """How messages are sent. Tells of routes that name nobody who is set up."""
    settings = house.settings
    routes = Routes.read(settings.routes)
    for provider in sorted(routes.providers - {sender.provider for sender in senders}):
        _log.warning("route_names_nobody", provider=provider)
    return Conduct(
        routes=routes,
        manners=house.manners,
        doors=Doors(now, RedisDoorkeeper(house.redis), budget=settings.error_budget),
        budgets={
            provider: RedisBudget(house.redis, provider, rate)
            for provider, rate in settings.provider_rates.items()
        },
        opted_out=_opted_out(house),
        number_gone=lambda outgoing: house.people.doubt(outgoing.id),
        other_way=_other_way(house),
        settle=settings.settle,
    )


def teller(house: House) -> Teller:
    """Tells other systems what became of their messages."""
    settings = house.settings
    asked = settings.webhook_internal
    return Teller(
        Subscribers(house.database, house.vault, now),
        now,
        internal=settings.in_development if asked is None else asked,
    )


def _other_way(house: House) -> Callable[[Outgoing], Outgoing | None]:
    from_chat = ChatToText(house.readers, purposes(house.settings.chat_to_sms))
    return lambda outgoing: as_text(outgoing) or from_chat(outgoing)


def _opted_out(house: House) -> Callable[[Outgoing], None]:
    def opted_out(outgoing: Outgoing) -> None:
        """A person refused us at the provider: that holds here too."""
        if outgoing.address.network == "phone":
            house.people.refuse_at(outgoing.address, "provider")
        else:
            house.people.block(outgoing.address)

    return opted_out


class ChatToText:
    """A chat message as a text to the same person's own phone; None where that cannot be."""

    def __init__(self, readers: StoredReaders, allowed: frozenset[Purpose]) -> None:
        self._readers = readers
        self._allowed = allowed

    def __call__(self, outgoing: Outgoing) -> Outgoing | None:
        page, person = outgoing.page, outgoing.person_id
        # The words of a check-in say what to reply, so that it needs no keys.
        keys = page.buttons and outgoing.purpose is not Purpose.CHECKIN
        short_enough = page.text and page.qr is None and not keys
        if outgoing.channel is not Channel.CHAT or person is None or not short_enough:
            return None
        if outgoing.purpose not in self._allowed:
            return None
        reader = self._readers.one(person)
        if reader is None:
            return None
        phone = next((one for one in reader.addresses if one.network == "phone"), None)
        if phone is None:
            return None
        text = page.text if reader.accents is True else unaccent(page.text)
        if len(segments(text)) > MOST_SEGMENTS:
            return None
        return replace(
            outgoing,
            address=phone,
            channel=Channel.SMS,
            page=replace(page, text=text, buttons=(), name=""),
        )
