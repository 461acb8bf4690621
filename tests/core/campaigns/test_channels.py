"""A row goes where its person reads us: in the chat they have linked, else by text."""

from __future__ import annotations

from decimal import Decimal

from core.campaigns.campaign import State
from core.campaigns.changes import Canary
from core.errors import SendNever
from core.message import Address, Channel
from core.outbox.outgoing import Outgoing, Purpose, Receipt, Status
from core.outbox.ports import Sent
from core.store.database import Database
from core.store.readers import StoredReaders
from core.store.stories import Stories
from gateway.outbound import ChatToText
from tests.core.campaigns.office import Office, people, phone, table
from tests.core.outbox.provider import Provider, dispatch, dispatcher

CHAT = Address("telegram", "4711")


def linked(office: Office, number: int, chat: Address = CHAT) -> None:
    """Somebody proved in a chat that this number is theirs."""
    office.people.prove(chat, phone(number))


def fed(office: Office) -> dict[str, str]:
    """Where the messages in the outbox go, by network and address."""
    office.feed.step()
    claimed = office.outbox.claim(100)
    return {one.outgoing.address.value: one.outgoing.page.text for one in claimed}


def test_a_look_counts_by_channel_and_chats_cost_what_they_cost(office: Office) -> None:
    linked(office, 1)
    report = office.checks(office.makes(people(3)))
    assert report.networks == {"phone": 2, "telegram": 1}
    assert (report.messages, report.segments, report.cost) == (3, 3, Decimal(600))


def test_who_reads_a_chat_gets_it_there(office: Office) -> None:
    linked(office, 1)
    office.starts(people(3), purpose=Purpose.RESULT)
    found = fed(office)
    assert set(found) == {phone(0), "4711", phone(2)}
    assert found["4711"] == "Chào An 1**, mời bạn đến tiêm.", "with its letters"
    assert found[phone(0)].isascii()


def test_the_chat_of_which_we_heard_last(office: Office) -> None:
    linked(office, 1)
    office.passes(minutes=1)
    linked(office, 1, Address("zalo", "z1"))
    office.starts(people(2))
    assert set(fed(office)) == {phone(0), "z1"}


def test_by_text_where_the_campaign_or_the_row_says_so(database: Database) -> None:
    office = Office(database, canary=Canary(seconds=0))
    linked(office, 1)
    only = office.makes(people(3), sms_only=True)
    assert office.checks(only).networks == {"phone": 3}
    rows = table(f"{phone(1)},An,SMS", f"{phone(2)},An,", head="to,name,kênh")
    linked(office, 2, Address("telegram", "4712"))
    office.starts(rows)
    assert set(fed(office)) == {phone(1), "4712"}


def test_another_word_for_a_channel_is_a_bad_row(office: Office) -> None:
    made = office.makes(table(f"{phone(1)},An,zalo", head="to,name,channel"))
    ((row, reason),) = office.checks(made).bad_rows
    assert (row, reason.partition(",")[0]) == (2, "the channel must be sms")


def test_a_number_that_may_be_anothers_is_not_written_to_in_the_old_owners_chat(
    office: Office,
) -> None:
    linked(office, 1)
    office.people.find(Address("phone", phone(2)))
    linked(office, 2, Address("telegram", "4712"))
    assert office.checks(office.makes(people(3))).networks == {"phone": 1, "telegram": 2}
    office.passes(days=366)
    assert office.checks(office.makes(people(3))).networks == {"phone": 3}


def test_a_blocked_chat_is_left_alone(office: Office) -> None:
    linked(office, 1)
    office.people.block(CHAT)
    office.starts(people(2))
    assert set(fed(office)) == {phone(0), phone(1)}


def test_a_pause_holds_chats_too_and_nobody_gets_two(office: Office) -> None:
    telegram = Provider("telegram", ("telegram", Channel.CHAT))
    office.carrier = dispatcher(office.outbox, office.clock, office.provider, telegram)
    for number in range(0, 60, 2):
        linked(office, number, Address("telegram", f"t{number}"))
    started = office.starts(people(60))
    office.feed.step()
    office.campaigns.pause(started.id, who="Lan")
    office.works(3)
    assert not office.got()
    assert not telegram.got
    office.campaigns.resume(started.id, who="Lan")
    office.works(2)
    office.passes(seconds=301)
    office.works(3)
    assert (len(office.got()), len(telegram.got)) == (30, 30)
    assert office.counted(started) == {"sent": 60}


def test_what_a_chat_does_not_take_goes_as_a_text_and_counts_once(office: Office) -> None:
    telegram = Provider("telegram", ("telegram", Channel.CHAT))
    telegram.refuses(SendNever("blocked", opted_out=True))
    to_text = ChatToText(
        StoredReaders(office.database, office.vault, office.clock), frozenset(Purpose)
    )
    office.carrier = dispatcher(
        office.outbox, office.clock, office.provider, telegram, other_way=to_text
    )
    linked(office, 1)
    started = office.starts(people(2))
    office.works(3)
    assert office.got() == {phone(0): 1, phone(1): 1}
    assert office.counted(started) == {"sent": 2}
    assert all(one.page.text.isascii() for one in office.provider.got)
    seen = office.rows.page(started.id, after=0, limit=10)
    assert [(one.state, one.reason) for one in seen] == [("sent", "")] * 2
    refused = next(
        story
        for one in seen
        if (story := Stories(office.database, office.vault).one(one.message or ""))
        and len(story.attempts) > 1
    )
    assert refused.summary.words == "", "that it was blocked is no reason why it is sent"
    assert [(step.what, step.provider, step.words) for step in refused.steps] == [
        ("queued", None, ""),
        ("given", "telegram", ""),
        ("refused", "telegram", "blocked"),
        ("given", "twilio", ""),
        ("sent", "twilio", ""),
    ]
    office.outbox.settle(Receipt("twilio", "x", Status.DELIVERED, outgoing_id=refused.summary.id))
    seen = office.rows.page(started.id, after=0, limit=10)
    assert sorted((one.state, one.reason) for one in seen) == [("delivered", ""), ("sent", "")]


def test_whoever_blocks_the_chat_refuses_what_came_there(database: Database) -> None:
    office = Office(database, window=100)
    telegram = Provider("telegram", ("telegram", Channel.CHAT))
    to_text = ChatToText(
        StoredReaders(office.database, office.vault, office.clock), frozenset(Purpose)
    )
    office.carrier = dispatcher(
        office.outbox, office.clock, office.provider, telegram, other_way=to_text
    )
    for number in range(220):
        linked(office, number, Address("telegram", f"t{number}"))
    started = office.starts(people(220))
    office.sees_the_canary_through()
    takes, gone = telegram.answer, {f"t{number}" for number in range(10)}

    def answer(outgoing: Outgoing) -> Sent:
        if outgoing.address.value in gone:
            raise SendNever("blocked", opted_out=True)
        return takes(outgoing)

    telegram.answer = answer
    office.works()
    dispatch(office.outbox, office.carrier)
    by_text = {f"t{int(one.address.value[5:])}" for one in office.provider.got}
    in_chat = {one.address.value for one in telegram.got[20:]} - by_text
    assert len(by_text) > 5
    assert len(by_text) + len(in_chat) == 100
    for blocked in (*by_text, *sorted(in_chat)[:5]):
        office.people.block(Address("telegram", blocked))
    office.feed.step()
    assert office.now(started).state is State.RUNNING, "who got a text had blocked it before"
    office.people.block(Address("telegram", sorted(in_chat)[5]))
    office.feed.step()
    held = office.now(started)
    assert (held.state, held.why) == (
        State.PAUSED,
        "sent lately: 6 of 100 refused further messages",
    )
