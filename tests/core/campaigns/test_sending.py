"""Sending a campaign: a few first, then the rest; held, resumed and stopped; each message once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.campaigns.campaign import Campaign, NotNow, State
from core.campaigns.changes import Canary, held_until
from core.store.database import Database
from tests.core.campaigns.office import HOA, LAN, MORNING, Office, people, phone
from tests.core.outbox.provider import carry


def test_the_few_first_then_the_rest_each_once(office: Office) -> None:
    started = office.starts(people(300))
    office.works()
    assert len(office.provider.got) == 20
    office.works(5)
    assert len(office.provider.got) == 20, "the rest waits for the first ones"
    assert office.now(started).state is State.CANARY
    office.passes(seconds=301)
    office.works(6)
    assert office.got() == {phone(one): 1 for one in range(300)}
    office.works()
    assert office.now(started).state is State.DONE
    assert office.counted(started) == {"sent": 300}
    assert [one.what for one in office.book.history(started.id)] == [
        *("made", "checked", "approved", "started", "running", "done")
    ]


def test_the_rest_follows_at_once_when_every_receipt_came(office: Office) -> None:
    started = office.starts(people(100))
    office.works()
    with office.database.begin() as connection:
        connection.exec_driver_sql("UPDATE outgoing SET status = 'delivered'")
    office.works()
    assert office.now(started).state is State.RUNNING
    assert len(office.provider.got) > 20


def test_a_canary_that_fails_stops_the_rest(office: Office) -> None:
    started = office.starts(people(300))
    office.works()
    with office.database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE outgoing SET status = 'failed' WHERE seq IN (SELECT seq FROM outgoing LIMIT 3)"
        )
    office.passes(seconds=400)
    office.works(3)
    held = office.now(started)
    assert (held.state, held.why) == (State.PAUSED, "canary: 3 of 20 failed")
    assert len(office.provider.got) == 20
    office.campaigns.resume(started.id, who=HOA)
    office.works(6)
    assert len(office.provider.got) == 300, "somebody has decided so"


def test_complaints_stop_the_rest(office: Office) -> None:
    started = office.starts(people(300))
    office.works()
    for got in office.provider.got[:2]:
        office.people.refuse(office.people.find(got.address).id)
    office.works(3)
    held = office.now(started)
    assert (held.state, held.why) == (State.PAUSED, "canary: 2 of 20 refused further messages")


def fail(office: Office, count: int, *, newest: bool = True) -> None:
    """The provider reports of so many that they did not arrive."""
    order = "DESC" if newest else "ASC"
    with office.database.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE outgoing SET status = 'failed', settled_at = %s WHERE seq IN ("
            f"SELECT seq FROM outgoing WHERE status = 'sent' ORDER BY seq {order} LIMIT %s)",
            (office.clock(), count),
        )


def half_sent(office: Office) -> Campaign:
    """A campaign of 600: the first ones fared well, and some of the rest are out."""
    started = office.starts(people(600))
    office.sees_the_canary_through()
    office.works(3)
    office.feed.step()
    assert office.now(started).state is State.RUNNING
    return started


def test_the_rest_stops_when_what_was_sent_lately_fails(database: Database) -> None:
    office = Office(database, window=100)
    started = half_sent(office)
    out = len(office.provider.got) - 20
    fail(office, out // 10)
    office.feed.step()
    assert office.now(started).state is State.RUNNING, "not more than the share"
    fail(office, 2)
    office.passes(seconds=30)
    office.feed.step()
    held = office.now(started)
    assert (held.state, held.why) == (
        State.PAUSED,
        f"sent lately: {out // 10 + 2} of {out} failed",
    )
    assert office.book.history(started.id)[-1].what == f"paused: {held.why}"
    before = len(office.provider.got)
    office.works(3)
    assert len(office.provider.got) == before
    office.campaigns.resume(started.id, who=HOA)
    office.works(12)
    assert len(office.provider.got) == 600, "somebody has decided so"


def test_whoever_resumes_it_accepts_as_much_again(database: Database) -> None:
    office = Office(database, window=100)
    started = half_sent(office)
    fail(office, 40)
    office.feed.step()
    assert office.now(started).state is State.PAUSED
    out = len(office.provider.got)
    office.campaigns.resume(started.id, who=HOA)
    office.works()
    fail(office, 20)
    office.feed.step()
    assert len(office.provider.got) == out + 100
    assert office.now(started).state is State.RUNNING, "one in five of them; one in four is borne"
    fail(office, 10)
    office.feed.step()
    held = office.now(started)
    assert (held.state, held.why) == (State.PAUSED, "sent lately: 30 of 100 failed")
    for got in office.provider.got[-20:]:
        office.people.refuse(office.people.find(got.address).id)
    office.campaigns.resume(started.id, who=HOA)
    office.works()
    for got in office.provider.got[-20:]:
        office.people.refuse(office.people.find(got.address).id)
    office.feed.step()
    assert office.now(started).why.endswith("refused further messages"), "that was never accepted"


def test_failures_of_long_ago_stop_nothing(database: Database) -> None:
    office = Office(database, window=100, canary=Canary(watch=60))
    started = half_sent(office)
    early = len(office.provider.got)
    office.passes(seconds=70)
    office.works()
    office.feed.step()
    assert len(office.provider.got) > early + 20
    fail(office, early, newest=False)
    office.feed.step()
    assert office.now(started).state is State.RUNNING


def test_who_refuses_after_the_first_ones_stops_the_rest(database: Database) -> None:
    office = Office(database, window=100)
    started = half_sent(office)
    out = len(office.provider.got) - 20
    office.passes(seconds=60)
    for got in office.provider.got[-(out // 20 + 1) :]:
        office.people.refuse(office.people.find(got.address).id)
    office.works(1)
    held = office.now(started)
    assert held.state is State.PAUSED
    assert held.why.startswith("sent lately: ")
    assert held.why.endswith(" refused further messages")


def test_a_pause_takes_effect_at_once_and_loses_nobody(office: Office) -> None:
    started = office.starts(people(1000))
    office.sees_the_canary_through()
    office.works(2)
    before = len(office.provider.got)
    claimed = office.outbox.claim(10)
    office.campaigns.pause(started.id, who=LAN)
    assert office.in_outbox() == 10, "only what a worker has in hand"
    for one in claimed:
        carry(office.carrier, one)
    office.works(3)
    assert len(office.provider.got) == before
    office.passes(hours=1)
    office.works(2)
    assert len(office.provider.got) == before
    office.campaigns.resume(started.id, who=LAN)
    office.works(15)
    assert office.got() == {phone(one): 1 for one in range(1000)}


def test_a_province_waits_while_the_others_go_on(office: Office) -> None:
    started = office.starts(people(200, provinces=4))
    office.sees_the_canary_through()
    office.campaigns.pause(started.id, who=LAN, area=office.area("3"))
    before = office.got()
    office.works(6)
    third = {phone(one) for one in range(200) if one % 4 == 2}
    assert {one for one in office.got() if one in third} == before.keys() & third
    assert len(office.got()) == 150 + len(before.keys() & third)
    assert office.now(started).state is State.RUNNING, "some still wait"
    office.campaigns.resume(started.id, who=LAN, area=office.area("3"))
    office.works(3)
    assert len(office.got()) == 200
    assert office.now(started).state is State.DONE


def test_a_province_that_is_stopped_gets_no_more(office: Office) -> None:
    started = office.starts(people(200, provinces=4))
    office.sees_the_canary_through()
    office.feed.step()
    claimed = office.outbox.claim(40)
    before = office.got()
    office.campaigns.stop(started.id, who=LAN, area=office.area("3"))
    for one in claimed:
        carry(office.carrier, one)
    office.works(8)
    third = {phone(one) for one in range(200) if one % 4 == 2}
    assert office.got().keys() & third == before.keys() & third
    assert office.got().keys() - third == {phone(one) for one in range(200)} - third
    assert set(office.got().values()) == {1}
    counts = office.counted(started)
    assert counts == {"sent": len(office.got()), "stopped": 200 - len(office.got())}
    assert office.now(started).state is State.DONE


def test_a_stopped_campaign_sends_no_more(office: Office) -> None:
    started = office.starts(people(500))
    office.sees_the_canary_through()
    office.works(2)
    claimed = office.outbox.claim(10)
    before = len(office.provider.got)
    office.campaigns.stop(started.id, who=HOA)
    for one in claimed:
        carry(office.carrier, one)
    office.passes(hours=1)
    office.works(3)
    assert len(office.provider.got) == before
    assert office.counted(started) == {"sent": before, "stopped": 500 - before}
    with pytest.raises(NotNow):
        office.campaigns.resume(started.id, who=HOA)


def test_the_outbox_holds_a_window_of_it_only(database: Database) -> None:
    office = Office(database, window=30, canary=Canary(seconds=0))
    started = office.starts(people(200))
    office.works()
    for _ in range(3):
        office.feed.step()
        assert office.in_outbox() <= 30
    office.works(10)
    assert len(office.got()) == 200
    assert office.counted(started) == {"sent": 200}


def test_two_workers_feed_nobody_twice(database: Database) -> None:
    office = Office(database, canary=Canary(seconds=0))
    office.starts(people(100))
    with database.begin() as connection:
        assert office.book.due(connection, office.book.under_way()[0]) is not None
        assert office.feed.step() == 0, "somebody else has it in hand"
    office.works(5)
    assert set(office.got().values()) == {1}


def test_it_begins_and_ends_when_it_was_planned(office: Office) -> None:
    begin, end = MORNING + timedelta(hours=1), MORNING + timedelta(hours=2)
    started = office.starts(people(50), not_before=begin, useless_after=end)
    office.works(2)
    assert not office.provider.got
    office.passes(hours=1)
    office.works()
    assert len(office.provider.got) == 20
    office.passes(hours=1)
    office.works(2)
    assert office.now(started).state is State.DONE
    assert office.counted(started) == {"sent": 20, "stopped": 30}


def test_nothing_is_fed_at_night(office: Office) -> None:
    office.starts(people(50))
    office.clock.at = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
    assert office.feed.step() == 0
    office.clock.at = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
    assert office.feed.step() == 20


def test_what_waits_for_the_morning_says_so(office: Office) -> None:
    def waits(campaign: Campaign) -> datetime | None:
        return held_until(office.now(campaign), office.manners.decent, office.clock())

    started = office.starts(people(300))
    assert waits(started) is None
    office.works()
    office.clock.at = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)  # 20:00 in Viet Nam
    office.works(2)
    assert waits(started) == datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
    assert office.counted(started) == {"sent": 20, "waiting": 280}
    office.campaigns.pause(started.id, who=LAN)
    assert waits(started) is None, "it waits for somebody"
    office.campaigns.resume(started.id, who=LAN)
    office.clock.at = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
    assert waits(started) is None
    office.works(6)
    assert office.got() == {phone(one): 1 for one in range(300)}
