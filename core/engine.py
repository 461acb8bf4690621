"""One turn: lock, drop repeats, hear, show, save."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from core.clock import Clock, Deadline, now
from core.dialogue import Call
from core.endings import in_vain, last_word
from core.listening import Listening, Patience, heard_before, pages_of
from core.message import Address, Inbound, Page, Screen
from core.people.accounts import Person
from core.session import Heard, Held, Session, Sessions, Talk
from core.text import LANGUAGES
from core.turn import LINK, Around, Turn
from core.voice import Voice


class Engine:
    """The conversation. Thread-safe: what a turn changes is in the session it holds."""

    def __init__(
        self,
        around: Around,
        sessions: Sessions,
        *,
        clock: Clock = now,
        patience: Patience | None = None,
    ) -> None:
        self._around = around
        self._sessions = sessions
        self._clock = clock
        self._listening = Listening(around, patience or Patience())

    def turn(self, inbound: Inbound, voice: Voice) -> Page | None:
        """Hears one inbound and gives the page to show, or None when there is nothing to say.

        The page is saved before it is returned; the same inbound again gets the same page. Raises
        Busy when another turn of this person does not end in time.
        """
        if inbound.event == "close":
            return None
        wanted = self._prove(inbound) if inbound.proved else None
        held = self._hold(inbound.address)
        try:
            page = self._turn(held, inbound, voice, wanted)
        except BaseException:
            self._sessions.let_go(held)
            raise
        return page

    def _prove(self, inbound: Inbound) -> str | None:
        """A chat has proven its number: from now on it shares that phone's session."""
        assert inbound.proved is not None
        held = self._sessions.hold(inbound.address)
        self._sessions.let_go(held)
        self._around.people.prove(inbound.address, inbound.proved)
        self._sessions.same_person(inbound.address, inbound.proved)
        before = held.session
        if before is None or before.wanted is not None:
            return before.wanted if before else None
        return LINK if before.talk is not None and before.talk.dialogue == LINK else None

    def _hold(self, address: Address) -> Held:
        """The session in hand; a chat whose number we know shares the session of that phone."""
        held = self._sessions.hold(address)
        if held.session is not None or address.network == "phone":
            return held
        phone = self._around.people.find(address).phone
        if phone is None:
            return held
        self._sessions.let_go(held)
        self._sessions.same_person(address, phone)
        return self._sessions.hold(address)

    def _turn(self, held: Held, inbound: Inbound, voice: Voice, wanted: str | None) -> Page | None:
        session = held.session or Session(person=self._met(inbound))
        heard = session.wires.get(inbound.wire)
        if heard is not None and heard_before(heard, inbound):
            self._sessions.let_go(held)
            return heard.page()
        moment = self._clock()
        deadline = Deadline.after(voice.patience)
        turn = Turn(self._around, session, inbound, deadline, moment)
        if inbound.proved:
            session.person = self._around.people.find(inbound.address)
            session.wanted = session.wanted or wanted
            shown = self._listening.proven(turn)
        else:
            shown = self._listening.mislaid(turn) or self._listening.hear(turn, voice, heard)
        page = self._show(turn, voice) if shown else None
        session.turns += 1
        session.at = moment.timestamp()
        session.remember(inbound.wire, Heard.answered(inbound.hop, inbound.history, page))
        self._sessions.keep(held, session)
        return page

    def _met(self, inbound: Inbound) -> Person:
        """Whoever is behind the address; a newcomer to a chat is spoken to as their device speaks."""
        person = self._around.people.find(inbound.address)
        language = inbound.language or person.language
        unknown = person.phone is None and person.linked is None
        if unknown and language in LANGUAGES and language != person.language:
            self._around.people.speak(person.id, language, None)
            person = replace(person, language=language)
        return person

    def _show(self, turn: Turn, voice: Voice) -> Page:
        pages = pages_of(turn, voice)
        turn.talk.page = min(turn.talk.page, len(pages) - 1)
        page = pages[turn.talk.page]
        turn.session.screen = f"{turn.session.turns:x}"
        named = replace(page, name=turn.session.screen)
        if page.end:
            turn.session.talk = None
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
        return self._told(turn, voice, last_word(turn.screen(), turn.dialogue))

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
