"""Who are you: a proven phone number, consent, then a paper number and a birth year that match.

The phone number must be one that the platform has on file for that person: a paper's number alone
is on too many photocopies to prove anything. One sentence answers every mismatch, so that nobody
learns which part was wrong. Three wrong tries lock the phone for 15 minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal

from core.dialogue import Answers, Ask, Call, Choose, Desk, Dialogue, Outcome, Tell
from core.dialogues.prove import PROVE
from core.errors import Unclear
from core.gsm import unaccent
from core.message import VOUCHING, Channel
from core.people.accounts import Linked
from core.people.consent import Consent
from core.people.papers import BadPaper, Paper, read_birth_year, read_paper
from core.platform.ports import Citizen
from core.text import Text, _, lines, plain

LOOK_UP = "look-up"
"""The purpose of this consent: looking up and showing one's own records."""

CONSENT = _(
    "To show your vaccinations, tests and QR code, this service looks up your health record at "
    "the national health platform. Health data are sensitive personal data; they are used only "
    "to answer you. You can stop at any time: menu, Who I am. Do you agree?"
)
CONSENT_BRIEF = _(
    "May we look up your health record (sensitive data) to answer you? You can stop at any time."
)


def begin(desk: Desk, answers: Answers) -> Outcome:
    if desk.person.linked is not None:
        known = {"name": desk.person.linked.name, "chat": desk.address.network != "phone"}
        return Outcome({"next": "known", "proof": _proof(desk), **known})
    if desk.person.phone is None:
        return Outcome({"next": _proof(desk)})
    tries = desk.people.tries("link", desk.person.phone)
    if tries.locked(desk.now):
        return Outcome({"next": "locked", "until": _time(tries.locked_until)})
    return Outcome({"next": "consent"})


def _proof(desk: Desk) -> str:
    """How this chat proves its number: the network vouches for it, or a code is sent by SMS."""
    return "phone" if desk.address.network in VOUCHING else "number"


def after_begin(answers: Answers) -> Literal["known", "phone", "number", "locked", "consent"]:
    target: Literal["known", "phone", "number", "locked", "consent"] = answers["next"]
    return target


def share(said: str, today: date) -> str:
    raise Unclear(_("Please tap the button to share your phone number."))


def after_consent(answers: Answers) -> Literal["paper", "declined"]:
    return "paper" if answers["consent"] == "agree" else "declined"


def hear_paper(said: str, today: date) -> dict[str, str]:
    try:
        paper = read_paper(said)
    except BadPaper:
        raise Unclear(_("That is not a paper number. Please check it and type it again.")) from None
    return {"type": paper.type, "number": paper.number}


def hear_birth_year(said: str, today: date) -> int:
    try:
        return read_birth_year(said, today)
    except ValueError:
        raise Unclear(_("Please type the year with four digits, such as 1985.")) from None


def ask_paper(answers: Answers) -> Text:
    question = _("Type the number of your citizen card (CCCD), CMND, passport or BHYT card.")
    return lines(WRONG, question) if answers.get("wrong") else question


def ask_paper_brief(answers: Answers) -> Text:
    question = _("Type your CCCD, CMND, passport or BHYT number.")
    return lines(WRONG, question) if answers.get("wrong") else question


WRONG = _("This does not match the record of your phone number. Please check and try again.")


def match(desk: Desk, answers: Answers) -> Outcome:
    """Links the person, or counts a wrong try."""
    phone = desk.person.phone
    assert phone is not None
    paper = Paper(answers["paper"]["type"], answers["paper"]["number"])
    found = [
        citizen
        for citizen in desk.platforms.citizens.by_paper(paper, deadline=desk.deadline)
        if _is(citizen, answers["birth"], phone)
    ]
    if len(found) != 1:
        tries = desk.people.wrong("link", phone)
        if tries.locked(desk.now):
            return Outcome({"next": "locked", "until": _time(tries.locked_until)})
        return Outcome({"next": "paper", "wrong": True})
    desk.people.right("link", phone)
    citizen = found[0]
    linked = Linked(citizen.id, citizen.qid, citizen.name, answers["birth"])
    desk.people.link(desk.person.id, linked, _consent(desk))
    return Outcome({"next": "@wanted"}, replace(desk.person, linked=linked))


def _is(citizen: Citizen, birth_year: int, phone: str) -> bool:
    born = citizen.birth_date
    return born is not None and born.year == birth_year and phone in citizen.phones


def _consent(desk: Desk) -> Consent:
    """The wording as it stood on this person's screen."""
    person = desk.person
    if desk.channel is Channel.CHAT:
        wording = CONSENT.to(person.language)
    else:
        wording = CONSENT_BRIEF.to(person.language)
        wording = wording if person.accents else unaccent(wording)
    return Consent(LOOK_UP, wording, person.language, desk.channel)


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def after_match(answers: Answers) -> Literal["@wanted", "paper", "locked"]:
    target: Literal["@wanted", "paper", "locked"] = answers["next"]
    return target


def locked(answers: Answers) -> Text:
    until = datetime.fromisoformat(answers["until"])
    return _("Too many wrong tries. For your safety, please try again after {time}.", time=until)


def known(answers: Answers) -> Text:
    return _("This phone is linked to {name}.", name=plain(str(answers["name"])))


def known_text(answers: Answers) -> Text:
    return _("Linked to {name}.", name=plain(str(answers["name"])))


def choices_when_known(answers: Answers) -> Mapping[str, Text]:
    choices = {
        "keep": _("Keep it so"),
        "forget": _("Unlink this phone"),
        "chats": _("My chats"),
    }
    return choices | {"number": _("My number has changed")} if answers["chat"] else choices


def after_known(answers: Answers) -> Literal["forget", "@chats", "phone", "number", "@menu"]:
    match answers["known"]:
        case "forget":
            return "forget"
        case "chats":
            return "@chats"
        case "number":
            return "phone" if answers["proof"] == "phone" else "number"
        case _:
            return "@menu"


def forget(desk: Desk, answers: Answers) -> Outcome:
    """Whoever has this number next must not find their records in somebody else's chat."""
    desk.people.unlink(desk.person.id)
    desk.chats.remove_others(desk.person.id, desk.address)
    return Outcome({}, replace(desk.person, linked=None))


WORST: dict[str, Any] = {
    "name": "Nguyễn Phúc Tôn Nữ Công Tằng Khánh Nguyệt Quỳnh Trâm",
    "until": "2026-12-30T23:59:00+07:00",
    "wrong": True,
    "wrong code": True,
    "proof": "phone",
    "chat": True,
}

LINK = Dialogue(
    name="link",
    title=_("Who I am"),
    linked=False,
    words=("LINK", "LIEN KET", "LK", "TOI LA AI"),
    worst=(WORST, {**WORST, "wrong": False, "wrong code": False}),
    steps={
        "begin": Call(of=begin, late="slow", then=after_begin, later=False),
        "phone": Ask(
            ask=_(
                "Please share your phone number with the button below, so that we know it is you."
            ),
            read=share,
            wants="phone",
        ),
        **PROVE,
        "consent": Choose(
            ask=CONSENT,
            brief=CONSENT_BRIEF,
            choices={"agree": _("I agree"), "refuse": _("No")},
            then=after_consent,
            seen=True,
            commits="agree",
        ),
        "paper": Ask(ask=ask_paper, brief=ask_paper_brief, read=hear_paper, wants="paper"),
        "birth": Ask(
            ask=_("In which year were you born?"), read=hear_birth_year, wants="birth year"
        ),
        "match": Call(of=match, late="slow", then=after_match, later=False),
        "known": Choose(
            ask=known,
            text=known_text,
            choices=choices_when_known,
            then=after_known,
            commits="forget",
        ),
        "forget": Call(of=forget, late="slow", then="forgotten", later=False),
        "forgotten": Tell(
            say=_("Done. This phone is no longer linked to anybody and your consent is withdrawn.")
        ),
        "declined": Tell(
            say=_("That is fine: nothing was looked up. You can come back at any time."), end=True
        ),
        "locked": Tell(say=locked),
        "slow": Tell(
            say=_("The health platform is slow just now. Please try again in a few minutes.")
        ),
    },
)
