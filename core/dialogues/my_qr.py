"""My QR: the personal code of Decision 1405 as a picture, and as twelve digits to read out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from core.dialogue import TEXTED, Answers, Call, Choose, Desk, Dialogue, Outcome, Tell
from core.dialogues.about import (
    WORST_FAMILY,
    check_right,
    find_mine,
    my_qid,
    name_of,
    short_of,
    the_others,
)
from core.dialogues.status import ON_ITS_WAY, SLOW
from core.message import Qr
from core.qr.short_code import show as grouped
from core.text import Text, _, plain


def issue(desk: Desk, answers: Answers) -> Outcome:
    """Asks the national QR platform for the record, and our books for its short code.

    One's own comes first; whoever was picked under it is `answers["code"]`.
    """
    who = answers.get("code", answers["who"])
    check_right(desk, answers, who)
    me = desk.person.linked
    mine = me is not None and who == me.citizen_id
    qid = answers["family"][who]["qid"] or (my_qid(desk) if mine else None)
    if not qid:
        return Outcome({"next": "none", "who": who})
    record = desk.platforms.qr.record(qid, deadline=desk.deadline)
    if not record.active:
        return Outcome({"next": "none", "who": who})
    code, until = desk.codes.code_for(who, record.qid, record.payload)
    found = {"payload": record.payload, "digits": code, "until": until.isoformat()}
    return Outcome({"next": "code", "who": who, **found})


def after_issue(answers: Answers) -> Literal["code", "none"]:
    target: Literal["code", "none"] = answers["next"]
    return target


def to_register(answers: Answers) -> Literal["@register"]:
    return "@register"


def show(answers: Answers) -> Text:
    return _(
        "Personal QR code of {name}\nShort code: {code}\nValid until {time}. "
        "Show the picture or read the short code to the officer.",
        name=name_of(answers),
        code=plain(grouped(answers["digits"])),
        time=datetime.fromisoformat(answers["until"]),
    )


def show_brief(answers: Answers) -> Text:
    return _(
        "{name}, code:\n{code}\nuntil {time}. Read it to the officer.",
        name=short_of(answers),
        code=plain(grouped(answers["digits"])),
        time=datetime.fromisoformat(answers["until"]),
    )


def codes_of_others(answers: Answers) -> Mapping[str, Text]:
    return {key: _("Code of {name}", name=name) for key, name in the_others(answers).items()}


def picture(answers: Answers) -> Qr | None:
    return Qr(answers["payload"], answers["digits"])


WORST: dict[str, Any] = {
    **WORST_FAMILY,
    "payload": "1" * 110,
    "digits": "888888888888",
    "until": "2026-12-30T23:59:00+07:00",
}

MY_QR = Dialogue(
    name="qr",
    title=_("My QR code"),
    words=("QR", "MA QR", "MA", "CODE", "MA QR CUA TOI", "QUET MA", "QUET MA QR", "MA CA NHAN"),
    worst=(WORST,),
    steps={
        "family": Call(of=find_mine, late="slow", then="issue", later=False),
        "issue": Call(of=issue, late="slow", refused="none", then=after_issue),
        "code": Tell(
            say=show,
            brief=show_brief,
            qr=picture,
            offers=codes_of_others,
            then="issue",
            texted="issue",
        ),
        "none": Choose(
            ask=_("There is no personal QR code on record yet. The ward health station can help."),
            choices={"register": _("Register")},
            then=to_register,
        ),
        "slow": Tell(say=SLOW),
        TEXTED: ON_ITS_WAY,
    },
)
