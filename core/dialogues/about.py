"""Whom a dialogue is about: oneself, or somebody one cares for.

A child or an elder is offered only when the platform itself names this phone as their carer's;
sharing a number is not enough to see another adult's records.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from core.dialogue import TOLD, Answers, Call, Choose, Desk, Outcome, Step, Then
from core.dialogues.told import SIGN_WORDS
from core.errors import Absent, Down, Late, NoRight
from core.gsm import fold
from core.people.accounts import Linked, Person
from core.platform.ports import Citizen
from core.text import Text, _, plain

FOR_GRANTED = timedelta(minutes=10)
"""For so long it is not asked again whom somebody may ask about."""

LONGEST_NAME = "Nguyễn Phúc Tôn Nữ Công Tằng Khánh Nguyệt Quỳnh Trâm"
LONGEST_SHORT = "Ann-Kathrin-Charlotte"

WORST_FAMILY: Mapping[str, Any] = {
    "family": {
        f"p{number}": {"name": LONGEST_NAME, "short": LONGEST_SHORT, "qid": "1" * 18}
        for number in range(6)
    },
    "who": "p0",
}
"""Six people with the longest names: what every screen must have room for."""


def short_name(name: str) -> str:
    """What a person is called: in Vietnamese the last one or two words of the name."""
    words = name.split()
    last = " ".join(words[-2:])
    return last if len(last) <= len(LONGEST_SHORT) else words[-1][: len(LONGEST_SHORT)]


def find_family(desk: Desk, answers: Answers) -> Outcome:
    """Everybody this person may ask about, themselves first. Needs a linked person.

    Whose record no longer has this number is not known any more: it may be somebody else's by now.
    """
    me = desk.person.linked
    assert me is not None
    known = {me.citizen_id: _card_of(me.name, me.qid, None)}
    person = desk.person
    found = _on_this_phone(desk)
    if not any(citizen.id == me.citizen_id for citizen in found) and _has_moved(desk, me):
        desk.people.unlink(desk.person.id)
        return Outcome({}, replace(person, linked=None))
    for citizen in found:
        if citizen.id == me.citizen_id:
            known[citizen.id] = _card_of(citizen.name, citizen.qid or me.qid, citizen.province)
            person = _refreshed(person, me, citizen)
        elif person.phone in citizen.carers:
            known[citizen.id] = _card_of(citizen.name, citizen.qid, citizen.province)
    at = {"found_at": desk.now.isoformat()}
    return Outcome({"family": known, **at, **_named(known, str(answers.get(TOLD, "")))}, person)


def check_right(desk: Desk, answers: Answers, who: str) -> None:
    """Asks again whether this person may ask about `who`, when it was found out long ago.

    A question in a chat may be answered for a day; a carer can be taken off the record meanwhile.
    Raises NoRight, or what the platform's silence raises.
    """
    me, phone, at = desk.person.linked, desk.person.phone, answers.get("found_at")
    if at is None or desk.now - datetime.fromisoformat(at) <= FOR_GRANTED:
        return
    found = desk.platforms.citizens.by_phone(phone, deadline=desk.deadline) if phone else ()
    if me is not None and me.citizen_id == who:
        theirs = any(one.id == who for one in found) or not _has_moved(desk, me)
    else:
        theirs = any(one.id == who and phone in one.carers for one in found)
    if not theirs:
        raise NoRight("not named as theirs any more")


def told_after(word: str, rest: str) -> Answers:
    """What stood after a keyword: whom it is about, or what is to be declared."""
    return {TOLD: rest}


def _named(family: Mapping[str, Any], told: str) -> dict[str, Any]:
    """The one of the family who was named after the keyword, and what else stood there.

    By the name we call them by, or its last word where nobody else has it.
    """
    named: dict[str, str] = {}
    for key, card in family.items():
        short = fold(str(card["short"]))
        found = next((name for name in (short, short.split()[-1]) if _stands_in(name, told)), None)
        if found is not None and found not in SIGN_WORDS:
            named[key] = found
    if len(named) != 1:
        return {}
    ((key, name),) = named.items()
    rest = re.sub(rf"\b(cho |be |con |for )*{re.escape(name)}\b", " ", told)
    return {"named": key, TOLD: " ".join(rest.split())}


def _stands_in(name: str, told: str) -> bool:
    return f" {name} " in f" {told} "


def _on_this_phone(desk: Desk) -> tuple[Citizen, ...]:
    """The platform's list; when it does not answer we go on with the person alone."""
    if desk.person.phone is None:
        return ()
    try:
        return desk.platforms.citizens.by_phone(desk.person.phone, deadline=desk.deadline)
    except (Late, Down):
        return ()


def _has_moved(desk: Desk, me: Linked) -> bool:
    """Whether the platform says that this number is not on the person's record (any more)."""
    try:
        citizen = desk.platforms.citizens.by_id(me.citizen_id, deadline=desk.deadline)
    except (Late, Down):
        return False
    except Absent:
        return True
    return desk.person.phone is not None and desk.person.phone not in citizen.phones


def _refreshed(person: Person, me: Linked, citizen: Citizen) -> Person:
    return replace(person, linked=replace(me, qid=citizen.qid or me.qid, name=citizen.name))


def _card_of(name: str, qid: str | None, province: str | None) -> dict[str, Any]:
    return {"name": name, "short": short_name(name), "qid": qid, "province": province}


def chosen(answers: Answers) -> Mapping[str, Any]:
    """The person that was chosen: name, short, qid, province."""
    card: Mapping[str, Any] = answers["family"][answers["who"]]
    return card


def name_of(answers: Answers) -> Text:
    return plain(str(chosen(answers)["name"]))


def short_of(answers: Answers) -> Text:
    return plain(str(chosen(answers)["short"]))


def _names(answers: Answers) -> Mapping[str, Text]:
    """Everybody to choose from; whoever was named already stands alone."""
    named = answers.get("named")
    if isinstance(named, str) and named in answers["family"]:
        return {named: plain(str(answers["family"][named]["short"]))}
    return {key: plain(str(card["short"])) for key, card in answers["family"].items()}


def find_mine(desk: Desk, answers: Answers) -> Outcome:
    """As `find_family`, with oneself chosen."""
    found = find_family(desk, answers)
    me = (found.person or desk.person).linked
    if me is None:
        return found
    return replace(found, answers={**found.answers, "who": me.citizen_id})


def my_qid(desk: Desk) -> str | None:
    """One's own QID; a registration that was kept brings it to our books alone, behind one's back."""
    me = desk.person.linked
    if me is None or me.qid:
        return me.qid if me else None
    on_file = desk.people.find(desk.address).linked
    same = on_file is not None and on_file.citizen_id == me.citizen_id
    return on_file.qid if on_file and same else None


def the_others(answers: Answers) -> Mapping[str, Text]:
    """Everybody else whom this person may ask about."""
    return {
        key: plain(str(card["short"]))
        for key, card in answers["family"].items()
        if key != answers["who"]
    }


def ask_about_whom(then: Then) -> Mapping[str, Step]:
    """The first two steps of a dialogue that may be about several people; asks only if needed."""
    return {
        "family": Call(of=find_family, late="who", then="who", later=False),
        "who": Choose(
            ask=_("Who is this about?"),
            text=_("For whom?"),
            choices=_names,
            alone=True,
            then=then,
        ),
    }
