"""One turn: lock, drop repeats, hear, show, save."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from core.around import Around
from core.arriving import ONE_AT_A_TIME, Arriving, Patience
from core.clock import Clock, Deadline, now
from core.dialogue import Call, Tell
from core.endings import in_vain, last_word, reminder
from core.errors import Busy
from core.funnel import count
from core.holding import Holding
from core.listening import DIALLED_AGAIN, Listening, pages_of
from core.message import Address, Channel, Inbound, Page, Screen
from core.people.accounts import Person
from core.robots import Limits, Robots
from core.sent_along import hear_place, hear_scan
from core.session import LEFT, Heard, Held, Session, Sessions, Talk, thread_of
from core.showing import TEXT
from core.text import LANGUAGES, _, lines
from core.turn import Turn
from core.voice import Voice

BACK_AGAIN = _("I answer you again.")
"""After a talk with somebody of ours."""
_log = structlog.get_logger("engine")

NOTED = 3600.0
"""Seconds after which it is written down again that somebody was heard."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What was learnt about an inbound before its session was held.

    `back`: a talk with somebody of ours ended with it; `scanned`: the code in a photo (empty: none);
    `wanted`: what a chat was on the way to before its number was proved.
    """

    back: bool
    scanned: str | None
    wanted: str | None


class Engine:
    """The conversation. Thread-safe: what a turn changes is in the session it holds."""

    def __init__(
        self,
        around: Around,
        sessions: Sessions,
        *,
        clock: Clock = now,
        patience: Patience | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._around = around
        self._sessions = sessions
        self._holding = Holding(sessions, around.people, around.chats)
        self._clock = clock
        patience = patience or Patience()
        self._arriving = Arriving(around, patience, sessions.age)
        self._listening = Listening(around, patience, self._arriving)
        stop = frozenset(word for word, name in around.words.items() if name == "stop")
        self._robots = Robots(around.words, stop, limits or Limits())

    def turn(self, inbound: Inbound, voice: Voice) -> Page | None:
        """Hears one inbound and gives the page to show, or None when there is nothing to say.

        The page is saved before it is returned; the same inbound again gets the same page. Raises
        Busy when another turn of this person does not end in time.
        """
        if inbound.event == "close":
            self._hung_up(inbound)
            return None
        if inbound.event == "forget":
            self._holding.forget(inbound.address)
            return None
        whose = self._around.talks.hear(inbound)
        if whose == "theirs":
            return None
        brought = Brought(
            back=whose == "back",
            # Before anything is held: to fetch a photo takes its time.
            scanned=self._around.scans.read(inbound) if inbound.picture else None,
            wanted=self._holding.prove(inbound) if inbound.proved else None,
        )
        held = self._holding.hold(inbound.address)
        try:
            return self._turn(held, inbound, voice, brought)
        except BaseException:
            self._sessions.let_go(held)
            raise

    def _hung_up(self, inbound: Inbound) -> None:
        """Nobody looks at the last screen any more; what was begun can be taken up again."""
        if inbound.channel is not Channel.USSD:
            return
        held = self._sessions.hold(inbound.address)
        session = held.session
        if session is None or session.thread != thread_of(inbound) or not self._drop(session):
            self._sessions.let_go(held)
            return
        self._sessions.keep(held, session)

    def _drop(self, session: Session) -> bool:
        """Marks something unfinished as left; False where nothing was begun."""
        if session.talk is None or not self._arriving.unfinished(session.talk):
            return False
        count("dropped", session.talk, Channel.USSD, session.person.language)
        session.thread = LEFT
        return True

    def _turn(self, held: Held, inbound: Inbound, voice: Voice, brought: Brought) -> Page | None:
        moment = self._clock()
        session = held.session or Session(person=self._met(inbound), noted=moment.timestamp())
        heard = session.wires.get(inbound.wire)
        if heard is not None and heard.again(inbound, moment.timestamp()):
            self._sessions.let_go(held)
            return heard.page()
        why = self._robots.silent(session, inbound, moment.timestamp())
        if why is not None and not self._robots.is_stop(inbound):
            session.remember(inbound.wire, Heard.answered(inbound, None, moment.timestamp()))
            self._sessions.keep(held, session)
            return None
        if moment.timestamp() - session.noted > NOTED:
            self._note(session, inbound, moment)
        met = session.person
        turn = Turn(self._around, session, inbound, Deadline.after(voice.patience), moment)
        if self._arriving.is_left_behind(turn):
            self._sessions.let_go(held)
            return self._goodbye(session.person, voice)
        before = (session.talk.id, session.talk.step) if session.talk else None
        shown = self._hear(turn, voice, heard, brought)
        page = self._show(turn, voice, before) if shown else None
        page = page if why is None else None
        session.turns += 1
        session.at = moment.timestamp()
        session.remember(inbound.wire, Heard.answered(inbound, page, session.at))
        self._holding.keep(held, session, met, inbound)
        return page

    def _hear(self, turn: Turn, voice: Voice, heard: Heard | None, brought: Brought) -> bool:
        """Moves the session by whatever came; False when it is better to say nothing."""
        session, inbound, listening = turn.session, turn.inbound, self._listening
        if inbound.proved:
            session.person = self._around.people.find(inbound.address)
            session.wanted = session.wanted or brought.wanted
            shown = self._arriving.proven(turn)
        elif inbound.claimed:
            shown = listening.claimed(turn, inbound.claimed)
        elif brought.scanned is not None:
            shown = self._arriving.mislaid(turn) or hear_scan(
                turn, brought.scanned, self._arriving.unfinished
            )
        elif inbound.place is not None:
            shown = hear_place(turn, inbound.place, self._arriving.unfinished)
        else:
            shown = self._arriving.mislaid(turn) or listening.hear(turn, voice, heard)
        if brought.back and shown:
            turn.note = lines(BACK_AGAIN, turn.note) if turn.note else BACK_AGAIN
        if turn.senseless and voice.channel is Channel.SMS:
            self._robots.made_no_sense(session, turn.now.timestamp())
        return shown

    def _note(self, session: Session, inbound: Inbound, moment: datetime) -> None:
        """Writes down that the person was heard, and forgets what they are no longer known for.

        A number in doubt (a year of silence, or a provider says it has gone) has lost its link.
        """
        try:
            known = self._around.people.find(inbound.address)
        except Exception as error:  # noqa: BLE001  (the store is away: a menu can do without it)
            _log.warning("not_noted", error=type(error).__name__)
            return
        if known.id != session.person.id or (session.person.linked and known.linked is None):
            session.talk = session.parked = session.wanted = None
            session.waiting = []
        session.person, session.noted = known, moment.timestamp()

    def _goodbye(self, person: Person, voice: Voice) -> Page:
        """Closes a session that has a younger one beside it, and leaves the younger one alone."""
        screen = Screen(DIALLED_AGAIN, end=True)
        return voice.pages(screen, language=person.language, accents=person.accents)[0]

    def _met(self, inbound: Inbound) -> Person:
        """Whoever is behind the address; a newcomer to a chat is spoken to as their device speaks."""
        person = self._around.people.find(inbound.address)
        language = inbound.language or person.language
        unknown = person.phone is None and person.linked is None
        if unknown and language in LANGUAGES and language != person.language:
            self._around.people.speak(person.id, language, None)
            person = replace(person, language=language)
        return person

    def _show(self, turn: Turn, voice: Voice, before: tuple[str, str] | None) -> Page:
        session, talk = turn.session, turn.talk
        if before != (talk.id, talk.step):
            count("reached", talk, voice.channel, session.person.language)
        pages = pages_of(turn, voice)
        talk.page = 0 if turn.note else min(talk.page, len(pages) - 1)  # a note stands on top
        page = pages[talk.page]
        session.screen = f"{session.turns:x}"
        session.thread = thread_of(turn.inbound)
        named = replace(page, name=session.screen)
        if page.end:
            session.talk = None
        return named

    # Finishing later

    def finish(self, kept: dict[str, Any], voice: Voice) -> tuple[Address, Page] | None:
        """Finishes a call that outlasted its patience; raises Late or Down to be tried again.

        Gives the page that says how it ended and where to send it, or None when there is nothing
        to say. The session, which has moved on, is left alone.
        """
        turn = self._taken_up(kept, voice)
        step = turn.step()
        if not isinstance(step, Call):
            return None
        turn.finish(step)
        screen = turn.screen()
        if isinstance(turn.step(), Tell):
            # What may be picked under it can be picked where it was asked for.
            screen = replace(screen, options=(), ways=())
        if kept["platform"] == TEXT:
            screen = replace(screen, text=None)  # whoever asks for a text wants what they saw
        return self._told(turn, voice, last_word(screen, turn.dialogue))

    def remind(self, kept: dict[str, Any], voice: Voice) -> tuple[Address, Page] | None:
        """What to text somebody who was cut off in the middle of this; None when there is no need.

        Raises Busy while they may still be at it.
        """
        address, begun = Address(kept["network"], kept["address"]), Talk.from_json(kept["talk"])
        held = self._sessions.hold(address)
        try:
            session = held.session
            talk = (session.talk or session.parked) if session else None
            if session is None or talk is None or talk.id != begun.id:
                return None
            if not self._arriving.unfinished(talk):
                return None
            patience = min(ONE_AT_A_TIME, self._around.remind_after.total_seconds())
            if self._clock().timestamp() - session.at < patience:
                raise Busy("still at it")
            if session.thread.startswith("ussd:"):
                count("dropped", talk, Channel.USSD, session.person.language)
                session.thread = LEFT
                self._sessions.keep(held, session)
        finally:
            self._sessions.let_go(held)
        screen = reminder(self._around.dialogues[talk.dialogue], self._around.service_code)
        person = session.person
        page = voice.pages(screen, language=person.language, accents=person.accents)[0]
        return address, page

    def give_up(self, kept: dict[str, Any], voice: Voice) -> tuple[Address, Page]:
        """Says that a kept call was in vain; asks no platform."""
        turn = self._taken_up(kept, voice)
        return self._told(turn, voice, in_vain(turn.dialogue, turn.now))

    def _taken_up(self, kept: dict[str, Any], voice: Voice) -> Turn:
        address = Address(kept["network"], kept["address"])
        talk = Talk.from_json(kept["talk"])
        inbound = Inbound(voice.channel, kept["provider"], address, "later", talk.id)
        session = Session(person=self._around.people.find(address), talk=talk)
        said_at = datetime.fromisoformat(kept["said_at"])
        return Turn(self._around, session, inbound, Deadline.after(voice.patience), said_at)

    def _told(self, turn: Turn, voice: Voice, screen: Screen) -> tuple[Address, Page]:
        person = turn.session.person
        pages = voice.pages(screen, language=person.language, accents=person.accents)
        return turn.inbound.address, pages[0]
