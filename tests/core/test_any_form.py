"""Forms with every kind of item: what they suggest, what cannot be asked, choices with other words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.platform.forms import Condition, Form, FormChoice, FormItem, Kind, instance
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


def _boolean(name: str, said: str, **more: Any) -> FormItem:
    return FormItem(name, "boolean", _words(said), **more)


def _choices(*codes: str) -> tuple[FormChoice, ...]:
    return tuple(FormChoice(code, _words(f"Ý {code}")) for code in codes)


def test_what_is_skipped_is_not_answered() -> None:
    house, phone = _house(
        _boolean("well", "Có khỏe không?"),
        FormItem("by", "choice", _words("Đi bằng gì?"), choices=_choices("a", "b")),
        FormItem("with", "choice", _words("Cùng ai?"), choices=_choices("a", "b"), repeats=True),
        _boolean("more", "Nữa không?", conditions=(Condition("well", "exists", True),)),
        _boolean("end", "Hết?", required=True),
    )
    phone.says("3").sees("Đi bằng gì?").says("3").sees("Cùng ai?").says("3").sees("Hết?")
    phone.says("2", "1")
    assert _answers(house) == {"end": (True,)}


def test_what_is_asked_below_a_question_waits_for_its_answer() -> None:
    where = FormItem("where", "string", _words("Đi đâu?"), required=True)
    away = _boolean("away", "Có đi xa?", conditions=(Condition("well", "=", False),))
    house, phone = _house(
        _boolean("well", "Có khỏe không?", required=True),
        replace(away, items=(where,)),
        _boolean("end", "Hết?", required=True),
    )
    phone.says("2").sees("Hết?").says("0").sees("khỏe").says("1").sees("Có đi xa?").says("3")
    phone.sees("Hết?").says("0").says("1").sees("Đi đâu?").says("Huế").sees("Hết?").says("1", "1")
    assert _answers(house) == {
        "well": (False,), "away": (False,), "where": ("Huế",), "end": (False,),
    }  # fmt: skip


def test_answers_to_what_is_no_longer_asked_count_for_nothing() -> None:
    """The platform refuses; then another answer takes the second question away, and its rule too."""
    house, phone = _house(
        _boolean("a", "Một?", required=True),
        _boolean("b", "Hai?", required=True, conditions=(Condition("a", "=", True),)),
        _boolean("c", "Ba?", required=True, conditions=(Condition("b", "=", True),)),
    )
    phone.says("2", "2", "2").sees("Send the declaration")
    house.platforms.mood = "refused"
    phone.says("1").sees("Mẫu tờ khai đã thay đổi")
    house.platforms.mood = "well"
    phone.says("1").sees("Một?", "1 Yes", "2 No").says("2").sees("Send the declaration").says("1")
    assert _answers(house) == {"a": (False,)}


def test_after_a_refusal_every_answer_is_still_there_to_be_kept() -> None:
    house, phone = _house(
        FormItem("from", "string", _words("Từ đâu?"), required=True),
        FormItem("when", "date", _words("Ngày nào?"), required=True),
        FormItem("by", "choice", _words("Đi bằng gì?"), required=True, choices=_choices("a", "b")),
    )
    phone.says("Huế", "24/12/2026", "2")
    house.platforms.mood = "refused"
    phone.says("1")
    house.platforms.mood = "well"
    phone.says("1").sees("type * to keep: Huế").says("*").sees("type * to keep: 24/12/2026")
    phone.says("25/12/2026").sees("1 Ý b", "2 Ý a").says("1", "1")
    assert _answers(house) == {"from": ("Huế",), "when": ("2026-12-25",), "by": ("b",)}


def test_a_number_on_the_screen_is_never_taken_for_the_code_of_another_choice() -> None:
    item = FormItem("n", "choice", _words("Mấy?"), required=True, choices=_choices("2", "1", "3"))
    for typed, meant in (("1", "2"), ("2", "1"), ("3", "3")):
        house, phone = _house(item)
        phone.says(typed, "1")
        assert _answers(house) == {"n": (meant,)}


def test_a_rule_compares_the_number_that_a_choice_stands_for() -> None:
    choices = tuple(FormChoice(str(n), _words(str(n)), value=n) for n in (2, 1))
    house, phone = _house(
        FormItem("doses", "choice", _words("Mấy mũi?"), required=True, choices=choices),
        _boolean("sure", "Chắc?", required=True, conditions=(Condition("doses", ">=", 2),)),
    )
    phone.says("2").sees("Send the declaration").says("0").says("1").sees("Chắc?").says("2", "1")
    assert _answers(house) == {"doses": ("2",), "sure": (True,)}


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("integer", "khong", 0), ("integer", "nan", None), ("integer", "1_000", None),
        ("integer", "99999999999", None), ("integer", "-3", -3), ("decimal", "nan", None),
        ("decimal", "inf", None), ("decimal", "1e5", None), ("decimal", "37,5", 37.5),
        ("date", "24/12/2027", "2027-12-24"), ("time", "7h", "07:00:00"), ("time", "24:00", None),
        ("time", "14h30", "14:30:00"), ("dateTime", "1/12/2026 9:05", "2026-12-01T09:05:00+07:00"),
        ("dateTime", "1/12/2026", "2026-12-01"), ("url", "https://example.org", "https://example.org"),
        ("url", "trang web", None), ("quantity", "60 kg", 60.0), ("string", "a\x07b", "ab"),
        ("string", "\u200b", None),
    ],
)  # fmt: skip
def test_what_people_write_is_read_as_its_kind(kind: Kind, typed: str, value: Any) -> None:
    unit = "kg" if kind == "quantity" else ""
    house, phone = _house(FormItem("x", kind, _words("Gì?"), required=True, unit=unit))
    phone.says(typed)
    if value is None:
        phone.sees("Gì?")
    else:
        phone.says("1")
        assert _answers(house) == {"x": (value,)}


def test_bounds_are_said() -> None:
    house, phone = _house(
        FormItem("n", "integer", _words("Bao nhiêu?"), required=True, least=1, most=10),
        FormItem("d", "date", _words("Ngày?"), required=True, least="2026-11-01"),
    )
    phone.sees_not("KHONG").says("11").sees("at most 10")
    phone.sees("Bao nhiêu?").says("10", "31/10/2026").sees("at least 01/11/2026")
    phone.says("1/11/2026", "1")
    assert _answers(house) == {"n": (10,), "d": ("2026-11-01",)}


def test_a_group_that_repeats_is_asked_as_often_as_is_wanted() -> None:
    inside = (
        FormItem("where", "string", _words("Đến đâu?"), required=True),
        _boolean("flew", "Bay?", required=True),
        FormItem("seat", "integer", _words("Ghế?"), conditions=(Condition("flew", "=", True),)),
    )
    trips = FormItem("trips", "group", _words("Chuyến đi"), repeats=True, items=inside)
    house, phone = _house(trips, _boolean("end", "Hết?", required=True))
    phone.says("Huế", "1").sees("Chuyến đi", "Add one more?").says("2").sees("Đến đâu?")
    phone.says("Vinh", "2").sees("Ghế?").says("7").sees("Add one more?").says("1").sees("Hết?")
    phone.says("1", "1")
    assert _answers(house) == {
        "where": ("Huế",), "flew": (False,), "end": (False,),
        instance("where", (2,)): ("Vinh",), instance("flew", (2,)): (True,),
        instance("seat", (2,)): (7,),
    }  # fmt: skip


def test_a_question_that_a_later_answer_brings_is_asked_before_sending() -> None:
    house, phone = _house(
        FormItem(
            "why",
            "string",
            _words("Vì sao?"),
            required=True,
            conditions=(Condition("ill", "=", True),),
        ),
        _boolean("ill", "Ốm?", required=True),
    )
    phone.sees("Ốm?").says("2").sees("Vì sao?").says("sốt", "1")
    assert _answers(house) == {"ill": (True,), "why": ("sốt",)}


def test_words_are_said_only_when_their_rule_holds_and_are_not_lost() -> None:
    ill = (Condition("ill", "=", True),)
    _nobody, phone = _house(
        _boolean("ill", "Ốm?", required=True),
        FormItem("call", "display", _words("Hãy gọi 115."), conditions=ill),
        FormItem("rest", "display", _words("Xin nghỉ ngơi.")),
        _boolean("home", "Ở nhà?", required=True, conditions=(Condition("ill", "exists", False),)),
        _boolean("end", "Hết?", required=True),
        FormItem("doctor", "display", _words("Bác sĩ sẽ gọi lại."), conditions=ill),
        FormItem("true", "display", _words("Xin khai thật.")),
    )
    phone.says("1").sees("Xin nghỉ ngơi.", "Hết?").sees_not("115").says("1")
    phone.sees("Xin khai thật.", "Send").sees_not("Bác sĩ").says("0", "0")
    phone.says("2").sees("Hãy gọi 115.").says("1").sees("Bác sĩ sẽ gọi lại.")


def test_what_may_only_be_read_is_shown_and_what_is_hidden_is_not_and_both_are_sent() -> None:
    house, phone = _house(
        FormItem("place", "string", _words("Nơi khai:"), manner="shown", given=("Huế",)),
        FormItem("kind", "integer", _words("Loại"), manner="hidden", given=(3,)),
        _boolean("end", "Hết?", required=True, conditions=(Condition("kind", "=", 3),)),
    )
    phone.sees("Nơi khai: Huế", "Hết?").sees_not("Loại").says("1", "1")
    assert _answers(house) == {"place": ("Huế",), "kind": (3,), "end": (False,)}


def test_a_number_is_no_sign_of_illness() -> None:
    _nobody, phone = _house(FormItem("n", "integer", _words("Mấy con?"), required=True))
    phone.says("1", "1").sees("received").sees_not("mask")


def test_a_refusal_says_why_in_the_language_of_whoever_reads_it() -> None:
    house, phone = _house(_boolean("a", "Một?", required=True))
    house.platforms.reason_in = {"en": "The form has changed"}
    phone.says("1")
    house.platforms.mood = "refused"
    phone.says("1").sees("The form has changed").sees_not("Mẫu")
