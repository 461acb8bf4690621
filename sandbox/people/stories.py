"""The hand-written people: one for every case worth trying, always the same names and numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sandbox.people.papers import qid_for, shown_paper
from sandbox.people.person import Carer, Gender, Paper, Person, Relation, Truth
from sandbox.people.records import Records


class Story:
    """Writes one story's people; everything not said has a harmless default."""

    def __init__(self, records: Records, seed: int) -> None:
        self.records = records
        self._seed = seed

    def person(
        self,
        story: str,
        name: str,
        gender: Gender,
        born: str,
        papers: str,
        about: str,
        *,
        home: str = "khanh-hoa",
        phone: str | None = None,
        family: str | None = None,
        household: str | None = None,
        carer: tuple[str, Relation] | None = None,
    ) -> Person:
        """`papers` reads "cccd 0561… bhyt DN4…"; `carer` is (the carer's story, what they are)."""
        words = papers.split()
        held = tuple(
            Paper(kind, number)  # type: ignore[arg-type]
            for kind, number in zip(words[::2], words[1::2], strict=True)
        )
        return Person(
            id=f"p-{story}",
            household=household or story,
            name=name,
            gender=gender,
            birth_date=date.fromisoformat(born),
            papers=held,
            qid=qid_for(shown_paper(held), seed=self._seed),
            story=story,
            about=about,
            province=home,
            phone=phone,
            family_phone=family,
            carer=Carer(f"p-{carer[0]}", carer[1]) if carer else None,
        )


def told_alone(write: Story) -> list[Person]:
    """People with a story and a telephone of their own."""
    return [
        *_from_abroad(write),
        *_unusual_names(write),
        *_papers(write),
        *_tests(write),
        *_doses(write),
        *_wrong(write),
    ]


def _from_abroad(write: Story) -> list[Person]:
    records = write.records
    return [
        replace(
            write.person(
                "foreigner", "Marie-Claire Lefèvre-Dubois", "female", "1979-11-03",
                "passport 18FV72041",
                "A French teacher with a hyphenated name and only a passport; PCR negative yesterday.",
                phone="+84934120706",
            ),
            tests=(records.test("not-detected", 20),),
        ),
        replace(
            write.person(
                "one-syllable", "Sari", "female", "1995-06-21", "passport X8130442",
                "An Indonesian nurse whose whole name is one word.",
                home="ha-noi", phone="+84862207707",
            ),
            doses=records.doses(("bbibp-corv", 210), ("bbibp-corv", 180)),
        ),
    ]  # fmt: skip


def _unusual_names(write: Story) -> list[Person]:
    records = write.records
    return [
        replace(
            write.person(
                "long-name", "Công Tằng Tôn Nữ Hoàng Thị Phương Trinh Như Nguyệt", "female",
                "1968-03-12", "cccd 046168004708 bhyt HC4460720114708",
                "A name of over forty letters, for screens that are too small.",
                home="hue", phone="+84794517708",
            ),
            doses=records.doses(("hayat-vax", 400), ("hayat-vax", 370), ("comirnaty", 150)),
        ),
        replace(
            write.person(
                "no-diacritics", "Nguyen Van Binh", "male", "1985-08-19",
                "cccd 056085004709 passport C4810227",
                "Came home from abroad; his name is on file without a single accent.",
                phone="+84387104709",
            ),
            doses=records.doses(("sputnik-v", 250), ("sputnik-v", 225)),
        ),
        replace(
            write.person(
                "leap-day", "Đặng Thị Út Nhuận", "female", "2000-02-29", "cccd 087300004710",
                "Born on 29 February; two doses, booster due.",
                home="dong-thap", phone="+84328664710",
            ),
            doses=records.doses(("vaxzevria", 160), ("vaxzevria", 130)),
        ),
        replace(
            write.person(
                "minority-name", "H'Hen Niê Kđăm", "female", "1998-01-17", "cccd 066198004711",
                "An Ê Đê name with an apostrophe.", home="dak-lak", phone="+84353304711",
            ),
            doses=records.doses(("comirnaty", 90)),
        ),
    ]  # fmt: skip


def _papers(write: Story) -> list[Person]:
    records = write.records
    return [
        replace(
            write.person(
                "cmnd-only", "Bùi Văn Kiệm", "male", "1956-10-02", "cmnd 225104712",
                "Never changed his nine-digit CMND for a CCCD; no dose yet.",
                phone="+84913824712",
            ),
        ),
        replace(
            write.person(
                "passport-only", "Đoàn Quốc Việt", "male", "1991-04-25", "passport C7104713",
                "A Vietnamese just back from abroad, with only his passport.",
                home="tp-ho-chi-minh", phone="+84908214713",
            ),
            doses=records.doses(("jcovden", 300), ("comirnaty", 60)),
        ),
        replace(
            write.person(
                "odd-cccd", "Trịnh Công Lý", "male", "1987-01-18", "cccd 056093004714",
                "His CCCD says born 1993, his record says 1987; only a warning, never a refusal.",
                phone="+84775014714",
            ),
            doses=records.doses(("comirnaty", 60), ("comirnaty", 30)),
        ),
        replace(
            write.person(
                "qr-revoked", "Lâm Chấn Huy", "male", "1983-09-09", "cccd 048083004715",
                "His personal QR has been revoked by the national platform.",
                home="da-nang", phone="+84935604715",
            ),
            doses=records.doses(("comirnaty", 260), ("comirnaty", 230)),
            qr_active=False,
        ),
    ]  # fmt: skip


def _tests(write: Story) -> list[Person]:
    records = write.records
    pooled = (records.pending(5, tube="TN-2026-004718"),)
    rows = (
        ("result-pending", "Hoàng Thị Đợi", "female", "1993-07-30", "cccd 056193004716", None,
         "+84366204716", (records.pending(6),), "Gave a PCR sample this morning and waits."),
        ("result-positive", "Võ Thành Long", "male", "1989-12-11", "cccd 056089004717", None,
         "+84905334717", (records.test("detected", 30),), "PCR positive; isolated at home; red."),
        ("pooled-a", "Mai Xuân Hợp", "male", "1990-02-14", "cccd 001090004718", "ha-noi",
         "+84963414718", pooled, "One of two colleagues in one pooled sample, still pending."),
        ("pooled-b", "Tạ Thị Chung", "female", "1992-05-06", "cccd 001192004719", "ha-noi",
         "+84972414719", pooled, "The other of two colleagues in one pooled sample."),
        ("result-corrected", "Phan Thị Sửa", "female", "1986-03-27", "cccd 056186004720", None,
         "+84789014720", (records.corrected("not-detected", 40),),
         "First told positive, then corrected to negative."),
        ("result-mistaken", "Đinh Văn Lẫn", "male", "1977-06-15", "cccd 040077004721", "nghe-an",
         "+84399424721", (records.test("not-detected", 900), records.mistaken("detected", 50)),
         "A positive result was entered for him in error and struck out."),
        ("antigen-negative", "Cao Minh Nhật", "male", "1999-08-08", "cccd 056099004722", None,
         "+84844724722", (records.test("not-detected", 10, method="antigen"),),
         "Only a rapid test, negative: the rule wants a PCR, so red."),
        ("pcr-expired", "Lương Thị Hạn", "female", "1981-10-20", "cccd 056181004723", None,
         "+84856824723", (records.test("not-detected", 80),),
         "PCR negative, but more than 72 hours old: red."),
    )  # fmt: skip
    return [
        replace(
            write.person(
                story, name, "female" if gender == "female" else "male", born, papers, about,
                home=home or "khanh-hoa", phone=phone,
            ),
            tests=tests,
            isolation=records.isolation(1) if story == "result-positive" else None,
        )
        for story, name, gender, born, papers, home, phone, tests, about in rows
    ]  # fmt: skip


def _doses(write: Story) -> list[Person]:
    doses = write.records.doses
    rows = (
        ("one-dose-vaccine", "Tô Ngọc Duy", "male", "1994-01-05", "cccd 056094004724",
         "+84917524724", doses(("jcovden", 45)), "One dose of a one-dose vaccine: green."),
        ("day-14", "Kiều Thị Vừa", "female", "1988-09-13", "cccd 056188004725",
         "+84703614725", doses(("spikevax", 44), ("spikevax", 14)),
         "Second dose exactly 14 days ago: green from today."),
        ("day-13", "Hà Thị Gần", "female", "1990-11-22", "cccd 056190004726",
         "+84816714726", doses(("spikevax", 43), ("spikevax", 13)),
         "Second dose 13 days ago: still yellow."),
        ("first-dose-new", "Lục Văn Mới", "male", "2001-05-19", "cccd 056201004727",
         "+84378814727", doses(("comirnaty", 3)), "First dose three days ago: red."),
        ("three-dose-series", "Quách Gia Bảo", "male", "1975-04-01", "cccd 056075004728",
         "+84939914728", doses(("abdala", 200), ("abdala", 186), ("abdala", 172)),
         "Three doses of Abdala: green."),
        ("many-doses", "Giàng A Páo", "male", "1960-12-24", "cccd 056060004729",
         "+84888014729",
         doses(("vaxzevria", 700), ("vaxzevria", 640), ("comirnaty", 500), ("comirnaty", 380),
               ("comirnaty", 90)),
         "Five doses of two vaccines."),
    )  # fmt: skip
    return [
        replace(
            write.person(
                story,
                name,
                "female" if gender == "female" else "male",
                born,
                papers,
                about,
                phone=phone,
            ),
            doses=given,
        )
        for story, name, gender, born, papers, phone, given, about in rows
    ]


def _wrong(write: Story) -> list[Person]:
    doses = write.records.doses
    both = doses(("comirnaty", 190), ("comirnaty", 160))
    return [
        replace(
            write.person(
                "wrong-dose-missing", "Châu Thị Thiếu", "female", "1984-02-03", "cccd 056184004730",
                "Has had two doses; her record shows one.", phone="+84906114730",
            ),
            doses=both[:1],
            truth=Truth(doses=both),
        ),
        replace(
            write.person(
                "wrong-all-missing", "Vương Đình Trắng", "male", "1972-07-07", "cccd 056072004731",
                "Has had two doses; his record shows none.", phone="+84916214731",
            ),
            truth=Truth(doses=both),
        ),
        replace(
            write.person(
                "wrong-details", "Lê Thi Hạch", "female", "1970-01-01", "cccd 092169004732",
                "Is Lê Thị Hạnh, born 21 September 1969; the record has both wrong.",
                home="an-giang", phone="+84945314732",
            ),
            doses=both,
            truth=Truth(name="Lê Thị Hạnh", birth_date=date(1969, 9, 21)),
        ),
        replace(
            write.person(
                "dose-struck-out", "Thạch Sa Rây", "male", "1979-03-03", "cccd 096079004733",
                "Two doses on file, the second entered in error: one counts.",
                home="ca-mau", phone="+84947414733",
            ),
            doses=(both[0], replace(both[1], status="entered-in-error")),
        ),
    ]  # fmt: skip
