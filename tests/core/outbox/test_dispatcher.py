"""What goes out reaches its provider once, whatever providers, workers and the store do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from core.errors import SendLater, SendNever
from core.message import Address, Channel
from core.outbox.outgoing import Outgoing, Status
from core.outbox.ports import Done, Note, Sent, Verdict
from core.store.database import Database
from core.store.outbox import Outbox
from core.store.vault import Vault
from tests.core.outbox.provider import Clock, Provider, dispatch, dispatcher, row
from tests.core.store.messages import LAN, message, put


def test_a_message_is_sent_and_marked(database: Database, outbox: Outbox, clock: Clock) -> None:
    twilio = Provider()
    put(database, outbox, message("a"))
    assert dispatch(outbox, dispatcher(outbox, clock, twilio)) == 1
    kept = row(database, "a")
    assert twilio.keys == ["a"]
    assert (kept.status, kept.provider, kept.provider_ref, kept.segments) == (
        "sent",
        "twilio",
        "ref-a",
        1,
    )
    assert dispatch(outbox, dispatcher(outbox, clock, twilio)) == 0


def test_each_message_goes_to_a_provider_that_serves_it(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio, telegram = Provider(), Provider("telegram", ("telegram", Channel.CHAT))
    chat = message("chat", Address("telegram", "7"), channel=Channel.CHAT)
    zalo = message("zalo", Address("zalo", "7"), channel=Channel.CHAT)
    put(database, outbox, message("sms"), chat, zalo)
    dispatch(outbox, dispatcher(outbox, clock, twilio, telegram))
    assert (twilio.keys, telegram.keys) == (["sms"], ["chat"])
    assert row(database, "zalo").status == "failed"
    assert row(database, "zalo").words == "no provider for zalo, chat"


def test_a_provider_in_trouble_is_tried_again_less_and_less_often(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio = Provider()
    twilio.refuses(SendLater("30001 queue overflow"))
    put(database, outbox, message("a"))
    waits = []
    for _ in range(10):
        assert dispatch(outbox, dispatcher(outbox, clock, twilio)) == 1
        kept = row(database, "a")
        if kept.status == "queued":
            waits.append((kept.not_before - clock.at).total_seconds())
            clock.at = kept.not_before
    assert waits == [5, 10, 20, 40, 80, 160, 320, 600, 600]
    assert (kept.status, kept.words, kept.provider) == ("failed", "30001 queue overflow", "twilio")


def test_a_429_is_honoured_and_counts_as_no_attempt(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio = Provider()
    twilio.refuses(SendLater("429", after=30))
    put(database, outbox, message("a"), message("b", LAN))
    one = dispatcher(outbox, clock, twilio)
    dispatch(outbox, one)
    assert twilio.keys == ["a"], "asked to wait, it is not asked again for the next message"
    for key in "ab":
        kept = row(database, key)
        assert (kept.status, kept.attempts) == ("queued", 0)
        assert kept.not_before == clock.at + timedelta(seconds=30)
    clock.at += timedelta(seconds=29)
    assert dispatch(outbox, one) == 0
    clock.at += timedelta(seconds=1)
    twilio.answer = lambda _: Sent()
    assert dispatch(outbox, one) == 2
    assert sorted(twilio.keys) == ["a", "a", "b"]


def test_one_address_that_must_wait_does_not_close_the_provider_to_others(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio = Provider()

    def answer(one: Outgoing) -> Sent:
        if one.key == "a":
            raise SendLater("too quick", after=30, one_address=True)
        return Sent()

    twilio.answer = answer
    put(database, outbox, message("a"), message("b", LAN))
    dispatch(outbox, dispatcher(outbox, clock, twilio))
    assert sorted(twilio.keys) == ["a", "b"]
    assert row(database, "a").not_before == clock.at + timedelta(seconds=30)
    assert row(database, "a").attempts == 0
    assert row(database, "b").status == "sent"


def test_while_one_provider_waits_the_next_one_sends(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio, esms = Provider(), Provider("esms")
    twilio.refuses(SendLater("429", after=30))
    put(database, outbox, message("a"))
    dispatch(outbox, dispatcher(outbox, clock, twilio, esms))
    assert (twilio.keys, esms.keys) == (["a"], ["a"])
    assert row(database, "a").provider == "esms"


def test_after_a_failed_attempt_the_next_provider_is_tried(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio, esms = Provider(), Provider("esms")
    twilio.refuses(SendLater("timed out", unsure=True))
    put(database, outbox, message("a"))
    one = dispatcher(outbox, clock, twilio, esms)
    dispatch(outbox, one)
    assert esms.keys == [], "the first may have taken it: not at once"
    clock.at += timedelta(seconds=5)
    dispatch(outbox, one)
    assert (twilio.keys, esms.keys) == (["a"], ["a"])


def test_put_off_for_days_a_message_is_given_up(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio = Provider()
    twilio.refuses(SendLater("429", after=3600))
    put(database, outbox, message("a"))
    one = dispatcher(outbox, clock, twilio)
    for _ in range(50):
        dispatch(outbox, one)
        clock.at += timedelta(hours=1)
    assert row(database, "a").status == "failed"
    assert 45 < len(twilio.got) < 50


def test_a_message_that_will_never_arrive_is_failed_in_the_providers_words(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio = Provider()
    left: list[Outgoing] = []
    one = dispatcher(outbox, clock, twilio, opted_out=left.append)
    twilio.refuses(SendNever("21211 invalid number"))
    put(database, outbox, message("a"))
    dispatch(outbox, one)
    twilio.refuses(SendNever("21610 opted out", opted_out=True))
    put(database, outbox, message("b", LAN))
    dispatch(outbox, one)
    assert (row(database, "a").status, row(database, "a").words) == (
        "failed",
        "21211 invalid number",
    )
    assert row(database, "b").words == "21610 opted out"
    assert [gone.address for gone in left] == [LAN]


def test_what_came_too_late_is_not_sent(database: Database, outbox: Outbox, clock: Clock) -> None:
    twilio = Provider()
    put(database, outbox, message("a", useless_after=clock.at + timedelta(minutes=1)))
    clock.at += timedelta(minutes=1)
    dispatch(outbox, dispatcher(outbox, clock, twilio))
    assert twilio.keys == []
    assert outbox.status(message("a").id) is Status.EXPIRED


def test_a_mistake_in_one_providers_code_is_a_failed_attempt(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio = Provider()
    twilio.refuses(KeyError("+84912345678"))
    put(database, outbox, message("a"))
    dispatch(outbox, dispatcher(outbox, clock, twilio))
    kept = row(database, "a")
    assert (kept.status, kept.attempts) == ("queued", 1)
    assert kept.words == "our own mistake (KeyError)"


def test_a_crash_between_sending_and_marking_sends_again_under_the_same_id(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio = Provider()
    put(database, outbox, message("a"))
    (claimed,) = outbox.claim(1)
    twilio.send(claimed.outgoing)  # … and here the worker died.
    one = dispatcher(outbox, clock, twilio)
    assert dispatch(outbox, one) == 0
    clock.at += outbox.lease
    assert dispatch(outbox, one) == 1
    assert [sent.id for sent in twilio.got] == [claimed.outgoing.id] * 2
    assert outbox.status(claimed.outgoing.id) is Status.SENT


def test_a_message_whose_workers_always_die_is_given_up(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio = Provider()
    put(database, outbox, message("deadly"))
    for _ in range(10):
        assert len(outbox.claim(1)) == 1
        clock.at += outbox.lease
    dispatch(outbox, dispatcher(outbox, clock, twilio))
    assert twilio.keys == []
    assert row(database, "deadly").words == "given up after 10 attempts"


def test_a_store_that_is_away_for_a_moment_costs_no_second_copy(
    database: Database, outbox: Outbox, clock: Clock
) -> None:
    twilio, failures = Provider(), [ConnectionError(), ConnectionError()]

    class Shaky(Outbox):
        def write(self, notes: Sequence[Note]) -> Sequence[Verdict]:
            if failures and isinstance(notes[0], Done):
                raise failures.pop()
            return super().write(notes)

    shaky = Shaky(database, Vault([("k1", b"1" * 32)], b"s" * 32), clock)
    put(database, shaky, message("a"))
    dispatch(shaky, dispatcher(shaky, clock, twilio))
    assert twilio.keys == ["a"]
    assert shaky.status(message("a").id) is Status.SENT
