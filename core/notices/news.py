"""What a worker does with an event: reads what holds now, and writes to those whom it concerns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from core.clock import VIETNAM, Clock, Deadline
from core.errors import Down, PlatformError
from core.message import Address, Channel, Network, Screen
from core.notices.notice import Desk, Notice, Policy, Say, Wait, masked
from core.notices.ports import (
    Ledger,
    Noted,
    Reader,
    Readers,
    Speaker,
    Taken,
    about_of,
    key_of,
)
from core.notices.register import NOTICES
from core.outbox.numbers import RELINK, asks_to_link
from core.outbox.outgoing import Outgoing, Purpose
from core.outbox.topics import topics_against
from core.people.check_ins import NobodyAsked, Rounds
from core.platform.ports import Citizen, Platforms
from core.records import Waiting
from core.text import Text, _

_log = structlog.get_logger("news")

LINK_AGAIN = _(
    "We have not heard from this number for long. If you used our health service, text LK to say "
    "who you are, and you will get our messages again."
)
"""Says nothing about anybody: who reads it may have got the number since."""

FIRST_PAUSE = 5.0
LONGEST_PAUSE = 600.0
LAG = timedelta(seconds=60)
"""So long a platform's search may be behind what it tells."""

GIVE_UP = 1000
"""Attempts; with the longest pause that is about a week."""


@dataclass(frozen=True, slots=True)
class _Audience:
    citizen: Citizen
    readers: tuple[Reader, ...]


@dataclass(frozen=True, slots=True)
class News:
    """Handles events; `voices` are by the network of the address that is written to.

    `patience` is how many seconds the platforms have for one event.
    """

    ledger: Ledger
    readers: Readers
    platforms: Platforms
    voices: Mapping[Network, Speaker]
    revoke: Callable[[str], int]
    clock: Clock
    patience: float = 10.0
    policy: Policy = field(default_factory=Policy)
    rounds: Rounds = field(default_factory=NobodyAsked)
    tick: Callable[[float], Deadline] = Deadline.after
    notices: Mapping[str, Notice] = field(
        default_factory=lambda: {notice.kind: notice for notice in NOTICES}
    )

    def hear(self, waiting: Waiting) -> Sequence[Outgoing]:
        """Handles an event from the inbox. Its letters are committed with the event, not here.

        So an event is never told twice, even if the inbox hands it out again.
        """
        taken = self.ledger.claim(waiting.body["kind"], waiting.body["id"])
        if taken is not None:
            self._handle(taken)
        return ()

    def catch_up(self, limit: int = 50) -> int:
        """Handles what was put off, or left by a worker that died; how many there were."""
        due = self.ledger.due(limit)
        for taken in due:
            try:
                self._handle(taken)
            except Exception as error:  # noqa: BLE001  (one event must not hold up the others)
                _log.warning("event_failed", thing=taken.name, error=type(error).__name__)
        return len(due)

    def _handle(self, taken: Taken) -> None:
        try:
            self._tell(taken)
        except PlatformError as error:
            if error.retry and taken.attempts < GIVE_UP:
                self._put_off(taken, (error.after if isinstance(error, Down) else None) or 0.0)
                return
            _log.warning("event_dropped", thing=taken.name, error=type(error).__name__)
            self.ledger.settle(taken, (), None)
        except Exception:
            # Whatever it is, the pause must grow: left to its lease it would come back for ever.
            self._put_off(taken, 0.0)
            raise

    def _put_off(self, taken: Taken, least: float) -> None:
        pause = min(LONGEST_PAUSE, max(least, FIRST_PAUSE * 2 ** min(taken.attempts, 10)))
        self.ledger.later(taken, self.clock() + timedelta(seconds=pause), counted=True)

    def _tell(self, taken: Taken) -> None:
        deadline = self.tick(self.patience)
        audience = self._audience(taken, deadline)
        citizen = None if audience is None else audience.citizen
        desk = Desk(
            self.platforms,
            deadline,
            self.clock(),
            self.revoke,
            self.policy,
            citizen,
            self.rounds,
            told=bool(taken.told),
        )
        if audience is not None and not audience.readers:
            # Most events are about people whom we do not know: nothing more is asked about them.
            self.ledger.settle(taken, (), None)
            return
        found = self.notices[taken.event.kind].look(taken.event, desk)
        if isinstance(found, Wait):
            if found.over:
                self._take_back(taken)
            self.ledger.later(taken, found.until, counted=False)
            return
        if found is None or audience is None:
            self._take_back(taken)
            self.ledger.settle(taken, (), None, again=self._once_more(taken))
            return
        if found.then is not None:
            self.ledger.take(found.then)
        known = self.ledger.already(taken, found.said)
        letters = () if known else self._letters(taken, found, audience)
        telling = [letter for letter in letters if not asks_to_link(letter.key)]
        said = found.said if telling else None
        noted = _noted(found, telling)
        again = found.again_at or (None if letters else self._once_more(taken))
        self.ledger.settle(taken, letters, said, again=again, noted=noted)
        _log.info("event_handled", kind=taken.event.kind, thing=taken.name, letters=len(letters))

    def _once_more(self, taken: Taken) -> datetime | None:
        """When to look again for what has just changed and is not to be seen yet; None: never."""
        at = taken.event.at
        if at is None or taken.event.version is None or at + LAG <= self.clock():
            return None
        return at + LAG

    def _take_back(self, taken: Taken) -> None:
        """There is nothing to tell any more: what waits for the morning is not sent, either."""
        stopped = self.ledger.withdraw(taken) if taken.told else 0
        if stopped:
            _log.info("letters_withdrawn", kind=taken.event.kind, thing=taken.name, letters=stopped)

    def _audience(self, taken: Taken, deadline: Deadline) -> _Audience | None:
        """Those whom it concerns; None when the event is about nobody in particular."""
        about = taken.event.citizen_id
        if about is None:
            return None
        citizen = self.platforms.citizens.by_id(about, deadline=deadline)
        told = taken.told.keys() if self.notices[taken.event.kind].corrects else ()
        readers = self.readers.find(
            citizen.id, phones=citizen.phones, carers=citizen.carers, told=told
        )
        return _Audience(citizen, readers)

    def _letters(self, taken: Taken, say: Say, audience: _Audience) -> tuple[Outgoing, ...]:
        if say.citizen_id != audience.citizen.id:
            _log.warning("event_about_somebody_else", kind=taken.event.kind, thing=taken.name)
            return ()
        name = audience.citizen.name
        written = (self._letter(taken, say, reader, name) for reader in audience.readers)
        return tuple(letter for letter in written if letter is not None)

    def _letter(self, taken: Taken, say: Say, reader: Reader, name: str) -> Outgoing | None:
        words = _words(say, reader, told=reader.person_id in taken.told)
        address = self._where(reader, taken.told.get(reader.person_id))
        if words is None or address is None or reader.refuses & {*topics_against(say.purpose)}:
            return None
        if address in reader.doubted:
            return self._link_again(reader, address)
        voice = self.voices[address.network]
        asked = say.question if voice.channel is Channel.CHAT else None
        screen = Screen(words.with_(name=masked(name)), options=asked.options if asked else ())
        page = voice.pages(screen, language=reader.language, accents=reader.accents)[0]
        page = replace(page, name=asked.name) if asked else page
        return Outgoing(
            key=key_of(taken, taken.times + 1, reader.person_id),
            address=address,
            channel=voice.channel,
            page=page,
            purpose=say.purpose,
            person_id=reader.person_id,
            not_before=say.not_before,
            useless_after=say.useless_after,
            # What still waits is not sent after what put it right.
            about=about_of(taken, reader.person_id),
        )

    def _link_again(self, reader: Reader, address: Address) -> Outgoing:
        """Instead of the news, to a number that may be somebody else's: at most one a month."""
        voice = self.voices[address.network]
        page = voice.pages(Screen(LINK_AGAIN), language=reader.language, accents=reader.accents)[0]
        month = self.clock().astimezone(VIETNAM).strftime("%Y-%m")
        return Outgoing(
            key=f"{RELINK}{reader.person_id}:{month}",
            address=address,
            channel=voice.channel,
            page=page,
            purpose=Purpose.REMINDER,
            person_id=reader.person_id,
        )

    def _where(self, reader: Reader, before: Network | None) -> Address | None:
        """Where the first one went; else a chat if they have one, else a text."""
        open_to = [one for one in reader.addresses if one.network in self.voices]
        same = [one for one in open_to if one.network == before]
        chats = [one for one in open_to if one.network != "phone"]
        return next(iter((*same, *chats, *open_to)), None)


def _words(say: Say, reader: Reader, *, told: bool) -> Text | None:
    """What this reader is to read; None: nothing."""
    if reader.lapsed:
        return say.lapsed
    first, again = (reader.discreet and say.discreet) or (say.first, say.again)
    return again if told else first


def _noted(say: Say, letters: Sequence[Outgoing]) -> Noted | None:
    """What is to be written down with these letters."""
    note = say.noted
    people = [letter.person_id for letter in letters if letter.person_id is not None]
    if note is None or not people:
        return None
    return lambda within: note(within, people)
