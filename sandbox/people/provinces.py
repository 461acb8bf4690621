"""A handful of the 34 provinces: their name, an old citizen-number prefix, and their risk level."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Province:
    """`risk` is 1 green, 2 yellow, 3 orange, 4 red (Resolution 128/NQ-CP); None: never assessed."""

    slug: str
    name: str
    cccd: str
    risk: int | None


PROVINCES: dict[str, Province] = {
    province.slug: province
    for province in (
        Province("khanh-hoa", "Khánh Hòa", "056", 2),
        Province("ha-noi", "Hà Nội", "001", 1),
        Province("tp-ho-chi-minh", "Thành phố Hồ Chí Minh", "079", 3),
        Province("da-nang", "Đà Nẵng", "048", 1),
        Province("hue", "Huế", "046", 1),
        Province("nghe-an", "Nghệ An", "040", 2),
        Province("dak-lak", "Đắk Lắk", "066", 2),
        Province("dong-thap", "Đồng Tháp", "087", 1),
        Province("an-giang", "An Giang", "089", 4),
        Province("ca-mau", "Cà Mau", "096", None),
    )
}
