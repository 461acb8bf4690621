"""What one thing said means: where it moves the session, before anything is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from core import hear
from core.around import Around
from core.confirmed import Confirmed
from core.dialogue import Ask, Choose, Tell
from core.dialogues import check_in
from core.errors import PlatformError, Unclear
from core.funnel import Happening, count
from core.history import newly_said
from core.keywords import Keywords
from core.message import Channel, Page
from core.sent_along import hear_place, hear_scan
from core.session import Heard, Talk, thread_of
from core.text import _
from core.turn import CHECK_IN, LINK, MENU, RESUME, Turn
from core.voice import Voice

_log = structlog.get_logger("conversation")

DIALLED_AGAIN = _("You have dialled again since then, so this session is over.")
LOST = _("Sorry, we lost the thread. Please start again.")
MOVED_ON = _("Since then you have gone on elsewhere. This is where you are now.")

ONE_AT_A_TIME = 180.0
"""Seconds: a network carries one USSD session of a phone; a younger one has ended the older one."""

LANGUAGE_WORDS = frozenset({"en", "english", "tieng anh", "vi", "tieng viet", "vietnamese"})
"""They mean the language that they name, also where one key stands for "the other one"."""


@dataclass(frozen=True, slots=True)
class Patience:
    """For how long things stay open, in seconds."""

    resume: float = 3600
    """A dropped USSD dialogue is offered again for this long."""
    question: float = 86400
    """A question asked by SMS or chat may be answered for this long."""
    help: float = 86400
    """Something not understood on SMS gets help once in this time."""


class Listening:
    """Moves a session by what a person said; nothing here locks, saves or shows."""

    def __init__(self, around: Around, patience: Patience, memory: Callable[[], float]) -> None:
        """`memory` tells for how many seconds sessions have been remembered."""
        self._around = around
        self._patience = patience
        self._memory = memory
        self._keywords = Keywords(around)
        self._confirmed = Confirmed(around.people, patience.question)

    def hear(self, turn: Turn, voice: Voice, heard: Heard | None) -> bool:
        """Moves the session by what was said; False when it is better to say nothing."""
        inbound = turn.inbound
        said = inbound.said
        if inbound.history is not None:
            said = newly_said(heard.history if heard else None, inbound.history) or ()
        arrived = inbound.event == "new" or (inbound.history is not None and heard is None)
        unknown = heard is None and inbound.channel is Channel.USSD
        if arrived and not self._may_be_lost(turn, said):
            self._arrive(turn, offer=not said)
        elif unknown:
            # It answers a screen that we know nothing about any more.
            self._arrive(turn, offer=True)
            turn.note = LOST
            return True
        elif self._expired(turn):
            turn.session.talk = None
        if inbound.option is not None:
            return self._tap(turn, inbound.option)
        shown = arrived
        for number, one in enumerate(said):
            if number and self._must_be_seen(turn):
                break
            if self._checks_in(turn, voice, one):
                shown = True
                continue
            if (
                not arrived
                and self._is_elsewhere(turn)
                and not self._keywords.lead_away(voice, one)
            ):
                return self._gone_on(turn, voice)
            shown = self._hear_one(turn, voice, one) or shown
        if not said and not arrived:
            shown = self._hear_one(turn, voice, "")
        return shown

    def _may_be_lost(self, turn: Turn, said: tuple[str, ...]) -> bool:
        """Is this history more likely that of a session we lost than a code dialled with answers?

        The two look the same. Said again step by step, a lost one would end where the person is
        not, so it starts anew while the memory is younger than a session may be. A single answer
        was given to the menu either way.
        """
        is_history = turn.inbound.history is not None and len(said) > 1
        if not is_history or turn.session.turns:
            return False
        return self._memory() < ONE_AT_A_TIME

    def is_left_behind(self, turn: Turn) -> bool:
        """Does this belong to a USSD session that ended when the person dialled again?"""
        session, inbound = turn.session, turn.inbound
        if inbound.channel is not Channel.USSD or inbound.event != "resume":
            return False
        if inbound.history is not None and inbound.wire not in session.wires:
            return False  # a code dialled with its answers looks just the same
        young = turn.now.timestamp() - session.at < ONE_AT_A_TIME
        return young and session.thread.startswith("ussd:") and self._is_elsewhere(turn)

    def _offers_check_in(self, turn: Turn) -> bool:
        """Shows whoever has not answered yet the question how they are, before anything else."""
        if self._around.check_ins.asked_at(turn.session.person.id) is None:
            return False
        try:
            turn.start(CHECK_IN)
            turn.settle()
        except Exception as error:  # noqa: BLE001  (nothing that was not asked for bars the menu)
            _log.warning("check_in_not_offered", error=type(error).__name__)
            return False
        return turn.talk.step != "none"

    def _checks_in(self, turn: Turn, voice: Voice, said: str) -> bool:
        """Does a text answer the question how somebody in isolation feels? Then it is heard.

        A question that stands open here comes first, unless that one was asked since.
        """
        feeling = check_in.heard(said) if voice.keywords else None
        if feeling is None:
            return False
        session, person = turn.session, turn.session.person.id
        asked = self._around.check_ins.asked_at(person)
        open_here = session.talk is not None and not self._is_elsewhere(turn)
        if open_here and not self._is_over(turn, said):
            if asked is None or asked.timestamp() <= session.at:
                return False
        elif asked is None and not self._around.check_ins.of(person):
            return False
        return self._check_in(turn, {"how": feeling})

    def _check_in(self, turn: Turn, answers: Mapping[str, Any]) -> bool:
        """Hears it at once; what was open can be gone on with afterwards."""
        talk = turn.session.talk
        if talk is not None and self.unfinished(talk):
            turn.session.parked = talk
        turn.start(CHECK_IN, answers)
        turn.settle()
        return True

    def _is_elsewhere(self, turn: Turn) -> bool:
        """Is the question that is open on show somewhere else than where this was said?"""
        return turn.session.thread not in ("", thread_of(turn.inbound))

    def _gone_on(self, turn: Turn, voice: Voice) -> bool:
        """What was said may not answer a question that stands elsewhere: here it was never read."""
        talk, session = turn.session.talk, turn.session
        if voice.channel is Channel.USSD:
            turn.note = MOVED_ON
            turn.settle()
            return True
        recent = turn.now.timestamp() - session.at <= self._patience.resume
        if talk is not None and recent and self.unfinished(talk):
            session.parked = talk
            turn.start(RESUME)
            return True
        session.talk = None
        return self._not_understood(turn, voice)

    def mislaid(self, turn: Turn) -> bool:
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
        if talk is not None and talk.dialogue in (RESUME, CHECK_IN):
            talk, session.parked = session.parked, None
        recent = turn.now.timestamp() - session.at <= self._patience.resume
        turn.session.talk = talk
        begun = talk is not None and self.unfinished(talk)
        if begun and session.thread.startswith("ussd:"):
            self._count("dropped", turn)
        if offer and self._offers_check_in(turn):
            session.parked = talk if recent and begun else None
            return
        if offer and recent and begun:
            session.parked = talk
            turn.start(RESUME)
            return
        turn.start(MENU)

    def unfinished(self, talk: Talk) -> bool:
        """Was something begun that is worth going on with?"""
        if talk.dialogue in (MENU, RESUME, CHECK_IN) or (talk.dialogue, talk.step) == (
            LINK,
            "known",
        ):
            return False
        dialogue = self._around.dialogues[talk.dialogue]
        try:
            steps = dialogue.all_steps(talk.answers, self._around.forms)
        except PlatformError:
            return False  # its form is nowhere to be had
        names = list(steps)
        begun = dialogue.begun and names.index(talk.step) > names.index(dialogue.begun)
        if not (talk.trail or begun or talk.dialogue == LINK):
            return False
        return not isinstance(steps[talk.step], Tell)

    def _expired(self, turn: Turn) -> bool:
        return turn.now.timestamp() - turn.session.at > self._patience.question

    def _tap(self, turn: Turn, option: str) -> bool:
        """A chat button: only of the screen on show; an old one shows where we are."""
        answered = check_in.tapped(turn.inbound.screen, option)
        if answered is not None:
            return self._check_in(turn, answered)
        if turn.inbound.screen is not None and turn.inbound.screen != turn.session.screen:
            turn.note = _("That button is from an earlier question.")
            turn.settle()
            return True
        match option:
            case "back":
                turn.back()
            case "menu":
                self._leave(turn)
                turn.start(MENU)
            case "more":
                turn.talk.page += 1
            case _:
                self._answer(turn, option)
        turn.settle()
        return True

    def _hear_one(self, turn: Turn, voice: Voice, said: str) -> bool:
        session = turn.session
        if voice.channel is Channel.SMS and self._confirmed.hear(turn, said, self._leave):
            turn.settle()
            return True
        found = self._keywords.said(turn, said) if voice.keywords else None
        if session.talk is None and found is None and not hear.is_menu(said):
            return self._not_understood(turn, voice)
        if hear.is_menu(said) and found is None:
            self._leave(turn)
            turn.start(MENU)
        elif hear.is_back(said):
            turn.back()
        elif hear.is_more(said) and turn.talk.page + 1 < len(pages_of(turn, voice)):
            turn.talk.page += 1
        elif found is not None and (found[0] in LANGUAGE_WORDS or not self._is_option(turn, said)):
            self._start(turn, *found)
        elif session.talk is not None and voice.keywords and self._is_over(turn, said):
            return self._not_understood(turn, voice)
        else:
            self._answer(turn, said)
        turn.settle()
        return True

    def _start(self, turn: Turn, word: str, rest: str) -> None:
        """A dialogue by its word; the word for going on takes up what was left."""
        name = self._around.words[word]
        if name == RESUME:
            left = turn.session.parked or turn.session.talk
            turn.session.parked = None
            if left is not None and self.unfinished(left):
                turn.session.talk = left
                return
            name = MENU
        self._leave(turn)
        takes = self._around.dialogues[name].takes
        turn.start(name, takes(word, rest) if takes else None)

    def _is_over(self, turn: Turn, said: str) -> bool:
        """Has the last word been said, with nothing to pick under it that this would be?"""
        return isinstance(turn.step(), Tell) and not self._is_option(turn, said)

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
            turn.note, turn.senseless = unclear.hint, True
            self._count("misunderstood", turn)

    def _leave(self, turn: Turn) -> None:
        """The person turns to something else before this was finished.

        What only wants its code can still be confirmed by it.
        """
        talk = turn.session.talk
        if talk is None or not self.unfinished(talk):
            return
        if turn.code_for(talk) is not None:
            turn.session.wait(talk)
        else:
            self._count("abandoned", turn)

    def _count(self, happening: Happening, turn: Turn) -> None:
        count(happening, turn.talk, turn.inbound.channel, turn.session.person.language)

    def _not_understood(self, turn: Turn, voice: Voice) -> bool:
        """Nothing is open and no word was recognised: help, once; later, nothing on SMS."""
        session = turn.session
        turn.senseless = True
        again = turn.now.timestamp() - session.helped_at < self._patience.help
        session.helped_at = turn.now.timestamp()
        if again and voice.channel is Channel.SMS:
            return False
        turn.start("help" if not again else MENU)
        turn.settle()
        return True

    def claimed(self, turn: Turn, phone: str) -> bool:
        """A form with a phone number answers the question for one, and no other."""
        step = turn.step() if turn.session.talk is not None else None
        if isinstance(step, Ask) and step.wants == "number":
            self._answer(turn, phone)
        turn.settle()
        return True

    def scanned(self, turn: Turn, scanned: str) -> bool:
        """A photo was sent, with this code in it; empty: with none."""
        return hear_scan(turn, scanned, self.unfinished)

    def placed(self, turn: Turn, place: tuple[float, float]) -> bool:
        """A place was sent: how dangerous is it there?"""
        talk = turn.session.talk
        if talk is not None and self.unfinished(talk):
            turn.session.parked = talk
            self._count("abandoned", turn)
        return hear_place(turn, place)

    def proven(self, turn: Turn) -> bool:
        turn.start("wanted" if turn.session.wanted else MENU)
        turn.settle()
        return True


def pages_of(turn: Turn, voice: Voice) -> tuple[Page, ...]:
    """The screen of this turn as the person wants it written."""
    person = turn.session.person
    return voice.pages(turn.screen(), language=person.language, accents=person.accents)
