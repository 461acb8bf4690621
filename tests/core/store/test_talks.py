"""Talks with a person: whose a chat is, what is said there, and how we come back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.voice import ChatVoice
from core.message import Address, Channel, Inbound
from core.people.hours import Hours
from core.people.talks import OperatorTalk
from core.store.chats import StoredChats
from core.store.database import Database
from core.store.outbox import Outbox
from core.store.people import StoredPeople
from core.store.tables import outgoing, talk_line
from core.store.talks import StoredTalks
from core.store.upkeep import Upkeep
from core.store.vault import Vault
from tests.core.house import House, MemorySessions, Phone, PlainVoice
from tests.core.store.conftest import Clock

CHAT = Address("telegram", "5551001")
OTHER = Address("zalo", "246845883529197922")
SECRET = "Con tôi sốt ba hôm nay"


@pytest.fixture
def outbox(database: Database, vault: Vault, clock: Clock) -> Outbox:
    return Outbox(database, vault, clock)


def a_store(database: Database, vault: Vault, clock: Clock, outbox: Outbox, hours: str) -> Any:
    voice = ChatVoice()
    return StoredTalks(
        database,
        vault,
        clock,
        outbox,
        {"telegram": voice, "zalo": voice},
        Hours.read(hours),
        timedelta(minutes=30),
    )


@pytest.fixture
def talks(database: Database, vault: Vault, clock: Clock, outbox: Outbox) -> StoredTalks:
    made: StoredTalks = a_store(database, vault, clock, outbox, "always")
    return made


@pytest.fixture
def writer(talks: StoredTalks) -> Phone:
    """Somebody who chats with the gateway, and now and then with a person."""
    return Phone(House(talks=talks), CHAT, PlainVoice(Channel.CHAT, 15.0, True))


def told(database: Database, vault: Vault) -> list[str]:
    """What went out to people by way of talks, oldest first."""
    with database.begin() as connection:
        rows = connection.execute(select(outgoing).order_by(outgoing.c.seq)).all()
    return [vault.open_json(row.body, f"outgoing.body:{row.id}")["text"] for row in rows]


def only(listed: Sequence[OperatorTalk]) -> OperatorTalk:
    (one,) = listed
    return one


def test_what_a_person_writes_goes_to_the_operator_and_the_answer_back(
    writer: Phone, talks: StoredTalks, database: Database, vault: Vault
) -> None:
    writer.says("gặp người").sees("nhân viên", "MENU")
    writer.says(SECRET, "QR")
    assert writer.page is None, "we are quiet meanwhile, whatever is written"
    found = only(talks.listed(closed=False))
    shown = talks.read(found.id)
    assert shown is not None
    assert [(line.by, line.said) for line in shown.lines] == [("person", SECRET), ("person", "QR")]
    for _again in range(2):
        assert talks.say(found.id, "Chị đưa cháu tới trạm nhé.", key_id="k", key="1") == "said"
    assert told(database, vault) == ["👤 Chị đưa cháu tới trạm nhé."]
    answered = talks.read(found.id)
    assert answered is not None
    assert answered.waiting_since is None
    assert [(line.by, line.status) for line in answered.lines][-1] == ("operator", "queued")


@pytest.mark.parametrize("back", ["menu", "00", "/start"])
def test_the_menus_word_brings_us_back(writer: Phone, talks: StoredTalks, back: str) -> None:
    writer.says("agent", SECRET, back).sees("Tôi lại tiếp tục trả lời", "Mã QR")
    assert only(talks.listed(closed=True)).ending == "person"
    writer.says("gặp người").sees("nhân viên")
    assert len(talks.listed(closed=True)) == 1
    only(talks.listed(closed=False))


def test_a_button_brings_us_back(writer: Phone, talks: StoredTalks) -> None:
    writer.says("gặp người")
    writer.taps("menu").sees("Tôi lại tiếp tục trả lời", "Mã QR")
    assert talks.listed(closed=False) == []


def test_an_operator_ends_it_and_the_person_is_told_once(
    writer: Phone, talks: StoredTalks, database: Database, vault: Vault
) -> None:
    writer.says("gặp người", SECRET)
    found = only(talks.listed(closed=False))
    talks.close(found.id)
    talks.close(found.id)
    (goodbye,) = told(database, vault)
    assert "kết thúc cuộc trò chuyện" in goodbye
    assert talks.say(found.id, "Còn gì nữa không?", key_id="k", key="2") == "closed"
    writer.says("menu").sees("Mã QR")
    assert "tiếp tục" not in writer.text


def test_without_an_answer_we_come_back_and_say_sorry(
    writer: Phone, talks: StoredTalks, clock: Clock, database: Database, vault: Vault
) -> None:
    writer.says("gặp người", SECRET)
    clock.passes(minutes=20)
    writer.says("Có ai không?")
    assert talks.close_stale() == 0
    clock.passes(minutes=11)
    assert talks.close_stale() == 1
    assert talks.close_stale() == 0
    (sorry,) = told(database, vault)
    assert sorry.startswith("Xin lỗi")
    assert only(talks.listed(closed=True)).ending == "time"


def test_an_answer_starts_the_time_anew(writer: Phone, talks: StoredTalks, clock: Clock) -> None:
    writer.says("gặp người", SECRET)
    found = only(talks.listed(closed=False))
    clock.passes(minutes=29)
    talks.say(found.id, "Xin chờ một chút.", key_id="k", key="1")
    clock.passes(minutes=29)
    assert talks.close_stale() == 0
    clock.passes(minutes=2)
    assert talks.close_stale() == 1


def test_before_any_worker_looks_a_late_word_is_ours_again(
    writer: Phone, talks: StoredTalks, clock: Clock
) -> None:
    writer.says("gặp người", SECRET)
    clock.passes(minutes=31)
    writer.says("QR")
    assert writer.page is not None
    writer.sees("Tôi lại tiếp tục trả lời")


def by_hand(talks: StoredTalks, said: str, hop: str) -> None:
    """Somebody of ours writes in Zalo's own console."""
    inbound = Inbound(Channel.CHAT, "zalo", OTHER, OTHER.value, hop, "by-hand", said=(said,))
    assert talks.hear(inbound) == "theirs"


def test_who_writes_in_zalos_own_console_takes_the_chat_over(
    talks: StoredTalks, clock: Clock, database: Database, vault: Vault
) -> None:
    person = Phone(House(talks=talks), OTHER, PlainVoice(Channel.CHAT, 15.0, True))
    for _again in range(2):
        by_hand(talks, "Chào chị, em ở trạm y tế.", "m1")
    found = only(talks.listed(closed=False))
    assert found.by_hand
    person.says(SECRET)
    assert person.page is None
    shown = talks.read(found.id)
    assert shown is not None
    assert [line.by for line in shown.lines] == ["operator", "person"]
    by_hand(talks, "Chị tới lúc 8 giờ nhé.", "m2")
    clock.passes(minutes=31)
    assert talks.close_stale() == 1
    assert told(database, vault) == [], "a talk that we did not begin ends as quietly"
    person.says("menu").sees("Mã QR")


@pytest.mark.parametrize(
    ("hours", "said"), [("mon 08:00-09:00", "08:00 30/11"), ("", "chưa có nhân viên trả lời")]
)
def test_where_nobody_is_there_it_says_so_and_goes_on(
    database: Database, vault: Vault, clock: Clock, outbox: Outbox, hours: str, said: str
) -> None:
    closed = a_store(database, vault, clock, outbox, hours)
    writer = Phone(House(talks=closed), CHAT, PlainVoice(Channel.CHAT, 15.0, True))
    writer.says("gặp người").sees(said)
    writer.says("menu").sees("Mã QR")
    assert closed.listed(closed=False) == []


def test_others_and_other_channels_are_not_concerned(writer: Phone, talks: StoredTalks) -> None:
    writer.says("gặp người")
    neighbour = Phone(House(talks=talks), OTHER, PlainVoice(Channel.CHAT, 15.0, True))
    neighbour.says("menu").sees("Mã QR")
    on_ussd = Phone(House(talks=talks))
    on_ussd.dials("8").sees("Ngôn ngữ")
    assert "Gặp nhân viên" not in on_ussd.text
    neighbour.says("8").sees("Gặp nhân viên")
    by_text = Phone(House(talks=talks), voice=PlainVoice(Channel.SMS, 30.0, True))
    by_text.says("gap nguoi").sees("qua chat")
    assert len(talks.listed(closed=False)) == 1


def test_the_same_message_again_is_one_line(writer: Phone, talks: StoredTalks) -> None:
    writer.says("gặp người")
    for _again in range(2):
        said = Inbound(Channel.CHAT, "telegram", CHAT, "5551001", "77", said=(SECRET,))
        assert talks.hear(said) == "theirs"
    shown = talks.read(only(talks.listed(closed=False)).id)
    assert shown is not None
    assert len(shown.lines) == 1


def test_what_is_no_id_is_nobodys(talks: StoredTalks) -> None:
    for wrong in ("", "x", "00000000-0000-0000-0000-000000000000", "💥" * 50):
        assert talks.read(wrong) is None
        with pytest.raises(KeyError):
            talks.close(wrong)


def test_nothing_that_was_said_is_in_clear_and_it_is_forgotten(
    writer: Phone,
    talks: StoredTalks,
    database: Database,
    vault: Vault,
    clock: Clock,
) -> None:
    writer.says("gặp người", SECRET)
    with database.begin() as connection:
        rows = connection.execute(select(talk_line)).all()
        assert SECRET.encode() not in b"".join(row.said for row in rows)
    talks.close(only(talks.listed(closed=False)).id)
    upkeep = Upkeep(database, clock)
    upkeep.forget()
    assert len(talks.listed(closed=True)) == 1
    clock.passes(days=31)
    upkeep.forget()
    assert talks.listed(closed=True) == []
    with database.begin() as connection:
        assert connection.execute(select(talk_line)).all() == []


def test_who_wants_to_be_forgotten_leaves_no_talk(
    writer: Phone, talks: StoredTalks, database: Database, vault: Vault, clock: Clock
) -> None:
    StoredPeople(database, vault, clock).find(CHAT)
    writer.says("gặp người", SECRET)
    StoredChats(database, vault, clock, MemorySessions()).forget(CHAT)
    assert talks.listed(closed=False) == []
