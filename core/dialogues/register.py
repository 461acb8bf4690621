"""Registering somebody who has no personal QR yet: a child or an elder, through a relative.

Decision 1405 calls it khai hộ (LoaiDinhDanh 1): the QR then names the declarer's own QID. The
declarer says how they are related, and that is kept with their consent. Whoever had a QR before is
shown to nobody but the one it names (decision 16).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal

from core.dialogue import Answers, Ask, Call, Choose, Desk, Dialogue, Outcome, Tell, why_refused
from core.dialogues.about import LONGEST_NAME, LONGEST_SHORT, my_qid, short_name
from core.dialogues.link import locked
from core.dialogues.newcomer import (
    after_birth,
    ask_birth,
    ask_paper,
    hear_birth,
    hear_name,
    hear_paper_of_theirs,
)
from core.errors import Refused
from core.gsm import unaccent
from core.message import Channel, Qr
from core.people.consent import Consent
from core.people.papers import Paper
from core.platform.ports import NewPerson, PersonalRecord
from core.qr.payload import BadPayload, official_name, read
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

TRIES = "register"
"""What wrong tries are counted as: whoever guesses at somebody's papers does not guess long."""

LIMIT = 5

GENDERS: Mapping[str, Text] = {"female": _("Female"), "male": _("Male")}


def begin(desk: Desk, answers: Answers) -> Outcome:
    """Only somebody with a QID of their own can declare for others; until then it is for them."""
    me = desk.person.linked
    assert me is not None
    if locked_until := _locked(desk):
        return Outcome({"next": "locked", "until": locked_until})
    if my_qid(desk):
        return Outcome({"next": "relation"})
    mine = {"relation": SELF, "name": me.name, "year": me.birth_year}
    return Outcome({"next": "birth", **mine})


def after_begin(answers: Answers) -> Literal["relation", "birth", "locked"]:
    target: Literal["relation", "birth", "locked"] = answers["next"]
    return target


def _locked(desk: Desk) -> str | None:
    """Until when nobody can be registered from here, after too many who could not be."""
    tries = desk.people.tries(TRIES, desk.person.id)
    until = tries.locked_until if tries.locked(desk.now) else None
    return until.isoformat() if until else None


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
    mine = None if myself else my_qid(desk)
    paper = Paper(answers["paper"]["type"], answers["paper"]["number"])
    person = NewPerson(
        paper=paper,
        name=answers["name"],
        birth_date=date.fromisoformat(answers["birth"]),
        gender="female" if answers["gender"] == "female" else "male",
        declarer_qid=mine,
        phone=desk.person.phone,
    )
    if locked_until := _locked(desk):
        return Outcome({"next": "locked", "until": locked_until})
    try:
        record = desk.platforms.qr.issue(person, key=desk.key, deadline=desk.deadline)
    except Refused:
        desk.people.wrong(TRIES, desk.person.id, LIMIT)
        raise
    if not myself and not _declared_by(record, mine):
        desk.people.wrong(TRIES, desk.person.id, LIMIT)
        return Outcome({"next": "known"})
    desk.people.right(TRIES, desk.person.id)
    person_now = None
    if myself:
        # Whose record it is was proven when they linked; from now on it has a QID.
        person_now = replace(desk.person, linked=replace(me, qid=record.qid))
        desk.people.known_better(desk.person.id, replace(me, qid=record.qid))
    else:
        desk.people.agree(desk.person.id, _consent(desk, answers))
    code, until = desk.codes.code_for(f"qid:{record.qid}", record.qid, record.payload)
    shown = {"next": "code", "payload": record.payload, "code": code, "until": until.isoformat()}
    return Outcome(shown, person_now)


def _declared_by(record: PersonalRecord, qid: str | None) -> bool:
    """Does the QR name this person as who declared for its holder?"""
    try:
        shown, _oddities = read(record.payload)
    except BadPayload:
        return False
    return qid is not None and shown.declared_by_other and shown.ext.declarer_qid == qid


def after_issue(answers: Answers) -> Literal["code", "known", "locked"]:
    target: Literal["code", "known", "locked"] = answers["next"]
    return target


def _consent(desk: Desk, answers: Answers) -> Consent:
    """The relation in the words that were chosen; no personal data in it."""
    language = desk.person.language
    wording = lines(RELATIONS[answers["relation"]], ANSWER_FOR).to(language)
    if desk.channel is not Channel.CHAT and not desk.person.accents:
        wording = unaccent(wording)
    return Consent(ACT_FOR, wording, language, desk.channel)


ANSWER_FOR = _("You declare for them and answer for it.")


def show(answers: Answers) -> Text:
    return _with_code(
        _("{name} is registered. Code:\n{code}\nuntil {time}. A new one: menu, My QR code."),
        answers,
    )


def show_text(answers: Answers) -> Text:
    return _with_code(
        _("{name} is registered. Code:\n{code}\nuntil {time}. A new one: write QR."), answers
    )


def _with_code(words: Text, answers: Answers) -> Text:
    return words.with_(
        name=plain(short_name(answers["name"])),
        code=plain(grouped(answers["code"])),
        time=datetime.fromisoformat(answers["until"]),
    )


def picture(answers: Answers) -> Qr | None:
    return Qr(answers["payload"], answers["code"])


def known(answers: Answers) -> Text:
    return _(
        "{name} has a QR code already. For their safety it is shown only on their own phone or to "
        "who registered them. The ward health station can help.",
        name=plain(short_name(answers["name"])),
    )


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
    "year": 1935,
    "payload": "1" * 110,
    "code": "888888888888",
    "until": "2026-12-30T23:59:00+07:00",
    "refused": "Số giấy tờ đã được cấp mã QR cho người khác",
}

REGISTER = Dialogue(
    name="register",
    title=_("Register a relative"),
    words=("REGISTER", "DANG KY HO", "KHAI HO", "DANG KY NGUOI THAN", "KHAI THAY"),
    worst=(WORST,),
    steps={
        "begin": Call(of=begin, late="kept", then=after_begin, later=False),
        "relation": Choose(ask=_("Whom do you register?"), choices=dict(RELATIONS), then="name"),
        "name": Ask(ask=_("Full name?"), read=hear_name),
        "birth": Ask(ask=ask_birth, read=hear_birth, then=after_birth),
        "gender": Choose(ask=_("Female or male?"), choices=dict(GENDERS), then="paper"),
        "paper": Ask(
            ask=ask_paper,
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
        "issue": Call(of=issue, late="kept", refused="refused", then=after_issue, changes=True),
        "code": Tell(say=show, text=show_text, qr=picture),
        "known": Tell(say=known),
        "locked": Tell(say=locked),
        "refused": Tell(say=refused),
        "kept": Tell(
            say=_("The registration is kept safe. The platform is slow; we will text you the code.")
        ),
        "dropped": Tell(say=_("Nothing was sent.")),
    },
)
