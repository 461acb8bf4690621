"""Every screen that a person can be shown, with the longest data there can be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from core.around import Around
from core.clock import VIETNAM, Deadline
from core.dialogue import Dialogue, Forms
from core.dialogues import BY_NAME, WORDS
from core.dialogues.worst import WORST_FORM
from core.message import Address, Channel, Inbound, Screen
from core.people.accounts import Person
from core.session import Session, Talk
from core.text import Text, _
from core.turn import Turn

LONGEST_NOTE = _("That is not a paper number. Please check it and type it again.")
"""The longest thing that is said above a question that was not understood."""

_MOMENT = datetime(2026, 12, 30, 23, 59, tzinfo=VIETNAM)


@dataclass(frozen=True, slots=True)
class Shown:
    """One screen: which step of which dialogue shows it, and in which case."""

    dialogue: str
    step: str
    case: str
    screen: Screen


def every_screen(
    forms: Forms = lambda _name: WORST_FORM, *, channel: Channel = Channel.USSD
) -> Iterator[Shown]:
    """All steps of all dialogues with each of their worst answers, understood and not.

    As they stand on this channel: a text has a code where something changes.
    """
    for dialogue in BY_NAME.values():
        for number, worst in enumerate(dialogue.worst):
            answers = {**worst, "form": WORST_FORM.name} if dialogue.more else dict(worst)
            for name in dialogue.all_steps(answers, forms):
                yield from _screens_of(
                    dialogue, name, answers, forms, f"case {number + 1}", channel
                )


def _screens_of(
    dialogue: Dialogue,
    step: str,
    answers: dict[str, Any],
    forms: Forms,
    case: str,
    channel: Channel,
) -> Iterator[Shown]:
    for note, kind in ((None, case), (LONGEST_NOTE, f"{case}, not understood")):
        turn = _turn(dialogue, step, answers, forms, note, channel)
        yield Shown(dialogue.name, step, kind, turn.screen())


def _turn(
    dialogue: Dialogue,
    step: str,
    answers: dict[str, Any],
    forms: Forms,
    note: Text | None,
    channel: Channel,
) -> Turn:
    session = Session(person=Person("nobody", "vi"))
    session.talk = Talk(dialogue.name, step, "worst", answers, trail=["before"])
    inbound = Inbound(channel, "worst", Address("phone", ""), "wire", "hop")
    nothing = cast(Any, None)  # a screen is made from answers alone; no port is asked
    around = Around(
        dialogues=BY_NAME,
        words=WORDS,
        platforms=nothing,
        people=nothing,
        codes=nothing,
        proofs=nothing,
        chats=nothing,
        forms=forms,
        later=nothing,
    )
    turn = Turn(around, session, inbound, Deadline.after(1), _MOMENT)
    turn.note = note
    return turn


def words_of(screen: Screen, *, whole: bool, text: bool = False) -> tuple[Text, ...]:
    """What must be found again on the pages: the whole words, the brief ones or those of a text, and
    the options."""
    brief = (screen.text if text else None) or screen.brief
    say = screen.say if whole else brief or screen.say
    return (say, *(one.reply or one.label for one in screen.options))
