"""Registering somebody who has no personal QR yet: a child or an elder, through a relative.

Decision 1405 calls it khai hộ (LoaiDinhDanh 1): the QR then names the declarer's own QID. The
declarer says how they are related, and that is kept with their consent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal

from core.dialogue import Answers, Ask, Call, Choose, Desk, Dialogue, Outcome, Tell, why_refused
from core.dialogues.about import LONGEST_NAME, LONGEST_SHORT, short_name
from core.dialogues.link import hear_paper
from core.errors import Unclear
from core.gsm import unaccent
from core.message import Channel, Qr
from core.people.consent import Consent
from core.people.papers import BadDate, Paper, read_date
from core.platform.ports import NewPerson
from core.qr.payload import official_name
from core.qr.short_code import show as grouped
from core.text import Text, _, joined, lines, plain

ACT_FOR = "act-for"
"""The purpose of the consent that records the relation."""

SELF = "self"
"""Somebody who registers themselves (LoaiDinhDanh 0)."""

RELATIONS: Mapping[str, Text] = {
    "child": _("My child"),
    "parent": _("My father or mother"),
    "grandparent": _("My grandfather or grandmother"),
    "other": _("Somebody else in my care"),
}

GENDERS: Mapping[str, Text] = {"female": _("Female"), "male": _("Male")}


def begin(desk: Desk, answers: Answers) -> Outcome:
    """Only somebody with a QID of their own can declare for others; until then it is for them."""
    me = desk.person.linked
    if me is not None and me.qid:
        return Outcome({"next": "relation"})
    return Outcome({"next": "name", "relation": SELF})


def after_begin(answers: Answers) -> Literal["relation", "name"]:
    target: Literal["relation", "name"] = answers["next"]
    return target


def hear_name(said: str, today: date) -> str:
    name = " ".join(said.split())
    letters = sum(letter.isalpha() for letter in name)
    if letters < 2 or len(name) > 80 or any(letter.isdigit() for letter in name):
        raise Unclear(_("Please type the full name, as on the paper."))
    return name


def hear_birth(said: str, today: date) -> str:
    try:
        return read_date(said, today).isoformat()
    except BadDate:
        raise Unclear(_("Please type the date as day/month/year.")) from None


def hear_paper_of_theirs(said: str, today: date) -> dict[str, str]:
    """Decision 1405 knows a person by CCCD, CMND or passport; an insurance card alone will not do."""
    paper = hear_paper(said, today)
    if paper["type"] == "bhyt":
        raise Unclear(_("Please type a CCCD, CMND or passport number."))
    return paper


def confirm(answers: Answers) -> Text:
    said = (
        _("{name}, born {day}, {paper}. Register?")
        if answers["relation"] == SELF
        else _("{name}, born {day}, {paper}. You declare for them and answer for it. Register?")
    )
    return said.with_(
        name=plain(official_name(answers["name"])),
        day=date.fromisoformat(answers["birth"]),
        paper=plain(answers["paper"]["number"]),
    )


def confirm_text(answers: Answers) -> Text:
    """As a single text: whom, and what the declarer answers for."""
    who = _(
        "{name}, {day}, {paper}.",
        name=plain(official_name(answers["name"])),
        day=date.fromisoformat(answers["birth"]),
        paper=plain(answers["paper"]["number"]),
    )
    return who if answers["relation"] == SELF else joined(" ", who, ANSWER_FOR)


def after_confirm(answers: Answers) -> Literal["issue", "dropped"]:
    return "issue" if answers["confirm"] == "send" else "dropped"


def issue(desk: Desk, answers: Answers) -> Outcome:
    """Registers the person, records the relation, and gives the code at once."""
    me = desk.person.linked
    assert me is not None
    myself = answers["relation"] == SELF
    paper = Paper(answers["paper"]["type"], answers["paper"]["number"])
    person = NewPerson(
        paper=paper,
        name=answers["name"],
        birth_date=date.fromisoformat(answers["birth"]),
        gender="female" if answers["gender"] == "female" else "male",
        declarer_qid=None if myself else me.qid,
        phone=desk.person.phone,
    )
    record = desk.platforms.qr.issue(person, key=desk.key, deadline=desk.deadline)
    person_now = None
    if myself:
        # Whose record it is was proven when they linked; from now on it has a QID.
        person_now = replace(desk.person, linked=replace(me, qid=record.qid))
        desk.people.known_better(desk.person.id, replace(me, qid=record.qid))
    else:
        desk.people.agree(desk.person.id, _consent(desk, answers))
    code, until = desk.codes.code_for(f"qid:{record.qid}", record.qid, record.payload)
    shown = {"payload": record.payload, "code": code, "until": until.isoformat()}
    return Outcome(shown, person_now)


def _consent(desk: Desk, answers: Answers) -> Consent:
    """The relation in the words that were chosen; no personal data in it."""
    language = desk.person.language
    wording = lines(RELATIONS[answers["relation"]], ANSWER_FOR).to(language)
    if desk.channel is not Channel.CHAT and not desk.person.accents:
        wording = unaccent(wording)
    return Consent(ACT_FOR, wording, language, desk.channel)


ANSWER_FOR = _("You declare for them and answer for it.")


def show(answers: Answers) -> Text:
    return _(
        "{name} is registered. Code:\n{code}\nuntil {time}.",
        name=plain(short_name(answers["name"])),
        code=plain(grouped(answers["code"])),
        time=datetime.fromisoformat(answers["until"]),
    )


def picture(answers: Answers) -> Qr | None:
    return Qr(answers["payload"], answers["code"])


def refused(answers: Answers) -> Text:
    sorry = _("The national QR platform did not accept these details.")
    return why_refused(sorry, answers)


WORST: dict[str, Any] = {
    "relation": "grandparent",
    "name": LONGEST_NAME,
    "short": LONGEST_SHORT,
    "birth": "1936-12-30",
    "gender": "female",
    "paper": {"type": "cccd", "number": "079190012345"},
    "payload": "1" * 110,
    "code": "888888888888",
    "until": "2026-12-30T23:59:00+07:00",
    "refused": "Số giấy tờ đã được cấp mã QR cho người khác",
}

REGISTER = Dialogue(
    name="register",
    title=_("Register a relative"),
    words=("REGISTER", "DANG KY HO", "KHAI HO"),
    worst=(WORST,),
    steps={
        "begin": Call(of=begin, late="kept", then=after_begin, later=False),
        "relation": Choose(ask=_("Whom do you register?"), choices=dict(RELATIONS), then="name"),
        "name": Ask(ask=_("Full name?"), read=hear_name),
        "birth": Ask(ask=_("Birth date? Day/month/year"), read=hear_birth),
        "gender": Choose(ask=_("Female or male?"), choices=dict(GENDERS), then="paper"),
        "paper": Ask(
            ask=_("CCCD, CMND or passport number?"),
            read=hear_paper_of_theirs,
            then="confirm",
        ),
        "confirm": Choose(
            ask=confirm,
            text=confirm_text,
            choices={"send": _("Register"), "drop": _("Do not register")},
            then=after_confirm,
            seen=True,
            commits="send",
        ),
        "issue": Call(of=issue, late="kept", refused="refused", then="code", changes=True),
        "code": Tell(say=show, qr=picture),
        "refused": Tell(say=refused),
        "kept": Tell(
            say=_("The registration is kept safe. The platform is slow; we will text you the code.")
        ),
        "dropped": Tell(say=_("Nothing was sent.")),
    },
)
