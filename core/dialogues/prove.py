"""Proving a phone number in a chat by a code that is sent to it; the first part of linking.

Every number gets the same answer, so that nobody learns whether we know it. A code holds for five
minutes and five tries; how many are sent is limited by number and by chat (`core/people/proofs.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from core.dialogue import Answers, Ask, Call, Choose, Desk, Outcome, Step, Tell
from core.errors import Unclear
from core.people.phone import BadPhone, is_mobile, read_phone
from core.people.proofs import DIGITS, TooMany
from core.text import Text, _, lines

CODE = _(
    "{code} is your One Door code, for 5 minutes. Type it in the chat where you asked for it. "
    "Never give it to anybody."
)

WRONG = _("That is not the code. Please check and try again.")


def hear_number(said: str, today: date) -> str:
    try:
        number = read_phone(said)
    except BadPhone:
        number = None
    if number is None or not is_mobile(number):
        raise Unclear(_("That is not a mobile number. Please check it and type it again."))
    return str(number)


def send(desk: Desk, answers: Answers) -> Outcome:
    """Sends a code, unless too many were sent."""
    sent = desk.proofs.send(desk.address, answers["number"], words=CODE, to=desk.person)
    if isinstance(sent, TooMany):
        return Outcome({"next": "many", "until": sent.until.isoformat()})
    return Outcome({"next": "code", "wrong code": False})


def after_send(answers: Answers) -> Literal["code", "many"]:
    target: Literal["code", "many"] = answers["next"]
    return target


def ask_code(answers: Answers) -> Text:
    question = _(
        "If this number receives SMS, a code of six digits is on its way to it. "
        "Type it here within 5 minutes."
    )
    return lines(WRONG, question) if answers.get("wrong code") else question


def ask_code_brief(answers: Answers) -> Text:
    question = _("Type the six digits that we sent by SMS.")
    return lines(WRONG, question) if answers.get("wrong code") else question


def hear_code(said: str, today: date) -> str:
    """The six digits, with whatever people write between them."""
    code = re.sub(r"[\s.\-]+", "", said)
    if len(code) != DIGITS or not (code.isascii() and code.isdecimal()):
        raise Unclear(_("The code has six digits."))
    return code


def check(desk: Desk, answers: Answers) -> Outcome:
    """With the right code the chat is that phone's person's from now on."""
    number = answers["number"]
    # Where this very turn broke off after the proof, the code is used up, and the proof stands.
    if desk.people.find(desk.address).phone != number:
        found = desk.proofs.check(desk.address, number, answers["code"])
        if found != "right":
            return Outcome({"next": "code" if found == "wrong" else "over", "wrong code": True})
    person = desk.people.prove(desk.address, number)
    target = "@wanted" if desk.wanted is not None and person.linked is not None else "begin"
    return Outcome({"next": target}, person)


def after_check(answers: Answers) -> Literal["@wanted", "begin", "code", "over"]:
    target: Literal["@wanted", "begin", "code", "over"] = answers["next"]
    return target


def after_over(answers: Answers) -> Literal["send", "number"]:
    return "send" if answers["over"] == "again" else "number"


def many(answers: Answers) -> Text:
    until = datetime.fromisoformat(answers["until"])
    return _("Too many codes were asked for. Please try again after {time}.", time=until)


PROVE: Mapping[str, Step] = {
    "number": Ask(
        ask=_(
            "Type your mobile number, such as 0912345678. We send a code to it by SMS, "
            "so that we know it is yours."
        ),
        brief=_("Type your mobile number. We send a code to it by SMS."),
        read=hear_number,
        wants="number",
    ),
    "send": Call(of=send, late="slow", then=after_send, later=False),
    "code": Ask(ask=ask_code, brief=ask_code_brief, read=hear_code),
    "check": Call(of=check, late="slow", then=after_check, later=False),
    "over": Choose(
        ask=_("That code does not hold any longer."),
        choices={"again": _("Send a new code"), "number": _("Another number")},
        then=after_over,
    ),
    "many": Tell(say=many),
}
"""Steps of the dialogue `link`; they lead back to its step `begin`, and to `slow`."""
