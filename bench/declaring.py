"""People of the sandbox who declare by USSD, through the engine of a real house."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import httpx2

from core.engine import Engine
from core.message import Address, Channel, Inbound
from core.people.accounts import Linked
from core.people.consent import Consent
from core.voice import Voice
from gateway.wiring import House

DECLARE, STATUS, MYSELF, SEND = "3", "2", "1", "1"
CONFIRMED = "Gui to khai"
"""What the last question before sending begins with."""
FOR_WHOM = "Viec nay cho ai"
MORE = "98 "
TRIES = ("1", "2", "01/11/2026")
"""Answers of which every question of a form understands one."""
MOST_QUESTIONS = 60


@dataclass
class Caller:
    """One telephone that dials; `text` is the page on its screen."""

    engine: Engine
    voice: Voice
    phone: str
    citizen_id: str
    run: str
    """Names this run: the same words on the same wire would count as a repeat."""
    calls: int = 0
    hops: int = 0
    text: str = ""

    def dials(self) -> Caller:
        self.calls += 1
        return self._hop(event="new")

    def says(self, *answers: str) -> Caller:
        for answer in answers:
            self._hop(said=(answer,))
        return self

    def _hop(self, **what: Any) -> Caller:
        self.hops += 1
        page = self.engine.turn(
            Inbound(
                Channel.USSD,
                "africastalking",
                Address("phone", self.phone),
                f"{self.run}-{self.phone}-{self.calls}",
                f"hop-{self.hops}",
                **what,
            ),
            self.voice,
        )
        self.text = page.text if page else ""
        return self

    def looks_up(self) -> Caller:
        """Dials and asks for their own status."""
        self.dials().says(STATUS)
        return self.says(MYSELF) if FOR_WHOM in self.text else self

    def reads(self, words: str) -> bool:
        """Do these words stand on this page, or on one that follows?"""
        while words not in self.text:
            if MORE not in self.text:
                return False
            self.says("98")
        return True

    def fills_in(self) -> Caller:
        """Dials and answers the whole form, up to the question whether to send it."""
        self.dials().says(DECLARE)
        for _question in range(MOST_QUESTIONS):
            if CONFIRMED in self.text:
                return self
            self._answers()
        raise RuntimeError(f"the form has no end: {self.text}")

    def _answers(self) -> None:
        before = self.text
        for answer in ("98",) if MORE in before else TRIES:
            if self.says(answer).text != before:
                return


def callers(house: House, sandbox: str, count: int) -> list[Caller]:
    """So many people with a telephone of their own, linked already."""
    run = secrets.token_hex(4)
    found: dict[str, Caller] = {}
    for offset in range(0, 100 * count, 1000):
        page = httpx2.get(f"{sandbox}/people", params={"limit": 1000, "offset": offset}).json()
        for person in page:
            phone = person["phone"]
            if phone and phone not in found and len(found) < count:
                found[phone] = _linked(house, person, run)
        if len(found) == count or not page:
            break
    if len(found) < count:
        raise RuntimeError("the sandbox has too few people")
    return list(found.values())


def _linked(house: House, person: dict[str, Any], run: str) -> Caller:
    known = house.people.find(Address("phone", person["phone"]))
    year = int(person["birthDate"][:4])
    linked = Linked(person["patient"], person["qid"], person["name"], year)
    consent = Consent("link", "…", "vi", Channel.USSD)
    house.people.link(known.id, linked, consent)
    return Caller(house.engine, house.ussd, person["phone"], person["patient"], run)


def mood(sandbox: str, platform: str, name: str) -> None:
    """Puts a platform of the sandbox in a mood."""
    httpx2.put(f"{sandbox}/moods/{platform}", json={"mood": name}).raise_for_status()
