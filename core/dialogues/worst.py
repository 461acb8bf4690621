"""The longest form there may be, with every kind of item: screens are proven to fit with it."""

from __future__ import annotations

from core.platform.forms import Condition, Form, FormChoice, FormItem, Words


def _words(vi: str, en: str) -> Words:
    return {"": vi, "vi": vi, "en": en}


_SIGNS = (
    ("Sốt", "Fever"),
    ("Ho", "Cough"),
    ("Khó thở", "Shortness of breath"),
    ("Đau họng", "Sore throat"),
    ("Nôn/buồn nôn", "Vomiting or nausea"),
    ("Tiêu chảy", "Diarrhoea"),
    ("Xuất huyết ngoài da", "Bleeding under the skin"),
    ("Nổi ban ngoài da", "Skin rash"),
    ("Thay đổi vị giác", "Loss of taste"),
)

_LONG = _words(
    "Trong vòng 14 ngày qua, Anh/Chị có thấy xuất hiện ít nhất 1 trong các dấu hiệu: sốt, ho, "
    "khó thở, viêm phổi, đau họng, mệt mỏi, thay đổi vị giác không? Nếu có, xin ghi rõ bắt đầu "
    "từ ngày nào và đã đi khám ở đâu.",
    "In the last 14 days, have you had at least one of these signs: fever, cough, shortness of "
    "breath, pneumonia, sore throat, tiredness, loss of taste? If so, please say since which day "
    "and where you have seen a doctor.",
)

WORST_FORM = Form(
    url="urn:motcua:form:worst",
    version="1",
    title=_words("Tờ khai y tế", "Health declaration"),
    items=(
        FormItem(
            "warning",
            "display",
            _words(
                "Khai báo thông tin sai là vi phạm pháp luật Việt Nam và có thể xử lý hình sự.",
                "Giving false information is against the law of Viet Nam and may be prosecuted.",
            ),
        ),
        FormItem("yes-no", "boolean", _LONG, required=True),
        FormItem(
            "signs",
            "choice",
            _LONG,
            repeats=True,
            choices=tuple(
                FormChoice(f"s{number}", _words(vi, en))
                for number, (vi, en) in enumerate(_SIGNS, 1)
            ),
        ),
        FormItem(
            "contact",
            "group",
            _words(
                "Trong vòng 14 ngày qua, Anh/Chị có tiếp xúc với",
                "In the last 14 days, have you been in contact with",
            ),
            items=(
                FormItem("person", "boolean", _LONG),
                FormItem("where", "string", _LONG, conditions=(Condition("person", "=", True),)),
                FormItem("when", "date", _LONG),
                FormItem("how-many", "integer", _LONG, required=True),
                FormItem("how-hot", "decimal", _LONG),
                FormItem("more", "text", _LONG),
            ),
        ),
        FormItem(
            "all",
            "group",
            _LONG,
            brief=_LONG,
            items=(
                FormItem("all-a", "boolean", _LONG, required=True),
                FormItem("all-b", "boolean", _LONG, required=True),
            ),
        ),
        FormItem(
            "transport",
            "open-choice",
            _words("Phương tiện đi lại", "Means of transport"),
            choices=(
                FormChoice("air", _words("Tàu bay", "Aeroplane")),
                FormChoice("sea", _words("Tàu thuyền", "Ship")),
                FormChoice("road", _words("Ô tô", "Car")),
            ),
        ),
        FormItem(
            "journeys",
            "group",
            _LONG,
            repeats=True,
            items=(
                FormItem("from-when", "dateTime", _LONG, repeats=True, initial="2026-12-30"),
                FormItem("at", "time", _LONG),
                FormItem("weight", "quantity", _LONG, unit="kg", prefix="12.b)"),
                FormItem("page", "url", _LONG, required=True),
                FormItem("office", "string", _LONG, manner="shown", given=("Khánh Hòa",)),
            ),
        ),
        FormItem(
            "consent",
            "display",
            _words(
                "Dữ liệu bạn cung cấp hoàn toàn bảo mật và chỉ phục vụ cho việc phòng chống dịch, "
                "thuộc quản lý của Ban chỉ đạo quốc gia về Phòng chống dịch Covid-19.",
                "Your data are kept confidential and are used only for disease prevention, under "
                "the National Steering Committee for COVID-19 Prevention and Control.",
            ),
        ),
    ),
)

USUAL_FORM = Form(
    url="urn:motcua:form:usual",
    version="1",
    title=_words("Tờ khai y tế toàn dân", "General health declaration"),
    items=(
        FormItem(
            "warning",
            "display",
            _words("Khai sai là phạm luật.", "False answers break the law."),
        ),
        FormItem(
            "last-14-days",
            "group",
            _words("Trong vòng 14 ngày qua", "In the last 14 days"),
            brief=_words(
                "14 ngày qua có đi nơi khác, sốt, ho, khó thở, đau họng, mệt, gần người "
                "(nghi) bệnh?",
                "14 days: been away, fever, cough, short breath, sore throat, tired, near a sick "
                "person?",
            ),
            items=tuple(
                FormItem(link_id, "boolean", _LONG, required=True)
                for link_id in ("travel", "signs", "contact-a", "contact-b", "contact-c")
            ),
        ),
        FormItem("consent", "display", _words("Gửi là bạn đồng ý.", "By sending you agree.")),
    ),
)
"""A form as the ministry's usual one is asked on a small screen: what key presses are counted with."""
