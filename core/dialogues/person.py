"""Talk to a person: somebody of ours answers in this chat, where and when there is somebody."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from core.dialogue import Answers, Call, Desk, Dialogue, Outcome, Tell
from core.dialogues.menu import DID_NOT_WORK
from core.message import Channel
from core.text import Text, _


def ask(desk: Desk, answers: Answers) -> Outcome:
    if desk.channel is not Channel.CHAT:
        return Outcome({"next": "elsewhere"})
    answering = desk.talks.ask(desk.address, desk.person)
    if answering.now:
        return Outcome({"next": "open"})
    if answering.next is None:
        return Outcome({"next": "nobody"})
    return Outcome({"next": "closed", "from": answering.next.isoformat()})


def after_ask(answers: Answers) -> Literal["open", "closed", "nobody", "elsewhere"]:
    target: Literal["open", "closed", "nobody", "elsewhere"] = answers["next"]
    return target


def closed(answers: Answers) -> Text:
    return _(
        "Our staff is away just now and answers again from {time}. Please ask once more then. "
        "Until then I am here: write MENU or 00.",
        time=datetime.fromisoformat(answers["from"]),
    )


WORST: dict[str, Any] = {"from": "2026-12-30T23:59:00+07:00"}

PERSON = Dialogue(
    name="person",
    title=_("Talk to a person"),
    linked=False,
    words=("GAP NGUOI", "NGUOI", "NHAN VIEN", "TU VAN", "PERSON", "AGENT", "HUMAN"),
    worst=(WORST,),
    steps={
        "ask": Call(of=ask, late="sorry", then=after_ask, later=False),
        "open": Tell(
            say=_(
                "You can write to our staff now. What you write goes to them, and their answer "
                "comes here. To come back to me, write MENU or 00."
            )
        ),
        "closed": Tell(say=closed),
        "nobody": Tell(
            say=_("Nobody of our staff answers here. The ward health station can help.")
        ),
        "elsewhere": Tell(
            say=_("Our staff answers in chats only. By phone, the ward health station can help.")
        ),
        "sorry": DID_NOT_WORK,
    },
)
