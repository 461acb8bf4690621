"""A citizen's day by text, through a real Kannel and a message centre: she declares, refuses, and asks.

Everything between her telephone and the sandbox's platform is the real thing: SMPP, Kannel, web process,
inbox, worker, engine, outbox, PostgreSQL and Valkey.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select

from core.clock import VIETNAM, now
from core.notices.ports import PROVIDER
from core.store.tables import inbox, outgoing
from tests.gateway.network import paper_of, year_of
from tests.peers.processes import until
from tests.peers.sms.centre import GSM7
from tests.peers.sms.line import Line, running_line

pytestmark = pytest.mark.peers

STORY = "family-mother"
SETTLED = {"delivered", "stopped"}
CODE = re.compile(r"GUI (\d{4})")


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    with running_line(tmp_path_factory.mktemp("story")) as line:
        yield line


@dataclass
class Citizen:
    """Somebody with a telephone that can do nothing but text."""

    line: Line
    known: dict[str, Any]
    read: int = 0

    @property
    def phone(self) -> str:
        return str(self.known["phone"])

    def texts(self, said: str) -> str:
        """Sends a text, and reads what comes back."""
        self.line.centre.brings(self.phone, said)
        return self.reads()

    def reads(self) -> str:
        """The next text that she has not read yet."""
        self.read += 1
        return self.line.centre.answer(self.phone, self.read)

    def box(self) -> int:
        """How many texts have come."""
        return len(self.line.centre.arrived(self.phone))

    def confirms(self, asked: str) -> str:
        """Sends the code that stands in a text."""
        found = CODE.search(asked)
        assert found is not None, asked
        return self.texts(f"Gửi {found[1]}")

    def links(self, asked: str) -> str:
        """Agrees, and says who she is."""
        assert "ho so suc khoe" in asked
        self.confirms(asked)
        self.texts(paper_of(self.known))
        return self.texts(year_of(self.known))


@pytest.fixture(scope="module")
def mother(line: Line) -> Citizen:
    people = httpx2.get(f"{line.gateway['sandbox']}/people", params={"limit": 40}).json()
    return Citizen(line, next(one for one in people if one["story"] == STORY))


def declarations(line: Line) -> list[dict[str, Any]]:
    """What the platform has received."""
    asked = {"kind": "declaration"}
    return list(httpx2.get(f"{line.gateway['sandbox']}/received", params=asked).json())


def statuses(line: Line) -> Counter[str]:
    """What has become of everything that was to be sent."""
    with line.house.database.begin() as connection:
        query = select(outgoing.c.status, func.count()).group_by(outgoing.c.status)
        return Counter({row[0]: row[1] for row in connection.execute(query)})


def becomes_due(line: Line, person: dict[str, Any], days: int) -> str:
    """The platform says that a dose is due in so many days, and we have heard it; the day."""
    day = now().astimezone(VIETNAM).date() + timedelta(days=days)
    asked = {"what": "dose-due", "qid": person["qid"], "date": day.isoformat()}
    before = events(line)
    httpx2.post(f"{line.gateway['sandbox']}/happen", json=asked).raise_for_status()
    until(lambda: events(line) > before, "the platform's word did not come")
    return f"{day:%d/%m}"


def events(line: Line) -> int:
    """How many words of the platforms were heard and dealt with."""
    with line.house.database.begin() as connection:
        done = inbox.c.provider == PROVIDER, inbox.c.state == "done"
        query = select(func.count()).select_from(inbox).where(*done)
        return int(connection.execute(query).scalar_one())


def test_one_text_and_a_code_become_a_declaration_with_a_receipt(mother: Citizen) -> None:
    line = mother.line
    whom = mother.links(mother.texts("kb sốt ho"))
    asked = mother.texts("1") if "1 " in whom and CODE.search(whom) is None else whom
    assert "Sot" in asked
    assert "Ho" in asked
    assert declarations(line) == []
    assert "Da nhan to khai" in mother.confirms(asked)
    (declared,) = declarations(line)
    assert declared["qid"] == mother.known["qid"]
    until(lambda: set(statuses(line)) == {"delivered"}, "a receipt is missing")
    assert statuses(line).total() == mother.box() == mother.read
    assert all(one.coding == GSM7 for one in line.centre.arrived(mother.phone))


def test_who_refuses_gets_no_reminder_and_is_answered_all_the_same(mother: Citizen) -> None:
    line = mother.line
    day = becomes_due(line, mother.known, 3)
    assert day in mother.reads()

    assert "Da ngung" in mother.texts("từ chối")
    becomes_due(line, mother.known, 4)
    assert "Cho ai" in mother.texts("kq")
    assert "Xet nghiem" in mother.texts("1")
    until(lambda: statuses(line).keys() <= SETTLED, "something is still on its way")
    assert mother.box() == mother.read

    assert "Da dang ky" in mother.texts("ĐK")
    day = becomes_due(line, mother.known, 5)
    assert day in mother.reads()
