"""Paper numbers, birth years and dates as people write them."""

import contextlib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.people.papers import (
    BadDate,
    BadPaper,
    CccdSays,
    Paper,
    cccd_says,
    read_birth_year,
    read_date,
    read_paper,
)

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("written", "kind", "number"),
    [
        ("001093029317", "cccd", "001093029317"),
        ("001 093 029 317", "cccd", "001093029317"),
        ("999.093.029-317", "cccd", "999093029317"),
        ("０01093029317", "cccd", "001093029317"),
        ("Căn cước: 001093029317", "cccd", "001093029317"),
        ("CCCD 001093029317", "cccd", "001093029317"),
        ("123456789", "cmnd", "123456789"),
        ("cmnd 123 456 789", "cmnd", "123456789"),
        ("b1234567", "passport", "B1234567"),
        ("C12345678", "passport", "C12345678"),
        ("AB123CD4", "passport", "AB123CD4"),
        ("hộ chiếu 12345678", "passport", "12345678"),
        ("HC 123456789", "passport", "123456789"),
        ("DN4 01 0123456789", "bhyt", "DN4010123456789"),
        ("0123456789", "bhyt", "0123456789"),
        ("BHYT 0123456789", "bhyt", "0123456789"),
    ],
)
def test_papers(written: str, kind: str, number: str) -> None:
    paper = read_paper(written)
    assert (paper.type, paper.number) == (kind, number)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "empty"),
        (" - ", "empty"),
        ("12345678", "length"),
        ("00109302931", "length"),
        ("0010930293177", "length"),
        ("CMND 12345678", "length"),
        ("không có", "shape"),
        ("ABCDEFG", "shape"),
        ("CCCD B1234567", "shape"),
        ("DN40101234567890", "shape"),
    ],
)
def test_what_is_no_paper(written: str, reason: str) -> None:
    with pytest.raises(BadPaper) as refused:
        read_paper(written)
    assert refused.value.reason == reason


def test_a_paper_does_not_show_its_number() -> None:
    assert "1093" not in repr(Paper("cccd", "001093029317"))


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("001093029317", CccdSays("001", "male", 1993)),
        ("079185000001", CccdSays("079", "female", 1985)),
        ("001208000001", CccdSays("001", "male", 2008)),
        ("001315000001", CccdSays("001", "female", 2015)),
        ("123456789", None),
        ("B1234567", None),
    ],
)
def test_what_a_citizen_card_number_claims(number: str, says: CccdSays | None) -> None:
    assert cccd_says(number) == says


@pytest.mark.parametrize(
    ("written", "year"),
    [
        ("1990", 1990),
        (" 1990. ", 1990),
        ("90", 1990),
        ("26", 2026),
        ("27", 1927),
        ("05", 2005),
        ("9/1990", 1990),
        ("5/9/1990", 1990),
        ("năm 1990", 1990),
        ("sinh năm 1990", 1990),
        ("5 tháng 9 năm 1990", 1990),
        ("05091990", 1990),
        ("1906", 1906),
        ("2026", 2026),
    ],
)
def test_birth_years(written: str, year: int) -> None:
    assert read_birth_year(written, TODAY) == year


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "unclear"),
        ("abc", "unclear"),
        ("9", "unclear"),
        ("199", "unclear"),
        ("19 90", "unclear"),
        ("13/1990", "unclear"),
        ("2027", "future"),
        ("24/11/2026", "future"),
        ("1905", "past"),
        ("0000", "past"),
        ("31/2/1990", "impossible"),
    ],
)
def test_what_is_no_birth_year(written: str, reason: str) -> None:
    with pytest.raises(BadDate) as refused:
        read_birth_year(written, TODAY)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "written",
    [
        "5/9/1990",
        "05/09/1990",
        "05-09-1990",
        "05.09.1990",
        "5 9 1990",
        "5*9*1990",
        "05091990",
        "050990",
        "5/9/90",
        "1990-09-05",
        "19900905",
        "5 tháng 9 năm 1990",
        "5 thang 9 nam 1990",
        "Ngày 5 tháng 9, 1990",
        "mùng 5 thg 9 năm 1990",
        "０５/０９/１９９０",
    ],
)
def test_one_day_in_every_spelling(written: str) -> None:
    assert read_date(written, TODAY) == date(1990, 9, 5)


def test_a_leap_day() -> None:
    assert read_date("29/2/2024", TODAY) == date(2024, 2, 29)
    with pytest.raises(BadDate, match="impossible"):
        read_date("29/2/2023", TODAY)


@pytest.mark.parametrize("written", ["", "5/9", "5/9/199", "hôm qua", "5/9/1990/1", "5/x/1990"])
def test_what_is_no_date(written: str) -> None:
    with pytest.raises(BadDate, match="unclear"):
        read_date(written, TODAY)


def test_days_to_come_are_read_when_asked_for() -> None:
    assert read_date("23/11/2026", TODAY) == TODAY
    with pytest.raises(BadDate, match="future"):
        read_date("24/11/2026", TODAY)
    assert read_date("24/11/26", TODAY, past=False) == date(2026, 11, 24)
    assert read_date("1/1/27", TODAY, past=False) == date(2027, 1, 1)
    with pytest.raises(BadDate, match="future"):
        read_date("1/1/2037", TODAY, past=False)


@given(st.dates(min_value=date(1907, 1, 1), max_value=TODAY), st.sampled_from("/-. "))
@settings(max_examples=80)
def test_every_day_can_be_written(day: date, between: str) -> None:
    written = day.strftime(f"%d{between}%m{between}%Y")
    assert read_date(written, TODAY) == day
    assert read_date(day.strftime("%d%m%Y"), TODAY) == day
    assert read_birth_year(written, TODAY) == day.year


@given(st.text(max_size=40))
@settings(max_examples=150)
def test_anything_else_is_refused_politely(written: str) -> None:
    with contextlib.suppress(BadPaper):
        assert read_paper(written).number.isalnum()
    with contextlib.suppress(BadDate):
        assert read_date(written, TODAY) <= TODAY
