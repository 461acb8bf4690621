"""The Vietnamese health declarations as Questionnaires, for people who are already known.

Wording: the pages of tokhaiyte.vn; name, papers and address are left out, the platform has them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox.clock import stamp
from sandbox.fhir import general_form
from sandbox.fhir.codes import CONDITION, FORM, VEHICLE
from sandbox.fhir.form_parts import form, item, options
from sandbox.fhir.form_questions import (
    CONSENT,
    ENTRY_SYMPTOMS,
    SIGNS_BELOW,
    SYMPTOMS,
    WARNING,
    contacts,
    symptoms,
    words,
)
from sandbox.world import Resource

VEHICLES = options(
    VEHICLE,
    ("plane", "Tàu bay", "Aeroplane"),
    ("ship", "Tàu thuyền", "Boat or ship"),
    ("car", "Ô tô", "Car or bus"),
    ("other", "Khác", "Other"),
)


CONDITIONS = options(
    CONDITION,
    ("well", "Khỏe", "Well"),
    ("mild", "Có triệu chứng nhẹ", "Mild signs"),
    ("severe", "Nặng hoặc khó thở", "Severe, or short of breath"),
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


def domestic() -> Resource:
    """The declaration for travel inside the country (di chuyển nội địa)."""
    return form(
        f"{FORM}domestic",
        "1.0",
        "domestic",
        ("Tờ khai di chuyển nội địa", "Domestic travel declaration"),
        WARNING,
        words("from", "Nơi đi", "Leaving from"),
        words("to", "Nơi đến", "Going to"),
        item("date", "date", "Ngày khởi hành", "Day of departure", required=True),
        item(
            "vehicle", "choice", "Phương tiện đi lại", "Means of travel",
            required=True, answerOption=VEHICLES,
        ),
        words("vehicle-number", "Số hiệu phương tiện", "Vehicle or flight number", required=False)
        | {
            "enableWhen": [
                {
                    "question": "vehicle",
                    "operator": "!=",
                    "answerCoding": {"system": VEHICLE, "code": "other"},
                }
            ]
        },
        *symptoms("1", SYMPTOMS),
        contacts("2"),
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
        words("gate", "Cửa khẩu", "Border gate"),
        item("date", "date", "Ngày nhập cảnh", "Date of entry", required=True),
        item(
            "vehicle", "choice", "Phương tiện đi lại", "Means of travel",
            required=True, answerOption=VEHICLES,
        ),
        words("vehicle-number", "Số hiệu phương tiện", "Vehicle or flight number", required=False),
        words("from", "Nơi khởi hành (nước, tỉnh)", "Leaving from (country, province)"),
        words(
            "countries",
            "Trong vòng 14 ngày qua, Anh/Chị đã đến quốc gia/vùng lãnh thổ nào?",
            "Which countries or territories have you been to in the last 14 days?",
        ),
        *symptoms("1", ENTRY_SYMPTOMS, asked=SIGNS_BELOW),
        *_exposures(),
        CONSENT,
    )  # fmt: skip


def check_in() -> Resource:
    """What people in isolation are asked twice a day."""
    asked = item(
        "condition", "choice", "Hôm nay Anh/Chị thấy thế nào?", "How do you feel today?",
        required=True, answerOption=CONDITIONS,
    )  # fmt: skip
    title = ("Theo dõi sức khỏe tại nơi cách ly", "Check-in during isolation")
    return form(f"{FORM}check-in", "1.0", "check-in", title, asked)


def forms(start: datetime) -> dict[str, Resource]:
    """Every edition of every form, by resource id, oldest first."""
    old = general_form.before("1.0") | {"status": "retired"}
    aged = (
        (old, 200),
        (general_form.usual("2.0"), 60),
        (domestic(), 90),
        (entry(), 90),
        (check_in(), 90),
    )
    every = (published(each, start - timedelta(days=days)) for each, days in aged)
    return {each["id"]: each for each in every}


def published(edition: Resource, at: datetime) -> Resource:
    """The edition with the moment from which it is in force."""
    meta = edition["meta"] | {"lastUpdated": stamp(at)}
    return edition | {"meta": meta, "date": stamp(at)}


def publish(questionnaires: dict[str, Resource], name: str, at: datetime) -> Resource:
    """Puts a prepared edition of the general form in force, and retires the one before it.

    Whoever is in the middle of the old one can still send it. The next version is a whole number up.
    """
    editions = [each for each in questionnaires.values() if each["url"] == general_form.GENERAL]
    newest = max(int(each["version"].partition(".")[0]) for each in editions)
    for each in editions:
        if each["status"] == "active":
            version = str(int(each["meta"]["versionId"]) + 1)
            meta = {"versionId": version, "lastUpdated": stamp(at)}
            questionnaires[each["id"]] = each | {"status": "retired", "meta": meta}
    made = published(general_form.EDITIONS[name][1](f"{newest + 1}.0"), at)
    questionnaires[made["id"]] = made
    return made
