"""Many USSD sessions at once against all that `make run` starts: whose screen does each one see?

Every session walks through menus by a way of its own, all of them open at the same time, its hops
mixed with everybody else's. What each hop must show is known beforehand: strangers' ways were each
walked once alone, and a known person's screens bear their name and code.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

import httpx2

from core.gsm import unaccent
from core.listening import LOST
from ussd.app import BUSY, FAILED

CONNECTIONS = 64
POLITE = tuple(
    unaccent(text.to(language)).strip()
    for text in (LOST, BUSY, FAILED)
    for language in ("vi", "en")
)
"""How an answer begins that asks to start again."""

WAYS = (
    ("7", "00", "8", "4", "00", "9"),
    ("8", "00", "3", "1", "abc", "0"),
    ("9", "8", "00", "3", "0", "7"),
    ("1", "abc", "1", "12", "00", "7"),
    ("8", "3", "00", "9", "1", "2"),
    ("2", "1", "abc", "9999", "00", "8"),
    ("5", "0", "6", "0", "4", "1"),
    ("9", "3", "00", "9", "1", "x"),
    ("7", "0", "7", "0", "8", "4"),
    ("4", "1", "0", "00", "8", "3"),
    ("6", "00", "9", "4", "1", "12"),
    ("abc", "98", "9", "zzz", "98", "7"),
)
"""What strangers type after they have dialled; none of it asks a platform."""

KNOWN_WAY = ("1", "00", "1", "00", "8", "00")
"""What somebody types whom their phone already knows: their own code, twice, and a menu."""


@dataclass(slots=True)
class Caller:
    """One session: a phone, what it types, and what it must see after each hop."""

    phone: str
    way: Sequence[str]
    screens: Sequence[str]
    latest: bool
    """Whether its network sends only what was typed last, not everything typed so far."""
    id: str = field(default_factory=lambda: f"s{random.getrandbits(60):x}")
    at: int = 0
    over: bool = False
    """It was asked to begin again, and hung up."""

    def request(self, urls: Mapping[str, str]) -> bytes:
        """Its next hop as it goes over the wire."""
        number = self.phone.replace("+", "")
        if self.latest:
            typed = "*1022#" if self.at == 0 else self.way[self.at - 1]
            told = {"sessionID": self.id, "userID": "b", "newSession": self.at == 0}
            told |= {"msisdn": number, "userData": typed, "network": "x"}
            return _post(urls["arkesel"], json.dumps(told).encode(), "application/json")
        text = "*".join(self.way[: self.at])
        form = f"sessionId={self.id}&phoneNumber=%2B{number}&networkCode=1&serviceCode=%2A1022%23"
        kind = "application/x-www-form-urlencoded"
        return _post(urls["africastalking"], f"{form}&text={text}".encode(), kind)


@dataclass(slots=True)
class Crowded:
    """What came of it."""

    hops: int = 0
    right: int = 0
    asked_to_begin_again: int = 0
    wrong: list[tuple[str, str]] = field(default_factory=list)
    """(expected, shown) of every other answer."""
    others: int = 0
    """Screens with somebody else's name on them."""
    milliseconds: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def p99(self) -> float:
        return quantiles(self.milliseconds, n=100)[98]


class Wire:
    """One connection, kept open; made anew when it broke."""

    def __init__(self, base: str) -> None:
        parts = urlsplit(base)
        self._address = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> tuple[int, str]:
        """Status and body."""
        if self._open is None:
            self._open = await asyncio.open_connection(*self._address)
        reader, writer = self._open
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        return int(head.split(b" ", 2)[1]), body.decode()

    def close(self) -> None:
        if self._open is not None:
            self._open[1].close()


def shown(body: str) -> str:
    """The screen in an answer, of whichever of the two networks."""
    if body.startswith("{"):
        told = json.loads(body)
        return ("CON " if told["continueSession"] else "END ") + str(told["message"])
    return body


def name_on(screen: str) -> str | None:
    """Whose code stands on it."""
    found = re.match(r"CON Ma cua (.+?)[.:,]? ?\n", screen)
    return found[1] if found else None


async def alone(base: str, urls: Mapping[str, str], caller: Caller) -> list[str]:
    """Walks one way with nobody else about, and gives its screens, that of the dial first."""
    wire = Wire(base)
    screens = []
    for place in range(len(caller.way) + 1):
        caller.at = place
        status, body = await wire.ask(caller.request(urls))
        assert status == 200, body
        screens.append(shown(body))
    wire.close()
    return screens


async def together(
    base: str,
    urls: Mapping[str, str],
    callers: Sequence[Caller],
    meanwhile: Callable[[int], Awaitable[None]] | None = None,
) -> Crowded:
    """All of them at once: everybody's first hop, then everybody's second, in ever another order.

    `meanwhile` runs beside each round, with its number.
    """
    crowded = Crowded()
    wires = [Wire(base) for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    for place in range(len(callers[0].way) + 1):
        waiting = [caller for caller in callers if not caller.over]
        random.shuffle(waiting)

        async def serve(wire: Wire, left: list[Caller] = waiting, now: int = place) -> None:
            while left:
                caller = left.pop()
                caller.at = now
                await _hop(wire, urls, caller, crowded)

        beside = [meanwhile(place)] if meanwhile is not None else []
        await asyncio.gather(*(serve(wire) for wire in wires), *beside)
    crowded.seconds = time.perf_counter() - began
    for wire in wires:
        wire.close()
    return crowded


async def _hop(wire: Wire, urls: Mapping[str, str], caller: Caller, crowded: Crowded) -> None:
    began = time.perf_counter()
    status, body = await wire.ask(caller.request(urls))
    crowded.milliseconds.append((time.perf_counter() - began) * 1000)
    crowded.hops += 1
    screen, wanted = shown(body), caller.screens[caller.at]
    name = name_on(screen)
    if name is not None and name not in "\n".join(caller.screens):
        crowded.others += 1
    if status == 200 and screen == wanted:
        crowded.right += 1
    elif status == 200 and screen[4:].startswith(POLITE):
        crowded.asked_to_begin_again += 1
        caller.over = True
    else:
        crowded.wrong.append((wanted, screen))


def strangers(count: int, ways: Mapping[tuple[Sequence[str], bool], Sequence[str]]) -> list[Caller]:
    """So many phones that nobody knows, on these ways by turns."""
    known = list(ways.items())
    return [
        Caller(f"+8498{number:07d}", *_on(known[number % len(known)])) for number in range(count)
    ]


def _on(
    one: tuple[tuple[Sequence[str], bool], Sequence[str]],
) -> tuple[Sequence[str], Sequence[str], bool]:
    (way, latest), screens = one
    return way, screens, latest


async def walked(
    base: str, urls: Mapping[str, str]
) -> dict[tuple[Sequence[str], bool], Sequence[str]]:
    """Every way of both networks, walked once alone."""
    found: dict[tuple[Sequence[str], bool], Sequence[str]] = {}
    for number, way in enumerate(WAYS):
        for latest in (False, True):
            caller = Caller(f"+8497{number:06d}{int(latest)}", way, (), latest)
            found[(way, latest)] = await alone(base, urls, caller)
    return found


async def introduced(
    base: str, urls: Mapping[str, str], people: Sequence[Mapping[str, Any]]
) -> list[Caller]:
    """Links these people of the sandbox to their phones; gives them with what they must see."""
    callers = []
    for number, person in enumerate(people):
        way = ("1", "1", str(person["papers"][0]["number"]), str(person["birthDate"])[:4])
        screens = await alone(base, urls, Caller(person["phone"], way, (), latest=False))
        latest = number % 2 == 1
        screens = await alone(base, urls, Caller(person["phone"], KNOWN_WAY, (), latest))
        if name_on(screens[1]) is not None:
            callers.append(Caller(person["phone"], KNOWN_WAY, screens, latest))
    return callers


def people_of(sandbox: str, count: int) -> list[dict[str, Any]]:
    """So many of the sandbox's people, each with a phone of their own."""
    seen: set[str] = set()
    found: list[dict[str, Any]] = []
    offset = 0
    with httpx2.Client(trust_env=False) as client:
        while len(found) < count:
            asked = {"limit": 200, "offset": offset}
            some = client.get(f"{sandbox}/people", params=asked).json()
            if not some:
                break
            offset += len(some)
            for person in some:
                if person["phone"] and person["papers"] and person["phone"] not in seen:
                    seen.add(person["phone"])
                    found.append(person)
    return found[:count]


def _post(url: str, body: bytes, kind: str) -> bytes:
    parts = urlsplit(url)
    return (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
