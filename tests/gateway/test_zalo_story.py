"""A day on Zalo through the whole house: followed, linked by a code, asked, declared, shown, left.

Zalo is a stand-in that enforces its rules; the SMS arrives at the simulator's handset. Webhook,
inbox, worker, engine, outbox, senders, pictures, PostgreSQL, Valkey and sockets are the real ones.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from core.clock import now
from core.message import Address, Channel, Page
from core.outbox.outgoing import Outgoing, Purpose
from core.store.tables import outgoing
from core.token_pairs import Pair
from gateway import wiring
from tests.gateway.conftest import a_served_house
from tests.gateway.network import eventually, paper_of, year_of
from tests.peers.zalo import APP_SECRET, CS, TEMPLATE, TOKEN, ZaloPeer
from tests.peers.zalo_events import APP_ID, OA_ID, OA_SECRET
from tests.peers.zalo_http import Trouble
from tests.peers.zalo_rules import Message, Template
from web.simulator.threads import Threads

SECONDS = 20.0


@pytest.fixture
def database_url(fresh_database_url: str) -> str:
    """The house of these tests has a database of its own: the mother is a newcomer there."""
    return fresh_database_url


@pytest.fixture
def peer() -> Iterator[ZaloPeer]:
    with ZaloPeer(now, templates={"t1": Template("t1", {"text": 200})}) as made:
        yield made


@pytest.fixture
def served(
    peer: ZaloPeer, house: wiring.House, monkeypatch: pytest.MonkeyPatch
) -> Iterator[wiring.House]:
    """The house with Zalo set up, and its account let in."""
    for name, value in {
        "APP_ID": APP_ID,
        "APP_SECRET": APP_SECRET,
        "OA_ID": OA_ID,
        "OA_SECRET": OA_SECRET,
        "API_URL": peer.url,
        "OAUTH_URL": peer.url,
        "BUSINESS_URL": peer.url,
        "TEMPLATES": "result=t1",
        "PER_MINUTE": "4000",
    }.items():
        monkeypatch.setenv(f"MOTCUA_ZALO_{name}", value)
    access, refresh = peer.pair()
    made, until = now() - timedelta(hours=1), now() + timedelta(hours=24)
    house.zalo_shelf.put(Pair(access, refresh, made, until, now() + timedelta(days=90)))
    with a_served_house(monkeypatch) as listening:
        yield listening


@dataclass
class Citizen:
    """A person with Zalo and a telephone. Whatever they do goes through the webhook and back."""

    peer: ZaloPeer
    house: wiring.House
    known: dict[str, Any]
    id: str = field(default_factory=lambda: str(secrets.randbelow(10**17) + 10**17))

    @property
    def messages(self) -> list[Message]:
        return self.peer.person(self.id).messages

    @property
    def phone(self) -> str:
        return str(self.known["phone"])

    def does(self, event: dict[str, Any]) -> Message:
        """Does something, and reads what is answered: the last of its messages."""
        before = len(self.messages)
        self.tells(event)
        eventually(lambda: len(self.messages) > before, seconds=SECONDS)
        if self.messages[-1].image is not None:
            eventually(lambda: self.messages[-1].image is None, seconds=SECONDS)
        return self.messages[-1]

    def tells(self, event: dict[str, Any]) -> None:
        self.peer.acts(self.id)
        url = f"{self.house.settings.base_url}/bot/zalo/webhook"
        assert self.peer.events.push(url, event) == [200]

    def follows(self) -> Message:
        return self.does(self.peer.events.follows(self.id))

    def says(self, text: str) -> Message:
        return self.does(self.peer.events.says(self.id, text))

    def taps(self, words: str) -> Message:
        """Taps the button with these words; Zalo brings what it carries as a text."""
        buttons = self.messages[-1].buttons
        carried = next(payload for title, payload in buttons.items() if words in title)
        return self.says(carried)

    def code(self, before: int = 0) -> str:
        """The six digits of the newest text on the telephone."""

        def texts() -> list[str]:
            _, events = Threads(self.house.redis).after(self.phone, "0-0")
            return [one["text"] for one in events if one.get("from") == "them"]

        eventually(lambda: len(texts()) > before, seconds=SECONDS)
        found = re.match(r"(\d{6}) ", texts()[-1])
        assert found is not None, texts()[-1]
        return found[1]

    def links(self) -> Message:
        """Proves the number by a code, agrees, and says who they are."""
        self.says(self.phone.replace("+84", "0"))
        assert "dữ liệu cá nhân nhạy cảm" in self.says(self.code()).text
        self.taps("Đồng ý")
        self.says(paper_of(self.known))
        return self.says(year_of(self.known))


@pytest.fixture
def mother(served: wiring.House, peer: ZaloPeer, people: dict[str, dict[str, Any]]) -> Citizen:
    return Citizen(peer, served, people["family-mother"])


def test_a_newcomer_follows_links_sees_declares_gets_the_qr_and_leaves(
    mother: Citizen, sandbox: str
) -> None:
    menu = mother.follows()
    assert "1. Mã QR" in menu.text
    assert "9. English" in menu.text
    assert len(menu.buttons) == 5
    asked = mother.taps("2. ")
    assert "số di động" in asked.text
    family = mother.links()
    assert "Việc này cho ai?" in family.text
    status = mother.taps("1. ")
    assert "XANH" in status.text

    mother.taps("Menu")
    mother.taps("3. ")
    question = mother.taps("Minh Khôi")
    for number in range(20):
        if any("Gửi" in title for title in question.buttons):
            break
        # By turns with a button and with a number typed.
        first = next(iter(question.buttons))
        question = mother.taps(first) if number % 2 else mother.says("1")
    before = _declared(sandbox)
    assert "Đã nhận tờ khai của Minh Khôi" in mother.taps("Gửi").text.replace("\u00a0", " ")
    assert _declared(sandbox) == before + 1

    code = mother.says("QR")
    picture = mother.messages[-2]
    assert picture.qr == mother.known["payload"]
    assert re.search(r"\d{4} \d{4} \d{4}", code.text)

    mother.tells(mother.peer.events.follows(mother.id, "unfollow"))
    found = mother.house.people.find(Address("phone", mother.phone))
    readers = mother.house.events.news.readers
    assert found.linked is not None
    (reader,) = readers.find(found.linked.citizen_id, phones=(mother.phone,), carers=(), told=())
    assert [one.network for one in reader.addresses] == ["phone"]


def _declared(sandbox: str) -> int:
    return len(httpx2.get(f"{sandbox}/received", params={"kind": "declaration"}).json())


# What goes wrong, and the next step that is right


@dataclass
class Letter:
    """A result for somebody, put into the outbox, and what has become of it."""

    house: wiring.House
    who: str
    purpose: Purpose = Purpose.RESULT
    key: str = field(default_factory=lambda: f"test:{secrets.token_hex(8)}")

    def __post_init__(self) -> None:
        message = Outgoing(
            key=self.key,
            address=Address("zalo", self.who),
            channel=Channel.CHAT,
            page=Page("Đã có kết quả xét nghiệm. Xin trả lời KQ để xem."),
            purpose=self.purpose,
        )
        with self.house.database.begin() as connection:
            assert self.house.outbox.put(connection, message)

    def row(self) -> Any:
        with self.house.database.begin() as connection:
            return connection.execute(select(outgoing).where(outgoing.c.key == self.key)).one()

    def becomes(self, status: str, words: str = "") -> Any:
        """Waits for that, and gives the row."""
        eventually(
            lambda: (row := self.row()).status == status and words in row.words, seconds=SECONDS
        )
        return self.row()


def test_an_expired_token_is_renewed_and_the_message_goes_out(
    mother: Citizen, peer: ZaloPeer
) -> None:
    mother.follows()
    peer.access.clear()
    Letter(mother.house, mother.id).becomes("sent")
    assert len(peer.called(TOKEN)) == 1
    assert mother.messages[-1].text.startswith("Đã có kết quả")


def test_whoever_has_left_is_reached_another_way(mother: Citizen, peer: ZaloPeer) -> None:
    mother.follows()
    peer.person(mother.id).refuses = -213
    Letter(mother.house, mother.id).becomes("failed", "-213")


def test_a_closed_window_is_left_to_a_template(mother: Citizen, peer: ZaloPeer) -> None:
    mother.follows()
    mother.house.windows.shut(Address("zalo", mother.id), timedelta(days=8))
    peer.person(mother.id).acted_at = now() - timedelta(days=8)
    asked = len(peer.called(CS))
    Letter(mother.house, mother.id).becomes("sent")
    assert mother.messages[-1].template == "t1"
    assert (len(peer.called(CS)), len(peer.called(TEMPLATE))) == (asked, 1)
    Letter(mother.house, mother.id, Purpose.REMINDER).becomes("failed", "too long")


def test_a_window_that_zalo_knows_to_be_closed_is_left_to_a_template_as_well(
    mother: Citizen, peer: ZaloPeer
) -> None:
    mother.follows()
    peer.person(mother.id).acted_at = now() - timedelta(days=8)
    Letter(mother.house, mother.id).becomes("sent")
    assert mother.messages[-1].template == "t1"


@pytest.mark.parametrize(("code", "seconds"), [(-211, 3600), (-32, 30)])
def test_where_there_is_no_quota_it_waits(
    mother: Citizen, peer: ZaloPeer, code: int, seconds: int
) -> None:
    mother.follows()
    peer.will_answer(CS, Trouble(code))
    row = Letter(mother.house, mother.id).becomes("queued", str(code))
    assert row.not_before - now() == pytest.approx(
        timedelta(seconds=seconds), abs=timedelta(seconds=SECONDS)
    )
    assert row.attempts == 0, "to be told to wait is no failure"


def test_a_receipt_settles_what_was_sent(mother: Citizen, peer: ZaloPeer) -> None:
    mother.follows()
    letter = Letter(mother.house, mother.id)
    letter.becomes("sent")
    mother.tells(peer.events.received(mother.id, mother.messages[-1].id))
    letter.becomes("delivered")


def test_an_event_that_cannot_be_handled_does_not_block_who_comes_after(
    mother: Citizen, peer: ZaloPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor what the same person says next, once the poison was tried often enough."""
    hear = type(mother.house.hearing).hear

    def poisoned(self: Any, waiting: Any) -> Any:
        if waiting.body["said"] == ["poison"]:
            raise ValueError("poison")
        return hear(self, waiting)

    monkeypatch.setattr(type(mother.house.hearing), "hear", poisoned)
    neighbour = Citizen(peer, mother.house, mother.known)
    mother.tells(peer.events.says(mother.id, "poison"))
    assert "Một Cửa" in neighbour.says("menu").text
    mother.tells(peer.events.says(mother.id, "menu"))
    eventually(lambda: "Một Cửa" in mother.messages[-1].text if mother.messages else False)
