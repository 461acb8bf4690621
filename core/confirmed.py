"""Hearing the codes that confirm things by SMS: which talk one belongs to, and wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core import confirming, hear
from core.confirming import CLOSED, TRIED, TRIES, TRIES_OF_A_NUMBER
from core.dialogue import Tell
from core.errors import PlatformError
from core.people.accounts import People
from core.session import Talk
from core.turn import Turn

NO_CODE = "no-code"
"""The dialogue that says that nothing waits for a code."""

MANY_CODES = "many-codes"
"""The dialogue that says that there were too many wrong ones."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Only for texts: on USSD and in chats a choice is made by picking it."""

    people: People
    patience: float
    """Seconds for which a code holds."""

    def hear(self, turn: Turn, said: str, leave: Callable[[Turn], None]) -> bool:
        """Moves the session if this is a code, right or wrong; False when it is something else.

        `leave` is called before the talk on show gives way to the one that is confirmed.
        """
        heard, session = hear.code(said), turn.session
        if heard is None:
            return False
        digits, worded = heard
        since = turn.now.timestamp() - self.patience
        session.waiting = [kept for kept in session.waiting if kept[0] > since]
        if not worded and not _may_be_a_code(turn):
            return False
        talks = [session.talk, session.parked, *(talk for _, talk in reversed(session.waiting))]
        waiting = [talk for talk in talks if talk is not None and _code_of(turn, talk) is not None]
        if not waiting:
            if worded and not _may_be_a_code(turn):
                turn.note = confirming.NOTHING_WAITS
            elif worded:
                turn.start(NO_CODE)
            return worded
        self._try(turn, waiting, digits, leave)
        return True

    def _try(
        self, turn: Turn, waiting: Sequence[Talk], digits: str, leave: Callable[[Turn], None]
    ) -> None:
        number = turn.inbound.address.value
        if self.people.tries("commit", number).locked(turn.now):
            turn.start(MANY_CODES)
            return
        found = next((talk for talk in waiting if turn.code_for(talk) == digits), None)
        talk = waiting[0] if found is None else found
        if turn.session.talk is not None and turn.session.talk.id != talk.id:
            leave(turn)
        _take_up(turn, talk)
        if found is not None:
            self.people.right("commit", number)
            turn.commit()
            return
        self.people.wrong("commit", number, TRIES_OF_A_NUMBER, CLOSED)
        talk.answers[TRIED] = talk.answers.get(TRIED, 0) + 1
        if talk.answers[TRIED] >= TRIES:
            turn.start(MANY_CODES)
        else:
            turn.note = confirming.WRONG_CODE


def _code_of(turn: Turn, talk: Talk) -> str | None:
    """The code of this talk; None also where its form is nowhere to be had any more."""
    try:
        return turn.code_for(talk)
    except (PlatformError, KeyError):
        return None


def _may_be_a_code(turn: Turn) -> bool:
    """Four digits alone may also be a year, or the answer to another question."""
    talk = turn.session.talk
    return talk is None or turn.code_for(talk) is not None or isinstance(turn.step(), Tell)


def _take_up(turn: Turn, talk: Talk) -> None:
    session = turn.session
    if session.parked is not None and session.parked.id == talk.id:
        session.parked = None
    session.waiting = [kept for kept in session.waiting if kept[1].id != talk.id]
    session.talk = talk
