"""Conversations by SMS: declaring in one text, the code that confirms it, and who may be meant."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from core.confirming import TRIES, TRIES_OF_A_NUMBER
from core.message import Address, Channel
from core.people.wishes import Topic
from core.platform.forms import Condition, FormItem
from core.platform.ports import TestResult
from sms.texts import SmsVoice
from tests.core.house import NOW, House, Phone, PlainVoice, chat, texting
from tests.fakes import CHILD, FORM, MOTHER, PHONE


@dataclass
class Texter(Phone):
    """A phone whose texts are really written as texts are."""

    voice: Any = field(default_factory=SmsVoice)
    wire: str = "texts"

    @property
    def code(self) -> str:
        """The code that stands in the last text."""
        return self.text.partition("GUI ")[2][:4]


@pytest.fixture
def mother(house: House) -> Texter:
    """She has linked by USSD, in Vietnamese, and texts."""
    Phone(house).dials().says("1", "1", "079190012345", "1990")
    house.passes(hours=30)
    return Texter(house)


def declared(house: House) -> list[tuple[str, dict[str, Any]]]:
    return [(one.citizen_id, dict(one.answers)) for _, one in house.platforms.declared]


def test_fever_and_cough_in_one_text_and_one_confirmation(house: House, mother: Texter) -> None:
    mother.says("KB SỐT HO").sees("1 Nguyet Quynh, 2 Bao Tram").says("1")
    mother.sees("Nguyet Quynh: Sot, Ho; con lai khong.", "Tra loi GUI ", "2 Khong gui, 3 Hoi")
    assert declared(house) == []
    mother.says(f"Gửi {mother.code}").sees("Da nhan to khai cua Nguyet Quynh", "o nha")
    assert declared(house) == [
        (
            MOTHER.id,
            {
                "travel": (False,),
                "symptoms": ("386661006", "49727002"),
                "contact-case": (False,),
                "contact-signs": (False,),
            },
        )
    ]


@pytest.mark.parametrize(
    "said",
    ["KB 0", "kb0", "KB KHONG", "kb không có triệu chứng", "khai báo: khỏe", "KB ok", "kb ko sot ko ho",
     "Soạn KB 0 gửi 1022", "khai bao1 0", "kb bình thường", "KB 0 Bảo Trâm"],
)  # fmt: skip
def test_nothing_to_declare(house: House, mother: Texter, said: str) -> None:
    mother.says(said)
    if "Bao Tram: deu khong" not in mother.text:
        mother.says("2").sees("Bao Tram: deu khong.")
    mother.says(mother.code).sees("Da nhan to khai cua Bao Tram").sees_not("o nha")
    assert declared(house) == [
        (CHILD.id, {"travel": (False,), "contact-case": (False,), "contact-signs": (False,)})
    ]


@pytest.mark.parametrize(
    ("said", "signs"),
    [
        ("kb soots ho", "Sot, Ho"), ("KB so61t", "Sot"), ("kb bị sốt cao, khó thở", "Sot, Kho tho"),
        ("kb ho khan va sot nhe", "Ho, Sot"), ("KB fever cough", "Sot, Ho"), ("kb sot k ho", "Sot"),
        ("kb hụt hơi", "Kho tho"), ("kb toi dang bi ho", "Ho"), ("kb sot sot", "Sot"),
    ],
)  # fmt: skip
def test_signs_in_peoples_own_words(mother: Texter, said: str, signs: str) -> None:
    mother.says(said, "1").sees(f": {signs}; con lai khong.")


def test_what_is_not_understood_is_asked(house: House, mother: Texter) -> None:
    mother.says("KB sot dau bung", "1").sees("14 ngay qua").sees_not("GUI")
    mother.says("1").sees("Nguoi benh").says("1").sees("Nguoi co bieu hien").says("1")
    mother.sees("Nguyet Quynh: Sot.", "Tra loi GUI ")
    mother.says(mother.code)
    assert declared(house)[0][1]["symptoms"] == ("386661006",)


def test_words_that_say_nothing_ask_everything(mother: Texter) -> None:
    mother.says("KB dau bung", "1").sees("14 ngay qua").says("1").sees("dau hieu nao")


def test_whoever_wants_to_be_asked_is_asked_everything(house: House, mother: Texter) -> None:
    mother.says("KB SOT BAO TRAM").sees("Bao Tram: Sot").says("3").sees("14 ngay qua")
    mother.says("1").sees("dau hieu nao").says("2").says("1", "2")
    mother.sees("2 Khong gui").sees_not("con lai")
    mother.says(mother.code)
    assert declared(house) == [
        (CHILD.id, {"travel": (False,), "symptoms": ("49727002",), "contact-case": (False,),
                    "contact-signs": (True,)}),
    ]  # fmt: skip


def test_a_question_with_a_list_behind_it_is_answered_too(house: House, mother: Texter) -> None:
    """As in the ministry's usual form: signs at all? Which?"""
    *before, signs, contact = FORM.items
    any_signs = FormItem("any", "boolean", {"": "?"}, required=True)
    which = replace(signs, required=True, conditions=(Condition("any", "=", True),))
    house.platforms.current_form = replace(FORM, items=(*before, any_signs, which, contact))
    mother.says("kb ho", "1").says(mother.code)
    mother.says("kb 0", "1").says(mother.code)
    first, second = (answers for _, answers in declared(house))
    assert (first["any"], first["symptoms"]) == ((True,), ("49727002",))
    assert second["any"] == (False,)
    assert "symptoms" not in second


def test_a_text_before_linking_is_not_lost(house: House) -> None:
    phone = Texter(house).says("KB HO")
    phone.sees("ho so suc khoe", "Tra loi GUI ").says(phone.code)
    phone.says("079190012345").says("1990").sees("1 Nguyet Quynh").says("1")
    phone.sees("Nguyet Quynh: Ho; con lai khong.")


def test_a_number_will_not_do_where_something_changes(house: House, mother: Texter) -> None:
    mother.says("KB 0", "1").says("1").sees("bang ma", "Tra loi GUI ").says("Gửi").sees("bang ma")
    mother.says("vâng em gửi rồi nhé").sees("bang ma", "Tra loi GUI ")
    assert declared(house) == []
    mother.says("2").sees("chua duoc gui")
    assert declared(house) == []


def test_a_wrong_code_sends_nothing_and_five_begin_again(house: House, mother: Texter) -> None:
    mother.says("KB 0", "1")
    right = mother.code
    wrong = f"{(int(right) + 1) % 10000:04d}"
    for _ in range(TRIES - 1):
        mother.says(f"GUI {wrong}").sees("Ma chua dung").sees(f"GUI {right}")
    mother.says(f"GUI {wrong}").sees("lam lai tu dau")
    mother.says(f"GUI {right}").sees("khong co gi cho ma")
    assert declared(house) == []


def test_codes_cannot_be_guessed_by_beginning_again_and_again(house: House, mother: Texter) -> None:
    for _ in range(TRIES_OF_A_NUMBER // TRIES):
        house.passes(minutes=2)
        mother.says("KB 0", "1")
        wrong = f"{(int(mother.code) + 1) % 10000:04d}"
        mother.says(*[f"GUI {wrong}"] * TRIES)
    house.passes(minutes=2)
    mother.says("KB 0", "1").says(f"GUI {mother.code}").sees("lam lai tu dau")
    assert declared(house) == []
    house.passes(hours=1, seconds=1)
    mother.says("KB 0", "1").says(f"GUI {mother.code}").sees("Da nhan")


def test_a_code_for_nothing_leaves_the_question_where_it_is(mother: Texter) -> None:
    mother.says("KB").says("gui 1022").sees("khong co gi cho ma", "1 Nguyet Quynh")
    mother.says("1").sees("14 ngay qua")


def test_a_form_that_is_gone_takes_its_code_along(house: House, mother: Texter) -> None:
    mother.says("KB 0", "1")
    code = mother.code
    mother.says("MENU")
    house.forms_gone = True
    mother.says(f"GUI {code}").sees("khong co gi cho ma")
    assert declared(house) == []


def test_another_declaration_has_another_code(mother: Texter) -> None:
    codes = {mother.says("KB 0", "1").code for _ in range(3)}
    codes |= {mother.says("KB SOT", "1").code, mother.says("KB SOT", "2").code}
    assert len(codes) >= 4, "five of ten thousand are hardly ever the same"


def test_the_same_text_again_has_the_same_code(mother: Texter) -> None:
    mother.says("KB 0")._turn(said=("1",), hop="twice")
    code = mother.code
    assert mother._turn(said=("1",), hop="twice").code == code


def test_the_answer_hours_later_still_counts(house: House, mother: Texter) -> None:
    mother.says("KB HO", "1")
    house.passes(hours=9)
    mother.says(f"gui {mother.code}").sees("Da nhan to khai")
    assert len(declared(house)) == 1


def test_after_a_day_it_does_not(house: House, mother: Texter) -> None:
    mother.says("KB HO", "1")
    house.passes(hours=25)
    mother.says(f"gui {mother.code}").sees("khong co gi cho ma")
    assert declared(house) == []


def test_two_people_write_from_one_phone_between_each_others_texts(
    house: House, mother: Texter
) -> None:
    mother.says("KB HO", "1")
    for_herself = mother.code
    mother.says("KB 0 BAO TRAM")
    for_the_child = mother.code
    mother.says("kq bao tram").sees("Bao Tram")
    mother.says(f"GUI {for_herself}").sees("Da nhan to khai cua Nguyet Quynh")
    mother.says(for_the_child).sees("Da nhan to khai cua Bao Tram")
    mother.says(f"GUI {for_herself}").sees("khong co gi cho ma")
    assert [who for who, _ in declared(house)] == [MOTHER.id, CHILD.id]


def test_a_name_after_the_word_says_whom_it_is_about(mother: Texter) -> None:
    mother.says("TT Bảo Trâm").sees("Bao Tram").sees_not("1 Nguyet")
    mother.says("kq trâm").sees("Xet nghiem cua Bao Tram")
    mother.says("tiem cho bé Trâm").sees("Bao Tram")
    mother.says("kq cua ai do").sees("1 Nguyet Quynh, 2 Bao Tram")


def test_on_other_channels_a_choice_is_enough(house: House, mother: Texter) -> None:
    dialled = Phone(house).dials().says("3", "1", "1", "*", "1", "1").sees("1 Gửi")
    dialled.says("1").sees("Đã nhận")
    telegram = chat(house).shares(PHONE).says("KB 0 BAO TRAM").sees("1 Gửi", "3 Hỏi từng câu")
    telegram.taps("send").sees("Đã nhận")
    assert len(declared(house)) == 2


def test_begun_by_dialling_and_confirmed_by_text(house: House, mother: Texter) -> None:
    Phone(house).dials().says("3", "1", "1", "*", "1", "1").sees("1 Gửi")
    mother.says("TIEP TUC").sees("Tra loi GUI ").says(mother.code).sees("Da nhan")


def test_what_somebody_writes_is_not_taken_for_a_word(mother: Texter) -> None:
    """A report that begins with a word which more may follow."""
    mother.says("SAI", "1", "1", "1").says("Tiem ngay 14/03 Vaxzevria, tram y te Ben Nghe")
    mother.sees("Tiem ngay 14/03", "Tra loi GUI ").says(mother.code).sees("phieu T0001")


def test_a_name_that_looks_like_a_word_with_keys_left_standing_is_a_name(mother: Texter) -> None:
    mother.says("KHAI HO", "1").says("Huyf").sees("Ngay sinh")
    mother.says("KHAI HO", "1").says("MENU").sees("Mot Cua")


def test_removing_a_chat_and_unlinking_need_the_code(house: House, mother: Texter) -> None:
    chat(house).shares(PHONE)
    mother.says("TAI KHOAN", "1").sees("Tra loi GUI ").says("1").sees("bang ma")
    mother.says(mother.code)
    assert Address("telegram", "4711") not in house.people.known
    mother.says("LK").sees("GUI ").says("2").sees("bang ma")
    assert house.people.find(Address("phone", PHONE)).linked is not None
    mother.says(f"gui {mother.code}").sees("Da bo lien ket")
    assert house.people.find(Address("phone", PHONE)).linked is None


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("TC", Topic.ALL), ("Từ chối", Topic.ALL), ("HỦY", Topic.ALL), ("STOP", Topic.ALL),
        ("TC NHẮC", Topic.REMINDER), ("tuwf choois nhawcs", Topic.REMINDER), ("tcnhac", Topic.REMINDER),
        ("stop reminders", Topic.REMINDER), ("TC KQ", Topic.RESULT), ("từ chối kết quả", Topic.RESULT),
        ("TC tin", Topic.CAMPAIGN), ("Soạn TC QC gửi 1022", Topic.CAMPAIGN),
    ],
)  # fmt: skip
def test_a_stop_is_confirmed_once_and_what_is_asked_for_is_answered(
    house: House, mother: Texter, said: str, topic: Topic
) -> None:
    person = house.people.find(mother.address).id
    mother.says(said).sees("Da ngung", "DK").sees_not("GUI")
    assert house.people.refused == {(person, topic)}
    mother.says("kq trâm").sees("Bao Tram")
    mother.says("ĐK").sees("Da dang ky", "TC")
    assert house.people.refused == set()


@pytest.mark.parametrize("said", ["HUY LICH", "Hủy lịch khám ngày mai", "đừng gửi", "TC gì vậy"])
def test_what_is_more_than_the_word_stops_nothing(house: House, mother: Texter, said: str) -> None:
    mother.says(said)
    assert house.people.refused == set()


def test_start_with_a_topic_lifts_that_one(house: House, mother: Texter) -> None:
    mother.says("TC NHAC").says("TC TIN").says("dk nhắc").sees("lai nhan tin nhac", "TC NHAC")
    assert {topic for _, topic in house.people.refused} == {Topic.CAMPAIGN}


def test_start_is_the_menu_in_a_chat_and_a_consent_by_sms(house: House) -> None:
    chat(house).says("/start").sees("1 Mã QR")
    texting(house).says("START").sees("Đã đăng ký")
    assert PlainVoice(Channel.CHAT).keywords is False


def test_a_text_holds_the_newest_two_and_one_asked_for_on_ussd_holds_all(
    house: House, mother: Texter
) -> None:
    days = [NOW - timedelta(days=number) for number in range(3)]
    house.platforms.results_of[MOTHER.id] = tuple(
        TestResult(f"obs-{day.day}", "pcr", "not-detected", "final", day, day) for day in days
    )
    shown = [f"{day:%d/%m/%Y}" for day in days]
    mother.says("KQ", "1").sees(*shown[:2]).sees_not(shown[2])
    Phone(house).dials().says("4", "1").sees(*shown).says("1")
    ((_key, kept),) = house.later.kept.items()
    finished = house.engine.finish(dict(kept), SmsVoice())
    assert finished is not None
    assert all(day in finished[1].text for day in shown)


def test_a_report_by_text_tells_the_word_by_which_it_is_looked_up(
    house: House, mother: Texter
) -> None:
    mother.says("SAI", "2", "1", "12/08/2026 Pfizer, tram y te Loc Tho")
    mother.says(f"GUI {mother.code}").sees("Da mo phieu T0001", "Muon xem, xin nhan SAI.")
    mother.says("sai", "2").sees("Phieu T0001: da tiep nhan", "Den 14:05 23/11")
    house.platforms.mood = "down"
    mother.says("sai").sees("Hien chua xem duoc cac phieu da bao.", "1 Thieu mot mui tiem")
