"""A place is found by its name in any usual way of typing it, old or new."""

from __future__ import annotations

import pytest

from core.areas import find
from core.platform.ports import Area

AREAS = (
    Area("hcm", "Thành phố Hồ Chí Minh", "province", None, ("Tỉnh Bình Dương", "Tỉnh Bà Rịa - Vũng Tàu")),
    Area("kh", "Tỉnh Khánh Hòa", "province", None, ("Tỉnh Ninh Thuận",)),
    Area("hn", "Thành phố Hà Nội", "province", None),
    Area("hue", "Thành phố Huế", "province", None, ("Tỉnh Thừa Thiên Huế",)),
    Area("sg", "Phường Sài Gòn", "ward", "hcm", ("Phường Bến Nghé", "Quận 1")),
    Area("bt", "Phường Bến Thành", "ward", "hcm", ("Phường Phạm Ngũ Lão", "Quận 1")),
    Area("nt", "Phường Nha Trang", "ward", "kh", ("Phường Vĩnh Nguyên", "Thành phố Nha Trang")),
    Area("hk", "Phường Hoàn Kiếm", "ward", "hn", ("Phường Hàng Bạc", "Quận Hoàn Kiếm")),
    Area("ap", "Xã An Phú", "ward", "hcm"),
    Area("ap2", "Phường An Phú", "ward", "hn"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("p. ben nghe", ["sg"]), ("P.Bến Nghé", ["sg"]), ("phường bến nghé, tphcm", ["sg"]),
        ("ben nghe, tp hcm", ["sg"]), ("ben nghe, sai gon", ["sg"]), ("ben nghe q1", ["sg"]),
        ("bến nghé quận 1", ["sg"]), ("Ben Nghe, Ho Chi Minh", ["sg"]), ("bến nghé, hn", []),
        ("Q.1", ["bt", "sg"]), ("quan 1 tphcm", ["bt", "sg"]),
        ("TP.HCM", ["hcm"]), ("hcm", ["hcm"]), ("sai gon", ["sg", "hcm"]), ("SG", ["hcm"]),
        ("br-vt", ["hcm"]), ("ba ria - vung tau", ["hcm"]), ("BÌNH DƯƠNG", ["hcm"]),
        ("hn", ["hn"]), ("tp hue", ["hue"]), ("thua thien hue", ["hue"]),
        ("nha trang khanh hoa", ["nt"]), ("nha trang - khanh hoa", ["nt"]), ("tt. nha tran", ["nt"]),
        ("hoàn kiếm hn", ["hk"]), ("an phu", ["ap2", "ap"]), ("an phu hcm", ["ap"]),
        ("phuong", []), ("q", []), ("", []), ("atlantis", []), (", ha noi", []),
    ],
)  # fmt: skip
def test_a_place_by_its_name(typed: str, found: list[str]) -> None:
    assert [place.area.id for place in find(typed, AREAS)] == found
