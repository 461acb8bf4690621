"""The risk map: today's provinces, a sample of wards, their former names, and levels that change."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from sandbox.areas.positions import POSITIONS
from tests.sandbox.conftest import Visitor

THE_63 = """
An Giang, Bà Rịa - Vũng Tàu, Bắc Giang, Bắc Kạn, Bạc Liêu, Bắc Ninh, Bến Tre, Bình Định, Bình Dương,
Bình Phước, Bình Thuận, Cà Mau, Cần Thơ, Cao Bằng, Đà Nẵng, Đắk Lắk, Đắk Nông, Điện Biên, Đồng Nai,
Đồng Tháp, Gia Lai, Hà Giang, Hà Nam, Hà Nội, Hà Tĩnh, Hải Dương, Hải Phòng, Hậu Giang, Hòa Bình,
Hưng Yên, Khánh Hòa, Kiên Giang, Kon Tum, Lai Châu, Lâm Đồng, Lạng Sơn, Lào Cai, Long An, Nam Định,
Nghệ An, Ninh Bình, Ninh Thuận, Phú Thọ, Phú Yên, Quảng Bình, Quảng Nam, Quảng Ngãi, Quảng Ninh,
Quảng Trị, Sóc Trăng, Sơn La, Tây Ninh, Thái Bình, Thái Nguyên, Thanh Hóa, Thừa Thiên Huế,
Tiền Giang, Thành phố Hồ Chí Minh, Trà Vinh, Tuyên Quang, Vĩnh Long, Vĩnh Phúc, Yên Bái
"""
"""As they were until 30 June 2025."""

SAMPLED = ("ha-noi", "tp-ho-chi-minh", "da-nang", "khanh-hoa", "can-tho", "dong-thap")


def everything(visitor: Visitor, kind: str, **asked: str) -> list[dict[str, Any]]:
    """All pages of a search."""
    auth, found = visitor.auth, []
    page = visitor.fhir(kind, **asked)
    while True:
        found += [entry["resource"] for entry in page.get("entry", [])]
        onward = [link["url"] for link in page["link"] if link["relation"] == "next"]
        if not onward:
            assert len(found) == page["total"]
            return found
        page = visitor.http.get(onward[0], headers=auth).json()


def test_there_are_34_provinces_and_every_former_one_is_in_exactly_one(visitor: Visitor) -> None:
    provinces = everything(visitor, "Location", type="province", _count="10")
    assert len({each["id"] for each in provinces}) == 34
    homes = Counter(name for each in provinces for name in [each["name"], *each.get("alias", [])])
    former = [" ".join(name.split()) for name in THE_63.split(",")]
    assert len(former) == 63
    assert {name: homes[name] for name in former} == dict.fromkeys(former, 1)


@pytest.mark.parametrize(
    ("former", "now"),
    [("Ninh Thuận", "khanh-hoa"), ("Bình Dương", "tp-ho-chi-minh"), ("Sóc Trăng", "can-tho"),
     ("Tiền Giang", "dong-thap"), ("Hòa Bình", "phu-tho"), ("Đắk Nông", "lam-dong")],
)  # fmt: skip
def test_a_former_province_is_part_of_the_right_one(
    visitor: Visitor, former: str, now: str
) -> None:
    (found,) = visitor.resources("Location", name=former, type="province")
    assert found["id"] == now


def test_six_provinces_have_wards_with_their_former_names(visitor: Visitor) -> None:
    wards = everything(visitor, "Location", type="ward", _count="7")
    homes = Counter(each["partOf"]["reference"] for each in wards)
    assert set(homes) == {f"Location/{each}" for each in SAMPLED}
    assert all(8 <= number <= 15 for number in homes.values())
    for each in wards:
        assert re.match("Phường |Xã |Đặc khu ", each["name"])
        assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", each["id"])
        assert each["alias"]
    assert len({each["id"] for each in wards}) == len(wards)
    here = visitor.resources("Location", partof="khanh-hoa")
    assert {each["address"]["state"] for each in here} == {"Khánh Hòa"}


def test_a_district_that_was_split_is_named_by_all_its_parts(visitor: Visitor) -> None:
    found = visitor.resources("Location", name="Quận 1")
    assert {each["id"] for each in found} >= {
        "tp-ho-chi-minh.phuong-sai-gon",
        "tp-ho-chi-minh.phuong-tan-dinh",
    }


def test_every_level_is_somewhere_and_some_areas_have_none(visitor: Visitor) -> None:
    risks = everything(visitor, "Observation", code="urn:motcua:risk|risk-level")
    assert {each["valueInteger"] for each in risks} == {1, 2, 3, 4}
    for each in risks:
        assert date.fromisoformat(each["effectiveDateTime"]) <= visitor.watch().date() + timedelta(
            1
        )
    known = {each["subject"]["reference"] for each in risks}
    areas = everything(visitor, "Location")
    lacking = [each["id"] for each in areas if f"Location/{each['id']}" not in known]
    assert "ca-mau" in lacking
    assert "khanh-hoa.xa-van-ninh" in lacking
    assert len(areas) == len(known) + len(lacking)


def test_a_level_changes_and_is_told(visitor: Visitor) -> None:
    area = "khanh-hoa.phuong-nha-trang"
    (before,) = visitor.resources("Observation", subject=f"Location/{area}")
    moment = visitor.watch().isoformat()
    visitor.watch.ahead += timedelta(seconds=3)
    asked = {"what": "risk-changed", "area": area, "level": 4, "date": "2026-11-20"}
    done = visitor.http.post("/happen", json=asked).json()
    (after,) = visitor.resources("Observation", subject=f"Location/{area}")
    assert done["changed"] == [after]
    assert (before["valueInteger"], after["valueInteger"]) == (2, 4)
    assert (after["meta"]["versionId"], after["effectiveDateTime"]) == ("2", "2026-11-20")
    assert visitor.resources("Observation", _lastUpdated=f"gt{moment}") == [after]
    assert visitor.fhir(f"Observation/risk-{area}") == after


def test_an_area_may_get_its_first_level(visitor: Visitor) -> None:
    visitor.http.post("/happen", json={"what": "risk-changed", "area": "ca-mau", "level": 3})
    (risk,) = visitor.resources("Observation", subject="Location/ca-mau")
    assert (risk["valueInteger"], risk["meta"]["versionId"]) == (3, "1")


@pytest.mark.parametrize(
    ("asked", "status"),
    [({"area": "atlantis", "level": 1}, 404), ({"level": 1}, 404), ({"area": "hue"}, 422),
     ({"area": "hue", "level": 5}, 422), ({"area": "hue", "level": True}, 422),
     ({"area": "hue", "level": 1, "date": "soon"}, 422)],
)  # fmt: skip
def test_a_level_that_cannot_be_is_refused(
    visitor: Visitor, asked: dict[str, Any], status: int
) -> None:
    answer = visitor.http.post("/happen", json={"what": "risk-changed"} | asked)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_a_risk_is_read_as_an_observation_only(visitor: Visitor) -> None:
    auth = visitor.auth
    assert visitor.http.get("/fhir/Observation/risk-hue", headers=auth).status_code == 200
    assert visitor.http.get("/fhir/Immunization/risk-hue", headers=auth).status_code == 404


def test_every_ward_of_the_sample_lies_somewhere_in_the_country(visitor: Visitor) -> None:
    wards = everything(visitor, "Location", type="ward")
    assert {each["id"] for each in wards} == POSITIONS.keys()
    for each in wards:
        assert 8 < each["position"]["latitude"] < 24, each["id"]
        assert 102 < each["position"]["longitude"] < 112, each["id"]
