"""Which health station is responsible for a place, as an operator writes it down.

`Phường Nha Trang, Khánh Hòa = +84…; Khánh Hòa = +84…; * = +84…`. A ward is named with its province,
because many wards have the same name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from core.gsm import fold
from core.people.phone import BadPhone, read_phone

EVERYWHERE: Final = "*"
_TITLES: Final = ("thanh pho ", "tinh ", "tp ", "phuong ", "xa ", "dac khu ", "thi tran ")


class BadStations(ValueError):
    """The table cannot be read; the message says which entry, and not its number."""


@dataclass(frozen=True, slots=True)
class Stations:
    """Folded place → number (E.164)."""

    numbers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, written: str) -> Stations:
        """The table as an operator writes it. Raises BadStations."""
        found: dict[str, str] = {}
        for count, one in enumerate((part for part in written.split(";") if part.strip()), 1):
            place, equals, phone = one.partition("=")
            name = _name(place)
            if not equals or not name:
                raise BadStations(f"entry {count}: write it as place = number")
            try:
                found[name] = read_phone(phone.strip())
            except BadPhone:
                raise BadStations(f"entry {count}: this is no phone number") from None
        return cls(found)

    def of(self, province: str | None, ward: str | None) -> str | None:
        """The number of the ward's station, else the province's, else everybody's."""
        places = [f"{ward}, {province}"] if ward and province else []
        places += [province] if province else []
        known = (self.numbers.get(_name(place)) for place in (*places, EVERYWHERE))
        return next((number for number in known if number), None)


def _name(place: str) -> str:
    """`Phường Nha Trang, Tỉnh Khánh Hòa` → `nha trang, khanh hoa`."""
    if place.strip() == EVERYWHERE:
        return EVERYWHERE
    return ", ".join(part for part in map(_bare, place.split(",")) if part)


def _bare(name: str) -> str:
    folded = fold(name)
    for title in _TITLES:
        if folded.startswith(title):
            return folded.removeprefix(title)
    return folded
