"""The hand-written families: a mother with her household, a shared phone, an elder cared for."""

from __future__ import annotations

from dataclasses import replace

from sandbox.people.person import Person
from sandbox.people.stories import Story

HUONG = "+84912004701"
"""The telephone of the family at the head of every list."""


def told_together(write: Story) -> list[Person]:
    """People whose story is that of a household; carers come before those they care for."""
    return [*_huong(write), *_shared_phone(write), *_elder(write)]


def _huong(write: Story) -> list[Person]:
    records, house = write.records, "family-mother"
    mother, other = ("family-mother", "mother"), ("family-mother", "daughter")
    return [
        replace(
            write.person(
                house, "Nguyễn Thị Hường", "female", "1990-05-14",
                "cccd 056190004701 bhyt DN4560720104701",
                "A mother with one telephone for four; green. Start with her.", phone=HUONG,
            ),
            doses=records.doses(("vaxzevria", 220), ("vaxzevria", 150)),
            tests=(records.test("not-detected", 500),),
        ),
        replace(
            write.person(
                "family-child", "Trần Nguyễn Minh Khôi", "male", "2017-09-02",
                "cccd 056217004702 bhyt TE1560720104702",
                "Her son, reached at her telephone; first dose a month ago; yellow.",
                family=HUONG, household=house, carer=(mother[0], "mother"),
            ),
            doses=records.doses(("comirnaty", 31)),
        ),
        write.person(
            "family-baby", "Trần Nguyễn An Nhiên", "female", "2025-12-20",
            "cccd 056325004703 bhyt TE1560720104703",
            "Her daughter, under one year old, too young for a dose; red.",
            family=HUONG, household=house, carer=(mother[0], "mother"),
        ),
        replace(
            write.person(
                "family-grandmother", "Phạm Thị Mận", "female", "1944-03-08",
                "cmnd 225004704 bhyt BT4560720104704",
                "Her mother, without a telephone or a CCCD; four doses; green.",
                family=HUONG, household=house, carer=(other[0], "daughter"),
            ),
            doses=records.doses(
                ("vaxzevria", 600), ("vaxzevria", 520), ("spikevax", 400), ("spikevax", 90)
            ),
        ),
    ]  # fmt: skip


def _shared_phone(write: Story) -> list[Person]:
    records, house, phone = write.records, "couple-husband", "+84983304705"
    return [
        replace(
            write.person(
                house, "Lê Văn Tám", "male", "1962-08-30", "cccd 056062004705",
                "A farmer who shares one telephone with his wife: whose QR is it?", phone=phone,
            ),
            doses=records.doses(("bbibp-corv", 240), ("bbibp-corv", 215)),
        ),
        replace(
            write.person(
                "couple-wife", "Đỗ Thị Nở", "female", "1965-01-09", "cccd 056165004706",
                "His wife, on the same telephone; no dose, PCR negative two days ago; yellow.",
                phone=phone, household=house,
            ),
            tests=(records.test("not-detected", 44),),
        ),
    ]  # fmt: skip


def _elder(write: Story) -> list[Person]:
    records, house = write.records, "elder-son"
    return [
        replace(
            write.person(
                house, "Huỳnh Thanh Tùng", "male", "1971-11-11", "cccd 087071004734",
                "Looks after his father.", home="dong-thap", phone="+84919504734",
            ),
            doses=records.doses(("vaxzevria", 330), ("vaxzevria", 270), ("comirnaty", 60)),
        ),
        replace(
            write.person(
                "elder-no-phone", "Huỳnh Văn Sáu", "male", "1938-01-01", "cmnd 340004735",
                "His father: 88 years old, no telephone, only a CMND; only his son's number.",
                home="dong-thap", family="+84919504734", household=house, carer=(house, "son"),
            ),
            doses=records.doses(("vaxzevria", 310), ("vaxzevria", 250)),
        ),
        write.person(
            "child-no-phone", "Huỳnh Bảo Ngọc", "female", "2019-06-01", "cccd 087319004736",
            "A child for whom the platform has a carer, no dose yet.",
            home="dong-thap", family="+84919504734", household=house, carer=(house, "father"),
        ),
    ]  # fmt: skip


def told_as_a_crowd(write: Story) -> list[Person]:
    """Eight people behind one telephone."""
    phone, house, home = "+84985604737", "big-family", "ca-mau"
    mother = write.person(
        house, "Trương Thị Đông", "female", "1980-10-10", "cccd 096180004737",
        "A mother of seven on one telephone: a list that needs a second page.",
        home=home, phone=phone,
    )  # fmt: skip
    given = ("Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy", "Tám")
    children = [
        write.person(
            f"big-family-{number}", f"Nguyễn Thị {name}", "female", f"{2008 + number * 2}-04-0{number}",
            f"cccd 0963{8 + number * 2:02d}00474{number}",
            "One of seven sisters.",
            home=home, family=phone, household=house, carer=(house, "mother"),
        )
        for number, name in enumerate(given, start=1)
    ]  # fmt: skip
    return [
        mother,
        *(
            replace(child, doses=write.records.doses(("comirnaty", 200), ("comirnaty", 170)))
            if child.birth_date.year < 2018
            else child
            for child in children
        ),
    ]
