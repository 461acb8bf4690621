"""The personal QR's payload, to the letter of Decision 1405, and its neighbours."""

from datetime import date
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.qr.payload import (
    BadPayload,
    CccdCard,
    Display,
    Ext,
    Kind,
    PersonalQr,
    kind_of,
    official_name,
    read,
    read_cccd_card,
)

KNOWN = "001093029317|NGUYEN VAN A|1987-01-18|0|162979388586171100|<1<00<0123232422"
CARD = "001093029317|123456789|Nguyễn Văn A|18011993|Nam|Xã Đông, Hà Nội|01022021"

PARTS = st.text(st.characters(codec="ascii", exclude_characters="|<", categories=("L", "N")))
NEEDED = PARTS.filter(bool)
PEOPLE = st.builds(
    PersonalQr,
    paper_number=NEEDED,
    name=st.text(max_size=30).map(official_name).filter(bool),
    birth_date=st.dates(),
    declared_by_other=st.booleans(),
    qid=NEEDED,
    ext=st.builds(Ext, PARTS, st.sampled_from([0, 1, 2]), PARTS, PARTS, PARTS),
)


def test_the_known_code_is_read_and_written_back() -> None:
    person, warnings = read(KNOWN)
    assert person == PersonalQr(
        paper_number="001093029317",
        name="NGUYEN VAN A",
        birth_date=date(1987, 1, 18),
        declared_by_other=False,
        qid="162979388586171100",
        ext=Ext(gender=1, bhyt="00", phone="0123232422"),
    )
    assert person.write() == KNOWN
    assert warnings == ("paper and birth year differ", "bhyt unknown", "phone unknown")


def test_it_is_shown_masked_or_whole() -> None:
    person, _warnings = read(KNOWN)
    assert person.masked() == Display("******029317", "NGUYEN VAN A", "1987-**-**")
    assert person.whole() == Display("001093029317", "NGUYEN VAN A", "1987-01-18")


def test_a_log_sees_the_qid_at_most() -> None:
    person, _warnings = read(KNOWN)
    assert repr(person) == "PersonalQr(qid='162979388586171100')"
    assert "0123" not in repr(person.ext)


@given(PEOPLE)
@settings(max_examples=120)
def test_what_is_written_is_read_again(person: PersonalQr) -> None:
    assert read(person.write())[0] == person


@pytest.mark.parametrize(
    ("payload", "warnings"),
    [
        ("001093029317|LE A|1993-01-18|0|Q1|<1<DN4010123456789<0912345678", ()),
        ("001093029317|LE A|1993-01-18|0|Q1|<1", ()),
        ("B1234567|LE A|1993-01-18|0|Q1|<0", ()),
        ("001093029317|LE A|1993-01-18|0|Q1|", ("ext missing",)),
        ("001093029317|LE A|1993-01-18|0|Q1", ("ext missing",)),
        ("001093029317|LE A|1993-01-18|1|Q1|Q2<2", ("paper and gender differ",)),
        ("001093029317|LE A|1993-01-18|1|Q1|<1", ("declarer missing",)),
        ("001093029317|Lê  A|1993-01-18|0|Q1|<1", ("name not official",)),
        ("1234|LE A|1993-01-18|0|Q1|<1", ("paper unknown",)),
        ("123456789|LE A|1993-01-18|0|Q1|<7", ("gender unknown",)),
        ("123456789|LE A|1993-01-18|0|Q1|<1<<<SIG<MORE", ("ext too long",)),
        ("123456789|LE A|1993-01-18|0|Q1|<1<123456789", ("bhyt unknown",)),
    ],
)
def test_oddities_are_told_and_not_refused(payload: str, warnings: tuple[str, ...]) -> None:
    assert read(payload)[1] == warnings


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("", "fields"),
        ("1|A|1990-01-01|0", "fields"),
        ("1|A|1990-01-01|0|Q|<1|more", "fields"),
        ("|A|1990-01-01|0|Q|<1", "fields"),
        ("1| |1990-01-01|0|Q|<1", "fields"),
        ("1|A|1990-01-01|0||<1", "fields"),
        ("1|A<B|1990-01-01|0|Q|<1", "fields"),
        ("1|A|1990-**-**|0|Q|<1", "birth date"),
        ("1|A|1990-02-30|0|Q|<1", "birth date"),
        ("1|A|01/01/1990|0|Q|<1", "birth date"),
        ("1|A|1990-01-01|2|Q|<1", "kind"),
        ("1|A|1990-01-01|0|Q|" + "x" * 3000, "fields"),
    ],
)
def test_what_cannot_be_held_is_refused(payload: str, reason: str) -> None:
    with pytest.raises(BadPayload) as refused:
        read(payload)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("paper", "name", "qid", "phone"),
    [
        ("1|2", "A", "Q", ""),
        ("1", "A", "Q<1", ""),
        ("1", "A", "Q", "09|1"),
        ("1", "A", "Q", "09\n1"),
        ("", "A", "Q", ""),
        ("1", "李", "Q", ""),
        ("1", "A", "", ""),
    ],
)
def test_a_broken_code_is_never_written(paper: str, name: str, qid: str, phone: str) -> None:
    person = PersonalQr(paper, name, date(1990, 1, 1), False, qid, Ext(phone=phone))
    with pytest.raises(BadPayload):
        person.write()


@pytest.mark.parametrize(
    ("name", "official"),
    [
        ("Đặng  Thị\tHường ", "DANG THI HUONG"),
        ("đỗ", "DO"),
        ("Nguyễn|Văn<A", "NGUYEN VAN A"),
        ("H'Hen Niê", "H'HEN NIE"),
        ("Jean-Luc Ødegård", "JEAN-LUC ODEGARD"),
        ("Strauß", "STRAUSS"),
        ("李", ""),
    ],
)
def test_official_names(name: str, official: str) -> None:
    assert official_name(name) == official


@given(st.text(max_size=40))
@settings(max_examples=120)
def test_an_official_name_is_plain_and_stays_as_it_is(name: str) -> None:
    official = official_name(name)
    assert official.isascii()
    assert official == official.upper() == " ".join(official.split())
    assert not set(official) & set("|<")
    assert official_name(official) == official


@pytest.mark.parametrize(
    ("scanned", "kind"),
    [
        (KNOWN, "personal"),
        (f"{KNOWN}\r\n", "personal"),
        (CARD, "cccd-card"),
        (f"{CARD}||", "cccd-card"),
        ("HC1:6BF+70790T9WJWG.FKY*4GO0", "passport-hc1"),
        ("DN4010123456789|4e677579|18/01/1993", "bhyt"),
        ("DN4010123456789", "bhyt"),
        ("0123456789|4e677579", "bhyt"),
        ("6596 4010 0114", "short-code"),
        ("6596 4010 0115", "unknown"),
        ("001093029317", "unknown"),
        ("0912345678", "unknown"),
        ("https://example.vn/qr?a|b|c|d|e", "unknown"),
        ("", "unknown"),
    ],
)
def test_neighbours_are_told_apart(scanned: str, kind: str) -> None:
    assert kind_of(scanned) == kind


def test_a_citizen_cards_own_code() -> None:
    assert read_cccd_card(CARD) == CccdCard(
        number="001093029317",
        cmnd="123456789",
        name="Nguyễn Văn A",
        birth_date=date(1993, 1, 18),
        gender=1,
        address="Xã Đông, Hà Nội",
        issued_on=date(2021, 2, 1),
    )
    assert read_cccd_card(CARD.replace("Nam", "Nữ").replace("123456789", "")).gender == 2
    assert "Nguyễn" not in repr(read_cccd_card(CARD))


@pytest.mark.parametrize(
    "scanned", [KNOWN, CARD.replace("18011993", "31021993"), CARD[1:], "a|b|c|d|e|f|g"]
)
def test_what_is_no_citizen_card(scanned: str) -> None:
    with pytest.raises(BadPayload):
        read_cccd_card(scanned)


@given(st.text(alphabet="|<0A1-9 ", max_size=60))
@settings(max_examples=120)
def test_any_scan_has_a_kind(scanned: str) -> None:
    assert kind_of(scanned) in get_args(Kind)
