"""Events become letters: once, in whatever order they come, to those whom they concern."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy import select, text

from core.gsm import segments
from core.message import Address
from core.outbox.numbers import RELINK
from core.people.wishes import Topic
from core.platform.ports import Due
from core.store.tables import event
from tests.core.notices.conftest import Town
from tests.fakes import CHILD, FATHER, MOTHER, PHONE

READY = "Da co ket qua xet nghiem cua Nguyen T** H** P** K** N** Q**. Xin tra loi KQ de xem."


def test_a_result_is_told_by_text_without_its_content(town: Town) -> None:
    town.links()
    town.result(value="detected")
    assert town.happens()
    town.works()
    (letter,) = town.letters()
    assert letter.text == READY
    assert letter.to == Address("phone", PHONE)
    assert letter.purpose == "result"


def test_keys_name_nobody(town: Town) -> None:
    town.links()
    town.result()
    town.happens()
    town.works()
    (letter,) = town.letters()
    assert MOTHER.id not in letter.key
    assert "obs-9" not in letter.key
    with town.database.begin() as connection:
        stored = connection.execute(text("SELECT event::text || inbox::text FROM event, inbox"))
        assert not any(name in str(stored.all()) for name in (MOTHER.id, "obs-9"))
        assert connection.scalar(select(event.c.thing)) is None, "handled: nothing is left"


def test_whoever_has_a_chat_reads_it_there_in_their_language(town: Town) -> None:
    person = town.links(chat="77")
    town.people.speak(person.id, "en", None)
    town.result()
    town.happens()
    town.works()
    (letter,) = town.letters()
    assert letter.to == Address("telegram", "77")
    assert letter.text.startswith("A test result of Nguyễn T**")


def test_who_blocked_the_bot_gets_a_text(town: Town) -> None:
    town.links(chat="77")
    town.people.block(Address("telegram", "77"))
    town.result()
    town.happens()
    town.works()
    assert [letter.to for letter in town.letters()] == [Address("phone", PHONE)]


def test_a_carer_is_told_about_the_child(town: Town) -> None:
    town.links(MOTHER)
    town.result(CHILD)
    town.happens(citizen=CHILD)
    town.works()
    assert "cua Ton N** C**" in town.texts()[0]


@pytest.mark.parametrize("how", ["refused", "unlinked", "blocked", "never linked"])
def test_nobody_is_written_to_who_does_not_want_it(town: Town, how: str) -> None:
    if how == "never linked":
        town.people.find(Address("phone", PHONE))
    else:
        person = town.links()
    match how:
        case "refused":
            town.people.refuse(person.id)
        case "unlinked":
            town.people.unlink(person.id)
        case "blocked":
            town.people.block(Address("phone", PHONE))
    town.result()
    town.happens()
    town.works()
    assert town.letters() == []


def test_a_stranger_on_another_phone_hears_nothing(town: Town) -> None:
    town.links(FATHER, phone=FATHER.phones[0])
    town.result()
    town.happens()
    town.works()
    assert town.letters() == []


def test_what_is_not_final_is_not_told(town: Town) -> None:
    town.links()
    town.result(status="preliminary", value="pending")
    town.happens(version=1)
    town.works()
    assert town.letters() == []
    town.result(status="final", value="not-detected")
    town.happens(version=2)
    town.works()
    assert town.texts() == [READY]


def test_a_posted_event_about_somebody_elses_result_tells_nobody(town: Town) -> None:
    town.links(FATHER, phone=FATHER.phones[0])
    town.result(MOTHER)
    town.happens(citizen=FATHER)
    town.works()
    assert town.letters() == []


def test_an_old_result_that_is_touched_is_no_news(town: Town) -> None:
    town.links()
    old = town.at - timedelta(days=60)
    town.result(sampled=old, issued=old)
    town.happens()
    town.works()
    assert town.letters() == []


def test_the_same_version_again_is_nothing(town: Town) -> None:
    town.links()
    town.result()
    at = town.at
    assert town.happens(at=at)
    assert not town.happens(at=at)
    town.works()
    assert not town.happens(at=at)
    town.works()
    assert len(town.letters()) == 1


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_versions_may_come_in_any_order_and_again(
    town: Town, order: Sequence[int], dated: bool
) -> None:
    town.links()
    town.result(status="corrected", value="detected")
    began = town.at - timedelta(hours=1)
    for version in (*order, *order):
        at = began + timedelta(minutes=version) if dated else None
        town.happens(version=version, at=at)
        town.works()
    assert town.texts() == [READY], "it was always asked what holds now"


def test_a_restored_server_that_counts_from_one_again_is_heard(town: Town) -> None:
    town.links()
    town.result()
    town.happens(version=7, at=town.at - timedelta(minutes=9))
    town.works()
    town.result(status="corrected", value="detected")
    assert town.happens(version=2, at=town.at)
    town.works()
    assert len(town.letters()) == 2


def test_a_version_dated_far_ahead_does_not_hide_the_next(town: Town) -> None:
    town.links()
    town.result()
    assert town.happens(version=1, at=datetime(2399, 1, 1, tzinfo=UTC))
    assert town.happens(version=2, at=town.at)
    assert not town.happens(version=1, at=datetime(2399, 1, 1, tzinfo=UTC))


def test_a_platform_that_is_down_is_asked_again_until_it_answers(town: Town) -> None:
    town.links()
    town.result()
    town.happens()
    town.platforms.mood = "down"
    town.works()
    for _ in range(20):
        town.passes(minutes=11)
        assert town.news.catch_up() == 1
    assert town.letters() == []
    town.platforms.mood = "well"
    assert town.news.catch_up() == 0, "not before its time"
    town.passes(minutes=11)
    town.news.catch_up()
    town.news.catch_up()
    assert town.texts() == [READY]


def test_what_a_dead_worker_left_is_taken_up(town: Town) -> None:
    town.links()
    town.result()
    town.happens()
    assert town.events.claim("result", "obs-9") is not None
    town.works()
    assert town.letters() == [], "it is in other hands"
    town.passes(seconds=61)
    town.news.catch_up()
    assert len(town.letters()) == 1


def test_a_slow_worker_that_lost_its_lease_writes_nothing(town: Town) -> None:
    town.links()
    town.result()
    town.happens()
    slow = town.events.claim("result", "obs-9")
    assert slow is not None
    town.passes(seconds=61)
    town.news.catch_up()
    letter = town.outbox.claim(1)[0].outgoing
    assert not town.events.settle(slow, (letter,), "anything")
    assert len(town.letters()) == 1


def test_a_version_that_comes_while_one_is_in_hand_is_handled_too(town: Town) -> None:
    town.links()
    town.result()
    town.happens(version=1)
    taken = town.events.claim("result", "obs-9")
    assert taken is not None
    town.happens(version=2)
    town.works()
    assert town.events.settle(taken, (), None)
    town.passes(seconds=31)
    assert town.news.catch_up() == 1
    assert len(town.letters()) == 1


def test_an_event_that_nobody_expected_stops_no_other(town: Town) -> None:
    town.links()
    town.result()
    town.happens("result", "obs-1", citizen=None)
    town.happens("ticket", "nobody's")
    town.happens()
    town.works()
    assert town.texts() == [READY]


def test_posted_many_times_at_once_it_is_told_once(town: Town) -> None:
    town.links()
    town.result()
    at = town.at
    with ThreadPoolExecutor(6) as many:
        fresh = list(many.map(lambda _: town.happens(at=at), range(12)))
        assert fresh.count(True) == 1
        town.happens(version=2, at=at)
        taken = list(many.map(lambda _: town.events.claim("result", "obs-9"), range(6)))
    assert len([one for one in taken if one is not None]) == 1
    town.passes(seconds=61)
    town.works()
    assert len(town.letters()) == 1


def test_a_ticket_that_moved_is_told_and_its_reason_is_not(town: Town) -> None:
    town.links()
    town.ticket(state="received")
    town.happens("ticket", "t-1", 1)
    town.works()
    assert town.letters() == [], "its owner knows that"
    for version, state in enumerate(("in-progress", "completed"), 2):
        town.ticket(state=state, reason="Đã đối chiếu với sổ tiêm")
        town.happens("ticket", "t-1", version)
        town.works()
    started, ended = town.texts()
    assert "T0001" in started
    assert started != ended
    assert "doi chieu" not in ended


def test_a_posted_event_about_somebody_elses_ticket_tells_nobody(town: Town) -> None:
    town.links(FATHER, phone=FATHER.phones[0])
    town.ticket()
    town.happens("ticket", "t-1", citizen=FATHER)
    town.works()
    assert town.letters() == []


def test_about_people_whom_nobody_knows_little_is_asked(town: Town) -> None:
    town.result()
    town.happens()
    town.works()
    assert town.platforms.calls == ["by_id"]


def test_a_revoked_qr_ends_its_short_codes(town: Town) -> None:
    assert MOTHER.qid is not None
    town.happens("qr", MOTHER.qid, 1, None)
    town.works()
    assert town.revoked == []
    town.platforms.revoked.add(MOTHER.qid)
    town.happens("qr", MOTHER.qid, 2, None)
    town.works()
    assert town.revoked == [MOTHER.qid]


def test_a_number_that_was_silent_for_a_year_is_asked_to_link_again_once_a_month(
    town: Town,
) -> None:
    town.links()
    town.passes(days=366)
    for number in range(2):
        town.result(value="detected", id=f"obs-{number}")
        town.happens(thing=f"obs-{number}")
        town.works()
    (letter,) = town.letters()
    assert "LK" in letter.text
    assert "Nguyen" not in letter.text
    assert len(segments(letter.text)) == 1
    assert letter.key.startswith(RELINK)


def test_who_wants_no_reminders_still_gets_results(town: Town) -> None:
    person = town.links()
    town.people.refuse(person.id, Topic.REMINDER)
    town.platforms.due_of[MOTHER.id] = Due(date(2026, 11, 24), None, 3)
    town.happens("dose", "imm-1")
    town.works()
    assert town.letters() == []
    town.result()
    town.happens()
    town.works()
    assert len(town.letters()) == 1


def test_whoever_has_the_number_now_is_told_nothing_of_whoever_had_it(town: Town) -> None:
    town.links()
    moved = replace(MOTHER, phones=("+84398765432",))
    town.platforms.people = [moved if one.id == MOTHER.id else one for one in town.platforms.people]
    town.result()
    town.happens()
    town.works()
    assert town.letters() == []
