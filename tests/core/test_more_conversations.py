"""Records that are wrong, relatives to register, areas to ask about: transcripts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from core.areas import bare, find
from core.clock import VIETNAM
from core.dialogues.newcomer import hear_name
from core.message import Address
from core.platform.ports import Due, Isolation
from tests.core.house import House, Phone, texting
from tests.fakes import AREAS, CHILD, FATHER, MOTHER, Mood


@pytest.fixture
def mother(house: House) -> Phone:
    return Phone(house)


def test_a_missing_dose_becomes_a_ticket_whose_state_is_under_the_same_menu(
    house: House, mother: Phone
) -> None:
    mother.links().says("6", "2").sees("What is wrong?", "1 A dose is missing")
    mother.says("1").sees("missing dose").says("12/08/2026 Pfizer, tram y te Loc Tho")
    mother.sees("A dose is missing, Bảo Trâm", "Send?").says("1").sees("Ticket T0001 is open")
    ((key, ticket),) = house.platforms.asked.items()
    assert (ticket.citizen_id, ticket.kind) == (CHILD.id, "dose-missing")
    moved = datetime(2026, 11, 23, 14, 30, tzinfo=VIETNAM)
    house.platforms.asked[key] = replace(ticket, state="in-progress", moved=moved)
    mother.says("00", "6", "2").sees("Ticket T0001: being checked, 14:30 23/11")
    mother.sees("As of 14:05 23/11, health platform")
    mother.says("1").sees("What is wrong?")


@pytest.mark.parametrize("mood", ["down", "late"])
def test_nobody_is_made_to_think_that_there_was_no_report(
    house: House, mother: Phone, mood: Mood
) -> None:
    mother.links().says("6", "2").says("1", "12/08/2026 Pfizer, tram y te Loc Tho", "1")
    house.platforms.mood = mood
    mother.says("00", "6").sees("Earlier reports cannot be seen just now", "1 A dose is")
    house.platforms.mood = "well"
    mother.says("00", "6", "2").sees("Ticket T0001", "1 Report something else").says("1")
    mother.sees("What is wrong?").sees_not("cannot be seen")


def test_a_report_made_while_the_platform_is_down_is_kept_and_its_number_texted(
    house: House, mother: Phone
) -> None:
    mother.links()
    house.platforms.mood = "down"
    mother.says("6", "3", "Sinh ngay 28/02/1990 chu khong phai 1991").sees("Send?")
    mother.says("1").sees("kept safe")
    ((_key, kept),) = house.later.kept.items()
    house.platforms.mood = "well"
    finished = house.engine.finish(dict(kept), texting(house).voice)
    assert finished is not None
    assert "Ticket T0001 is open" in finished[1].text


def test_a_daughter_registers_her_mother_and_gets_her_code(house: House, mother: Phone) -> None:
    mother.links().says("8", "1").sees("Whom do you register?").says("2")
    mother.sees("Full name").says("Phạm Thị Mận").sees("Birth date").says("8-3-1944")
    mother.sees("Female or male?").says("1").sees("CCCD").says("225004704")
    mother.sees("PHAM THI MAN, born 08/03/1944, 225004704", "Register?").says("1")
    mother.sees("Thị Mận is registered", "1234 5678")
    grandmother = house.platforms.people[-1]
    assert grandmother.carers == grandmother.phones
    (_person, consent) = house.people.consents[-1]
    assert consent.purpose == "act-for"
    assert "father or mother" in consent.wording
    mother.says("00", "1").sees("Thị Mận")
    # Once more, as somebody does who is not sure that it worked.
    mother.says("00", "8", "1", "2", "PHẠM THỊ MẬN", "8/3/1944", "1", "225004704", "1")
    mother.sees("Thị Mận is registered", "1234 5678")
    assert len(house.platforms.people) == 4


def test_a_card_on_a_photocopy_brings_nobodys_code(house: House, mother: Phone) -> None:
    """Name, number and birth date stand on it; the QR behind them names nobody who declared."""
    father = replace(FATHER, qid="162979388586171103")
    house.platforms.people[2] = father
    mother.links()
    for _time in range(5):
        mother.says("00", "8", "1", "4", "Vũ Ý", "29/2/1988", "2", "024123456", "1")
        mother.sees("Vũ Ý has a QR code already", "The ward health station").sees_not("1234")
    assert [consent.purpose for _person, consent in house.people.consents] == ["look-up"]
    mother.says("00", "8", "1").sees("Too many wrong tries")
    house.passes(minutes=16)
    mother.dials().says("8", "1").sees("Whom do you register?")


def test_guessing_at_birth_dates_ends_soon(house: House, mother: Phone) -> None:
    mother.links().says("8", "1", "4", "Vũ Ý", "1/1/1988", "2", "024123456")
    house.platforms.mood = "refused"
    for _time in range(5):
        mother.says("1").sees("did not accept these details").says("0")
    mother.says("1").sees("Too many wrong tries")


def test_a_child_without_a_card_has_a_number_and_who_has_none_is_told_where_to_go(
    house: House, mother: Phone
) -> None:
    mother.links().says("8", "1", "1", "nguyen minh an", "1/6/2025", "1")
    mother.sees("the 12 digits on the birth certificate")
    mother.says("chưa có").sees("For children: the 12 digits", "health station", "CCCD number")
    mother.says("079325012345").sees("NGUYEN MINH AN, born 01/06/2025, 079325012345").says("1")
    mother.sees("Minh An is registered", "A new one: menu, My QR code")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("nguyễn thị cúc", "Nguyễn Thị Cúc"),
        ("NGUYỄN  THỊ CÚC", "Nguyễn Thị Cúc"),
        ("H'Hen Niê", "H'Hen Niê"),
        ("Nguyễn thị Cúc", "Nguyễn thị Cúc"),
    ],
)
def test_a_name_is_kept_as_it_is_written(typed: str, kept: str) -> None:
    assert hear_name(typed, date(2026, 11, 23)) == kept


@pytest.mark.parametrize("typed", ["p. ben nghe", "Phường Bến Nghé", "BEN NGHE", "bến nghé, tphcm"])
def test_a_ward_is_found_as_people_type_it(house: House, typed: str) -> None:
    phone = Phone(house).dials().says("9", "7").sees("Which ward")
    if "tphcm" in typed:
        phone.says("bến nghé, tp hồ chí minh")
    else:
        phone.says(typed)
    phone.sees(
        "Phường Bến Nghé, Thành phố Hồ Chí Minh: ORANGE, high risk, since 15/11/2026", "As of"
    )


def test_an_old_district_offers_its_wards(house: House) -> None:
    phone = (
        Phone(house)
        .dials()
        .says("9", "7", "Q.1")
        .sees("Which one?", "1 Phường Bến Nghé", "2 Phường Sài")
    )
    phone.says("2").sees("no risk level has been set")


def test_a_name_that_is_not_there_can_be_typed_again(house: House) -> None:
    phone = Phone(house).dials().says("9", "7", "Xyzzy").sees('"Xyzzy" was not found')
    phone.says("0").sees("Which ward")


def test_a_former_province_is_its_province_of_today() -> None:
    assert [place.area.id for place in find("tinh binh duong", AREAS)] == ["hcm"]
    assert bare("TP. Hồ Chí Minh") == bare("ho chi minh")


def test_the_card_tells_of_isolation_and_the_doses_of_the_next_one(
    house: House, mother: Phone
) -> None:
    house.platforms.isolated[MOTHER.id] = Isolation(
        "isolation", date(2026, 11, 20), date(2026, 11, 30)
    )
    house.platforms.due_of[MOTHER.id] = Due(date(2026, 12, 1), "Vaxzevria", 3)
    mother.links().says("2", "1").sees("In isolation until 30/11/2026")
    mother.says("00", "5", "1").sees("Next dose: from 01/12/2026", "vaccination registry")


def test_a_refused_declaration_says_why_and_keeps_the_answers(house: House, mother: Phone) -> None:
    mother.links().says("3", "1", "1", "*", "1", "1")
    house.platforms.mood = "refused"
    mother.says("1").sees("Mẫu tờ khai đã thay đổi", "1 Change my answers")
    house.platforms.mood = "well"
    mother.says("1").sees("another province").says("1", "*", "1", "1", "1").sees("received")
    assert len(house.platforms.declared) == 1


def test_somebody_on_record_without_a_qid_registers_themselves(house: House) -> None:
    phone = Phone(house, Address("phone", "+84987654321"))
    phone.dials().says("9", "1", "1", "024123456", "1988").sees("no personal QR code on record")
    phone.says("1").sees("Birth date?").says("28/2/1987").sees("not the birth year on your record")
    phone.says("29/02/1988", "2", "024123456")
    phone.sees("VU Y, born 29/02/1988, 024123456. Register?").says("1").sees("is registered")
    phone.says("00", "1").sees("code:")
    house.sessions.stored.clear()
    phone.dials("1").sees("code:")


def test_who_was_registered_behind_their_back_has_a_code_at_once(house: House) -> None:
    phone = Phone(house, Address("phone", "+84987654321"))
    phone.dials().says("9", "1", "1", "024123456", "1988").sees("no personal QR code on record")
    phone.says("1", "29/02/1988", "2", "024123456")
    house.platforms.mood = "down"
    phone.says("1").sees("kept safe")
    house.platforms.mood = "well"
    ((_key, kept),) = house.later.kept.items()
    finished = house.engine.finish(dict(kept), texting(house).voice)
    assert finished is not None
    assert "is registered" in finished[1].text
    house.later.kept.clear()
    phone.says("00", "1").sees("code:", "1234 5678")
    phone.says("00", "8", "1").sees("Whom do you register?")
