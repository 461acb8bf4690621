"""One turn: lock, drop repeats, hear, show, save."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

import structlog

from core import hear
from core.clock import Clock, Deadline, now
from core.dialogue import Ask, Call, Choose, Tell
from core.endings import in_vain, last_word
from core.errors import PlatformError, Unclear
from core.history import newly_said
from core.holding import Holding
from core.message import Address, Channel, Inbound, Page, Screen
from core.people.accounts import Person
from core.session import Heard, Held, Session, Sessions, Talk
from core.text import LANGUAGES, _
from core.turn import LINK, MENU, RESUME, Around, Turn

log = structlog.get_logger()

LANGUAGE_WORDS = frozenset({"en", "english", "tieng anh", "vi", "tieng viet", "vietnamese"})
"""They mean the language that they name, also where one key stands for "the other one"."""


class Voice(Protocol):
    """How one channel puts a screen into its own words and size."""

    @property
    def channel(self) -> Channel:
        """The channel it speaks on."""

    @property
    def patience(self) -> float:
        """Seconds within which the person must have an answer."""

    @property
    def keywords(self) -> bool:
        """May a dialogue be started by its word at any time? (Not on USSD, where numbers are typed.)"""

    def pages(self, screen: Screen, *, language: str, accents: bool | None) -> tuple[Page, ...]:
        """The screen as one page or several; nothing is dropped, options keep their number."""


@dataclass(frozen=True, slots=True)
class Patience:
    """For how long things stay open, in seconds."""

    resume: float = 3600
    """A dropped USSD dialogue is offered again for this long."""
    question: float = 86400
    """A question asked by SMS or chat may be answered for this long."""
    help: float = 86400
    """Something not understood on SMS gets help once in this time."""


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
        self._holding = Holding(sessions, around.people, around.chats)
        self._clock = clock
        self._patience = patience or Patience()

    def turn(self, inbound: Inbound, voice: Voice) -> Page | None:
        """Hears one inbound and gives the page to show, or None when there is nothing to say.

        The page is saved before it is returned; the same inbound again gets the same page. Raises
        Busy when another turn of this person does not end in time.
        """
        if inbound.event == "close":
            return None
        if inbound.event == "forget":
            self._holding.forget(inbound.address)
            return None
        wanted = self._holding.prove(inbound) if inbound.proved else None
        held = self._holding.hold(inbound.address)
        try:
            page = self._turn(held, inbound, voice, wanted)
        except BaseException:
            self._sessions.let_go(held)
            raise
        return page

    def _turn(self, held: Held, inbound: Inbound, voice: Voice, wanted: str | None) -> Page | None:
        session = held.session or Session(person=self._met(inbound))
        before = session.person
        heard = session.wires.get(inbound.wire)
        if heard is not None and _heard_before(heard, inbound):
            self._sessions.let_go(held)
            return heard.page()
        moment = self._clock()
        deadline = Deadline.after(voice.patience)
        turn = Turn(self._around, session, inbound, deadline, moment)
        if inbound.proved:
            session.person = self._around.people.find(inbound.address)
            session.wanted = session.wanted or wanted
            shown = self._proven(turn)
        elif inbound.claimed:
            shown = self._claimed(turn, inbound.claimed)
        else:
            shown = self._mislaid(turn) or self._hear(turn, voice, heard)
        page = self._show(turn, voice) if shown else None
        session.turns += 1
        session.at = moment.timestamp()
        session.remember(inbound.wire, Heard.answered(inbound.hop, inbound.history, page))
        self._holding.keep(held, session, before, inbound)
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

    # Hearing

    def _hear(self, turn: Turn, voice: Voice, heard: Heard | None) -> bool:
        """Moves the session by what was said; False when it is better to say nothing."""
        inbound = turn.inbound
        said = inbound.said
        if inbound.history is not None:
            said = newly_said(heard.history if heard else None, inbound.history) or ()
        arrived = inbound.event == "new" or (inbound.history is not None and heard is None)
        if arrived:
            self._arrive(turn, offer=not said)
        elif self._expired(turn):
            turn.session.talk = None
        if inbound.option is not None:
            return self._tap(turn, inbound.option)
        shown = arrived
        for number, one in enumerate(said):
            if number and self._must_be_seen(turn):
                break
            shown = self._hear_one(turn, voice, one) or shown
        if not said and not arrived:
            shown = self._hear_one(turn, voice, "")
        return shown

    def _mislaid(self, turn: Turn) -> bool:
        """What nobody can go on with (its form is nowhere to be had) must not hold the person up.

        What they said now was meant for it, and is not heard.
        """
        for talk in (turn.session.talk, turn.session.parked):
            if talk is None:
                continue
            try:
                self._around.dialogues[talk.dialogue].all_steps(talk.answers, self._around.forms)
            except (PlatformError, KeyError):
                turn.session.talk = turn.session.parked = None
                turn.start(MENU)
                turn.note = _("We cannot go on with that just now. Please start it again later.")
                return True
        return False

    def _must_be_seen(self, turn: Turn) -> bool:
        """Dialling ahead ends where somebody agrees to something: they must have read it."""
        if turn.session.talk is None:
            return False
        step = turn.step()
        return isinstance(step, Choose) and step.seen

    def _arrive(self, turn: Turn, *, offer: bool) -> None:
        """A person dials: the menu, or what they left unfinished a short while ago."""
        session, talk = turn.session, turn.session.talk
        if talk is not None and talk.dialogue == RESUME:
            talk, session.parked = session.parked, None
        recent = turn.now.timestamp() - session.at <= self._patience.resume
        turn.session.talk = talk
        if offer and recent and talk is not None and self._unfinished(turn, talk):
            session.parked = talk
            turn.start(RESUME)
            return
        turn.start(MENU)

    def _unfinished(self, turn: Turn, talk: Talk) -> bool:
        if talk.dialogue in (MENU, RESUME) or (talk.dialogue, talk.step) == (LINK, "known"):
            return False
        if not (talk.trail or talk.dialogue == LINK):
            return False
        return not isinstance(turn.step(), Tell)

    def _expired(self, turn: Turn) -> bool:
        return turn.now.timestamp() - turn.session.at > self._patience.question

    def _tap(self, turn: Turn, option: str) -> bool:
        """A chat button: only of the screen on show; an old one shows where we are."""
        if turn.inbound.screen is not None and turn.inbound.screen != turn.session.screen:
            turn.note = _("That button is from an earlier question.")
            turn.settle()
            return True
        match option:
            case "back":
                turn.back()
            case "menu":
                turn.start(MENU)
            case "more":
                turn.talk.page += 1
            case _:
                self._answer(turn, option)
        turn.settle()
        return True

    def _hear_one(self, turn: Turn, voice: Voice, said: str) -> bool:
        session = turn.session
        word = hear.keyword(said, self._around.words) if voice.keywords else None
        if session.talk is None and word is None and not hear.is_menu(said):
            return self._not_understood(turn, voice)
        if hear.is_menu(said):
            turn.start(MENU)
        elif hear.is_back(said):
            turn.back()
        elif hear.is_more(said) and self._has_more(turn, voice):
            turn.talk.page += 1
        elif word is not None and (word in LANGUAGE_WORDS or not self._is_option(turn, said)):
            turn.start(self._around.words[word])
        elif session.talk is not None and voice.keywords and isinstance(turn.step(), Tell):
            return self._not_understood(turn, voice)
        else:
            self._answer(turn, said)
        turn.settle()
        return True

    def _is_option(self, turn: Turn, said: str) -> bool:
        """Does the word also answer the question on show? Then it is the answer."""
        if turn.session.talk is None:
            return False
        options = turn.screen().options
        return hear.picked(said, options) is not None

    def _answer(self, turn: Turn, said: str) -> None:
        if turn.talk.dialogue == RESUME and turn.session.parked is not None:
            options = turn.screen().options
            if hear.picked(said, options) == "continue":
                turn.session.talk, turn.session.parked = turn.session.parked, None
                return
        try:
            turn.answer(said)
        except Unclear as unclear:
            turn.note = unclear.hint

    def _not_understood(self, turn: Turn, voice: Voice) -> bool:
        """Nothing is open and no word was recognised: help, once; later, nothing on SMS."""
        session = turn.session
        again = turn.now.timestamp() - session.helped_at < self._patience.help
        session.helped_at = turn.now.timestamp()
        if again and voice.channel is Channel.SMS:
            return False
        turn.start("help" if not again else MENU)
        turn.settle()
        return True

    def _proven(self, turn: Turn) -> bool:
        turn.start("wanted" if turn.session.wanted else MENU)
        turn.settle()
        return True

    def _claimed(self, turn: Turn, phone: str) -> bool:
        """A form with a phone number answers the question for one, and no other."""
        step = turn.step() if turn.session.talk is not None else None
        if isinstance(step, Ask) and step.wants == "number":
            self._answer(turn, phone)
        turn.settle()
        return True

    # Showing

    def _has_more(self, turn: Turn, voice: Voice) -> bool:
        return turn.talk.page + 1 < len(self._pages(turn, voice))

    def _pages(self, turn: Turn, voice: Voice) -> tuple[Page, ...]:
        person = turn.session.person
        return voice.pages(turn.screen(), language=person.language, accents=person.accents)

    def _show(self, turn: Turn, voice: Voice) -> Page:
        pages = self._pages(turn, voice)
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


def _heard_before(heard: Heard, inbound: Inbound) -> bool:
    """The last hop once more, or one from before it that came late: neither says anything new."""
    if heard.hop == inbound.hop:
        return True
    if inbound.history is None or heard.history is None:
        return False
    return newly_said(heard.history, inbound.history) is None
