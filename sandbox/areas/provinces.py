"""The 34 provinces and cities since 1 July 2025 (Resolution 202/2025/QH15), with what they were made of.

A name that stayed is not repeated among the former ones. Levels are invented.
"""

from __future__ import annotations

from sandbox.areas.area import Area, Level, slug

_ROWS: tuple[tuple[str, str, Level | None, int], ...] = (
    ("Hà Nội", "Thành phố Hà Nội", 1, 21),
    ("Huế", "Thừa Thiên Huế; Thừa Thiên - Huế; Thành phố Huế", 1, 30),
    ("Lai Châu", "", None, 0),
    ("Điện Biên", "", 1, 44),
    ("Sơn La", "", 1, 18),
    ("Lạng Sơn", "", 2, 9),
    ("Quảng Ninh", "", 1, 12),
    ("Thanh Hóa", "", 1, 25),
    ("Nghệ An", "", 2, 11),
    ("Hà Tĩnh", "", 1, 33),
    ("Cao Bằng", "", None, 0),
    ("Tuyên Quang", "Hà Giang", 2, 6),
    ("Lào Cai", "Yên Bái", 1, 17),
    ("Thái Nguyên", "Bắc Kạn", 1, 27),
    ("Phú Thọ", "Vĩnh Phúc; Hòa Bình", 2, 8),
    ("Bắc Ninh", "Bắc Giang", 3, 3),
    ("Hưng Yên", "Thái Bình", 1, 20),
    ("Hải Phòng", "Hải Dương; Thành phố Hải Phòng", 2, 5),
    ("Ninh Bình", "Hà Nam; Nam Định", 1, 15),
    ("Quảng Trị", "Quảng Bình", 1, 40),
    ("Đà Nẵng", "Quảng Nam; Thành phố Đà Nẵng", 1, 13),
    ("Quảng Ngãi", "Kon Tum", 2, 10),
    ("Gia Lai", "Bình Định", 1, 22),
    ("Khánh Hòa", "Ninh Thuận", 2, 7),
    ("Lâm Đồng", "Đắk Nông; Bình Thuận", 1, 19),
    ("Đắk Lắk", "Phú Yên; Đắc Lắc", 2, 14),
    ("Thành phố Hồ Chí Minh", "Bình Dương; Bà Rịa - Vũng Tàu; Sài Gòn; TP.HCM", 3, 2),
    ("Đồng Nai", "Bình Phước", 2, 4),
    ("Tây Ninh", "Long An", 1, 16),
    ("Cần Thơ", "Sóc Trăng; Hậu Giang; Thành phố Cần Thơ", 3, 1),
    ("Vĩnh Long", "Bến Tre; Trà Vinh", 2, 12),
    ("Đồng Tháp", "Tiền Giang", 1, 24),
    ("Cà Mau", "Bạc Liêu", None, 0),
    ("An Giang", "Kiên Giang", 4, 5),
)

SHORT = {"Thành phố Hồ Chí Minh": "tp-ho-chi-minh"}
"""Province → its id, where that is not made from its whole name."""

PROVINCE_AREAS: dict[str, Area] = {
    area.id: area
    for area in (
        Area(
            id=SHORT.get(name) or slug(name),
            name=name,
            part_of=None,
            former=tuple(former.split("; ")) if former else (),
            level=level,
            days=days,
        )
        for name, former, level, days in _ROWS
    )
}
"""By id, which is also what `Person.province` holds."""
