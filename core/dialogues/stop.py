"""STOP and START: no more messages on our own account, or again; confirmed once and at once."""

from __future__ import annotations

from core.dialogue import Answers, Call, Desk, Dialogue, Outcome, Tell
from core.text import _


def refuse(desk: Desk, answers: Answers) -> Outcome:
    desk.people.refuse(desk.person.id)
    return Outcome()


def welcome(desk: Desk, answers: Answers) -> Outcome:
    desk.people.welcome(desk.person.id)
    return Outcome()


SORRY = Tell(say=_("That did not work. Please try again in a few minutes."))

STOP = Dialogue(
    name="stop",
    title=_("No more reminders"),
    linked=False,
    words=(
        "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT",
        "TC", "TC1", "TC2", "TC3", "TC4", "TU CHOI", "HUY", "NGUNG", "DUNG",
    ),
    steps={
        "stop": Call(of=refuse, late="sorry", then="stopped", later=False),
        "stopped": Tell(
            say=_(
                "Done: we will send you no more reminders. What you ask for is still answered. "
                "Text DK to get reminders again."
            ),
            end=True,
        ),
        "sorry": SORRY,
    },
)  # fmt: skip

START = Dialogue(
    name="start",
    title=_("Reminders again"),
    linked=False,
    words=("DK", "DANG KY", "START", "UNSTOP", "SUBSCRIBE"),
    steps={
        "start": Call(of=welcome, late="sorry", then="started", later=False),
        "started": Tell(say=_("Done: you will get reminders again. Text TC to stop."), end=True),
        "sorry": SORRY,
    },
)
