"""Who carries USSD to us, by the settings: every aggregator, and how we speak through each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.outbox.outgoing import Outgoing
from core.outbox.ports import Sender
from core.outbox.pushing import Pushing, as_it_is
from core.voice import Voice
from gateway import kannel_ussd
from gateway.settings import Settings
from gateway.settings_outbox import purposes
from ussd.aggregators import aggregators
from ussd.aggregators.junebug import Junebug
from ussd.aggregators.mobicents import Mobicents
from ussd.aggregators.port import Aggregator
from ussd.junebug_channel import JunebugChannel
from ussd.mobicents_push import MobicentsPush
from ussd.pages import USUAL_LIMIT, UssdVoice, on_one_page

PAGES: Mapping[str, int] = {"nalo": 120}
"""Septets a page of those who say that theirs are smaller than usual."""


def lines(settings: Settings) -> tuple[Aggregator, ...]:
    """All of them; one without a path secret has no address."""
    token = settings.junebug_token.get_secret_value()
    channel = JunebugChannel(settings.junebug_url, settings.junebug_channel, token=token)
    junebug = Junebug(settings.service_code, token=token, post=channel)
    return (*aggregators(settings.service_code), kannel_ussd.aggregator(settings), junebug)


def voices(settings: Settings) -> Mapping[str, Voice]:
    """How we speak through those whose pages or whose time differ from the usual."""
    differ = PAGES.keys() | settings.ussd_pages.keys() | settings.ussd_patiences.keys()
    spoken: dict[str, Voice] = {
        name: UssdVoice(
            limit=settings.ussd_pages.get(name, PAGES.get(name, USUAL_LIMIT)),
            patience=settings.ussd_patiences.get(name, settings.patience_ussd),
        )
        for name in differ
    }
    return {**spoken, **kannel_ussd.voices(settings)}


def senders(settings: Settings) -> tuple[Sender, ...]:
    """Who can show people what they have not dialled for."""
    kannel = kannel_ussd.sender(settings)
    found: list[Sender] = [kannel] if kannel else []
    if settings.mobicents_push_url:
        limit = settings.ussd_pages.get(Mobicents.name, USUAL_LIMIT)
        found.append(MobicentsPush(settings.mobicents_push_url, limit=limit))
    return tuple(found)


def pushing(settings: Settings) -> Callable[[Outgoing], Outgoing]:
    """Which texts set out as USSD messages; none where no line can show them."""
    limits = [settings.kannel_ussd_limit] if kannel_ussd.sender(settings) else []
    if settings.mobicents_push_url:
        limits.append(settings.ussd_pages.get(Mobicents.name, USUAL_LIMIT))
    wanted = purposes(settings.ussd_push)
    if not limits or not wanted:
        return as_it_is
    smallest = min(limits)
    return Pushing(wanted, lambda text: on_one_page(text, smallest))
