"""From a table to messages: looked at, approved by a second person, tried on a few, sent once."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.campaigns.campaign import (
    CampaignError,
    NoSuchCampaign,
    NotNow,
    SamePerson,
    State,
    Words,
)
from core.message import Address
from core.outbox.outgoing import Purpose
from core.store.upkeep import Upkeep
from tests.core.campaigns.office import HOA, LAN, Office, people, phone, table
from tests.core.store.test_secrecy import everything


def test_a_look_shows_everything_before_anything_is_sent(office: Office) -> None:
    office.people.refuse(office.people.find(Address("phone", phone(5))).id)
    made = office.makes(
        table(
            f"{phone(1)},An,56",
            "0912 000 002,Bình,56",
            f"{phone(1)},An lần hai,56",
            "02438252525,Chi,56",
            "abc,Dung,56",
            f"{phone(4)},,56",
            f"{phone(5)},Giang,01",
            f"{phone(6)},{'Hà' * 140},01",
            f"{phone(7)},Kim,Khánh Hòa",
        )
    )
    seen = office.checks(made)
    assert (seen.rows, seen.messages, seen.people) == (9, 2 + 1, 3)
    assert (seen.duplicates, seen.bad, seen.refused) == (1, 4, 1)
    assert seen.bad_rows == (
        (5, "bad number: texts do not reach it"),
        (6, "bad number: not made of digits, or of too few or too many"),
        (7, "no name"),
        (10, "the province must be its code"),
    )
    assert seen.segments == 2 + 2
    assert seen.cost == Decimal(1200)
    assert seen.provinces == {"01": 1, "56": 2}
    assert office.in_outbox() == 0


def test_a_text_that_is_too_long_is_a_bad_row(office: Office) -> None:
    made = office.makes(table(f"{phone(1)},An,1"), words=Words(texts={"vi": "x" * 450 + "{name}"}))
    seen = office.checks(made)
    assert seen.messages == 1
    long = Words(texts={"vi": "x" * 460 + "{name}"})
    made = office.makes(table(f"{phone(1)},An,1"), words=long)
    seen = office.checks(made)
    assert (seen.messages, seen.bad_rows) == (
        0,
        ((2, "the text is longer than one message may be"),),
    )
    with pytest.raises(CampaignError, match="nobody to send to"):
        office.approves(made)


def test_a_look_says_how_long_it_takes_and_when_it_may_go(office: Office) -> None:
    made = office.makes(people(100))
    assert (seen := office.checks(made)).rate is None
    assert seen.done_at is None
    office.clock.at = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)  # 21:00 in Viet Nam
    seen = office.checks(made)
    assert seen.in_quiet_hours == 100
    assert seen.held_until == datetime(2026, 11, 26, 1, 0, tzinfo=UTC)


def test_a_rehearsal_keeps_nothing(office: Office) -> None:
    made = office.makes(people(3))
    plan = made.plan
    seen = office.campaigns.rehearse(plan, office.reads(people(7)))
    assert seen.messages == 7
    assert [one.id for one in office.book.all()] == [made.id]


def test_who_watches_a_look_knows_its_end(office: Office) -> None:
    made = office.makes(people(1200))
    assert office.watched == [(1000, None), (200, None)]
    office.watched.clear()
    office.checks(made)
    assert office.watched == [(1000, 1200), (200, 1200)]


def test_a_corrected_table_takes_the_place_of_the_first(office: Office) -> None:
    made = office.makes(table("abc,An,1", f"{phone(2)},Bình,1"))
    assert office.checks(made).bad == 1
    corrected = office.campaigns.correct(
        made.id, office.reads(table(f"{phone(1)},An,1", f"{phone(2)},Bình,1")), who=LAN
    )
    assert (corrected.state, corrected.edition) == (State.DRAFT, 2)
    seen = office.checks(made)
    assert (seen.messages, seen.bad) == (2, 0)


def test_a_correction_that_cannot_be_read_changes_nothing(office: Office) -> None:
    made = office.makes(people(3))
    for wrong in (table(head="name,province"), [b"to,name\n", b"\xff\n"], [], table()):
        with pytest.raises(CampaignError):
            office.campaigns.correct(made.id, office.reads(wrong), who=LAN)
    assert office.checks(made).messages == 3


def test_nobody_approves_what_they_had_a_hand_in(office: Office) -> None:
    made = office.makes(people(3))
    with pytest.raises(NotNow, match="check it first"):
        office.approves(made)
    office.campaigns.correct(made.id, office.reads(people(4)), who="Minh")
    office.checks(made)
    for maker in (LAN, "LAN", " lan ", "Minh", "mính"):
        with pytest.raises(SamePerson):
            office.approves(made, maker)
    assert office.approves(made).approver == HOA
    office.campaigns.correct(made.id, office.reads(people(5)), who=HOA)
    office.checks(made)
    with pytest.raises(SamePerson):
        office.approves(made)
    with pytest.raises(NotNow):
        office.campaigns.start(made.id, who=LAN)


def test_results_of_two_children_on_one_phone_are_two_messages(office: Office) -> None:
    rows = table(f"{phone(1)},An,1", f"{phone(1)},Bình,1", f"{phone(1)},An,2")
    made = office.makes(rows, purpose=Purpose.RESULT, words=Words("result-ready"))
    seen = office.checks(made)
    assert (seen.messages, seen.people, seen.duplicates) == (2, 1, 1)
    assert office.fates(made)[4] == ("duplicate", "row 2 says the same")


def test_two_results_of_one_test_are_both_held_back(office: Office) -> None:
    head = "to,name,method,day,result"
    rows = table(
        f"{phone(1)},An,PCR,2026-11-24,âm tính",
        f"{phone(2)},Bình,PCR,2026-11-24,âm tính",
        f"{phone(1)},An,PCR,2026-11-24,dương tính",
        f"{phone(1)},Chi,PCR,2026-11-24,dương tính",
        f"{phone(2)},Bình,PCR,2026-11-24,âm tính",
        head=head,
    )
    report = office.checks(office.makes(rows, purpose=Purpose.RESULT, words=Words("result")))
    assert report.bad_rows == (
        (2, "row 4 tells another result of this test"),
        (4, "row 2 tells another result of this test"),
    )
    assert (report.messages, report.duplicates) == (2, 1)


def test_the_same_table_twice_is_told(office: Office) -> None:
    first = office.makes(people(5))
    assert office.checks(first).same_as is None
    again = office.makes(people(5))
    assert office.checks(again).same_as == first.id
    assert office.campaigns.rehearse(first.plan, office.reads(people(5))).same_as is not None
    assert office.checks(office.makes(people(6))).same_as is None
    office.campaigns.stop(first.id, who=LAN)
    assert office.checks(again).same_as is None
    office.campaigns.correct(again.id, office.reads(people(6)), who=LAN)
    assert office.checks(again).same_as is not None


def test_a_result_names_nobody_in_full(office: Office) -> None:
    office.starts(
        table(f"{phone(1)},Nguyễn Văn An,1"), purpose=Purpose.RESULT, words=Words("result-ready")
    )
    office.works()
    assert office.provider.got[0].page.text.startswith(
        "Da co ket qua xet nghiem cua Nguyen V** A**."
    )


def test_people_read_it_in_their_language(office: Office) -> None:
    known = office.people.find(Address("phone", phone(1)))
    office.people.speak(known.id, "en", None)
    rows = table(
        f"{phone(1)},An,", f"{phone(2)},Bình,en", f"{phone(3)},Chi,", head="to,name,language"
    )
    office.starts(rows)
    office.works()
    texts = {one.address.value: one.page.text for one in office.provider.got}
    assert texts == {
        phone(1): "Hello An, please come.",
        phone(2): "Hello Binh, please come.",
        phone(3): "Chao Chi, moi ban den tiem.",
    }


def test_the_same_key_again_makes_no_second_one(office: Office) -> None:
    plan = office.makes(people(1)).plan
    first, fresh = office.campaigns.make(plan, office.reads(people(2)), who=LAN, key="a")
    again, twice = office.campaigns.make(plan, office.reads(people(3)), who=LAN, key="a")
    other, new = office.campaigns.make(plan, office.reads(people(3)), who=HOA, key="a")
    assert (fresh, twice, new) == (True, False, True)
    assert first.id == again.id != other.id


def test_the_list_has_pages(office: Office) -> None:
    made = [office.makes(people(1)).id for _ in range(5)]
    office.passes(minutes=1)
    made.append(office.makes(people(1)).id)
    first = office.book.all(limit=4)
    rest = office.book.all(limit=4, after=first[-1].id)
    assert first[0].id == made[-1]
    assert sorted(one.id for one in (*first, *rest)) == sorted(made)
    with pytest.raises(NoSuchCampaign):
        office.book.one("nobody")


def test_a_test_key_sends_nothing(office: Office) -> None:
    plan = office.makes(people(1)).plan
    made, _ = office.campaigns.make(plan, office.reads(people(2)), who=LAN, test=True)
    office.checks(made)
    office.approves(made)
    with pytest.raises(NotNow, match="test key"):
        office.campaigns.start(made.id, who=LAN)


def test_the_rows_are_forgotten_when_it_is_long_over(office: Office) -> None:
    started = office.starts(people(20))
    office.works(2)
    assert office.now(started).state is State.DONE
    left = office.makes(people(1))
    office.passes(days=8)
    Upkeep(office.database, office.clock).forget()
    assert all(one.to is None for one in office.rows.page(started.id, after=0, limit=50))
    assert office.counted(started) == {"sent": 20}
    assert office.rows.page(left.id, after=0, limit=50)[0].to is not None
    office.passes(days=30)
    Upkeep(office.database, office.clock).forget()
    assert office.rows.page(left.id, after=0, limit=50)[0].to is None


def test_rows_are_shown_masked_and_in_pages(office: Office) -> None:
    started = office.starts(people(25))
    office.works()
    first = office.rows.page(started.id, after=0, limit=10)
    assert [one.number for one in first] == list(range(2, 12))
    assert first[0].to == "+84******000"
    assert {one.state for one in first} <= {"new", "sent"}


def test_who_keeps_results_out_of_texts_reads_only_that_one_is_ready(office: Office) -> None:
    person = office.people.find(Address("phone", phone(1)))
    office.people.wish(person.id, discreet=True)
    rows = table(f"{phone(1)},Nguyễn Văn An,dương tính", head="to,name,result")
    own = Words(texts={"vi": "{name}: {result}"})
    office.starts(rows, purpose=Purpose.RESULT, words=own)
    office.works()
    assert office.provider.got[0].page.text.startswith(
        "Da co ket qua xet nghiem cua Nguyen V** A**."
    )


def test_the_whole_database_names_nobody(office: Office) -> None:
    started = office.starts(table(f"{phone(1)},Ngô Thị Ánh Tuyết,1"))
    office.campaigns.pause(started.id, who="Trần Lan")
    found = everything(office.database)
    for name in ("campaign: ", "campaign_row: ", "campaign_step: "):
        assert name in found, "there is something to be looked at"
    for secret in (phone(1)[3:], "Tuyết", "Trần Lan", HOA, "mời bạn", "Tiêm chủng"):
        assert secret not in found
        assert secret.encode().hex() not in found
