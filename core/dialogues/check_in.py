"""The check-in of people in isolation: one question, answered by one key.

It is offered before the menu to whoever dials and has not answered yet; a text or a tap that answers
it is heard at any time while the isolation lasts, so that getting worse is easy to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from core.dialogue import Answers, Call, Choose, Desk, Dialogue, Outcome, Tell
from core.dialogues.about import LONGEST_SHORT, short_name
from core.dialogues.menu import DID_NOT_WORK
from core.hear import numbered, picked
from core.message import Option
from core.people.check_ins import PREFIX, Feeling
from core.text import Text, _, lines, plain

NAME = "checkin"

FEELING_WORDS: Mapping[Feeling, Text] = {
    "well": _("Well"),
    "mild": _("Mild symptoms"),
    "severe": _("Severe, or short of breath"),
}
ANSWERS: tuple[Option, ...] = numbered({str(key): words for key, words in FEELING_WORDS.items()})


def heard(said: str) -> str | None:
    """The feeling that was said, or None."""
    return picked(said, ANSWERS)


def tapped(screen: str | None, option: str) -> dict[str, str] | None:
    """What a button below a check-in answers; None when the button hung below something else."""
    if screen is None or not screen.startswith(PREFIX) or option not in FEELING_WORDS:
        return None
    return {"who": screen.removeprefix(PREFIX), "how": option}


def find(desk: Desk, answers: Answers) -> Outcome:
    found = {one.id: {"short": short_name(one.name)} for one in desk.check_ins.of(desk.person.id)}
    chosen = answers.get("who") in found
    target = "none" if not found else ("note" if chosen and answers.get("how") else "who")
    return Outcome({"episodes": found, "next": target})


def after_find(answers: Answers) -> Literal["who", "note", "none"]:
    target: Literal["who", "note", "none"] = answers["next"]
    return target


def names(answers: Answers) -> Mapping[str, Text]:
    return {key: plain(str(one["short"])) for key, one in answers["episodes"].items()}


def after_who(answers: Answers) -> Literal["how", "note"]:
    """Whoever has said how they feel already is not asked again."""
    return "note" if answers.get("how") else "how"


def ask(answers: Answers) -> Text:
    return _("{name}: how are you today?", name=names(answers)[answers["who"]])


def note(desk: Desk, answers: Answers) -> Outcome:
    """Keeps the answer; the platform gets it from a worker, so that nobody waits for it here."""
    linked = desk.person.linked
    feeling: Feeling = answers["how"]
    told = desk.check_ins.answer(
        desk.person.id,
        answers["who"],
        feeling,
        author=linked.citizen_id if linked else None,
        key=desk.key,
        at=desk.now,
    )
    return Outcome({"told": told})


def after_note(answers: Answers) -> Literal["well", "mild", "severe"]:
    feeling: Literal["well", "mild", "severe"] = answers["how"]
    return feeling


TOLD = _("Your health station has been told.")
WELL = Tell(say=_("Thank you. If you feel worse, reply 2 or 3 at any time."))


def say_mild(answers: Answers) -> Text:
    rest = _("Thank you. Rest and drink enough. If you feel worse, reply 3 at any time.")
    return lines(rest, TOLD) if answers["told"] else rest


def say_severe(answers: Answers) -> Text:
    if answers["told"]:
        return lines(TOLD, _("If breathing is hard, call 115 at once."))
    return _("Please call your health station, or 115 if breathing is hard, at once.")


WORST: dict[str, Any] = {
    "episodes": {f"e{number}": {"short": LONGEST_SHORT} for number in range(6)},
    "who": "e0",
    "how": "severe",
    "told": True,
}

CHECK_IN = Dialogue(
    name=NAME,
    title=_("Isolation check-in"),
    linked=False,
    words=("CL", "CACH LY", "CHECKIN"),
    worst=(WORST, {**WORST, "told": False}),
    steps={
        "find": Call(of=find, late="sorry", then=after_find, later=False),
        "who": Choose(
            ask=_("Who is this about?"),
            text=_("For whom?"),
            choices=names,
            alone=True,
            then=after_who,
        ),
        "how": Choose(
            ask=ask,
            choices={str(key): words for key, words in FEELING_WORDS.items()},
            then="note",
        ),
        "note": Call(of=note, late="sorry", then=after_note, later=False),
        "well": WELL,
        "mild": Tell(say=say_mild),
        "severe": Tell(say=say_severe),
        "none": Tell(
            say=_(
                "We have not asked you how you are: no isolation is on record here. If you feel "
                "ill, call your health station."
            )
        ),
        "sorry": DID_NOT_WORK,
    },
)
