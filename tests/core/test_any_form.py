"""Forms with every kind of item: what they suggest, what cannot be asked, choices with other words."""

from __future__ import annotations

from core.platform.forms import Form, FormChoice, FormItem
from tests.core.house import House, Phone


def _words(said: str) -> dict[str, str]:
    return {"": said}


def _house(*items: FormItem) -> tuple[House, Phone]:
    house = House()
    house.platforms.current_form = Form("urn:form", "1", _words("Tờ khai"), items)
    return house, Phone(house).links().says("3", "1")


def _answers(house: House) -> dict[str, object]:
    ((_key, declaration),) = house.platforms.declared
    return dict(declaration.answers)


def test_what_cannot_be_asked_is_said_and_the_rest_still_works() -> None:
    file = FormItem("file", "display", _words("Ảnh giấy tiêm"), beyond=True)
    house, phone = _house(
        file, FormItem("well", "boolean", _words("Có khỏe không?"), required=True)
    )
    phone.sees("Ảnh giấy tiêm", "cannot be asked here", "Có khỏe không?").says("2", "1")
    assert _answers(house) == {"well": (True,)}


def test_what_the_form_suggests_comes_first_or_is_kept_with_a_star() -> None:
    choices = (FormChoice("air", _words("Tàu bay")), FormChoice("road", _words("Ô tô")))
    house, phone = _house(
        FormItem(
            "by", "choice", _words("Đi bằng gì?"), required=True, choices=choices, initial="road"
        ),
        FormItem("from", "string", _words("Từ đâu?"), required=True, initial="Hà Nội"),
    )
    phone.sees("1 Ô tô", "2 Tàu bay").says("1").sees("type * to keep: Hà Nội").says("*", "1")
    assert _answers(house) == {"by": ("road",), "from": ("Hà Nội",)}


def test_an_open_choice_takes_a_number_or_other_words() -> None:
    choices = (FormChoice("air", _words("Tàu bay")), FormChoice("road", _words("Ô tô")))
    item = FormItem("by", "open-choice", _words("Đi bằng gì?"), required=True, choices=choices)
    house, phone = _house(item)
    phone.sees("1 Tàu bay", "2 Ô tô").says("2", "1")
    assert _answers(house) == {"by": ("road",)}
    house, phone = _house(item)
    phone.says("xe đạp", "1")
    assert _answers(house) == {"by": ("xe đạp",)}


def test_a_required_question_cannot_be_skipped() -> None:
    _nobody, phone = _house(FormItem("from", "string", _words("Từ đâu?"), required=True))
    phone.sees_not("to skip").says("").sees("Please write an answer", "Từ đâu?")


def test_a_question_that_repeats_takes_several_answers() -> None:
    house, phone = _house(
        FormItem("where", "string", _words("Đã đến đâu?"), required=True, repeats=True),
        FormItem("days", "date", _words("Ngày nào?"), required=True, repeats=True),
    )
    phone.sees("put ; between").says("Đà Nẵng; Huế, Hội An", "1/11/2026; xyz").sees(
        "day/month/year"
    )
    phone.says("1/11/2026; 3/11/2026", "1")
    assert _answers(house) == {
        "where": ("Đà Nẵng", "Huế", "Hội An"),
        "days": ("2026-11-01", "2026-11-03"),
    }


def test_what_is_asked_at_once_stands_under_the_words_of_its_group() -> None:
    near = FormItem(
        "near",
        "group",
        _words("Có tiếp xúc với"),
        items=(
            FormItem("ill", "boolean", _words("Người bệnh"), required=True),
            FormItem("away", "boolean", _words("Người từ nơi có dịch"), required=True),
        ),
    )
    all_of_it = FormItem(
        "all",
        "group",
        _words("14 ngày qua có điều nào không?"),
        brief=_words("14 ngày qua có đi xa, gần người bệnh?"),
        items=(FormItem("been", "boolean", _words("Đi xa?"), required=True), near),
    )
    _, phone = _house(all_of_it)
    phone.sees(
        "14 ngày qua có điều nào không?\nĐi xa?\nCó tiếp xúc với\nNgười bệnh\nNgười từ nơi có dịch"
    )
