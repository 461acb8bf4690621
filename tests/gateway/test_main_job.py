"""The main job through the real house: dial, link, see, declare, and get the code an officer checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx2
from flask.testing import FlaskClient

from core.gsm import septets
from tests.gateway.conftest import SECRET

People = dict[str, dict[str, Any]]


@dataclass
class Handset:
    """A phone behind Africa's Talking: every answer is joined to the history, as it does."""

    client: FlaskClient
    phone: str
    count: int = 0
    said: list[str] = field(default_factory=list)
    text: str = ""

    def dials(self, deep: str = "") -> Handset:
        self.count += 1
        self.said = [deep] if deep else []
        return self._hop()

    def says(self, *answers: str) -> Handset:
        for answer in answers:
            self.said.append(answer)
            self._hop()
        return self

    def _hop(self) -> Handset:
        answer = self.client.post(
            f"/ussd/africastalking/{SECRET}",
            data={
                "sessionId": f"ATUid_{self.phone}_{self.count}",
                "phoneNumber": self.phone,
                "networkCode": "45204",
                "serviceCode": "*1022#",
                "text": "*".join(self.said),
            },
        )
        assert answer.status_code == 200
        body = answer.get_data(as_text=True)
        assert body[:4] in ("CON ", "END ")
        self.text = body[4:]
        size = septets(self.text)
        assert size is not None
        assert size <= 160
        return self

    def sees(self, *words: str) -> Handset:
        for word in words:
            assert word in self.text, f"{word!r} is not on the screen:\n{self.text}"
        return self


def paper_of(person: dict[str, Any]) -> str:
    return str(person["papers"][0]["number"])


def birth_year(person: dict[str, Any]) -> str:
    return str(person["birthDate"])[:4]


def test_a_mother_links_sees_her_child_declares_for_him_and_gets_the_code(
    client: FlaskClient, people: People, sandbox: str
) -> None:
    mother = people["family-mother"]
    phone = Handset(client, mother["phone"])
    phone.dials().sees("Mot Cua - Y te", "1 Ma QR", "9 English")
    phone.says("2").sees("du lieu nhay cam", "1 Dong y").says("1", paper_of(mother)).sees(
        "sinh nam nao"
    )
    phone.says(birth_year(mother)).sees("Viec nay cho ai?", "1 Thi Huong", "2 Minh Khoi")
    phone.says("1").sees("XANH", "2 mui", "Tinh den", "98 ").says("98").sees("am tinh")
    phone.says("00", "2", "2").sees("Minh Khoi: VANG", "co mui dau")
    phone.says("00", "3", "2")
    for _question in range(12):
        if "Gui to khai" in phone.text:
            break
        phone.says("98" if "98 " in phone.text else "1")
    phone.sees("Gui to khai cua Minh Khoi").says("1").sees("Da nhan to khai cua Minh Khoi")
    received = httpx2.get(f"{sandbox}/received").json()
    assert str(received).count("QuestionnaireResponse") >= 1
    phone.says("00", "1", "1").sees("Ma cua Thi Huong")
    again = Handset(client, mother["phone"], count=5).dials("1*1").sees("Ma cua Thi Huong")
    assert again.text == phone.text
