"""The menu, and the offer to go on with what was left unfinished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, get_args

from core.dialogue import Answers, Call, Choose, Desk, Dialogue, Outcome, Tell
from core.message import Channel
from core.text import Text, _, in_languages

Target = Literal[
    "@qr", "@status", "@declare", "@results", "@doses", "@correct", "@area", "@others", "@other"
]

TARGETS: Mapping[str, Target] = {target.removeprefix("@"): target for target in get_args(Target)}


def go_to(answers: Answers) -> Target:
    return TARGETS[answers["menu"]]


MENU = Dialogue(
    name="menu",
    title=_("Menu"),
    linked=False,
    words=("MENU",),
    steps={
        "menu": Choose(
            ask=_("One Door - Health"),
            text=_("One Door"),
            choices={
                "qr": _("My QR code"),
                "status": _("My status"),
                "declare": _("Health declaration"),
                "results": _("Test results"),
                "doses": _("Vaccinations"),
                "correct": _("My record is wrong"),
                "area": _("Risk of my area"),
                "others": _("Others"),
                "other": in_languages("Tiếng Việt", {"vi": "English"}),
            },
            then=go_to,
        )
    },
)


Further = Literal["@register", "@link", "@language", "@checkin", "@wish", "@help", "@person"]
FURTHER: Mapping[str, Further] = {target.removeprefix("@"): target for target in get_args(Further)}


def go_further(answers: Answers) -> Further:
    return FURTHER[answers["others"]]


def look_where(desk: Desk, answers: Answers) -> Outcome:
    return Outcome({"chat": desk.channel is Channel.CHAT})


def further(answers: Answers) -> Mapping[str, Text]:
    """Somebody of ours answers in chats only."""
    choices = {
        "register": _("Register a relative"),
        "link": _("Who I am"),
        "language": _("Language"),
        "checkin": _("Isolation check-in"),
        "wish": _("Texts about results"),
        "help": _("Help"),
    }
    return choices | {"person": _("Talk to a person")} if answers["chat"] else choices


OTHERS = Dialogue(
    name="others",
    title=_("Others"),
    linked=False,
    words=("MUC KHAC",),
    worst=({"chat": True},),
    steps={
        "where": Call(of=look_where, late="others", later=False),
        "others": Choose(ask=_("Others"), choices=further, then=go_further),
    },
)
"""What is wanted seldom: a menu has no more than nine lines."""


def after_offer(answers: Answers) -> Literal["@menu"]:
    return "@menu"


RESUME = Dialogue(
    name="resume",
    title=_("Continue"),
    linked=False,
    words=("CONTINUE", "TIEP TUC"),
    steps={
        "offer": Choose(
            ask=_("You were not finished. Continue?"),
            choices={"continue": _("Continue"), "menu": _("Menu")},
            then=after_offer,
        )
    },
)
"""The engine itself takes up what was parked when the answer is "continue"."""


def speak_the_other(desk: Desk, answers: Answers) -> Outcome:
    return choose_language(desk, "en" if desk.person.language == "vi" else "vi", None)


def speak_vietnamese(desk: Desk, answers: Answers) -> Outcome:
    accents = desk.person.accents if desk.person.language == "vi" else None
    return choose_language(desk, "vi", accents)


def speak_english(desk: Desk, answers: Answers) -> Outcome:
    return choose_language(desk, "en", None)


def choose_language(desk: Desk, language: str, accents: bool | None) -> Outcome:
    """Remembers the choice for every channel."""
    desk.people.speak(desk.person.id, language, accents)
    return Outcome({}, replace(desk.person, language=language, accents=accents))


DID_NOT_WORK = Tell(say=_("That did not work. Please try again in a few minutes."))

OTHER = Dialogue(
    name="other",
    title=_("The other language"),
    linked=False,
    steps={
        "speak": Call(of=speak_the_other, late="sorry", then="@menu", later=False),
        "sorry": DID_NOT_WORK,
    },
)
"""For the one key on the menu. Words name a language: whoever says one twice means it twice."""

VIETNAMESE = Dialogue(
    name="vietnamese",
    title=in_languages("Tiếng Việt", {}),
    linked=False,
    words=("VI", "TIENG VIET", "VIETNAMESE"),
    steps={
        "speak": Call(of=speak_vietnamese, late="sorry", then="@menu", later=False),
        "sorry": DID_NOT_WORK,
    },
)

ENGLISH = Dialogue(
    name="english",
    title=in_languages("English", {}),
    linked=False,
    words=("EN", "ENGLISH", "TIENG ANH"),
    steps={
        "speak": Call(of=speak_english, late="sorry", then="@menu", later=False),
        "sorry": DID_NOT_WORK,
    },
)


def speak(desk: Desk, answers: Answers) -> Outcome:
    choice = answers["choose"]
    return choose_language(desk, choice[:2], True if choice.endswith("+") else None)


LANGUAGE = Dialogue(
    name="language",
    title=_("Language"),
    linked=False,
    words=("LANGUAGE", "NGON NGU", "NN"),
    steps={
        "choose": Choose(
            ask=_("Choose a language"),
            choices={
                "vi": in_languages("Tiếng Việt", {}),
                "vi+": _("Vietnamese with accents"),
                "en": in_languages("English", {}),
            },
        ),
        "speak": Call(of=speak, late="sorry", then="@menu", later=False),
        "sorry": DID_NOT_WORK,
    },
)
