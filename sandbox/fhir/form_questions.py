"""The questions that several of the Vietnamese health declarations share."""

from __future__ import annotations

from sandbox.fhir.codes import SYMPTOM
from sandbox.fhir.form_parts import item, options, when_yes
from sandbox.world import Resource

WARNING = item(
    "warning",
    "display",
    "Khai báo thông tin sai là vi phạm pháp luật Việt Nam và có thể xử lý hình sự.",
    "Declaring false information is against the law of Viet Nam and may be prosecuted.",
    short=("Khai sai là phạm luật.", "False answers break the law."),
)
CONSENT = item(
    "consent",
    "display",
    "Dữ liệu bạn cung cấp hoàn toàn bảo mật và chỉ phục vụ cho việc phòng chống dịch, thuộc quản lý "
    "của Ban chỉ đạo quốc gia về Phòng chống dịch Covid-19. Khi bạn nhấn nút “Gửi” là bạn đã hiểu và "
    "đồng ý.",
    "What you tell us is kept confidential and used only against the epidemic, by the National "
    "Steering Committee for COVID-19 Prevention and Control. By pressing “Send” you have understood "
    "and agreed.",
    short=("Gửi là bạn đã hiểu và đồng ý.", "By sending you agree."),
)

SYMPTOMS = options(
    SYMPTOM,
    ("fever", "Sốt", "Fever"),
    ("cough", "Ho", "Cough"),
    ("short-breath", "Khó thở", "Shortness of breath"),
    ("pneumonia", "Viêm phổi", "Pneumonia"),
    ("sore-throat", "Đau họng", "Sore throat"),
    ("tired", "Mệt mỏi", "Tiredness"),
)
ENTRY_SYMPTOMS = options(
    SYMPTOM,
    ("fever", "Sốt", "Fever"),
    ("cough", "Ho", "Cough"),
    ("short-breath", "Khó thở", "Shortness of breath"),
    ("sore-throat", "Đau họng", "Sore throat"),
    ("nausea", "Nôn/buồn nôn", "Vomiting or nausea"),
    ("diarrhoea", "Tiêu chảy", "Diarrhoea"),
    ("bleeding", "Xuất huyết ngoài da", "Bleeding under the skin"),
    ("rash", "Nổi ban ngoài da", "Skin rash"),
)
SIGNS = (
    "Trong vòng 14 ngày qua, Anh/Chị có thấy xuất hiện ít nhất 1 trong các dấu hiệu: "
    "sốt, ho, khó thở, viêm phổi, đau họng, mệt mỏi không?",
    "In the last 14 days, have you had any of these signs: fever, cough, shortness of breath, "
    "pneumonia, sore throat, tiredness?",
)
SIGNS_BELOW = (
    "Trong vòng 14 ngày qua, Anh/Chị có thấy xuất hiện dấu hiệu nào sau đây không?",
    "In the last 14 days, have you had any of the following signs?",
)
SIGNS_SHORT = (
    "14 ngày qua có sốt, ho, khó thở, đau họng, mệt mỏi không?",
    "Fever, cough, short breath, sore throat or tired in 14 days?",
)


def symptoms(
    number: str,
    which: list[Resource],
    *,
    asked: tuple[str, str] = SIGNS,
    short: tuple[str, str] = SIGNS_SHORT,
) -> list[Resource]:
    """Whether there are signs of illness, and which; texts as (vi, en)."""
    return [
        item("symptoms", "boolean", *asked, short=short, required=True, prefix=number),
        item(
            "symptoms-which",
            "choice",
            "Dấu hiệu nào?",
            "Which signs?",
            required=True,
            repeats=True,
            enableWhen=when_yes("symptoms"),
            answerOption=which,
        ),
    ]


def contacts(number: str) -> Resource:
    """Whether the person was near anybody who may be ill, in three questions."""
    asked = (
        ("a", "Người bệnh hoặc nghi ngờ, mắc bệnh COVID-19",
         "Somebody who has or may have COVID-19",
         ("Người bệnh hoặc nghi mắc COVID-19?", "somebody with COVID-19?")),
        ("b", "Người từ nước có bệnh COVID-19",
         "Somebody from a country with COVID-19",
         ("Người từ nước có COVID-19?", "somebody from a COVID-19 country?")),
        ("c", "Người có biểu hiện (Sốt, ho, khó thở, Viêm phổi)",
         "Somebody with signs (fever, cough, shortness of breath, pneumonia)",
         ("Người sốt, ho, khó thở?", "somebody with fever or cough?")),
    )  # fmt: skip
    return item(
        "contact",
        "group",
        "Trong vòng 14 ngày qua, Anh/Chị có tiếp xúc với",
        "In the last 14 days, have you been in contact with",
        prefix=number,
        item=[
            item(f"contact-{letter}", "boolean", vi, en, short=short, required=True, prefix=letter)
            for letter, vi, en, short in asked
        ],
    )


def words(link: str, vi: str, en: str, *, required: bool = True) -> Resource:
    """A short answer in the person's own words."""
    return item(link, "string", vi, en, required=required, maxLength=200)
