"""What one thing said means: where it moves the session, before anything is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import checking_in, hear
from core.around import Around
from core.arriving import Arriving, Patience
from core.confirmed import Confirmed
from core.dialogue import Ask, Choose, Tell
from core.dialogues import check_in
from core.errors import Unclear
from core.funnel import count
from core.history import newly_said
from core.keywords import Keywords
from core.message import Channel, Page
from core.position import CHECK_IN, MENU, RESUME
from core.session import Heard
from core.text import _, lines
from core.turn import Turn
from core.voice import Voice

DIALLED_AGAIN = _("You have dialled again since then, so this session is over.")
LOST = _("Sorry, we lost the thread. Please start again.")
MOVED_ON = _("Since then you have gone on elsewhere. This is where you are now.")

LOST_AFTER = 2
"""Answers in a row that were not understood, after which a chat is offered help."""

LOST_HERE = _("I do not understand. Write TG for help, GAP NGUOI to talk to a person, or MENU.")
LANGUAGE_WORDS = frozenset({"en", "english", "tieng anh", "vi", "tieng viet", "vietnamese"})
"""They mean the language that they name, also where one key stands for "the other one"."""


class Listening:
    """Moves a session by what a person said; nothing here locks, saves or shows."""

    def __init__(self, around: Around, patience: Patience, arriving: Arriving) -> None:
        self._around = around
        self._patience = patience
        self._arriving = arriving
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
        if arrived and not self._arriving.may_be_lost(turn, said):
            self._arriving.arrive(turn, offer=not said)
        elif unknown:
            # It answers a screen that we know nothing about any more.
            self._arriving.arrive(turn, offer=True)
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
            if voice.keywords and (feeling := self._feeling(turn, one)):
                shown = self._check_in(turn, {"how": feeling})
                continue
            if (
                not arrived
                and self._arriving.is_elsewhere(turn)
                and not self._keywords.lead_away(voice, one)
            ):
                return self._gone_on(turn, voice)
            shown = self._hear_one(turn, voice, one) or shown
        if not said and not arrived:
            shown = self._hear_one(turn, voice, "")
        return shown

    def _feeling(self, turn: Turn, said: str) -> str | None:
        """How somebody in isolation says they are, if they were asked and this answers it."""

        def another_is_open() -> bool:
            here = turn.session.talk is not None and not self._arriving.is_elsewhere(turn)
            return here and not self._is_over(turn, said)

        return checking_in.meant(turn, said, another_is_open=another_is_open)

    def _check_in(self, turn: Turn, answers: Mapping[str, Any]) -> bool:
        """Hears it at once; what was open can be gone on with afterwards."""
        talk = turn.session.talk
        if talk is not None and self._arriving.unfinished(talk):
            turn.session.parked = talk
        turn.start(CHECK_IN, answers)
        turn.settle()
        return True

    def _gone_on(self, turn: Turn, voice: Voice) -> bool:
        """What was said may not answer a question that stands elsewhere: here it was never read."""
        talk, session = turn.session.talk, turn.session
        if voice.channel is Channel.USSD:
            turn.note = MOVED_ON
            turn.settle()
            return True
        recent = turn.now.timestamp() - session.at <= self._patience.resume
        if talk is not None and recent and self._arriving.unfinished(talk):
            session.parked = talk
            turn.start(RESUME)
            return True
        session.talk = None
        return self._not_understood(turn, voice)

    def _must_be_seen(self, turn: Turn) -> bool:
        """Dialling ahead ends where somebody agrees to something: they must have read it."""
        if turn.session.talk is None:
            return False
        step = turn.step()
        return isinstance(step, Choose) and step.seen

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
            if left is not None and self._arriving.unfinished(left):
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
        return hear.picked(said, turn.screen().options) is not None

    def _answer(self, turn: Turn, said: str) -> None:
        if turn.talk.dialogue == RESUME and turn.session.parked is not None:
            options = turn.screen().options
            if hear.picked(said, options) == "continue":
                turn.session.talk, turn.session.parked = turn.session.parked, None
                return
        try:
            turn.answer(said)
        except Unclear as unclear:
            turn.senseless = True
            count("misunderstood", turn.talk, turn.inbound.channel, turn.session.person.language)
            turn.session.unclear += 1
            lost = turn.inbound.channel is Channel.CHAT and turn.session.unclear >= LOST_AFTER
            turn.note = lines(unclear.hint, LOST_HERE) if lost else unclear.hint
        else:
            turn.session.unclear = 0

    def _leave(self, turn: Turn) -> None:
        """The person turns to something else before this was finished.

        What only wants its code can still be confirmed by it.
        """
        talk = turn.session.talk
        if talk is None or not self._arriving.unfinished(talk):
            return
        if turn.code_for(talk) is not None:
            turn.session.wait(talk)
        else:
            count("abandoned", turn.talk, turn.inbound.channel, turn.session.person.language)

    def _not_understood(self, turn: Turn, voice: Voice) -> bool:
        """Nothing is open and no word was recognised: help, once; later, nothing on SMS."""
        session = turn.session
        turn.senseless = True
        again = turn.now.timestamp() - session.helped_at < self._patience.help
        session.helped_at = turn.now.timestamp()
        if again and voice.channel is Channel.SMS:
            return False
        turn.start("help" if not again else MENU)
        if again and voice.channel is Channel.CHAT:
            turn.note = LOST_HERE
        turn.settle()
        return True

    def claimed(self, turn: Turn, phone: str) -> bool:
        """A form with a phone number answers the question for one, and no other."""
        step = turn.step() if turn.session.talk is not None else None
        if isinstance(step, Ask) and step.wants == "number":
            self._answer(turn, phone)
        turn.settle()
        return True


def pages_of(turn: Turn, voice: Voice) -> tuple[Page, ...]:
    """The screen of this turn as the person wants it written."""
    person = turn.session.person
    return voice.pages(turn.screen(), language=person.language, accents=person.accents)
