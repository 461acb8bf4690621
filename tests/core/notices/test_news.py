"""Events become letters: once, in whatever order they come, to those whom they concern."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy import select, text

from core.clock import VIETNAM
from core.gsm import segments
from core.message import Address, Channel
from core.notices.notice import Policy
from core.outbox.numbers import RELINK
from core.people.stations import Hotlines
from core.people.wishes import Topic
from core.platform.ports import Dose, Due
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


def test_whoever_got_the_first_gets_the_correction_on_the_same_network(town: Town) -> None:
    town.links()
    town.result()
    town.happens(version=1)
    town.works()
    town.links(chat="77")
    town.passes(days=30)
    town.result(status="corrected", value="detected")
    town.happens(version=2)
    town.works()
    first, second = town.letters()
    assert second.to == first.to == Address("phone", PHONE)
    assert "duoc dinh chinh" in second.text


def test_a_correction_stays_in_the_chat_though_the_person_texted_since(town: Town) -> None:
    town.links(chat="77")
    town.result()
    town.happens(version=1)
    town.works()
    town.passes(hours=1)
    town.people.find(Address("phone", PHONE))
    town.result(status="corrected", value="detected")
    town.happens(version=2)
    town.works()
    assert [letter.to for letter in town.letters()] == [Address("telegram", "77")] * 2


def test_where_the_chat_did_not_take_the_first_the_correction_is_a_text_as_well(town: Town) -> None:
    town.links(chat="77")
    town.result()
    town.happens(version=1)
    town.works()
    (claimed,) = town.outbox.claim(1)
    text = replace(claimed.outgoing, address=Address("phone", PHONE), channel=Channel.SMS)
    town.outbox.redirect(claimed, text, "the chat is closed")
    town.result(status="corrected", value="detected")
    town.happens(version=2)
    town.works()
    assert [letter.to for letter in town.letters()] == [Address("phone", PHONE)] * 2


def test_the_correction_reaches_also_who_is_no_longer_linked(town: Town) -> None:
    person = town.links()
    town.result()
    town.happens(version=1)
    town.works()
    town.people.unlink(person.id)
    town.platforms.results_of[MOTHER.id] = ()
    town.happens(version=2)
    town.works()
    assert len(town.letters()) == 2, "withdrawn altogether"


def test_a_result_that_turns_out_to_be_anothers_is_shown_to_nobody_who_got_the_first(
    town: Town,
) -> None:
    town.decides(Policy("whole"))
    town.links()
    town.links(FATHER, phone=FATHER.phones[0])
    town.result(value="not-detected")
    town.happens(version=1)
    town.works()
    del town.platforms.results_of[MOTHER.id]
    town.result(FATHER, value="detected", status="corrected")
    town.happens(version=2, citizen=FATHER)
    town.works()
    _, *others = town.letters()
    to = {letter.to.value: letter.text for letter in others}
    assert to.keys() == {PHONE, FATHER.phones[0]}
    assert "DUONG TINH" in to[FATHER.phones[0]]
    assert "khong con gia tri" in to[PHONE], "what she was told does not hold"
    assert FATHER.name.split()[0] not in to[PHONE].title()
    assert "DUONG TINH" not in to[PHONE]


def test_a_first_one_that_still_waits_is_not_sent_after_its_correction(town: Town) -> None:
    town.decides(Policy("whole"))
    town.links()
    town.result(value="not-detected")
    town.happens(version=1)
    town.works()
    (claimed,) = town.outbox.claim(1)
    town.result(value="detected", status="corrected")
    town.happens(version=2)
    town.works()
    town.outbox.later(claimed, town.at, "HTTP 503", counted=True)
    assert [one.outgoing.page.text for one in town.outbox.claim(9)] == [town.texts()[1]]


def test_who_is_no_carer_any_more_hears_nothing_new_of_the_child(town: Town) -> None:
    town.links()
    due = date(2026, 12, 20)
    town.platforms.due_of[CHILD.id] = Due(due, "Pfizer", 3)
    town.happens("dose", "rec-1", citizen=CHILD)
    town.at = datetime(2026, 12, 13, 9, tzinfo=VIETNAM)
    town.works()
    assert len(town.letters()) == 1
    alone = replace(CHILD, carers=())
    town.platforms.people = [alone if one.id == CHILD.id else one for one in town.platforms.people]
    for day in (19, 21):
        town.at = datetime(2026, 12, day, 9, tzinfo=VIETNAM)
        town.news.catch_up()
    assert len(town.letters()) == 1


def test_corrected_and_corrected_back_is_told_each_time(town: Town) -> None:
    town.links()
    for version, value in enumerate(("not-detected", "detected", "not-detected", "detected"), 1):
        town.result(status="final" if version == 1 else "corrected", value=value)
        town.happens(version=version)
        town.works()
    assert len(town.letters()) == 4


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


def test_a_search_that_lags_behind_hides_no_result(town: Town) -> None:
    town.links()
    town.happens(at=town.at)
    town.works()
    town.passes(seconds=61)
    town.result()
    assert town.news.catch_up() == 1
    assert town.texts() == [READY]
    town.passes(seconds=30)
    town.happens(version=2, at=town.at)
    town.works()
    town.result(value="detected", status="corrected")
    town.passes(seconds=61)
    assert town.news.catch_up() == 1
    assert len(town.letters()) == 2, "nor a correction"
    town.works()
    town.passes(hours=1)
    assert town.news.catch_up() == 0, "one look more, and no other"


def test_what_was_taken_back_unsent_and_is_true_again_is_told_after_all(town: Town) -> None:
    town.at = datetime(2026, 12, 19, 21, tzinfo=VIETNAM)
    town.links()
    due = Due(date(2026, 12, 20), "Pfizer", 3)
    for version, on_file in enumerate((due, None, due), 1):
        town.platforms.due_of.clear()
        if on_file is not None:
            town.platforms.due_of[MOTHER.id] = on_file
        town.happens("dose", "rec-1", version)
        town.works()
    town.passes(hours=12)
    assert len(town.outbox.claim(9)) == 1, "a record that was mended within the hour"


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


def test_a_dose_is_told_a_week_ahead_if_it_is_still_due_then(town: Town) -> None:
    town.links()
    town.platforms.due_of[MOTHER.id] = Due(date(2026, 12, 20), "Comirnaty", 3)
    town.happens("dose", "rec-1")
    town.works()
    town.passes(days=10)
    assert town.news.catch_up() == 0
    town.at = datetime(2026, 12, 13, 8, 1, tzinfo=VIETNAM)
    assert town.news.catch_up() == 1
    (said,) = town.texts()
    assert "tu 20/12/2026" in said
    town.passes(days=1)
    assert town.news.catch_up() == 0


def test_a_dose_that_was_given_meanwhile_is_not_called_for(town: Town) -> None:
    town.links()
    town.platforms.due_of[MOTHER.id] = Due(date(2026, 12, 20), "Comirnaty", 3)
    town.happens("dose", "rec-1")
    town.works()
    town.platforms.due_of.clear()
    town.at = datetime(2026, 12, 13, 8, 1, tzinfo=VIETNAM)
    town.news.catch_up()
    assert town.letters() == []


@pytest.mark.parametrize(
    ("hour", "day", "then"), [(6, 23, 23), (9, 23, None), (19, 23, None), (22, 23, 25), (9, 24, 25)]
)
def test_nobody_is_woken_for_a_dose_nor_on_a_holiday(
    town: Town, hour: int, day: int, then: int | None
) -> None:
    town.at = datetime(2026, 11, day, hour, 30, tzinfo=VIETNAM)
    town.links()
    town.platforms.due_of[MOTHER.id] = Due(date(2026, 11, 24), None, None)
    town.happens("dose", "rec-1")
    town.works()
    (letter,) = town.letters()
    morning = None if then is None else datetime(2026, 11, then, 8, tzinfo=VIETNAM)
    assert letter.not_before == (morning or town.at)


def test_a_dose_is_called_for_a_week_ahead_the_day_before_and_when_it_was_missed(
    town: Town,
) -> None:
    town.links()
    town.platforms.due_of[MOTHER.id] = Due(date(2026, 12, 20), "Pfizer", 3)
    town.happens("dose", "rec-1")
    for day, told in ((13, 1), (18, 1), (19, 2), (20, 2), (21, 3), (27, 3)):
        town.at = datetime(2026, 12, day, 9, tzinfo=VIETNAM)
        town.works()
        town.news.catch_up()
        town.news.catch_up()
        assert len(town.texts()) == told, day
    ahead, eve, missed = town.texts()
    assert "tu 20/12/2026" in ahead
    assert "den han ngay 20/12/2026" in eve
    assert "chua co mui tiem ngay 20/12/2026" in missed


@pytest.mark.parametrize(
    ("on", "number", "told"),
    [
        (date(2026, 12, 20), 3, 0),
        (date(2026, 12, 6), 3, 0),
        (date(2026, 12, 20), None, 0),
        (date(2026, 12, 5), 3, 1),
        (date(2026, 12, 20), 2, 1),
    ],
)
def test_a_dose_on_record_is_not_called_for_though_a_server_still_recommends_it(
    town: Town, on: date, number: int | None, told: int
) -> None:
    town.links()
    town.at = datetime(2026, 12, 21, 9, tzinfo=VIETNAM)
    town.platforms.due_of[MOTHER.id] = Due(date(2026, 12, 20), "Pfizer", 3)
    town.platforms.doses_of[MOTHER.id] = (Dose(on, "Pfizer", number, None, None),)
    town.happens("dose", "rec-1")
    town.works()
    assert len(town.letters()) == told


def test_once_the_dose_is_on_record_nobody_is_reminded(town: Town) -> None:
    town.links()
    town.platforms.due_of[MOTHER.id] = Due(date(2026, 12, 20), "Pfizer", 3)
    town.happens("dose", "rec-1")
    town.at = datetime(2026, 12, 14, 9, tzinfo=VIETNAM)
    town.works()
    del town.platforms.due_of[MOTHER.id]
    for day in (19, 21):
        town.at = datetime(2026, 12, day, 9, tzinfo=VIETNAM)
        town.news.catch_up()
    assert len(town.texts()) == 1


def test_a_programme_may_have_the_result_itself_in_the_text(town: Town) -> None:
    town.decides(Policy("whole", Hotlines.read("0258 382 2222")))
    town.links()
    town.result()
    town.happens()
    town.works()
    town.result(value="detected", status="corrected")
    town.happens(version=2)
    town.works()
    town.platforms.results_of[MOTHER.id] = ()
    town.happens(version=3)
    town.works()
    first, corrected, withdrawn = town.texts()
    assert first.startswith("Nguyen T** H**")
    assert first.endswith("am tinh.")
    assert corrected.startswith("Dinh chinh. Nguyen T**")
    assert "DUONG TINH" in corrected
    assert "goi 0258 382 2222" in corrected
    assert "nham lan" in withdrawn
    for said in town.texts():
        assert len(segments(said)) == 1


def test_after_a_positive_one_the_wards_own_hotline_is_named(town: Town) -> None:
    lines = "Phường 1, Khánh Hòa = 0258 1111; Khánh Hòa = 0258 2222; * = 1900 3333"
    town.decides(Policy("whole", Hotlines.read(lines)))
    town.links()
    places = (("Tỉnh Khánh Hòa", "Phường 1"), ("Khánh Hòa", None), ("Huế", "Phường 1"))
    for number, (province, ward) in enumerate(places):
        here = replace(MOTHER, province=province, ward=ward)
        town.platforms.people = [
            here if one.id == MOTHER.id else one for one in town.platforms.people
        ]
        town.result(value="detected", id=f"obs-{number}")
        town.happens(thing=f"obs-{number}")
        town.works()
    named = [text.rpartition("goi ")[2] for text in town.texts()]
    assert named == ["0258 1111.", "0258 2222.", "1900 3333."]


def test_a_person_may_want_no_result_in_a_text(town: Town) -> None:
    town.decides(Policy("whole"))
    person = town.links()
    town.people.wish(person.id, discreet=True)
    town.result(value="detected")
    town.happens(version=1)
    town.works()
    town.result(value="not-detected", status="corrected")
    town.happens(version=2)
    town.works()
    town.people.wish(person.id, discreet=False)
    town.result(value="detected", status="corrected")
    town.happens(version=3)
    town.works()
    ready, corrected, whole = town.texts()
    assert ready == READY
    assert "duoc dinh chinh" in corrected
    assert "DUONG TINH" in whole


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


def test_who_was_asked_to_link_again_hears_the_result_as_news_when_it_is_looked_at_again(
    town: Town,
) -> None:
    town.links()
    town.passes(days=366)
    town.result(value="detected")
    town.happens(version=1)
    town.works()
    town.links()
    town.result(value="not-detected", status="corrected")
    town.happens(version=2)
    town.works()
    asked, told = town.texts()
    assert "LK" in asked
    assert told == READY, "nobody was told of a first one, so nothing is put right"


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
