"""The three Vietnamese health declarations as Questionnaires, for people who are already known.

Wording: the pages of tokhaiyte.vn; name, papers and address are left out, the platform has them.
"""

from __future__ import annotations

from sandbox.fhir.codes import FORM, SYMPTOM, VEHICLE
from sandbox.fhir.form_parts import form, item, options, when_yes
from sandbox.world import Resource

WARNING = item(
    "warning",
    "display",
    "Khai báo thông tin sai là vi phạm pháp luật Việt Nam và có thể xử lý hình sự.",
    "Declaring false information is against the law of Viet Nam and may be prosecuted.",
    short=("Khai sai là vi phạm pháp luật.", "False statements break the law."),
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
VEHICLES = options(
    VEHICLE,
    ("plane", "Tàu bay", "Aeroplane"),
    ("ship", "Tàu thuyền", "Boat or ship"),
    ("car", "Ô tô", "Car or bus"),
    ("other", "Khác", "Other"),
)


def _symptoms(number: str, which: list[Resource]) -> list[Resource]:
    return [
        item(
            "symptoms",
            "boolean",
            "Trong vòng 14 ngày qua, Anh/Chị có thấy xuất hiện ít nhất 1 trong các dấu hiệu: "
            "sốt, ho, khó thở, viêm phổi, đau họng, mệt mỏi không?"
            if which is SYMPTOMS
            else "Trong vòng 14 ngày qua, Anh/Chị có thấy xuất hiện dấu hiệu nào sau đây không?",
            "In the last 14 days, have you had any of these signs: fever, cough, shortness of "
            "breath, pneumonia, sore throat, tiredness?"
            if which is SYMPTOMS
            else "In the last 14 days, have you had any of the following signs?",
            short=(
                "14 ngày qua có sốt, ho, khó thở, đau họng, mệt mỏi không?",
                "Fever, cough, short breath, sore throat or tired in 14 days?",
            ),
            required=True,
            prefix=number,
        ),
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


def _contacts(number: str) -> Resource:
    asked = (
        ("a", "Người bệnh hoặc nghi ngờ, mắc bệnh COVID-19",
         "Somebody who has or may have COVID-19",
         ("Gần người bệnh hoặc nghi mắc COVID-19?", "Near somebody with COVID-19?")),
        ("b", "Người từ nước có bệnh COVID-19",
         "Somebody from a country with COVID-19",
         ("Gần người từ nước có COVID-19?", "Near somebody from a COVID-19 country?")),
        ("c", "Người có biểu hiện (Sốt, ho, khó thở, Viêm phổi)",
         "Somebody with signs (fever, cough, shortness of breath, pneumonia)",
         ("Gần người sốt, ho, khó thở?", "Near somebody with fever or cough?")),
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


def _exposures() -> list[Resource]:
    return [
        item(
            "exposure-animals",
            "boolean",
            "Trong vòng 14 ngày qua, Anh/Chị có đến trang trại, chợ bán động vật sống, cơ sở giết mổ "
            "hoặc tiếp xúc động vật không?",
            "In the last 14 days, have you been to a farm, a live animal market or a "
            "slaughterhouse, or in contact with animals?",
            required=True,
            prefix="2",
        ),
        item(
            "exposure-patient",
            "boolean",
            "Trong vòng 14 ngày qua, Anh/Chị có tiếp xúc gần (dưới 2 m) với người mắc bệnh viêm "
            "đường hô hấp không?",
            "In the last 14 days, have you been within 2 metres of somebody with a respiratory "
            "disease?",
            required=True,
            prefix="3",
        ),
    ]


def _words(link: str, vi: str, en: str, *, required: bool = True) -> Resource:
    return item(link, "string", vi, en, required=required, maxLength=200)


def general() -> Resource:
    """The declaration for everybody (toàn dân)."""
    return form(
        f"{FORM}general",
        "2.0",
        "general",
        ("Tờ khai y tế toàn dân", "General health declaration"),
        WARNING,
        item(
            "travel",
            "boolean",
            "Trong vòng 14 ngày qua, Anh/Chị có đến tỉnh/thành phố, quốc gia/vùng lãnh thổ nào "
            "(Có thể đi qua nhiều nơi)?",
            "In the last 14 days, have you been to any other province, city, country or territory "
            "(there may be several)?",
            short=(
                "14 ngày qua có đi tỉnh hoặc nước khác?",
                "Other province or country in 14 days?",
            ),
            required=True,
            prefix="1",
        ),
        _words("travel-where", "Những nơi nào?", "Which places?")
        | {"enableWhen": when_yes("travel")},
        *_symptoms("2", SYMPTOMS),
        _contacts("3"),
        CONSENT,
    )


def general_before() -> Resource:
    """The edition before the present one: two questions, no follow-ups; retired."""
    old = form(
        f"{FORM}general",
        "1.0",
        "general",
        ("Tờ khai y tế toàn dân", "General health declaration"),
        WARNING,
        _symptoms("1", SYMPTOMS)[0],
        _contacts("2"),
        CONSENT,
    )
    return old | {"status": "retired"}


def domestic() -> Resource:
    """The declaration for travel inside the country (di chuyển nội địa)."""
    return form(
        f"{FORM}domestic",
        "1.0",
        "domestic",
        ("Tờ khai di chuyển nội địa", "Domestic travel declaration"),
        WARNING,
        _words("from", "Nơi đi", "Leaving from"),
        _words("to", "Nơi đến", "Going to"),
        item("date", "date", "Ngày khởi hành", "Day of departure", required=True),
        item(
            "vehicle", "choice", "Phương tiện đi lại", "Means of travel",
            required=True, answerOption=VEHICLES,
        ),
        _words("vehicle-number", "Số hiệu phương tiện", "Vehicle or flight number", required=False)
        | {
            "enableWhen": [
                {
                    "question": "vehicle",
                    "operator": "!=",
                    "answerCoding": {"system": VEHICLE, "code": "other"},
                }
            ]
        },
        *_symptoms("1", SYMPTOMS),
        _contacts("2"),
        CONSENT,
    )  # fmt: skip


def entry() -> Resource:
    """The declaration for people entering the country (nhập cảnh)."""
    return form(
        f"{FORM}entry",
        "1.0",
        "entry",
        ("Tờ khai y tế nhập cảnh", "Entry health declaration"),
        WARNING,
        _words("gate", "Cửa khẩu", "Border gate"),
        item("date", "date", "Ngày nhập cảnh", "Date of entry", required=True),
        item(
            "vehicle", "choice", "Phương tiện đi lại", "Means of travel",
            required=True, answerOption=VEHICLES,
        ),
        _words("vehicle-number", "Số hiệu phương tiện", "Vehicle or flight number", required=False),
        _words("from", "Nơi khởi hành (nước, tỉnh)", "Leaving from (country, province)"),
        _words(
            "countries",
            "Trong vòng 14 ngày qua, Anh/Chị đã đến quốc gia/vùng lãnh thổ nào?",
            "Which countries or territories have you been to in the last 14 days?",
        ),
        *_symptoms("1", ENTRY_SYMPTOMS),
        *_exposures(),
        CONSENT,
    )  # fmt: skip


def forms() -> dict[str, Resource]:
    """Every edition of every form, by resource id, oldest first."""
    every = (general_before(), general(), domestic(), entry())
    return {each["id"]: each for each in every}
