"""The conversation on a chat: every option a button, full letters, nothing dropped."""

from __future__ import annotations

import pytest

from bot.voice import LONGEST_LABEL, ChatVoice
from core.gsm import ucs2_units
from core.hear import numbered
from core.message import Button, Channel, Option, Page, Qr, Screen
from core.showing import BACK, TO_MENU
from core.text import Text, _, in_languages, plain

VOICE = ChatVoice()


def show(screen: Screen, language: str = "vi", voice: ChatVoice = VOICE) -> tuple[Page, ...]:
    return voice.pages(screen, language=language, accents=None)


def test_speaks_on_a_chat_and_hears_words() -> None:
    assert (VOICE.channel, VOICE.patience, VOICE.keywords) == (Channel.CHAT, 15.0, True)


def test_says_it_in_full_and_with_accents_whatever_is_wished_on_telephones() -> None:
    screen = Screen(plain("Mã QR của quý vị"), brief=plain("Ma QR"))
    (page,) = VOICE.pages(screen, language="vi", accents=False)
    assert page.text == "Mã QR của quý vị"


def test_options_are_buttons_with_their_number() -> None:
    options = numbered({"yes": in_languages("Yes", {"vi": "Có"}), "no": plain("Không")})
    (page,) = show(Screen(plain("Đồng ý?"), options=options))
    assert page.buttons == (Button("yes", "1. Có"), Button("no", "2. Không"))


def test_ways_are_signs_with_words() -> None:
    (page,) = show(Screen(plain("Xong."), ways=(BACK, TO_MENU)), "en")
    assert page.buttons == (Button("back", "↩ Back"), Button("menu", "☰ Menu"))


@pytest.mark.parametrize("key", ["vi+", "pat-mother", "386661006", "x" * 70])
def test_a_key_that_is_no_plain_word_comes_back_as_its_number(key: str) -> None:
    (page,) = show(Screen(plain("Ai?"), options=(Option(key, "3", plain("Bé Trâm")),)))
    assert page.buttons == (Button("3", "3. Bé Trâm"),)


def test_a_label_too_long_for_a_button_is_written_out() -> None:
    long = "Người từ nước có bệnh COVID-19 hoặc vùng có dịch"
    (page,) = show(
        Screen(plain("Đã gặp ai?"), options=numbered({"a": plain(long), "b": plain("Không")}))
    )
    assert page.text == f"Đã gặp ai?\n\n1. {long}\n2. Không"
    assert page.buttons[0].label.startswith("1. Người từ nước")
    assert page.buttons[0].label.endswith("…")
    assert ucs2_units(page.buttons[0].label) <= LONGEST_LABEL


def test_the_picture_and_the_end_are_handed_on() -> None:
    qr = Qr("1|A|1990-01-01|0|9|", "123456789012")
    (page,) = show(Screen(plain("Mã"), qr=qr, end=True))
    assert (page.qr, page.end) == (qr, True)


def test_a_phone_number_is_asked_for_with_a_key_of_its_own() -> None:
    screen = Screen(plain("Số nào?"), ways=(TO_MENU,), wants="phone")
    (page,) = show(screen)
    assert page.wants == "phone"
    assert [button.key for button in page.buttons] == ["phone", "menu"]
    assert page.buttons[0].label == "📱 Chia sẻ số điện thoại của tôi"


def test_what_is_too_long_goes_on_behind_a_button() -> None:
    said = plain(" ".join(f"Câu số {number}." for number in range(200)))
    qr = Qr("p", "s")
    screen = Screen(said, options=numbered({"ok": plain("Được")}), ways=(TO_MENU,), qr=qr)
    pages = show(screen, voice=ChatVoice(longest=500))
    assert len(pages) > 2
    assert all(len(page.text) <= 500 for page in pages)
    assert " ".join(page.text for page in pages) == said.to("vi")
    assert [button.key for button in pages[0].buttons] == ["more", "menu"]
    assert [button.key for button in pages[-1].buttons] == ["ok", "menu"]
    assert [page.qr for page in pages] == [qr] + [None] * (len(pages) - 1)


@pytest.mark.parametrize("said", [BACK.label, TO_MENU.label])
def test_the_words_of_ways_are_understood_when_a_keyboard_types_them(said: Text) -> None:
    (page,) = show(Screen(_("Menu"), ways=(BACK, TO_MENU)))
    assert page.buttons[0].label.startswith("↩ ")
    assert page.buttons[1].label.startswith("☰ ")


# Networks that show few buttons, or none

FIVE, NONE = ChatVoice(longest=2000, most_buttons=5), ChatVoice(longest=2000, most_buttons=0)
DISHES = ("Phở", "Bún", "Cơm", "Cháo", "Bánh", "Xôi")


def menu(count: int, *ways: Option) -> Screen:
    choices = {f"k{number}": plain(name) for number, name in enumerate(DISHES[:count])}
    return Screen(plain("Ăn gì?"), options=numbered(choices), ways=ways)


def test_what_fits_on_five_buttons_is_not_written_out() -> None:
    (page,) = show(menu(3, BACK, TO_MENU), voice=FIVE)
    assert page.text == "Ăn gì?"
    assert [button.label for button in page.buttons] == [
        "1. Phở", "2. Bún", "3. Cơm", "↩ Quay lại", "☰ Menu",
    ]  # fmt: skip


def test_what_does_not_fit_is_written_out_and_as_many_as_fit_are_buttons() -> None:
    (page,) = show(menu(6, TO_MENU), voice=FIVE)
    assert page.text == (
        "Ăn gì?\n\n1. Phở\n2. Bún\n3. Cơm\n4. Cháo\n5. Bánh\n6. Xôi\n\nBấm nút hoặc nhập số."
    )
    assert [button.label for button in page.buttons] == [
        "1. Phở", "2. Bún", "3. Cơm", "4. Cháo", "☰ Menu",
    ]  # fmt: skip


def test_without_buttons_everything_is_written_out() -> None:
    (page,) = show(menu(2, BACK, TO_MENU), voice=NONE)
    assert page.text == (
        "Ăn gì?\n\n1. Phở\n2. Bún\n0. Quay lại\n00. Menu\n\nNhập số của câu trả lời."
    )
    assert page.buttons == ()


def test_without_buttons_a_long_text_says_how_to_read_on() -> None:
    said = plain(" ".join(f"Câu số {number}." for number in range(200)))
    pages = show(Screen(said, ways=(TO_MENU,)), voice=ChatVoice(longest=300, most_buttons=0))
    assert all(len(page.text) <= 300 for page in pages)
    assert all(page.text.endswith("98. Xem thêm") for page in pages[:-1])
    assert not pages[-1].text.endswith("98. Xem thêm")
