"""Which health station is responsible for a place, and whom to call there, as an operator writes it.

`Phường Nha Trang, Khánh Hòa = +84…; Khánh Hòa = +84…; * = +84…`. A ward is named with its province,
because many wards have the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from core.gsm import fold
from core.people.phone import BadPhone, read_phone

EVERYWHERE: Final = "*"
_TITLES: Final = ("thanh pho ", "tinh ", "tp ", "phuong ", "xa ", "dac khu ", "thi tran ")


LONGEST_HOTLINE: Final = 20
"""Letters of a number as people are to read it: one text must hold it."""


class BadStations(ValueError):
    """The table cannot be read; the message says which entry, and not its number."""


@dataclass(frozen=True, slots=True)
class Stations:
    """Folded place → number (E.164)."""

    numbers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, written: str) -> Stations:
        """The table as an operator writes it. Raises BadStations."""
        return cls(dict(_entries(written, read_phone)))

    def of(self, province: str | None, ward: str | None) -> str | None:
        """The number of the ward's station, else the province's, else everybody's."""
        return _of(self.numbers, province, ward)


@dataclass(frozen=True, slots=True)
class Hotlines:
    """Folded place → the number to call, as people are to read it: 115 and 1900 … are no E.164."""

    numbers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, written: str) -> Hotlines:
        """One number for everywhere, or a table as of stations. Raises BadStations."""
        table = written if "=" in written or not written.strip() else f"{EVERYWHERE} = {written}"
        return cls(dict(_entries(table, _readable)))

    def of(self, province: str | None, ward: str | None) -> str | None:
        """The ward's number, else the province's, else everybody's."""
        return _of(self.numbers, province, ward)


def _entries(written: str, read: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    for count, one in enumerate((part for part in written.split(";") if part.strip()), 1):
        place, equals, phone = one.partition("=")
        name = _name(place)
        if not equals or not name:
            raise BadStations(f"entry {count}: write it as place = number")
        try:
            yield name, read(phone.strip())
        except BadPhone:
            raise BadStations(f"entry {count}: this is no phone number") from None


def _of(numbers: Mapping[str, str], province: str | None, ward: str | None) -> str | None:
    places = [f"{ward}, {province}"] if ward and province else []
    places += [province] if province else []
    known = (numbers.get(_name(place)) for place in (*places, EVERYWHERE))
    return next((number for number in known if number), None)


def _readable(phone: str) -> str:
    """As it stands: `1900 9095`, `115`. Raises BadPhone."""
    if not (any(map(str.isdecimal, phone)) and phone.isprintable()):
        raise BadPhone
    if len(phone) > LONGEST_HOTLINE:
        raise BadPhone
    return phone


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
