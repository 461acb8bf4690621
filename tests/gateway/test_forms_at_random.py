"""Any Questionnaire, answered by anybody on any channel, becomes a response that a server must take."""

from __future__ import annotations

import re
from datetime import datetime
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bot.voices import voices
from core.clock import VIETNAM
from core.dialogue import Choose, choices_of
from core.dialogues import BY_NAME
from core.gsm import septets
from core.message import Address
from core.platform.fhir_form import compiled
from core.platform.fhir_response import response
from core.platform.forms import FormItem, link_of
from core.platform.ports import Declaration
from core.session import Session
from sms.texts import SmsVoice
from tests.core.house import House, Phone
from tests.fakes import PHONE
from tests.form_judge import faults
from tests.forms import questionnaires
from ussd.pages import UssdVoice

TYPED = {
    "integer": ("3", "40", "-1", "khong", "12", "abc", "99999999999", "1.5"),
    "decimal": ("37,5", "37.5", "khong", "nan", "1e9", "inf", "4"),
    "quantity": ("60", "60 kg", "60,5kg", "nan"),
    "date": ("1/11/2026", "24/12/2026", "30/2/2026", "5 thang 11 nam 2026", "hom qua"),
    "dateTime": ("1/11/2026 14:30", "20/11/2026", "1-11-2026 7h", "14:30"),
    "time": ("14:30", "7h", "7 gio 15", "25:00", "x"),
    "string": ("abc", "Huế", "abc def ghi jkl mno pqr stu vwx yza", "x\u0007y", "a; b"),
    "text": ("abc", "Huế\n và Đà Nẵng", "\u200b", "a,b,c"),
    "url": ("https://example.org/a", "example", "a b.c"),
    "open-choice": ("1", "2", "khác hẳn", "9"),
}
TURNS = 220


class Somebody:
    """Answers whatever is asked, mostly sensibly; goes back, skips and mistypes now and then."""

    def __init__(self, items: dict[str, FormItem], chance: Random) -> None:
        self._items = items
        self._chance = chance

    def says(self, session: Session, page: str, numbers: list[str]) -> str:
        assert session.talk is not None
        step = session.talk.step
        if step == "confirm":
            code = re.search(r"(?:GUI|SEND) ([0-9]{4})", page)
            return code[1] if code else "1"
        roll = self._chance.random()
        if roll < 0.06 and session.talk.trail:
            return "0"
        if roll < 0.10:
            return "vớ vẩn 77 !"
        item = self._items.get(link_of(step.removeprefix("q.")))
        if item is not None and item.kind in TYPED and not step.endswith(".all"):
            if not item.required and roll < 0.2:
                return "*"
            if item.initial is not None and roll < 0.3:
                return "*"
            said = self._chance.choice(TYPED[item.kind])
            return f"{said}; {said}" if item.repeats and roll < 0.5 else said
        picked = self._chance.choice(numbers or ["1"])
        return f"{picked} {self._chance.choice(numbers)}" if roll > 0.9 and numbers else picked


VOICES: dict[str, Any] = {
    "ussd": UssdVoice(),
    "sms": SmsVoice(),
    "zalo": voices()["zalo"],
}


def flat(items: tuple[FormItem, ...]) -> dict[str, FormItem]:
    return {found.link_id: found for one in items for found in (one, *flat(one.items).values())}


@pytest.mark.parametrize("channel", VOICES)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(form=questionnaires(), seed=st.integers(0, 2**32))
def test_whatever_is_asked_is_answered_as_it_must_be(
    channel: str, form: dict[str, Any], seed: int
) -> None:
    noted: list[str] = []
    edition = compiled(form, note=noted.append)
    assume(edition is not None)
    assert edition is not None
    house = House()
    house.platforms.current_form = edition.form
    phone = Phone(house).links()
    phone.voice = VOICES[channel]
    if channel == "zalo":
        phone = Phone(house, Address("telegram", "1"), VOICES[channel])
        phone.says("menu").shares(PHONE)
    if channel == "ussd":
        phone.dials().says("3")
    else:
        phone.says("KB")
    if _session(house, phone).talk.step == "who":  # type: ignore[union-attr]
        phone.says("1")
    somebody = Somebody(flat(edition.form.items), Random(seed))
    for _ in range(TURNS):
        if house.platforms.declared:
            break
        session = _session(house, phone)
        # Whoever texts nonsense again and again is not answered for a while.
        assume(phone.page is not None)
        assert session.talk is not None, phone.text
        assert session.talk.dialogue == "declare", phone.text
        if channel == "ussd":
            assert (septets(phone.text) or 0) <= 182, phone.text
        house.passes(seconds=150 if channel == "sms" else 20)
        phone.says(somebody.says(session, phone.text, _numbers(house, session)))
    assume(house.platforms.declared)
    ((_key, declaration),) = house.platforms.declared
    made = Declaration(
        edition.form.name,
        "pat-mother",
        "pat-mother",
        declaration.answers,
        datetime(2026, 11, 23, 8, 0, tzinfo=VIETNAM),
    )
    written = response(made, edition, system="urn:k", key="k")
    assert faults(form, written) == [], written


def _session(house: House, phone: Phone) -> Session:
    held = house.sessions.hold(phone.address)
    house.sessions.let_go(held)
    assert held.session is not None
    return held.session


def _numbers(house: House, session: Session) -> list[str]:
    """The numbers of what may be picked now."""
    assert session.talk is not None
    talk = session.talk
    steps = BY_NAME[talk.dialogue].all_steps(talk.answers, house._form)
    step = steps[talk.step]
    if not isinstance(step, Choose):
        return []
    return [str(number) for number in range(1, len(choices_of(step, talk.answers)) + 1)]
