"""What a worker does with a message that came in, whichever network brought it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.around import REMINDER
from core.clock import Deadline
from core.engine import Engine
from core.message import Address, Channel, Inbound, Page, Screen
from core.outbox.outgoing import Lane, Outgoing, Purpose
from core.platform.ports import Condition, Declarations
from core.records import Waiting
from core.store.check_ins import CHECK_IN
from core.store.deferred import Kept
from core.text import DEFAULT_LANGUAGE, _
from core.voice import Voice

PATIENCE = 15.0
"""Seconds a platform has for a report that nobody waits for."""

USELESS_AFTER = timedelta(hours=1)
"""What was left unfinished is offered again for so long (`Patience.resume`)."""

FAILED = _("Sorry, something went wrong here. Please write again in a few minutes.")


@dataclass(frozen=True, slots=True)
class Hearing:
    """Turns what was said into the answer that is to be sent; `voices` are by provider."""

    engine: Engine
    voices: Mapping[str, Voice]
    texting: Voice
    """How we speak when we text somebody who dialled."""
    declarations: Declarations
    """Where people in isolation are reported on."""

    def hear(self, waiting: Waiting) -> Sequence[Outgoing]:
        """One turn; the answer's key is the message's own, so that it is sent once."""
        inbound = Inbound.from_json(waiting.body)
        page = self.engine.turn(inbound, self.voices[inbound.provider])
        return _reply(waiting, inbound, page)

    def sorry(self, waiting: Waiting) -> Sequence[Outgoing]:
        """Tells somebody that what they said could not be handled, whatever was tried."""
        if waiting.provider not in self.voices:
            return ()  # nobody said it: news of a platform
        inbound = Inbound.from_json(waiting.body)
        if inbound.event in ("close", "by-hand"):
            return ()
        # Whatever failed may be what knows the person: it is said without asking anybody.
        voice = self.voices[inbound.provider]
        said = voice.pages(Screen(FAILED), language=DEFAULT_LANGUAGE, accents=None)
        return _reply(waiting, inbound, said[0])

    def finish(self, kept: Kept) -> Sequence[Outgoing]:
        """Finishes a call that outlasted its patience, and texts or writes how it ended.

        A reminder is no call: it ends in one text, or in nothing when there is no need of it.
        """
        if CHECK_IN in kept.call:
            self._report(kept)
            return ()
        voice = self._voice(kept)
        if kept.call["platform"] == REMINDER:
            reminded = self.engine.remind(dict(kept.call), voice)
            return () if reminded is None else (_reminder(kept, voice, *reminded),)
        finished = self.engine.finish(dict(kept.call), voice)
        return () if finished is None else (_last_word(kept, voice, *finished),)

    def give_up(self, kept: Kept) -> Sequence[Outgoing]:
        """Tells that it could not be finished; under the same key, so that nobody hears both."""
        if kept.call["platform"] == REMINDER or CHECK_IN in kept.call:
            return ()
        voice = self._voice(kept)
        return (_last_word(kept, voice, *self.engine.give_up(dict(kept.call), voice)),)

    def _report(self, kept: Kept) -> None:
        """How somebody in isolation feels; they were thanked when they said so."""
        told = kept.call[CHECK_IN]
        condition = Condition(**{**told, "authored": datetime.fromisoformat(told["authored"])})
        self.declarations.report(condition, key=kept.key, deadline=Deadline.after(PATIENCE))

    def _voice(self, kept: Kept) -> Voice:
        dialled = kept.call["channel"] == Channel.USSD
        return self.texting if dialled else self.voices.get(kept.call["provider"], self.texting)


def _reminder(kept: Kept, voice: Voice, address: Address, page: Page) -> Outgoing:
    """It belongs to what they were just doing, so it comes at any hour, like an answer."""
    return Outgoing(
        key=f"unfinished:{kept.key}",
        address=address,
        channel=voice.channel,
        page=page,
        purpose=Purpose.REPLY,
        useless_after=kept.kept_at + USELESS_AFTER,
    )


def _last_word(kept: Kept, voice: Voice, address: Address, page: Page) -> Outgoing:
    return Outgoing(
        key=f"later:{kept.key}",
        address=address,
        channel=voice.channel,
        page=page,
        purpose=Purpose.REPLY,
        lane=Lane.URGENT,
    )


def _reply(waiting: Waiting, inbound: Inbound, page: Page | None) -> Sequence[Outgoing]:
    """The page as the one answer to this message; nothing where nothing is to be said."""
    if page is None or "silent" in inbound.trace:
        return ()
    return (
        Outgoing(
            key=f"reply:{waiting.provider}:{waiting.provider_id}",
            address=inbound.address,
            channel=inbound.channel,
            page=replace(page, trace=inbound.trace),
            purpose=Purpose.REPLY,
            lane=Lane.URGENT,
        ),
    )
