"""What a text about a test result may say: whoever shares a phone may want the result kept out of it."""

from __future__ import annotations

from typing import Literal

from core.dialogue import Answers, Call, Choose, Desk, Dialogue, Outcome, Tell
from core.dialogues.menu import DID_NOT_WORK
from core.text import _


def keep(desk: Desk, answers: Answers) -> Outcome:
    desk.people.wish(desk.person.id, discreet=answers["say"] == "ready")
    return Outcome()


def after_keep(answers: Answers) -> Literal["discreet", "usual"]:
    return "discreet" if answers["say"] == "ready" else "usual"


WISH = Dialogue(
    name="wish",
    title=_("Texts about results"),
    linked=False,
    words=("KIN", "KIN DAO", "DISCREET"),
    worst=({"say": "ready"},),
    steps={
        "say": Choose(
            ask=_("What may a text about a test result say?"),
            choices={
                "ready": _("Only that it is ready"),
                "usual": _("As usual"),
            },
        ),
        "keep": Call(of=keep, late="sorry", then=after_keep, later=False),
        "discreet": Tell(
            say=_("Done: texts will only say that a result is ready. Reply KQ to read it.")
        ),
        "usual": Tell(say=_("Done: texts about results are written as usual.")),
        "sorry": DID_NOT_WORK,
    },
)
