"""One person by USSD, by SMS and in a chat, told and heard alike: what holds on one must on all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol, Self

from core.gsm import unaccent
from tests.gateway.network import SHORT_NUMBER, Dialler, Person, World
from web.simulator.requests import NetworkRequest

BY_MENU: dict[str, tuple[str, ...]] = {
    "QR": ("Ma QR",),
    "TT": ("Tinh trang",),
    "KB": ("Khai bao y te",),
    "SAI": ("Ho so bi sai",),
    "KHAI HO": ("Muc khac", "Dang ky cho"),
}
"""Keyword → the way to the same by the menu."""


class Way(Protocol):
    """A person on one channel; words are compared without their accents."""

    shows: str

    def begins(self, word: str) -> Self:
        """Starts what this keyword means."""

    def says(self, *said: str) -> Self:
        """Answers, one after the other."""

    def picks(self, *labels: str) -> Self:
        """Picks the options with these labels, one after the other."""

    def sees(self, *words: str) -> Self:
        """All of these stand in the last answer."""


@dataclass
class ByUssd:
    """Dials, and presses numbers."""

    phone: Dialler
    shows: str = ""

    def begins(self, word: str) -> Self:
        self.phone.menu().picks(*BY_MENU[word])
        return self._looks()

    def says(self, *said: str) -> Self:
        self.phone.says(*said)
        return self._looks()

    def picks(self, *labels: str) -> Self:
        self.phone.picks(*labels)
        return self._looks()

    def sees(self, *words: str) -> Self:
        _stand_in(self.shows, words)
        return self

    def _looks(self) -> Self:
        self.shows = self.phone.shows
        return self


@dataclass
class ByText:
    """Writes texts; whatever changes something is picked by the code in the answer."""

    world: World
    number: str
    shows: str = ""

    def begins(self, word: str) -> Self:
        return self.says(word)

    def says(self, *said: str) -> Self:
        for one in said:
            before = len(self.world.told(self.number))
            assert self.world.send(self._sent(one)).status_code == 200
            self.shows = self.world.tells(self.number, before)
        return self

    def picks(self, *labels: str) -> Self:
        for label in labels:
            found = re.search(rf"(GUI \d{{4}}|\b\d) {re.escape(label)}", unaccent(self.shows))
            code = re.search(r"GUI \d{4}", self.shows)
            assert found or code, f"{label!r} cannot be picked:\n{self.shows}"
            self.says(found[1] if found else code[0] if code else "")
        return self

    def sees(self, *words: str) -> Self:
        _stand_in(self.shows, words)
        return self

    def _sent(self, said: str) -> NetworkRequest:
        return self.world.networks.kannel(self.number, said, SHORT_NUMBER)


class ByChat(ByText):
    """Writes in a chat, and picks by writing what stands on the button."""

    def picks(self, *labels: str) -> Self:
        return self.says(*labels)

    def _sent(self, said: str) -> NetworkRequest:
        return self.world.networks.telegram_text(self.number, said, "vi")


WAYS = ("ussd", "sms", "chat")


def way(world: World, name: str, person: Person) -> Way:
    """This person, known to the gateway, on one of WAYS."""
    number = str(person["phone"])
    world.is_well(person)
    phone = Dialler(world, number).knows(person)
    match name:
        case "ussd":
            return ByUssd(phone)
        case "sms":
            return ByText(world, number)
        case _:
            shared = world.networks.telegram_contact(number, person["name"], "vi")
            before = len(world.told(number))
            assert world.send(shared).status_code == 200
            world.tells(number, before)
            return ByChat(world, number)


def _stand_in(shown: str, words: tuple[str, ...]) -> None:
    for word in words:
        assert word in unaccent(shown), f"{word!r} was not said:\n{shown}"
