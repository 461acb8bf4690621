"""The provinces where the invented people live: the old citizen-number prefix of each."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.areas.provinces import PROVINCE_AREAS


@dataclass(frozen=True, slots=True)
class Province:
    """`cccd` is the number that a citizen card issued there begins with."""

    slug: str
    cccd: str

    @property
    def name(self) -> str:
        """As it is called today."""
        return PROVINCE_AREAS[self.slug].name


PROVINCES: dict[str, Province] = {
    province.slug: province
    for province in (
        Province("khanh-hoa", "056"),
        Province("ha-noi", "001"),
        Province("tp-ho-chi-minh", "079"),
        Province("da-nang", "048"),
        Province("hue", "046"),
        Province("nghe-an", "040"),
        Province("dak-lak", "066"),
        Province("dong-thap", "087"),
        Province("an-giang", "089"),
        Province("ca-mau", "096"),
    )
}
