"""Codes by SMS: each holds five minutes and five tries, and nobody can be pestered with them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.clock import now
from core.dialogues.prove import CODE
from core.message import Address, Channel
from core.outbox.outgoing import Lane, Purpose
from core.outbox.ports import Claimed
from core.people.accounts import Person
from core.people.proofs import TooMany
from core.store.database import Database
from core.store.outbox import Outbox
from core.store.proofs import StoredProofs
from core.store.tables import outgoing, proof
from core.store.upkeep import Upkeep
from core.store.vault import Vault
from sms.texts import SmsVoice
from tests.core.store.conftest import Clock

LINH, STRANGER = Address("zalo", "246845883529197922"), Address("zalo", "111")
PHONE, OTHER = "+84912345678", "+84987654321"
HER = Person("person-1", "vi")


@dataclass
class Desk:
    """The proofs, and the texts that went out."""

    proofs: StoredProofs
    outbox: Outbox
    drawn: list[int]
    database: Database

    def send(self, address: Address = LINH, phone: str = PHONE) -> TooMany | None:
        return self.proofs.send(address, phone, words=CODE, to=HER)

    def texts(self) -> list[Claimed]:
        return list(self.outbox.claim(100))

    def code(self) -> str:
        """The newest code."""
        return f"{self.drawn[-1]:06d}"

    def sent(self) -> int:
        with self.database.begin() as connection:
            return connection.execute(select(func.count()).select_from(outgoing)).scalar_one()


@pytest.fixture
def desk(database: Database, vault: Vault, clock: Clock) -> Desk:
    outbox, drawn = Outbox(database, vault, clock), list[int]()

    def draw(below: int) -> int:
        assert below == 10**6
        drawn.append(4711 + len(drawn))
        return drawn[-1]

    proofs = StoredProofs(database, vault, clock, outbox, SmsVoice(), randbelow=draw)
    return Desk(proofs, outbox, drawn, database)


def test_a_code_goes_out_as_one_urgent_text_that_is_soon_useless(desk: Desk, clock: Clock) -> None:
    assert desk.send() is None
    (text,) = [one.outgoing for one in desk.texts()]
    assert (text.address, text.channel) == (Address("phone", PHONE), Channel.SMS)
    assert (text.purpose, text.lane) == (Purpose.CODE, Lane.URGENT)
    assert text.useless_after == clock() + timedelta(minutes=5)
    assert text.page.text.startswith("004711 la ma xac minh")
    assert len(text.page.text) <= 160


def test_a_clock_that_goes_on_leaves_room_for_the_first_code(
    database: Database, vault: Vault
) -> None:
    outbox = Outbox(database, vault, now)
    proofs = StoredProofs(database, vault, now, outbox, SmsVoice())
    assert proofs.send(LINH, PHONE, words=CODE, to=HER) is None


def test_the_right_code_proves_once(desk: Desk) -> None:
    desk.send()
    code = desk.code()
    assert desk.proofs.check(LINH, PHONE, code) == "right"
    assert desk.proofs.check(LINH, PHONE, code) == "over"


def test_a_code_is_for_one_chat_and_one_number(desk: Desk) -> None:
    desk.send()
    code = desk.code()
    assert desk.proofs.check(STRANGER, PHONE, code) == "over"
    assert desk.proofs.check(LINH, OTHER, code) == "over"
    assert desk.proofs.check(Address("telegram", LINH.value), PHONE, code) == "over"
    assert desk.proofs.check(LINH, PHONE, code) == "right"


def test_a_code_holds_for_five_minutes(desk: Desk, clock: Clock) -> None:
    desk.send()
    code = desk.code()
    clock.passes(minutes=4, seconds=59)
    assert desk.proofs.check(LINH, PHONE, "x" + code[1:]) == "wrong"
    clock.passes(seconds=1)
    assert desk.proofs.check(LINH, PHONE, code) == "over"


def test_a_code_bears_five_tries(desk: Desk) -> None:
    desk.send()
    code = desk.code()
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    tries = [desk.proofs.check(LINH, PHONE, wrong) for _try in range(5)]
    assert tries == ["wrong"] * 4 + ["over"]
    assert desk.proofs.check(LINH, PHONE, code) == "over"


def test_tries_at_the_same_moment_are_all_counted(desk: Desk) -> None:
    desk.send()
    code = desk.code()
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    with ThreadPoolExecutor(10) as threads:
        tries = list(threads.map(lambda _: desk.proofs.check(LINH, PHONE, wrong), range(30)))
    assert tries.count("wrong") == 4
    assert desk.proofs.check(LINH, PHONE, code) == "over"


def test_a_new_code_ends_the_one_before(desk: Desk, clock: Clock) -> None:
    desk.send()
    first = desk.code()
    clock.passes(seconds=61)
    desk.send()
    second = desk.code()
    assert desk.proofs.check(LINH, PHONE, first) == "wrong"
    assert desk.proofs.check(LINH, PHONE, second) == "right"


def test_asking_again_at_once_sends_no_second_text(desk: Desk, clock: Clock) -> None:
    for _again in range(4):
        assert desk.send() is None
        clock.passes(seconds=14)
    assert desk.sent() == 1
    assert desk.proofs.check(LINH, PHONE, desk.code()) == "right"


def test_one_number_gets_three_codes_an_hour_and_five_a_day_whoever_asks(
    desk: Desk, clock: Clock
) -> None:
    began = clock()
    for number in range(3):
        assert desk.send(Address("zalo", str(number))) is None
        clock.passes(minutes=2)
    refused = desk.send(Address("zalo", "4"))
    assert refused == TooMany(began + timedelta(hours=1))
    assert desk.send(Address("zalo", "4"), OTHER) is None
    clock.at = refused.until + timedelta(seconds=1)
    for number in range(4, 6):
        assert desk.send(Address("zalo", str(number))) is None
        clock.passes(minutes=61)
    assert desk.send(Address("zalo", "7")) == TooMany(began + timedelta(days=1))
    assert desk.sent() == 6


def test_one_chat_gets_five_codes_a_day_for_whichever_numbers(desk: Desk, clock: Clock) -> None:
    began = clock()
    for number in range(5):
        assert desk.send(phone=f"+8491234567{number}") is None
        clock.passes(minutes=10)
    assert desk.send(phone="+84912345679") == TooMany(began + timedelta(days=1))
    clock.passes(hours=23, minutes=10)
    assert desk.send(phone="+84912345679") is None


def test_wishes_at_the_same_moment_are_all_counted(desk: Desk) -> None:
    chats = [Address("zalo", str(number)) for number in range(12)]
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(desk.send, chats))
    assert answers.count(None) == 3
    assert desk.sent() == 3


def test_no_code_and_no_number_stands_in_the_table(desk: Desk, database: Database) -> None:
    desk.send()
    code = desk.code()
    with database.begin() as connection:
        (row,) = connection.execute(select(proof))
    stored = " ".join(str(value) for value in row)
    for secret in (code, PHONE, PHONE[3:], LINH.value):
        assert secret not in stored
        assert secret.encode() not in b" ".join(v for v in row if isinstance(v, bytes))


def test_what_is_old_is_removed_once_it_counts_for_nothing(
    desk: Desk, database: Database, clock: Clock
) -> None:
    desk.send()
    upkeep = Upkeep(database, clock)
    clock.passes(hours=23)
    upkeep.forget()
    assert _rows(database) == 1
    clock.passes(hours=1, seconds=1)
    upkeep.forget()
    assert _rows(database) == 0


def _rows(database: Database) -> int:
    with database.begin() as connection:
        return connection.execute(select(func.count()).select_from(proof)).scalar_one()
