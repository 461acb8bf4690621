"""The declaration for everybody (toàn dân): its past, its present, and the editions ready to be published.

The real form changed several times in a year; the wording of the editions is that of its pages.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.fhir.codes import FORM, SYMPTOM
from sandbox.fhir.form_parts import form, item, options, when_yes
from sandbox.fhir.form_questions import CONSENT, SYMPTOMS, WARNING, contacts, symptoms, words
from sandbox.world import Resource

GENERAL = f"{FORM}general"

TRAVEL = (
    "Trong vòng 14 ngày qua, Anh/Chị có đến tỉnh/thành phố, quốc gia/vùng lãnh thổ nào "
    "(Có thể đi qua nhiều nơi)?",
    "In the last 14 days, have you been to any other province, city, country or territory "
    "(there may be several)?",
)
TRAVEL_SHORT = (
    "14 ngày qua có đi tỉnh hoặc nước khác?",
    "Other province or country in 14 days?",
)
TO_AN_EPIDEMIC = (
    "Trong vòng 14 ngày qua, Anh/Chị có đến tỉnh/thành phố, quốc gia/vùng lãnh thổ nào có dịch "
    "(Có thể đi qua nhiều nơi)?",
    "In the last 14 days, have you been to any province, city, country or territory with an "
    "epidemic (there may be several)?",
)
TO_AN_EPIDEMIC_SHORT = (
    "14 ngày qua có đến vùng có dịch không?",
    "Been to an area with an epidemic in 14 days?",
)
SIGNS_WITH_TASTE = (
    "Trong vòng 14 ngày qua, Anh/Chị có thấy xuất hiện ít nhất 1 trong các dấu hiệu: sốt, ho, "
    "khó thở, viêm phổi, đau họng, mệt mỏi, thay đổi vị giác không?",
    "In the last 14 days, have you had any of these signs: fever, cough, shortness of breath, "
    "pneumonia, sore throat, tiredness, change of taste?",
)
SIGNS_WITH_TASTE_SHORT = (
    "14 ngày qua có sốt, ho, khó thở, đau họng, mệt, thay đổi vị giác?",
    "Fever, cough, short breath, sore throat, tired, taste changed?",
)
TASTE = options(SYMPTOM, ("taste", "Thay đổi vị giác", "Change of taste"))


PERIOD = (
    "Trong vòng 14 ngày qua, Anh/Chị có điều nào sau đây không?",
    "In the last 14 days, is any of the following true of you?",
)
ANY_SHORT = (
    "14 ngày qua có đi nơi khác, sốt, ho, khó thở, đau họng, mệt, gần người (nghi) bệnh?",
    "14 days: been away, fever, cough, short breath, sore throat, tired, near a sick person?",
)
ANY_SHORT_WITH_TASTE = (
    "14 ngày qua có đến vùng dịch, sốt, ho, khó thở, đau họng, mệt, đổi vị, gần người bệnh?",
    "14 days: epidemic area, fever, cough, breathless, sore throat, tired, taste, ill contact?",
)
ANY_SHORT_OF_TWO = (
    "14 ngày qua có sốt, ho, khó thở, đau họng, mệt, gần người (nghi) bệnh?",
    "14 days: fever, cough, short breath, sore throat, tired, near a sick person?",
)


def _any_of(short: tuple[str, str], *questions: Resource) -> Resource:
    """The questions as a group, with the words for asking after all of them at once."""
    return item("last-14-days", "group", *PERIOD, short=short, item=list(questions))


def _travel(asked: tuple[str, str], short: tuple[str, str]) -> list[Resource]:
    where = words("travel-where", "Những nơi nào?", "Which places?")
    return [
        item("travel", "boolean", *asked, short=short, required=True, prefix="1"),
        where | {"enableWhen": when_yes("travel")},
    ]


def _edition(version: str, *questions: Resource) -> Resource:
    title = ("Tờ khai y tế toàn dân", "General health declaration")
    return form(GENERAL, version, "general", title, WARNING, *questions, CONSENT)


def before(version: str) -> Resource:
    """The edition before the usual one: two questions, no follow-ups."""
    return _edition(version, symptoms("1", SYMPTOMS)[0], contacts("2"))


def usual(version: str) -> Resource:
    """Places, signs, contacts."""
    questions = (*_travel(TRAVEL, TRAVEL_SHORT), *symptoms("2", SYMPTOMS), contacts("3"))
    return _edition(version, _any_of(ANY_SHORT, *questions))


def epidemic_area(version: str) -> Resource:
    """As usual, but only areas with an epidemic are asked about (đến vùng có dịch)."""
    questions = (
        *_travel(TO_AN_EPIDEMIC, TO_AN_EPIDEMIC_SHORT),
        *symptoms("2", SYMPTOMS),
        contacts("3"),
    )
    return _edition(version, _any_of(ANY_SHORT, *questions))


def taste(version: str) -> Resource:
    """Areas with an epidemic, and a change of taste among the signs (thay đổi vị giác)."""
    signs = [*SYMPTOMS, *TASTE]
    questions = (
        *_travel(TO_AN_EPIDEMIC, TO_AN_EPIDEMIC_SHORT),
        *symptoms("2", signs, asked=SIGNS_WITH_TASTE, short=SIGNS_WITH_TASTE_SHORT),
        contacts("3"),
    )
    return _edition(version, _any_of(ANY_SHORT_WITH_TASTE, *questions))


def short(version: str) -> Resource:
    """Two questions, yes or no."""
    contact = item(
        "contact-patient",
        "boolean",
        "Trong vòng 14 ngày qua, Anh/Chị có tiếp xúc với người mắc hoặc nghi mắc COVID-19 không?",
        "In the last 14 days, have you been in contact with somebody who has or may have COVID-19?",
        short=("Gần người bệnh hoặc nghi mắc COVID-19?", "Near somebody with COVID-19?"),
        required=True,
        prefix="2",
    )
    return _edition(version, _any_of(ANY_SHORT_OF_TWO, symptoms("1", SYMPTOMS)[0], contact))


EDITIONS: dict[str, tuple[str, Callable[[str], Resource]]] = {
    "epidemic-area": ("asks about areas with an epidemic: “…nào có dịch?”", epidemic_area),
    "taste": ("adds “thay đổi vị giác” to the signs", taste),
    "short": ("two questions only", short),
    "usual": ("the one in force at the start", usual),
}
"""Name → what is different about it, and the form once it has its version."""
