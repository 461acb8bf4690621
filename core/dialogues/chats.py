"""My chats: which chat accounts may see this person's records, and taking one away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from core.clock import VIETNAM
from core.dialogue import Answers, Call, Choose, Desk, Dialogue, Outcome, Tell
from core.dialogues.menu import DID_NOT_WORK
from core.text import Text, _, plain

NAMES: Mapping[str, str] = {
    "telegram": "Telegram",
    "zalo": "Zalo",
    "zalobot": "Zalo Bot",
    "whatsapp": "WhatsApp",
}

MOST = 8
"""Chats that are listed; the oldest first. One that is removed makes room for the next."""


def find(desk: Desk, answers: Answers) -> Outcome:
    found = desk.chats.of(desk.person.id, desk.address) if desk.person.phone else ()
    chats = {
        chat.id: {
            "network": NAMES.get(chat.network, chat.network),
            "since": chat.since.isoformat(),
            "here": chat.here,
        }
        for chat in found[:MOST]
    }
    return Outcome({"chats": chats, "next": "which" if chats else "none"})


def after_find(answers: Answers) -> Literal["which", "none"]:
    target: Literal["which", "none"] = answers["next"]
    return target


def label(chat: Mapping[str, Any]) -> Text:
    network = plain(str(chat["network"]))
    day = datetime.fromisoformat(chat["since"]).astimezone(VIETNAM).date()
    if chat["here"]:
        return _("{network}, since {day} (this one)", network=network, day=day)
    return _("{network}, since {day}", network=network, day=day)


def listed(answers: Answers) -> Mapping[str, Text]:
    return {key: label(chat) for key, chat in answers["chats"].items()}


def chosen(answers: Answers) -> Text:
    return label(answers["chats"][answers["which"]])


def ask_sure(answers: Answers) -> Text:
    return _(
        "Remove {chat}? It will see your records again only after proving your number.",
        chat=chosen(answers),
    )


def after_sure(answers: Answers) -> Literal["remove", "@menu"]:
    return "remove" if answers["sure"] == "yes" else "@menu"


def remove(desk: Desk, answers: Answers) -> Outcome:
    desk.chats.remove(desk.person.id, answers["which"])
    return Outcome()


def removed(answers: Answers) -> Text:
    return _("Done: {chat} is removed.", chat=chosen(answers))


_CHAT = {"network": "Telegram", "since": "2026-12-30T23:59:00+07:00", "here": True}
WORST: dict[str, Any] = {
    "chats": {f"c{number}": _CHAT for number in range(MOST)},
    "which": "c0",
}

CHATS = Dialogue(
    name="chats",
    title=_("My chats"),
    linked=False,
    words=("CHATS", "TAI KHOAN"),
    worst=(WORST,),
    steps={
        "find": Call(of=find, late="sorry", then=after_find, later=False),
        "which": Choose(
            ask=_("These chats see your records. Which one is to be removed?"), choices=listed
        ),
        "sure": Choose(
            ask=ask_sure,
            choices={"yes": _("Yes, remove it"), "no": _("No")},
            then=after_sure,
            commits="yes",
        ),
        "remove": Call(of=remove, late="sorry", then="removed", later=False),
        "removed": Tell(say=removed),
        "none": Tell(say=_("No chat is linked to your phone number.")),
        "sorry": DID_NOT_WORK,
    },
)
